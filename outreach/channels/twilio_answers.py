"""What Twilio's answer to a call means for the message."""

import json
from datetime import datetime

from campaigns.channels import Outcome, Result
from outreach.channels.codes import TWILIO, Meaning, twilio_code
from outreach.channels.wire import Answer, clean, doubt, wait

CREATED, BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_MANY = 201, 400, 401, 403, 404, 429

#: For an answer whose body has none of the numbers that we know.
_BY_STATUS = {
    UNAUTHORIZED: Meaning("key_refused", Result.RETRY, sender_at_fault=True),
    FORBIDDEN: Meaning("key_refused", Result.RETRY, sender_at_fault=True),
    NOT_FOUND: Meaning("call_refused", Result.RETRY, sender_at_fault=True),
    TOO_MANY: Meaning("rate_limited", Result.RETRY),
}


def outcome(answer: Answer, delivery_id: int, now: datetime) -> Outcome:
    """Return what became of a message. A number of Twilio's that we do not know refuses this message alone."""
    said = _object(answer.body)
    detail = clean(str(said.get("message") or f"HTTP {answer.status}"))
    if answer.status == CREATED:
        sid = said.get("sid")
        if isinstance(sid, str) and (known := clean(sid)):
            return Outcome(delivery_id, Result.ACCEPTED, provider_id=known)
        return Outcome(delivery_id, Result.UNKNOWN, code="answer_unreadable", detail=detail)
    if open_question := doubt(answer, CREATED):
        return Outcome(delivery_id, Result.UNKNOWN, code=open_question, detail=detail)
    meaning, asked = _meaning(answer.status, said.get("code")), wait(answer.headers, now)
    return Outcome(
        delivery_id,
        meaning.result,
        code=meaning.code,
        detail=detail,
        retry_after=meaning.retry_after if asked is None else asked,
        sender_at_fault=meaning.sender_at_fault,
    )


def _meaning(status: int, number: object) -> Meaning:
    if status < BAD_REQUEST:
        return Meaning("provider_redirects", Result.RETRY, sender_at_fault=True)
    known = TWILIO.get(number) if isinstance(number, int) else None
    if status == TOO_MANY and (known is None or known.result != Result.RETRY):
        known = None  # whatever else it says, a 429 was never processed
    return known or _BY_STATUS.get(status) or Meaning(twilio_code(number) or "letter_refused")


def _object(body: str) -> dict[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
