"""When a campaign of a file goes out: `cuando`, `fechas` with an `hora`, or `repite`."""

import re
import unicodedata
from datetime import date, datetime, time

from campaigns.calendar import Schedule
from campaigns.filekeys import Reading

REPEAT_KEYS = ("cada", "dias", "desde", "hasta", "hora", "excepto", "intervalo")
EVERY = {"dia": "DAILY", "dia habil": "DAILY", "semana": "WEEKLY", "mes": "MONTHLY"}
_EVERY_WRITTEN = "día, día hábil, semana, mes"
WEEKDAYS = {
    "lunes": "MO",
    "martes": "TU",
    "miercoles": "WE",
    "jueves": "TH",
    "viernes": "FR",
    "sabado": "SA",
    "domingo": "SU",
}
_WEEKDAYS_WRITTEN = "lunes, martes, miércoles, jueves, viernes, sábado, domingo"
_LAST_DAY = 31


def schedule_of(reading: Reading) -> Schedule:
    """Return the schedule of a table; empty when it names no moment: somebody will say «now».

    Faults: `moment_form`, `moment_zone`, `moment_hour` (a day without an hour), `moment_twice` (two ways at once),
    `choice_unknown`, and those of `campaigns.calendar`.
    """
    ways = [key for key in ("cuando", "fechas") if key in reading.table]
    if isinstance(reading.table.get("repite"), dict):
        ways.append("repite")
    if len(ways) > 1:
        reading.fault("moment_twice", ways[1], ", ".join(ways))
        return Schedule()
    if "repite" in ways:
        return _friendly(reading.inside("repite"))
    if "fechas" in ways:
        return Schedule(moments=_dates(reading, "fechas"))
    start = wall_of(reading, "cuando", reading.table["cuando"]) if "cuando" in ways else None
    if rule := reading.text("repite"):
        schedule = Schedule(start=start, rule=rule)
        for fault in schedule.faults():
            reading.fault(fault.code, "repite", fault.value)
        return schedule
    return Schedule(moments=(start,) if start else ())


def _dates(reading: Reading, key: str) -> tuple[datetime, ...]:
    found = reading.table.get(key)
    if not isinstance(found, list):
        reading.fault("moment_form", key, found)
        return ()
    walls = [wall_of(reading, key, item) for item in found]
    return tuple(sorted({wall for wall in walls if wall is not None}))


def wall_of(reading: Reading, key: str, value: object) -> datetime | None:
    """Return one wall time (or None, and a fault): a date and hour, or a day that takes the `hora` of its table."""
    if isinstance(value, str):
        value = _from_text(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.replace(second=0, microsecond=0)
        reading.fault("moment_zone", key, value.isoformat())
        return None
    if not isinstance(value, date):
        reading.fault("moment_form", key, reading.table.get(key, ""))
        return None
    if "hora" not in reading.table:
        reading.fault("moment_hour", key, value.isoformat())
        return None
    hour = _hour(reading)
    return datetime.combine(value, hour) if hour else None


def _from_text(text: str) -> datetime | date | None:
    try:
        return (
            date.fromisoformat(text.strip()) if len(text.strip()) <= len("2025-04-09") else datetime.fromisoformat(text)
        )
    except ValueError:
        return None


def _hour(reading: Reading) -> time | None:
    value = reading.table.get("hora")
    if isinstance(value, time) and value.tzinfo is None:
        return value.replace(second=0, microsecond=0)
    if isinstance(value, str) and (match := re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value.strip())):
        return time(int(match[1]), int(match[2]))
    reading.fault("hour_form", "hora", "" if value is None else value)
    return None


def day_of(reading: Reading, key: str) -> date | None:
    """Return the day at a key (or None, and the fault `day_form`)."""
    return _as_day(reading, key, reading.table.get(key))


def _as_day(reading: Reading, key: str, value: object) -> date | None:
    if isinstance(value, str):
        value = _from_text(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    reading.fault("day_form", key, reading.table.get(key, ""))
    return None


def _friendly(reading: Reading) -> Schedule:
    """Return the schedule of a `[repite]` table: it becomes a rule of RFC 5545."""
    reading.known(*REPEAT_KEYS)
    reading.required("cada", "desde", "hora")
    before = len(reading.faults)
    every = _fold(reading.text("cada"))
    if every and every not in EVERY:
        reading.fault("choice_unknown", "cada", reading.text("cada"), allowed=_EVERY_WRITTEN)
    begin = day_of(reading, "desde") if "desde" in reading.table else None
    end = day_of(reading, "hasta") if "hasta" in reading.table else None
    hour = _hour(reading) if "hora" in reading.table else None
    rule = [f"FREQ={EVERY.get(every, 'DAILY')}", *_which_days(reading, every)]
    if (step := reading.whole("intervalo", 1)) != 1:
        rule.append(f"INTERVAL={step}")
    if step < 1:
        reading.fault("value_whole", "intervalo", step)
    if end:
        rule.append(f"UNTIL={end:%Y%m%d}T235959")
    if begin and end and end < begin:
        reading.fault("day_order", "hasta", end.isoformat(), begin=begin.isoformat())
    excluded = _excluded(reading)
    if len(reading.faults) > before or begin is None or hour is None:
        return Schedule()
    return Schedule(start=datetime.combine(begin, hour), rule=";".join(rule), excluded=excluded)


def _which_days(reading: Reading, every: str) -> list[str]:
    if every == "dia habil":
        return ["BYDAY=MO,TU,WE,TH,FR"]
    days = reading.table.get("dias")
    if days is None:
        return []
    if every == "semana" and isinstance(days, list) and all(_fold(str(day)) in WEEKDAYS for day in days):
        return ["BYDAY=" + ",".join(WEEKDAYS[_fold(str(day))] for day in days)]
    if every == "mes" and isinstance(days, list) and all(type(day) is int and 1 <= day <= _LAST_DAY for day in days):
        return ["BYMONTHDAY=" + ",".join(str(day) for day in days)]
    allowed = {"semana": _WEEKDAYS_WRITTEN, "mes": "1 … 31"}.get(every, "–")
    reading.fault("choice_unknown", "dias", days, allowed=allowed)
    return []


def _excluded(reading: Reading) -> tuple[date, ...]:
    found = reading.table.get("excepto", [])
    days = [_as_day(reading, "excepto", item) for item in (found if isinstance(found, list) else [found])]
    return tuple(day for day in days if day)


def _fold(text: str) -> str:
    """Lower case without accents: people write «miércoles» and «miercoles»."""
    return unicodedata.normalize("NFD", text.strip().lower()).encode("ascii", "ignore").decode()
