"""The ways out of an installation: the real services where there are keys, the simulator where there are none."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import ip_address
from random import Random
from urllib.parse import urlsplit

from campaigns import aftermath
from campaigns.channels import Carrier
from contacts.errors import Refused
from contacts.models import Channel
from outreach import marks
from outreach.channels import smtp
from outreach.channels.email import SendGridCarrier
from outreach.channels.smtp import SmtpCarrier
from outreach.channels.smtp_journal import Journal, Left, take_up
from outreach.channels.twilio_polling import TwilioDesk
from outreach.channels.whatsapp import TwilioCarrier
from outreach.counting import COUNTING_SECONDS, count_networks
from outreach.engine import Engine
from outreach.indexing import SEARCH_SECONDS, settle_search
from outreach.inquiring import EVERY, Inquirer
from outreach.newcomers import tidy
from outreach.platform import Platform
from outreach.reception import RECEPTION_SECONDS, forget_bodies, forget_late, process_waiting
from outreach.simulator import Credentials, Simulator
from outreach.simulator.signing import derived_key
from outreach.template_desk import keep_current, lent
from outreach.timer import Chore, Timer
from outreach.webhooks import Secrets, check_secrets

TIDY_SECONDS = 600  # between two looks at who never confirmed
CALLS = "smtp"  # folder of the data: what each process notes of the letters it hands over
CALLS_SECONDS = 60  # until another process settles what one that is gone has noted


@dataclass(frozen=True, slots=True)
class Providers:
    """Carriers by channel, what webhooks are verified with, and where the simulator is when it stands in."""

    carriers: dict[Channel, Carrier]
    secrets: Secrets
    simulator: Simulator | None = None
    desk: TwilioDesk | None = None  # to ask the account that WhatsApp leaves by, the simulator's as well
    polls_templates: bool = False  # the simulator is lent ours: it has nothing to tell
    real: frozenset[Channel] = frozenset()  # the ways by which something leaves this machine

    @property
    def outbox(self) -> str:
        """Return the page that shows what the simulator received; "" when nothing is simulated."""
        return f"{self.simulator.url}/_outbox" if self.simulator else ""

    def close(self) -> None:
        """Let go of what the carriers hold."""
        for carrier in self.carriers.values():
            if isinstance(carrier, TwilioCarrier | SmtpCarrier):
                carrier.close()

    def timer(self, platform: Platform) -> Timer:
        """Return the timer and workers that send through these carriers."""
        return Timer(self.engine(platform), threads=platform.settings.threads, chores=self.chores(platform))

    def chores(self, platform: Platform) -> list[Chore]:
        """Return what is done again and again beside the tick, each with its seconds."""
        chores: list[Chore] = [
            (lambda: process_waiting(platform), RECEPTION_SECONDS),
            (lambda: settle_search(platform), SEARCH_SECONDS),
            (lambda: forget_bodies(platform), 3600),
            (lambda: forget_late(platform), 3600),
            (lambda: count_networks(platform), COUNTING_SECONDS),
            (lambda: tidy(platform), TIDY_SECONDS),
        ]
        if isinstance(self.carriers[Channel.EMAIL], SmtpCarrier):
            chores.append((lambda: take_up_calls(platform), CALLS_SECONDS))
        if desk := self.desk:
            inquirer = Inquirer(platform, desk)
            chores.append((inquirer.ask, EVERY))
            if self.polls_templates:
                chores.append((lambda: keep_current(platform, desk), 3600))
        return chores

    def engine(self, platform: Platform, *, random: Random | None = None, inquiring: bool = False) -> Engine:
        """Return an engine that sends through these carriers.

        With `inquiring` its tick also asks Twilio what is to be asked, which otherwise is a chore: for virtual time.
        """
        inquirer = Inquirer(platform, self.desk) if inquiring and self.desk else None
        return Engine(platform, self.carriers, random=random, inquirer=inquirer)


def through(platform: Platform, simulator: Simulator | None, *, everything: bool = False) -> Providers:
    """Connect a platform: whatever has no key goes to the simulator, and with `everything` all of it does."""
    settings = platform.settings
    with platform.transaction() as session:
        installation = marks.mark(session)
    simulated_mail = simulator if everything or not settings.sends_mail else None
    simulated_phone = simulator if everything or not settings.twilio_sid else None
    mail = _mail(platform, simulated_mail, installation)
    tokens = (simulated_phone.twilio_token,) if simulated_phone else settings.twilio_tokens
    phone = TwilioCarrier(
        account_sid=simulated_phone.twilio_sid if simulated_phone else settings.twilio_sid,
        token=tokens[0],
        base_url=simulated_phone.url if simulated_phone else settings.twilio_url,
        public_url=settings.public_url,
        installation=installation,
        timeout=settings.provider_timeout,
        clock=platform.clock,
    )
    desk = TwilioDesk(
        simulated_phone.twilio_sid if simulated_phone else settings.twilio_sid,
        tokens[0],
        base_url=simulated_phone.url if simulated_phone else settings.twilio_url,
        timeout=settings.provider_timeout,
        clock=platform.clock,
    )
    keys = (simulated_mail.sendgrid_public_key,) if simulated_mail else tuple(settings.sendgrid_webhook_key.split())
    secrets = Secrets(keys, tokens, settings.public_url)
    polls = simulated_phone is None
    stands_in = {Channel.EMAIL: simulated_mail, Channel.WHATSAPP: simulated_phone}
    real = frozenset(channel for channel, simulated in stands_in.items() if simulated is None)
    return Providers({Channel.EMAIL: mail, Channel.WHATSAPP: phone}, secrets, simulator, desk, polls, real)


def _mail(platform: Platform, simulator: Simulator | None, installation: str) -> Carrier:
    """Return the way out for e-mail: the simulator that stands in, a mail server, or SendGrid."""
    settings = platform.settings
    if settings.smtp and not simulator:
        take_up_calls(platform)
        return SmtpCarrier(
            settings.smtp,
            installation=installation,
            hello=_hello(settings.public_url),
            timeout=settings.provider_timeout,
            batch_size=settings.email_batch,
            clock=platform.clock,
            journal=Journal(platform.settings.data / CALLS, installation),
        )
    return SendGridCarrier(
        api_key=simulator.sendgrid_api_key if simulator else settings.sendgrid_key,
        base_url=simulator.url if simulator else settings.sendgrid_url,
        installation=installation,
        timeout=settings.provider_timeout,
        batch_size=settings.email_batch,
        clock=platform.clock,
    )


def take_up_calls(platform: Platform) -> None:
    """Settle what processes that are gone have noted of the letters they were handing over by SMTP."""
    with platform.reading() as session:
        installation = marks.mark(session)

    def settle(left: list[Left]) -> None:
        known = {
            note.delivery_id: (
                note.attempt,
                smtp.name(note.delivery_id, installation, note.sender) if note.taken else None,
            )
            for note in left
        }
        with platform.transaction("outcome") as session:
            aftermath.settle(session, known, at=platform.clock.now())

    take_up(platform.settings.data / CALLS, installation, settle)


def _hello(public_url: str) -> str:
    """Return the name to greet a mail server with (RFC 5321 §4.1.3): our own, or the machine's number."""
    host = urlsplit(public_url).hostname or ""
    try:
        number = ip_address(host)
    except ValueError:
        return host if host.isascii() and "." in host else "[127.0.0.1]"
    return f"[IPv6:{number}]" if number.version == 6 else f"[{number}]"  # noqa: PLR2004


@contextmanager
def connected(platform: Platform, *, everything_simulated: bool = False) -> Iterator[Providers]:
    """Connect a platform for a block, starting the simulator when a key is missing or everything is simulated.

    Refuses what `check_secrets` finds: keys without the secrets that verify what the provider tells us back.
    """
    settings = platform.settings
    if not everything_simulated:
        check_secrets(settings)
        if settings.sends_mail and settings.twilio_sid:
            providers = through(platform, None)
            yield providers
            providers.close()
            return
    simulator = _started(platform)
    try:
        providers = through(platform, simulator, everything=everything_simulated)
        yield providers
        providers.close()
    finally:
        simulator.stop()


def _started(platform: Platform) -> Simulator:
    """Return a running simulator that remembers what it received; a second one forgets.

    Its keys follow from the installation's secret: pages believe what the simulator of a worker tells them.
    """
    settings = platform.settings
    keys = Credentials(
        private_key=derived_key(platform.secret),
        twilio_token=blake2b(b"simulator", key=platform.secret.encode()[:64], digest_size=16).hexdigest(),
    )
    for keep_file in (settings.data / "simulator.jsonl", None):
        simulator = Simulator(
            clock=platform.clock,
            sendgrid_webhook=f"{settings.public_url}/webhooks/sendgrid",
            twilio_inbound=f"{settings.public_url}/webhooks/twilio/inbound",
            templates=lent(platform),
            keep=keep_file,
            credentials=keys,
        )
        try:
            simulator.start()
        except Refused as refused:
            if keep_file is None or refused.faults[0].code != "simulator_keep_busy":
                raise
        else:
            return simulator
    raise AssertionError("the second one keeps nothing and cannot be refused")
