"""Every setting of an installation: one place, with defaults, read from the environment and a `.env` file."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from contacts.errors import Fault, Refused
from outreach.words import N_

QuietHours = tuple[time, time] | None
MOST_IN_A_CALL = 1000  # personalizations, SendGrid's limit


def _text(value: str) -> str:
    return value


def _path(value: str) -> Path:
    return Path(value).expanduser()


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("setting_url")
    return value.rstrip("/")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("setting_zone") from error
    return value


def _whole(value: str) -> int:
    if not re.fullmatch(r"\d{1,9}", value):
        raise ValueError("setting_number")
    return int(value)


def _batch(value: str) -> int:
    number = _whole(value)
    if not 1 <= number <= MOST_IN_A_CALL:
        raise ValueError("setting_batch")
    return number


def _quiet(value: str) -> QuietHours:
    if value.lower() in {"", "no"}:
        return None
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", value)
    if not match:
        raise ValueError("setting_hours")
    a, b, c, d = map(int, match.groups())
    return time(a, b), time(c, d)


def _database(value: str) -> str:
    if value and not re.match(r"(sqlite|postgresql\+psycopg)://", value):
        raise ValueError("setting_database")
    return value


def setting(name: str, default: str, read: Callable[[str], Any], about: str, *, secret: bool = False) -> Any:
    """Declare one setting: the variable's name, its default as text, how it is read, and what it is."""
    return field(metadata={"name": name, "default": default, "read": read, "about": about, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an installation is told. `Settings.read` makes it; every fault is listed at once."""

    data: Path = setting("OUTREACH_DATA", "var", _path, N_("Carpeta con todo lo que guarda la instalación"))
    database_url: str = setting("DATABASE_URL", "", _database, N_("Base de datos; vacía: SQLite en la carpeta"))
    public_url: str = setting(
        "OUTREACH_PUBLIC_URL", "http://127.0.0.1:8000", _url, N_("Dirección con que se ve desde fuera")
    )
    zone: str = setting("OUTREACH_TIMEZONE", "America/Mexico_City", _zone, N_("Zona horaria de la institución"))
    email_sender: str = setting(
        "OUTREACH_EMAIL_FROM",
        "votochilango@iecm.mx",
        _text,
        N_("Cuenta de correo de quien envía, si la campaña no dice otra"),
    )
    email_sender_name: str = setting("OUTREACH_EMAIL_FROM_NAME", "Voto Chilango", _text, N_("Nombre de quien envía"))
    whatsapp_sender: str = setting(
        "OUTREACH_WHATSAPP_FROM", "+525555550100", _text, N_("Número de WhatsApp de quien envía, con +")
    )
    sendgrid_key: str = setting("SENDGRID_API_KEY", "", _text, N_("Llave de SendGrid; vacía: simulador"), secret=True)
    sendgrid_webhook_key: str = setting(
        "SENDGRID_WEBHOOK_KEY",
        "",
        _text,
        N_("Llaves públicas de los avisos de SendGrid, separadas con espacios"),
    )
    sendgrid_url: str = setting(
        "OUTREACH_SENDGRID_URL",
        "https://api.sendgrid.com",
        _url,
        N_("Dirección de SendGrid o de su sustituto"),
    )
    twilio_sid: str = setting("TWILIO_ACCOUNT_SID", "", _text, N_("Cuenta de Twilio; vacía: simulador"))
    twilio_token: str = setting(
        "TWILIO_AUTH_TOKEN",
        "",
        _text,
        N_("Llaves de Twilio, separadas con espacios; la primera es la que envía"),
        secret=True,
    )
    twilio_url: str = setting(
        "OUTREACH_TWILIO_URL", "https://api.twilio.com", _url, N_("Dirección de Twilio o de su sustituto")
    )
    provider_timeout: int = setting(
        "OUTREACH_PROVIDER_TIMEOUT", "20", _whole, N_("Segundos que se espera la respuesta de un proveedor")
    )
    doubt_seconds: int = setting(
        "OUTREACH_DOUBT_SECONDS",
        "120",
        _whole,
        N_("Segundos que un envío en duda mantiene abierta su campaña"),
    )
    late_minutes: int = setting(
        "OUTREACH_LATE_MINUTES",
        "60",
        _whole,
        N_("Minutos de retraso tras los que una campaña decide: enviar, omitir o preguntar"),
    )
    quiet_hours: QuietHours = setting(
        "OUTREACH_QUIET_HOURS",
        "21:00-08:00",
        _quiet,
        N_("Horas de silencio de quien lee, para WhatsApp; «no» las quita"),
    )
    email_batch: int = setting("OUTREACH_EMAIL_BATCH", "500", _batch, N_("Personas por llamada a SendGrid, de 1 a 1000"))
    threads: int = setting("OUTREACH_THREADS", "4", _whole, N_("Hilos que envían a la vez"))
    secret_key: str = setting(
        "OUTREACH_SECRET_KEY",
        "",
        _text,
        N_("Secreto de sesiones y enlaces; vacío: se crea uno en la carpeta"),
        secret=True,
    )

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None, **over: object) -> "Settings":
        """Read the environment over `.env` of the working folder over the defaults; `over` wins over all.

        Raises `Refused` with every fault (`setting_url`, `setting_zone`, `setting_number`, `setting_hours`, `setting_batch`,
        `setting_database`, `setting_pair`).
        """
        if environment is None:
            environment = {key: value or "" for key, value in dotenv_values(".env").items()} | dict(os.environ)
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        for item in fields(cls):
            raw = environment.get(item.metadata["name"], "").strip() or item.metadata["default"]
            try:
                values[item.name] = over[item.name] if item.name in over else item.metadata["read"](raw)
            except ValueError as error:
                faults.append(Fault(str(error), item.metadata["name"], raw))
        if not faults and bool(values["twilio_sid"]) != bool(values["twilio_token"]):
            faults.append(Fault("setting_pair", "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN"))
        if faults:
            raise Refused(faults)
        values["data"] = values["data"].absolute()
        return cls(**values)

    @property
    def simulated(self) -> bool:
        """Whether nothing leaves: no provider has a key, and the simulator stands in for all."""
        return not self.sendgrid_key and not self.twilio_sid

    @property
    def twilio_tokens(self) -> tuple[str, ...]:
        """Twilio's tokens, the one that sends first; several while one is being replaced."""
        return tuple(self.twilio_token.split())

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the database."""
        return self.database_url or f"sqlite:///{self.data / 'outreach.sqlite3'}"
