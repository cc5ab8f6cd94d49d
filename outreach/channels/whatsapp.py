"""WhatsApp by Twilio: one call a person, several at once, our delivery id in the StatusCallback's address."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from threading import Lock, Semaphore
from urllib.parse import urlencode

from campaigns.channels import Letter, Message, Outcome, Result
from contacts.models import Channel
from outreach.channels.calls import Calls
from outreach.channels.filling import fill
from outreach.channels.twilio_answers import outcome
from outreach.channels.twilio_wire import TwilioWire
from outreach.channels.wire import LostError, NeverSentError, clean
from outreach.clock import Clock, SystemClock

STATUS_PATH = "/webhooks/twilio/status"


class TwilioCarrier:
    """The carrier of WhatsApp. `public_url` is where Twilio reports back; `installation` marks our callbacks.

    `concurrency` calls are in flight at once: 80 a second, where each takes up to 600 ms.
    `timeout` is seconds for connecting, and then for the whole answer. Nothing is tried twice here.
    """

    channel = Channel.WHATSAPP

    def __init__(
        self,
        account_sid: str,
        token: str,
        *,
        installation: str,
        public_url: str,
        base_url: str = "https://api.twilio.com",
        timeout: float = 20.0,
        concurrency: int = 48,
        batch_size: int = 64,
        clock: Clock | None = None,
    ) -> None:
        self.batch_size = batch_size
        self.in_flight = concurrency
        self.room = Semaphore(concurrency)
        self._installation = installation
        self._callback = public_url.rstrip("/") + STATUS_PATH
        self._wire = TwilioWire(account_sid, token, base_url, timeout)
        self._clock: Clock = clock or SystemClock()
        self._pool = Calls(concurrency, "twilio")

    def close(self) -> None:
        """Give back the threads, each after the call that it is in; waits for none."""
        self._pool.close()

    def send(self, message: Message, letters: Sequence[Letter]) -> list[Outcome]:
        """Send; one outcome a letter, in their order. Never raises `ChannelError`: each letter has its own call.

        Once an answer says that the sender must wait or stop, or says nothing clear, the letters not yet called are
        held back: a provider that does not answer must not put a whole batch in doubt, nor keep it past its lease.
        """
        halt = _Halt()
        waiting = [self._pool.submit(self._one, message, letter, halt) for letter in letters]
        return [future.result() for future in waiting]

    def submit(self, message: Message, letter: Letter, released: Callable[[], bool]) -> Future[Outcome]:
        """Begin a call in a thread of its own, at the moment when `released` returns true.

        False holds the letter back: it was certainly not sent, and may go at once. Gives back a permit of `room`.
        """

        def call() -> Outcome:
            try:
                self._wire.prepare()
                if released():
                    return self._call(message, letter)
                return Outcome(letter.delivery_id, Result.RETRY, code="held_back", retry_after=0.0)
            finally:
                self.room.release()

        return self._pool.submit(call)

    def _one(self, message: Message, letter: Letter, halt: "_Halt") -> Outcome:
        if halt.why is not None:
            return replace(halt.why, delivery_id=letter.delivery_id)
        became = self._call(message, letter)
        if became.result == Result.RETRY:
            halt.set(became)
        elif became.result == Result.UNKNOWN:
            halt.set(Outcome(0, Result.RETRY, code="held_back"))
        return became

    def _call(self, message: Message, letter: Letter) -> Outcome:
        told = letter.delivery_id
        try:
            answer = self._wire.create(self._fields(message, letter))
        except NeverSentError as error:
            return Outcome(told, Result.RETRY, code="unreachable_provider", detail=clean(str(error)))
        except LostError as error:
            return Outcome(told, Result.UNKNOWN, code=error.code, detail=error.detail)
        return outcome(answer, told, self._clock.now())

    def _fields(self, message: Message, letter: Letter) -> dict[str, str]:
        back = urlencode({"d": letter.delivery_id, "i": self._installation})
        fields = {
            "to": f"whatsapp:{letter.address}",
            "from_": f"whatsapp:{message.sender}",
            "status_callback": f"{self._callback}?{back}",
        }
        if not message.template_sid:
            return fields | {"body": fill(message.text, message.tags, letter.values)}
        fields["content_sid"] = message.template_sid
        if message.template_keys:
            fields["content_variables"] = _variables(message.template_keys, letter.values)
        return fields


class _Halt:
    """The first answer of a sending that asks everybody to wait or stop."""

    def __init__(self) -> None:
        self.why: Outcome | None = None
        self._lock = Lock()

    def set(self, outcome: Outcome) -> None:
        with self._lock:
            self.why = self.why or outcome


def _variables(keys: Sequence[str], values: Sequence[str]) -> str:
    r"""Return ContentVariables: JSON, one line a value (Meta refuses line breaks, tabs and runs of spaces: 63013).

    An apostrophe goes as \u0027: the same to a reader of JSON, and reported to trip Twilio's own check (21656).
    """
    said = {key: " ".join(value.split()) for key, value in zip(keys, values, strict=True)}
    return json.dumps(said, ensure_ascii=False).replace("'", "\\u0027")
