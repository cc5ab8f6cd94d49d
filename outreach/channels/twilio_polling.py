"""Asking Twilio instead of being told: callbacks can be lost for good, doubts need evidence, templates change."""

import re
from dataclasses import dataclass
from datetime import datetime

from campaigns.channels import ChannelError, DeliveryEvent, Result
from campaigns.matching import Listed, Listing, spelled
from outreach.channels.twilio_answers import outcome
from outreach.channels.twilio_events import from_record
from outreach.channels.twilio_wire import TwilioWire
from outreach.channels.wire import Answer, LostError, NeverSentError, clean
from outreach.clock import Clock, SystemClock

NEWEST = 200  # messages looked at when a doubt is settled: one person gets a handful
_MEXICAN = re.compile(r"\+52(\d{10})")


@dataclass(frozen=True, slots=True)
class TemplateReport:
    """What Twilio and Meta say of a template now. `category` is upper case, `status` lower case as Meta gives it."""

    sid: str
    name: str
    language: str
    category: str
    status: str
    body: str
    rejection_reason: str


class TwilioDesk:
    """Questions to Twilio. `timeout` is seconds for connecting, and then for the whole answer.

    Every question raises `ChannelError` when it is not answered; it may always be asked again, unless `permanent`.
    """

    def __init__(
        self,
        account_sid: str,
        token: str,
        *,
        base_url: str = "https://api.twilio.com",
        timeout: float = 20.0,
        clock: Clock | None = None,
    ) -> None:
        self._wire = TwilioWire(account_sid, token, base_url, timeout)
        self._clock: Clock = clock or SystemClock()

    def fetch(self, sid: str) -> DeliveryEvent:
        """Return what became of a message; its `event_id` is that of the callback for the same state."""
        try:
            answer, found = self._wire.fetch(sid)
        except (NeverSentError, LostError) as error:
            raise _unasked(error) from error
        if found is None or answer.status >= 300:  # noqa: PLR2004 — the SDK lets redirects pass for reads
            raise self._denied(answer)
        return from_record(found, self._clock.now())

    def messages_to(self, address: str) -> Listing:
        """Return the newest messages to an address: evidence for a doubt.

        The list has no delivery id: compare sender, text and time. It is not filtered by Twilio's DateSent, which is
        empty while a message waits in the queue. A Mexican number is looked for in both of its spellings, because
        Twilio writes +521 of its own accord.
        """
        found: dict[str, Listed] = {}
        complete = True
        for spelling in _spellings(address):
            records = self._listed(spelling)
            complete = complete and len(records) <= NEWEST
            for record in records:
                if _to(record, address):
                    event = from_record(record, self._clock.now())
                    found[event.provider_id] = _listed(event)
        return Listing(tuple(found.values()), complete)

    def _listed(self, address: str) -> list[dict[str, object]]:
        try:
            answer, found = self._wire.messages_to(f"whatsapp:{address}", NEWEST + 1)
        except (NeverSentError, LostError) as error:
            raise _unasked(error) from error
        if found is None:
            raise self._denied(answer)
        return found

    def templates(self) -> list[TemplateReport]:
        """Return every template of the account, with its category and whether Meta approved it."""
        try:
            answer, found = self._wire.templates()
        except (NeverSentError, LostError) as error:
            raise _unasked(error) from error
        if found is None:
            raise self._denied(answer)
        return [_report(record) for record in found]

    def _denied(self, answer: Answer) -> ChannelError:
        said = outcome(answer, 0, self._clock.now())
        return ChannelError(
            said.code,
            permanent=said.result == Result.REFUSED or said.sender_at_fault,
            detail=said.detail,
            retry_after=said.retry_after,
            sender_at_fault=said.sender_at_fault,
        )


def _spellings(address: str) -> tuple[str, ...]:
    mexican = _MEXICAN.fullmatch(address)
    return (address, f"+521{mexican[1]}") if mexican else (address,)


def _to(record: dict[str, object], address: str) -> bool:
    """Whether a message went to an address, and did not come from it."""
    inbound = str(record.get("direction") or "").startswith("inbound")
    return not inbound and spelled(str(record.get("to") or address)) == spelled(address)


def _listed(event: DeliveryEvent) -> Listed:
    said = event.raw
    made = said.get("date_created")
    return Listed(
        event,
        sender=str(said.get("from") or ""),
        text=str(said.get("body") or ""),
        made=datetime.fromisoformat(made) if isinstance(made, str) else None,
    )


def _unasked(error: NeverSentError | LostError) -> ChannelError:
    code = error.code if isinstance(error, LostError) else "unreachable_provider"
    return ChannelError(code, permanent=False, detail=clean(str(error)))


def _report(record: dict[str, object]) -> TemplateReport:
    asked, types = record.get("approval_requests"), record.get("types")
    approval = asked if isinstance(asked, dict) else {}
    kinds = types.values() if isinstance(types, dict) else ()
    bodies = [kind.get("body") for kind in kinds if isinstance(kind, dict)]
    return TemplateReport(
        sid=str(record.get("sid") or ""),
        name=str(approval.get("name") or record.get("friendly_name") or ""),
        language=str(record.get("language") or ""),
        category=str(approval.get("category") or "").upper(),
        status=str(approval.get("status") or "unsubmitted").lower(),
        body=next((body for body in bodies if isinstance(body, str)), ""),
        rejection_reason=str(approval.get("rejection_reason") or ""),
    )
