"""A simulator's face in Python: look, let time pass, let things go wrong, let people write."""

from datetime import datetime, timedelta

from outreach.clock import Clock
from outreach.simulator.core import Core
from outreach.simulator.faults import read_fault
from outreach.simulator.letters import Received
from outreach.simulator.postman import Postman
from outreach.simulator.sendgrid import SendGrid
from outreach.simulator.templates import Template, Templates
from outreach.simulator.whatsapp import Reply, WhatsApp


class Controls:
    """What tests, the demo and a rehearsal do with a simulator."""

    clock: Clock
    host: str
    port: int
    core: Core
    postman: Postman
    sendgrid: SendGrid
    templates: Templates
    whatsapp: WhatsApp

    # ------------------------------------------------------------------ what it is called

    @property
    def url(self) -> str:
        """Where both providers answer."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def sendgrid_api_key(self) -> str:
        """An API key that it takes."""
        return self.sendgrid.key

    @property
    def sendgrid_public_key(self) -> str:
        """The key that verifies its events, as SendGrid's settings page shows it."""
        return self.postman.key.public

    @property
    def twilio_sid(self) -> str:
        """The SID of its account."""
        return self.whatsapp.account.sid

    @property
    def twilio_token(self) -> str:
        """The token of its account, which also signs its callbacks."""
        return self.whatsapp.account.token

    @property
    def sendgrid_webhook(self) -> str:
        """Where SendGrid's events go; "" for nowhere. May be set at any time."""
        return self.postman.sendgrid_webhook

    @sendgrid_webhook.setter
    def sendgrid_webhook(self, url: str) -> None:
        self.postman.sendgrid_webhook = url

    @property
    def twilio_inbound(self) -> str:
        """Where messages from people go; "" for nowhere. May be set at any time."""
        return self.postman.twilio_inbound

    @twilio_inbound.setter
    def twilio_inbound(self, url: str) -> None:
        self.postman.twilio_inbound = url

    # ------------------------------------------------------------------ what happened

    def counts(self) -> dict[str, int]:
        """Return how many messages each delivery id got, over both providers: exact, whatever memory let go."""
        with self.core.store.lock:
            return dict(self.core.store.counts)

    def messages(self, channel: str = "", address: str = "", delivery: str = "") -> list[Received]:
        """Return what can be looked at, newest first. `address` may be a part of it."""
        return list(self.core.store.letters(self.clock.now(), channel, address, delivery))

    # ------------------------------------------------------------------ what shall happen

    def due(self) -> datetime | None:
        """Return the moment of the next thing to tell."""
        return self.core.agenda.next()

    def deliver(self, until: datetime | None = None) -> int:
        """Tell everything due by a moment (default: now), in order; returns how many events were taken."""
        return self.postman.deliver(until or self.clock.now())

    def fault(self, kind: str, **how: object) -> None:
        """Let something go wrong from now on: see `Fault` and docs/simulator.md. Refuses what `read_fault` refuses."""
        self.core.faults.add(read_fault({"kind": kind, **how}))

    def clear_faults(self) -> None:
        """Let everything work again, and tell what was withheld."""
        self.core.faults.clear()
        self.postman.release()

    def add_template(
        self, name: str, body: str, *, sid: str = "", category: str = "UTILITY", language: str = "es",
        status: str = "approved",
    ) -> str:  # fmt: skip
        """Give the account a template; the body holds {{1}}, {{2}} … Returns its SID."""
        template = Template(
            sid=sid or self.templates.new_sid(name, body, language),
            name=name,
            body=body,
            category=category,
            language=language,
            status=status,
            made=self.clock.now(),
        )
        return self.templates.add(template).sid

    def inbound(
        self, sender: str, body: str, *, to: str = "+525555550100", name: str = "", after: timedelta = timedelta()
    ) -> int:
        """Let a person write: posted at once, or once `after` has passed and it is told.

        `sender` is +E.164 (a Mexican number arrives as +521…) or a BSUID such as US.ABC123. Returns the status with
        which the platform answered; 0 where it did not, or has not been asked yet.
        """
        fields = self.whatsapp.inbound_fields(sender, body, to=to, name=name)
        now = self.clock.now()
        if after:
            self.core.agenda.add(now + after, fields["MessageSid"], Reply(fields))
            return 0
        self.whatsapp.heard(fields, now)
        return self.postman.post_reply(fields, now) if self.twilio_inbound else 0
