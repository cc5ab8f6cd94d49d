"""How a file is meant, as it is kept beside its import: columns, network, consent."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from contacts.errors import refuse
from contacts.importing import Given, Plan
from outreach.people_imports import Intake


@dataclass(frozen=True, slots=True)
class Consent:
    """What people consented to elsewhere, as it was typed: where, which day, under which notice ("": the current)."""

    source: str
    day: str  # ISO 8601
    notice: str = ""
    channels: tuple[str, ...] = ("*",)
    purposes: tuple[str, ...] = ("*",)

    @property
    def on(self) -> date | None:
        """Return its day; None when it is no day."""
        try:
            return date.fromisoformat(self.day)
        except ValueError:
            return None

    def given(self, zone: str) -> Given:
        """Return it with the first moment of its day, so that a withdrawal of that day is later.

        Refuses `consent_day`.
        """
        if self.on is None:
            raise refuse("consent_day", "--consent-date", self.day[:40])
        return Given(
            source=self.source,
            at=datetime.combine(self.on, time(), ZoneInfo(zone)),
            notice=self.notice or None,
            channels=self.channels,
            purposes=self.purposes,
        )


@dataclass(frozen=True, slots=True)
class Meant:
    """The whole plan of a file."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    network: str = ""
    consent: Consent | None = None  # None: nobody consents to anything

    def as_json(self) -> dict[str, object]:
        """Return it as it is kept."""
        return asdict(self)

    @classmethod
    def of(cls, intake: Intake) -> "Meant":
        """Return the plan of an import."""
        kept = dict(intake.plan)
        said = kept.pop("consent", None)
        if isinstance(said, dict):
            said = Consent(**{**said, "channels": tuple(said["channels"]), "purposes": tuple(said["purposes"])})
        return cls(consent=said, **kept)  # type: ignore[arg-type]

    def plan(self, file: str, by: str, zone: str) -> Plan:
        """Return it as the domain takes it. Refuses `consent_day`."""
        given = self.consent.given(zone) if self.consent else None
        return Plan(mapping=dict(self.mapping), network=self.network, given=given, file=file, by=by)
