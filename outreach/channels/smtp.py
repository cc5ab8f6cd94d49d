"""E-mail handed over to the institution's own mail server by SMTP: an answer for each letter, no word afterwards.

SMTP has no evidence to ask for later. What decides is the end of a letter, a line with a single full stop (RFC 5321
§4.1.1.4 and §4.2.5): until it was sent nothing can have been accepted, and the letter may go again; an answer to it
says who is responsible; without one, the letter is in doubt until a person decides. What came of each letter of a call
is noted at once (`smtp_journal`), so that after a crash only the letters whose answer was due are in doubt.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import NamedTuple

from campaigns.channels import Letter, Message, Outcome, Result
from contacts.models import Channel
from outreach.channels.codes import Meaning
from outreach.channels.mail_headers import addressable
from outreach.channels.mime import compiled
from outreach.channels.smtp_address import SmtpServer
from outreach.channels.smtp_journal import Call, Journal
from outreach.channels.smtp_pool import MOST_LETTERS, Pool
from outreach.channels.smtp_replies import CLOSING, START_INPUT, TRIES, Reply, of_content, of_recipient, of_sender
from outreach.channels.smtp_wire import Connection, DoorError
from outreach.channels.wire import clean, lost
from outreach.clock import Clock, SystemClock

IN_FLIGHT = 100  # letters of one call: all of them in doubt after a power cut; more would not be quicker
LONGEST_CALL = timedelta(seconds=6)  # then the rest is held back: a process that is told to end has ten
MOST_BARREN = 2  # new sessions in a row that end before they took a letter

_GONE = (OSError, ValueError)  # whatever ends a session: closed, reset, out of time, or speaking no SMTP


class SmtpCarrier:
    """The carrier of e-mail by SMTP. `installation` and our delivery id make each letter's Message-ID.

    `hello` is the name we greet with, `timeout` seconds for each step (`smtp_wire`). Each thread that sends has
    a session of its own, kept for the next call. A letter that goes again has the Message-ID it had: a mailbox that
    got it already can tell.
    """

    channel = Channel.EMAIL

    def __init__(
        self,
        server: SmtpServer,
        *,
        installation: str,
        hello: str = "localhost.localdomain",
        timeout: float = 20.0,
        batch_size: int = 500,
        in_flight: int = IN_FLIGHT,
        clock: Clock | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.batch_size = batch_size
        self.in_flight = in_flight
        self._installation = installation
        self._clock: Clock = clock or SystemClock()
        self._journal = journal
        self._pool = Pool(lambda: Connection(server, hello=hello, timeout=timeout), self._clock)

    def close(self) -> None:
        """End the sessions."""
        self._pool.close()
        if self._journal:
            self._journal.close()

    def send(self, message: Message, letters: Sequence[Letter]) -> list[Outcome]:
        """Send; one outcome a letter, in their order. Never raises `ChannelError`: each letter has its own answer."""
        if not addressable(message.sender):
            said = Outcome(0, Result.RETRY, code="sender_refused", detail=clean(message.sender), sender_at_fault=True)
            return [replace(said, delivery_id=letter.delivery_id) for letter in letters]
        mails = self._mails(message, [letter for letter in letters if addressable(letter.address)])
        noted = [(mail.delivery_id, mail.attempt) for mail in mails]
        with self._journal.begin(message.sender, noted) if self._journal else Call() as call:
            answered = _Visit(self._pool, self._clock, message.sender, call).hand_over(mails)
        return [
            answered.get(letter.delivery_id) or Outcome(letter.delivery_id, Result.REFUSED, code="invalid_address")
            for letter in letters
        ]

    def _mails(self, message: Message, letters: Sequence[Letter]) -> list["_Mail"]:
        frame, date = compiled(message), format_datetime(self._clock.now())
        made = []
        for place, letter in enumerate(letters):
            message_id = name(letter.delivery_id, self._installation, message.sender)
            data = frame.fill(letter, message_id, date)
            made.append(_Mail(place, letter.delivery_id, letter.attempt, letter.address, message_id, data))
        return made


def name(delivery_id: int, installation: str, sender: str) -> str:
    """Return the Message-ID of a delivery's letter, the same for each try."""
    return f"<d.{delivery_id}.{installation}@{sender.rpartition('@')[2]}>"


class _Mail(NamedTuple):
    """A letter ready for the wire."""

    place: int  # in the call
    delivery_id: int
    attempt: int
    address: str
    message_id: str
    data: bytes


class _Visit:
    """One call: letters in a row, over one session, or over the next one when a session ends between two letters."""

    def __init__(self, pool: Pool, clock: Clock, sender: str, call: Call) -> None:
        self._pool = pool
        self._clock = clock
        self._sender = sender
        self._call = call
        self._until = clock.now() + LONGEST_CALL
        self._said: dict[int, Outcome] = {}
        self._rest: Outcome | None = None  # what is true of every letter not yet answered for
        self._barren = 0

    def hand_over(self, mails: Sequence[_Mail]) -> dict[int, Outcome]:
        """Return the outcome of every letter, by delivery."""
        while self._rest is None and len(self._said) < len(mails):
            if self._late():
                self._rest = Outcome(0, Result.RETRY, code="held_back", retry_after=0.0)
                break
            try:
                connection = self._pool.take()
            except DoorError as closed:
                self._rest = _outcome(0, closed.meaning, closed.detail)
                break
            usable = False
            try:
                usable = self._row(connection, mails[len(self._said) :])
            finally:
                if usable:
                    self._pool.give_back(connection)
                else:
                    connection.drop()
        for mail in mails[len(self._said) :]:
            assert self._rest is not None
            self._said[mail.delivery_id] = replace(self._rest, delivery_id=mail.delivery_id)
        return self._said

    def _late(self) -> bool:
        return self._clock.now() > self._until

    def _row(self, connection: Connection, mails: Sequence[_Mail]) -> bool:
        """Send letters until something stands in the way; whether the session stands between two letters."""
        for place, mail in enumerate(mails, 1):
            more = place < len(mails) and connection.taken + 1 < MOST_LETTERS and not self._late()
            following = mails[place] if more else None
            if not self._one(connection, mail, following):
                return False
            if following is None or self._rest is not None:
                break
        return not connection.announced

    def _one(self, connection: Connection, mail: _Mail, following: _Mail | None) -> bool:
        """Send one letter; whether the session goes on."""
        try:
            replies = connection.envelope(self._sender, mail.address)
        except _GONE as error:
            return self._ended(connection, mail, _lost(error))
        detail = _shown(replies)
        if not replies or CLOSING in {reply.code for reply in replies}:
            return self._ended(connection, mail, Outcome(0, Result.RETRY, code="smtp_later", detail=detail))
        if refusal := _refusal(replies):
            self._note(connection, mail, _outcome(mail.delivery_id, refusal, detail), alone=replies[0].positive)
            return True
        try:
            connection.body(mail.data)
            self._call.ending(mail.place)
            connection.finish((self._sender, following.address) if following else None)
        except _GONE as error:
            self._call.ended(mail.place, taken=False)
            return self._ended(connection, mail, _lost(error), begun=True)
        return self._hear(connection, mail)

    def _hear(self, connection: Connection, mail: _Mail) -> bool:
        """Hear what became of a letter whose end was sent; whether the session goes on."""
        try:
            reply = connection.reply()
        except _GONE as error:
            told = lost(error)
            self._doubt(mail, told.code, told.detail)
            return False
        self._barren = 0
        if not (reply.positive or reply.later or reply.never):
            self._doubt(mail, "answer_unreadable", _shown([reply]))
            return False
        self._call.ended(mail.place, taken=reply.positive)
        said = Outcome(mail.delivery_id, Result.ACCEPTED, provider_id=mail.message_id)
        if not reply.positive:
            said = _outcome(mail.delivery_id, of_content(reply), _shown([reply]))
        self._note(connection, mail, said, alone=True)
        return reply.code != CLOSING

    def _note(self, connection: Connection, mail: _Mail, said: Outcome, *, alone: bool) -> None:
        """Keep an answer: for this letter alone, or for all that are left."""
        connection.taken += 1
        if said.sender_at_fault or not alone:
            self._rest = said
        else:
            self._said[mail.delivery_id] = said

    def _ended(self, connection: Connection, mail: _Mail, said: Outcome, *, begun: bool = False) -> bool:
        """Take up a session's end before the letter's own: nothing of it can have been accepted.

        A session that was good for others was just used up, and another takes this letter, unless it was `begun`. One
        that ends at its first letter may have ended because of it.
        """
        if begun or not connection.taken:
            self._said[mail.delivery_id] = replace(said, delivery_id=mail.delivery_id, code="session_cut", tries=TRIES)
        if not connection.taken:
            self._barren += 1
            if self._barren == MOST_BARREN:
                self._rest = said
        return False

    def _doubt(self, mail: _Mail, code: str, detail: str) -> None:
        self._said[mail.delivery_id] = Outcome(
            mail.delivery_id, Result.UNKNOWN, provider_id=mail.message_id, code=code, detail=detail
        )
        self._rest = Outcome(0, Result.RETRY, code="held_back")  # one doubt is enough


def _refusal(replies: Sequence[Reply]) -> Meaning | None:
    """Return what stands against sending the letter: the first answer that is no yes."""
    for reply, meaning in zip(replies, (of_sender, of_recipient), strict=False):
        if not reply.positive:
            return meaning(reply)
    return None if replies[-1].code == START_INPUT else of_content(replies[-1])


def _outcome(delivery_id: int, meaning: Meaning, detail: str) -> Outcome:
    return Outcome(
        delivery_id,
        meaning.result,
        code=meaning.code,
        detail=detail,
        retry_after=meaning.retry_after,
        sender_at_fault=meaning.sender_at_fault,
        tries=meaning.tries,
    )


def _lost(error: Exception) -> Outcome:
    return Outcome(0, Result.RETRY, code="unreachable_provider", detail=lost(error).detail)


def _shown(replies: Sequence[Reply]) -> str:
    """Return the answer that decided, in the server's words."""
    refused = [reply for reply in replies if not reply.positive and reply.code != START_INPUT]
    return clean(" ".join(f"{reply.code} {reply.text}" for reply in refused[:1]))
