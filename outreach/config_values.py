"""How the text of a setting becomes its value. One that cannot raises `ValueError` with the code of a fault."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

QuietHours = tuple[time, time] | None


def text(value: str) -> str:
    """Return the text as it is."""
    return value


def key(value: str) -> str:
    """Return a key, or several with spaces between: what a header of HTTP can carry. `setting_key`."""
    if not re.fullmatch(r"[\x21-\x7e]*(?: +[\x21-\x7e]+)*", value):
        raise ValueError("setting_key")
    return value


def path(value: str) -> Path:
    """Return a path; `~` is whoever runs the program. `setting_folder`."""
    try:
        return Path(value).expanduser()
    except RuntimeError as error:  # ~somebody, who has no folder here
        raise ValueError("setting_folder") from error


def url(value: str) -> str:
    """Return an address of the web without its last slash. `setting_url`."""
    try:
        parts = urlsplit(value)
        whole = (
            parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        )  # a port is read when asked for
    except ValueError as error:
        raise ValueError("setting_url") from error
    if not whole or not value.isascii() or re.search(r"\s", value):
        raise ValueError("setting_url")
    return value.rstrip("/")


def zone(value: str) -> str:
    """Return the name of a time zone. `setting_zone`."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("setting_zone") from error
    return value


def like(pattern: str, code: str) -> Callable[[str], str]:
    """Return a reader of texts of one form; another form raises that code."""

    def read(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(code)
        return value

    return read


def between(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers within two bounds. `setting_range`."""

    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            raise ValueError("setting_range", {"least": least, "most": most})
        return int(value)

    return read


def between_or_none(least: int, most: int) -> Callable[[str], int | None]:
    """Return a reader of whole numbers within two bounds, None for an empty text. `setting_range`."""
    read = between(least, most)
    return lambda value: read(value) if value else None


def months(value: str) -> Mapping[str, int]:
    """Return for how many months a consent holds: for all purposes, and for those that are named. `setting_months`."""
    if value == "0":
        return {}
    from contacts import terms  # only who sets an end waits for the tables

    try:
        return terms.read(value)
    except ValueError as error:
        raise ValueError("setting_months") from error


def quiet(value: str) -> QuietHours:
    """Return two hours of the day, or None for «no». `setting_hours`."""
    if value.lower() == "no":
        return None
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", value)
    if not match:
        raise ValueError("setting_hours")
    a, b, c, d = map(int, match.groups())
    return time(a, b), time(c, d)


def days(value: str) -> frozenset[date]:
    """Return days of the calendar, written 2025-12-24 with commas between. `setting_days`."""
    try:
        return frozenset(date.fromisoformat(each) for each in re.split(r"[\s,;]+", value) if each)
    except ValueError as error:
        raise ValueError("setting_days") from error


def database(value: str) -> str:
    """Return the address of a database, "" for the one in the data folder. `setting_database`."""
    if not value:
        return value
    if not re.match(r"(sqlite|postgresql\+psycopg)://", value):
        raise ValueError("setting_database")
    from sqlalchemy.engine import make_url  # only who names a database waits for it
    from sqlalchemy.exc import ArgumentError

    try:
        read = make_url(value)
    except (ArgumentError, ValueError) as error:
        raise ValueError("setting_database") from error
    # In memory each thread would have a database of its own; `sqlite://var/x` names a server, which SQLite has not.
    if read.get_backend_name() == "sqlite" and (read.host or read.database in {None, "", ":memory:"}):
        raise ValueError("setting_database")
    return value


def shown(value: str) -> str:
    """Return a value as a message may show it: without a password, and with letters that every terminal has."""
    bare = re.sub(r"(?<=://)([^:/@]*):.*@", r"\1:***@", value)
    return bare.encode("utf-8", "backslashreplace").decode()
