"""A whole house in virtual time: platform, engine, both SDKs, the simulator over HTTP, webhooks posted back."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import select

from campaigns import planning, templates
from campaigns.drafts import ContentDraft, Draft
from campaigns.models import Campaign, Delivery, Run
from contacts.models import Channel
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.engine import Engine
from outreach.platform import Platform
from outreach.providers import Providers, through
from outreach.rehearsal.stage import listening, served
from outreach.simulator import Simulator
from outreach.webhooks import blueprint

MAIL = ContentDraft(subject="Aviso para {{ nombre }}", text="Hola, {{ nombre }}.\n\nBaja: {{ baja }}\n")


class House:
    """Drives the real engine by hand and looks at what left it."""

    def __init__(self, platform: Platform, providers: Providers, clock: VirtualClock) -> None:
        assert providers.simulator is not None
        self.platform = platform
        self.clock = clock
        self.providers = providers
        self.simulator: Simulator = providers.simulator
        self.engine: Engine = providers.engine(platform, random=Random(7), inquiring=True)

    def campaign(self, *channels: Channel, send: bool = True, **values: Any) -> int:
        """Make a campaign to Red Voto Chilango and, unless told not to, send it now."""
        draft = {
            "title": "Aviso",
            "clase": "difusion",
            "informacion": "Envío de un aviso",
            "channels": channels or (Channel.EMAIL,),
            "networks": ("Red Voto Chilango",),
            "contents": (MAIL,),
        } | values
        with self.platform.transaction() as session:
            campaign = planning.create(session, Draft(**draft), at=self.clock.now(), by="pruebas")
            if send:
                planning.send_now(session, campaign, at=self.clock.now())
            return campaign.id

    def template(self, category: str = "UTILITY") -> str:
        """Make a WhatsApp template with one variable known on both sides; return its sid."""
        body = "Hola {{1}}, hay un aviso para usted."
        sid = self.simulator.add_template(f"aviso_{category.lower()}", body, category=category)
        with self.platform.transaction() as session:
            templates.put(
                session,
                sid,
                name=f"aviso_{category.lower()}",
                language="es",
                category=category,
                status="approved",
                body=body,
                at=self.clock.now(),
            )
        return sid

    def settle(self, hours: float = 1) -> None:
        """Let virtual time pass: tick, send, let the simulator tell, until nothing is due within the hours."""
        until = self.clock.now() + timedelta(hours=hours)
        while True:
            self.engine.tick()
            self.engine.drain()
            self.simulator.deliver(self.clock.now())
            self.engine.tick()
            moments = [moment for moment in (self.engine.next_due(), self.simulator.due()) if moment]
            coming = min((moment for moment in moments if moment > self.clock.now()), default=None)
            if coming is None or coming > until:
                if not any(moment <= self.clock.now() for moment in moments):
                    break
                continue
            self.clock.set(coming)

    def rows(self, campaign_id: int) -> list[Delivery]:
        """The deliveries of a campaign, in order."""
        with self.platform.reading() as session:
            found = session.scalars(
                select(Delivery).join(Run).where(Run.campaign_id == campaign_id).order_by(Delivery.id)
            ).all()
            return list(found)

    def states(self, campaign_id: int) -> list[str]:
        """Their states."""
        return [row.state.value for row in self.rows(campaign_id)]

    def state(self, campaign_id: int) -> str:
        """The state of a campaign."""
        with self.platform.reading() as session:
            return session.get_one(Campaign, campaign_id).state.value


@contextmanager
def furnished(settings: Settings, clock: VirtualClock) -> Iterator[House]:
    """A house on a fresh database, for a block."""
    app = Flask("webhooks")
    with listening(0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        platform = Platform(replace(settings, public_url=url), clock)
        simulator = Simulator(
            clock=clock,
            seed=7,
            sendgrid_webhook=f"{url}/webhooks/sendgrid",
            twilio_inbound=f"{url}/webhooks/twilio/inbound",
        )
        # Closed last: whoever still answers a request gives its connection back before.
        with closing(platform), simulator:
            providers = through(platform, simulator, everything=True)
            app.register_blueprint(blueprint(platform, providers.secrets))
            with served(app, listener):
                yield House(platform, providers, clock)
