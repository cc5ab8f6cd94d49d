"""Every setting of an installation: one place, with defaults, read from the environment and a `.env` file."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contacts.errors import Fault, Refused
from outreach import surroundings
from outreach.channels import smtp_address
from outreach.channels.smtp_address import SmtpServer
from outreach.config_values import (
    QuietHours,
    between,
    between_or_none,
    database,
    days,
    key,
    like,
    months,
    path,
    quiet,
    shown,
    text,
    url,
    zone,
)
from outreach.i18n import LANGUAGES, choose
from outreach.words import N_

if TYPE_CHECKING:
    from sqlalchemy import URL

    from campaigns.lines import Senders
    from contacts.rights import Terms

MOST_IN_A_CALL = 1000  # personalizations, SendGrid's limit
MOST_THREADS = 64  # each holds a connection; a provider answers slower before more of them help
DAY = 24 * 60 * 60
FASTEST = 100_000  # people a second
FIRST_TIER = 250  # people a new WhatsApp number may write to first in 24 h (Meta)
MOST_CONVERSATIONS = 100_000_000


def setting(name: str, default: str, read: Callable[[str], Any], about: str, *, secret: bool = False) -> Any:
    """Declare one setting: the variable's name, its default as text, how it is read, and what it is."""
    return field(metadata={"name": name, "default": default, "read": read, "about": about, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an installation is told. `Settings.read` makes it; every fault is listed at once."""

    data: Path = setting("OUTREACH_DATA", "var", path, N_("Carpeta con todo lo que guarda la instalación"))
    database_url: str = setting("DATABASE_URL", "", database, N_("Base de datos; vacía: SQLite en la carpeta"))
    public_url: str = setting(
        "OUTREACH_PUBLIC_URL", "http://127.0.0.1:8000", url, N_("Dirección con que se ve desde fuera")
    )
    zone: str = setting("OUTREACH_TIMEZONE", "America/Mexico_City", zone, N_("Zona horaria de la institución"))
    email_sender: str = setting(
        "OUTREACH_EMAIL_FROM",
        "votochilango@iecm.mx",
        like(r"[^@\s]+@[^@\s]+\.[^@\s]+", "setting_email"),
        N_("Cuenta de correo de quien envía, si la campaña no dice otra"),
    )
    email_sender_name: str = setting("OUTREACH_EMAIL_FROM_NAME", "Voto Chilango", text, N_("Nombre de quien envía"))
    whatsapp_sender: str = setting(
        "OUTREACH_WHATSAPP_FROM",
        "+525555550100",
        like(r"\+[1-9][0-9]{7,14}", "setting_phone"),
        N_("Número de WhatsApp de quien envía, con +"),
    )
    sendgrid_key: str = setting("SENDGRID_API_KEY", "", key, N_("Llave de SendGrid; vacía: simulador"), secret=True)
    sendgrid_webhook_key: str = setting(
        "SENDGRID_WEBHOOK_KEY",
        "",
        text,
        N_("Llaves públicas de los avisos de SendGrid, separadas con espacios"),
    )
    sendgrid_url: str = setting(
        "OUTREACH_SENDGRID_URL",
        "https://api.sendgrid.com",
        url,
        N_("Dirección de SendGrid o de su sustituto"),
    )
    smtp: SmtpServer | None = setting(
        "OUTREACH_SMTP_URL",
        "",
        smtp_address.read,
        N_("Servidor de correo propio, en lugar de SendGrid: smtp://usuario:clave@correo.example.org:587"),
        secret=True,
    )
    twilio_sid: str = setting("TWILIO_ACCOUNT_SID", "", key, N_("Cuenta de Twilio; vacía: simulador"))
    twilio_token: str = setting(
        "TWILIO_AUTH_TOKEN",
        "",
        key,
        N_("Llaves de Twilio, separadas con espacios; la primera es la que envía"),
        secret=True,
    )
    twilio_url: str = setting(
        "OUTREACH_TWILIO_URL", "https://api.twilio.com", url, N_("Dirección de Twilio o de su sustituto")
    )
    provider_timeout: int = setting(
        "OUTREACH_PROVIDER_TIMEOUT",
        "20",
        between(1, 600),
        N_("Segundos que se espera la respuesta de un proveedor, de 1 a 600"),
    )
    doubt_seconds: int = setting(
        "OUTREACH_DOUBT_SECONDS",
        "300",
        between(0, 30 * DAY),
        N_("Segundos en que se busca prueba de un envío en duda; después se pregunta a una persona"),
    )
    absence_seconds: int = setting(
        "OUTREACH_ABSENCE_SECONDS",
        "120",
        between(1, DAY),
        N_("Segundos tras una llamada antes de que faltar en la lista de Twilio cuente como prueba"),
    )
    absence_again_seconds: int = setting(
        "OUTREACH_ABSENCE_AGAIN_SECONDS",
        "60",
        between(1, DAY),
        N_("Segundos entre las dos veces en que un mensaje falta en la lista de Twilio"),
    )
    late_minutes: int = setting(
        "OUTREACH_LATE_MINUTES",
        "60",
        between(0, 30 * DAY // 60),
        N_("Minutos de retraso tras los que una campaña decide: enviar, omitir o preguntar"),
    )
    quiet_hours: QuietHours = setting(
        "OUTREACH_QUIET_HOURS",
        "21:00-08:00",
        quiet,
        N_("Horas de silencio de quien lee, para WhatsApp; «no» las quita"),
    )
    email_batch: int = setting(
        "OUTREACH_EMAIL_BATCH",
        "500",
        between(1, MOST_IN_A_CALL),
        N_("Personas por llamada a SendGrid, de 1 a 1000"),
    )
    email_rate: int = setting(
        "OUTREACH_EMAIL_RATE",
        "0",
        between(0, FASTEST),
        N_("Personas por segundo a las que escribe una cuenta de correo, como máximo; 0: sin límite"),
    )
    whatsapp_rate: int = setting(
        "OUTREACH_WHATSAPP_RATE",
        "80",
        between(0, FASTEST),
        N_("Mensajes por segundo de un número de WhatsApp, como máximo; 0: sin límite"),
    )
    whatsapp_budget: int | None = setting(
        "OUTREACH_WHATSAPP_BUDGET",
        "",
        between_or_none(0, MOST_CONVERSATIONS),
        N_(
            "Personas a las que WhatsApp deja escribir primero en 24 horas: 250, 2000, 10000 o 100000; 0: sin límite; "
            "vacía: 250 con una cuenta de Twilio y sin límite con el simulador"
        ),
    )
    threads: int = setting(
        "OUTREACH_THREADS", "4", between(1, MOST_THREADS), N_("Hilos que envían a la vez, de 1 a 64")
    )
    consent_terms: Mapping[str, int] = setting(
        "OUTREACH_CONSENT_MONTHS",
        "0",
        months,
        N_("Meses que vale un consentimiento; 0: sin fin. Por finalidad, por ejemplo: 24 eventos=6 boletines=12"),
    )
    confirm_days: int = setting(
        "OUTREACH_CONFIRM_DAYS",
        "7",
        between(1, 90),
        N_("Días que hay para confirmar un consentimiento por correo, y entre dos correos que lo piden, de 1 a 90"),
    )
    join_network: str = setting(
        "OUTREACH_JOIN_NETWORK",
        "",
        text,
        N_("Red a la que entra quien se une en la página pública y confirma; vacía: a ninguna"),
    )
    preferences_days: int = setting(
        "OUTREACH_PREFERENCES_DAYS",
        "180",
        between(1, 3650),
        N_("Días que sirve el enlace a las preferencias de cada mensaje, de 1 a 3650"),
    )
    public_limit: int = setting(
        "OUTREACH_PUBLIC_LIMIT",
        "60",
        between(1, 100_000),
        N_("Envíos de los formularios públicos por hora desde una misma red de internet, de 1 a 100000"),
    )
    arco_days: int = setting(
        "OUTREACH_ARCO_DAYS",
        "20",
        between(1, 250),
        N_("Días hábiles para contestar una solicitud de derechos ARCO, de 1 a 250"),
    )
    non_working_days: frozenset[date] = setting(
        "OUTREACH_NON_WORKING_DAYS",
        "",
        days,
        N_("Días inhábiles del instituto, además de los oficiales y los fines de semana: 2025-12-24,2025-12-31"),
    )
    arco_authority: str = setting(
        "OUTREACH_ARCO_AUTHORITY",
        "",
        text,
        N_("Autoridad ante la que se reclama por datos personales, con su dirección; sale en lo que se contesta"),
    )
    import_days: int = setting(
        "OUTREACH_IMPORT_DAYS",
        "7",
        between(1, 90),
        N_("Días que se guardan los archivos de las importaciones hechas en las páginas, de 1 a 90"),
    )
    secret_key: str = setting(
        "OUTREACH_SECRET_KEY",
        "",
        text,
        N_("Secreto de sesiones y enlaces; vacío: se crea uno en la carpeta"),
        secret=True,
    )
    language: str = setting(
        "OUTREACH_LANG",
        "es",
        like(rf"(?i)({'|'.join(LANGUAGES)})([-_].*)?", "setting_language"),
        N_("Idioma de la terminal: es o en"),
    )

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None, **over: object) -> "Settings":
        """Read the environment over `.env` of the working folder over the defaults; `over` wins over all.

        Raises `Refused` with every fault: those of the file (`outreach.surroundings.written`), `setting_unknown` for a
        name in it that is none of ours, `setting_pair`, `setting_either`, and those of `outreach.config_values` and
        `outreach.channels.smtp_address`.
        """
        faults: list[Fault] = []
        if environment is None:
            try:
                environment = surroundings.variables()
                faults += _strangers()
            except Refused as refused:
                environment = os.environ
                faults += refused.faults
        values: dict[str, Any] = {}
        for item in fields(cls):
            name, default, secret = (item.metadata[key] for key in ("name", "default", "secret"))
            raw = environment.get(name, "").strip() or default
            try:
                raw.encode()  # what a terminal hands over may hold bytes that are no letters
                values[item.name] = over[item.name] if item.name in over else item.metadata["read"](raw)
            except UnicodeEncodeError:
                faults.append(Fault("setting_encoding", name))
            except ValueError as error:
                code, details = (*error.args, {})[:2]
                faults.append(Fault(code, name, "***" if secret else shown(raw), details=details))
        pair = [bool(values[one]) for one in ("twilio_sid", "twilio_token") if one in values]
        if sorted(pair) == [False, True]:
            faults.append(Fault("setting_pair", "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN"))
        if values.get("smtp") and values.get("sendgrid_key"):
            faults.append(Fault("setting_either", "OUTREACH_SMTP_URL, SENDGRID_API_KEY"))
        if faults:
            raise Refused(faults)
        values["data"] = values["data"].absolute()
        return cls(**values)

    @property
    def proof_seconds(self) -> int:
        """Return how long after a doubt its proof is looked for: before that, not being found tells nothing."""
        return max(self.doubt_seconds, self.absence_seconds + self.absence_again_seconds)

    @property
    def simulated(self) -> bool:
        """Whether nothing leaves: no provider has a key, and the simulator stands in for all."""
        return not self.sends_mail and not self.twilio_sid

    @property
    def sends_mail(self) -> bool:
        """Whether e-mail leaves, by SendGrid or by a mail server; else it goes to the simulator."""
        return bool(self.sendgrid_key or self.smtp)

    @property
    def conversations(self) -> int:
        """How many people a WhatsApp number may write to first in any 24 hours; 0: any number."""
        if self.whatsapp_budget is None:
            return FIRST_TIER if self.twilio_sid else 0
        return self.whatsapp_budget

    @property
    def senders(self) -> "Senders":
        """Who sends where a campaign does not say it."""
        from campaigns.lines import Senders  # only who sends, or shows it, waits for the tables

        return Senders(self.email_sender, self.whatsapp_sender)

    @property
    def terms(self) -> "Terms":
        """The clock of requests about personal data."""
        from contacts.rights import Terms  # as above

        return Terms(self.arco_days, self.non_working_days)

    @property
    def twilio_tokens(self) -> tuple[str, ...]:
        """Twilio's tokens, the one that sends first; several while one is being replaced."""
        return tuple(self.twilio_token.split())

    @property
    def database(self) -> "URL":
        """Where the database is, for SQLAlchemy."""
        from sqlalchemy import URL, make_url

        if self.database_url:
            return make_url(self.database_url)
        return URL.create("sqlite", database=str(self.data / "outreach.sqlite3"))  # a folder may be called «100 %?»


def names() -> list[str]:
    """Return the variables of every setting."""
    return [item.metadata["name"] for item in fields(Settings)]


def terminal_language() -> str:
    """Return the language of a terminal, also where other settings are wrong: their faults must be told in one."""
    with suppress(Refused):
        return choose(surroundings.variables().get("OUTREACH_LANG", ""))
    return choose(os.environ.get("OUTREACH_LANG", ""))


def _strangers() -> Iterator[Fault]:
    """Yield what the file sets and nobody reads: a slip of the pen that would go unnoticed."""
    for name, (_value, row) in surroundings.written().items():
        if name.startswith("OUTREACH_") and name not in names():
            near = get_close_matches(name, names(), 1) or ["OUTREACH_DATA"]
            yield Fault("setting_unknown", "", name, row=row, file=surroundings.FILE, details={"near": near[0]})
