"""Asking Twilio about doubts, and about messages of which no callback told anything: a few questions at a time.

What was asked and answered is in the database (`campaigns.inquiries`), so a restart goes on where the last process
ended. One process asks at a time: the one that moves the installation.
"""

import logging
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from campaigns import answers, inquiries, personal
from campaigns.channels import ChannelError
from campaigns.claiming import Claimed, lease
from campaigns.content import compile_message, in_language
from campaigns.inquiries import Due, Rules
from campaigns.matching import Call, judge
from campaigns.models import AudienceRule, Campaign, Content, Delivery, Run
from campaigns.states import DeliveryState
from contacts.models import Channel, Contact, Membership, Network
from outreach import links
from outreach.channels.twilio_polling import TwilioDesk
from outreach.platform import Platform

log = logging.getLogger(__name__)
EVERY = 2.0  # seconds between two rounds
AT_ONCE = 20  # questions of a round: ten a second, far below what Twilio allows
ENROL_EVERY = timedelta(minutes=1)  # how often messages without news are looked for
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=1)  # while Twilio does not answer
KEY_PAUSE = timedelta(minutes=5)  # while it refuses our key
_PLACE = re.compile(r"\{\{\s*(\d+)\s*\}\}")


class Inquirer:
    """Asks one Twilio account for one installation."""

    def __init__(self, platform: Platform, desk: TwilioDesk) -> None:
        self._platform = platform
        self._desk = desk
        settings = platform.settings
        self._rules = Rules(
            timedelta(seconds=settings.absence_seconds), timedelta(seconds=settings.absence_again_seconds)
        )
        self._silences = 0
        self._resting_until: datetime | None = None
        self._enrolled_at: datetime | None = None

    def ask(self, most: int = AT_ONCE) -> int:
        """Ask what is due, doubts first, at most so many; return how many were asked.

        A question without an answer ends the round, and the next ones wait: 5 s, doubling to a minute, or as long as
        Twilio says.
        """
        now = self._platform.clock.now()
        if self._resting(now):
            return 0
        asked = 0
        for watched in self._due(now, most):
            asked += 1
            try:
                answered = self._about_doubt(watched) if watched.doubt else self._about_fate(watched)
            except DBAPIError:
                raise
            except Exception:  # one that cannot be asked about must not stop the others
                log.exception("delivery %s cannot be asked about", watched.delivery_id)
                with self._platform.transaction("inquire") as session:
                    inquiries.postpone(session, watched, now + inquiries.LONGEST)
                continue
            if not answered:
                break
        return asked

    def next_due(self) -> datetime | None:
        """Return when there is something to ask by time alone; None when nothing is watched."""
        now = self._platform.clock.now()
        with self._platform.reading() as session:
            moment = inquiries.next_moment(session)
            unheard = inquiries.next_unheard(session, at=now)
        if unheard and self._enrolled_at and self._enrolled_at <= now:
            unheard = max(unheard, self._enrolled_at + ENROL_EVERY)
        first = min((one for one in (moment, unheard) if one), default=None)
        if first and self._resting(now) and self._resting_until:
            return max(first, self._resting_until)
        return first

    def _resting(self, now: datetime) -> bool:
        until = self._resting_until
        return until is not None and until - KEY_PAUSE - LONGEST_PAUSE < now < until  # also when the clock was set back

    def _due(self, now: datetime, most: int) -> list[Due]:
        last = self._enrolled_at
        fates = last is None or not last <= now < last + ENROL_EVERY
        with self._platform.reading() as session:
            moment = inquiries.next_moment(session)
            unheard = inquiries.next_unheard(session, at=now) if fates else None
        if fates:
            self._enrolled_at = now
        first = min((one for one in (moment, unheard) if one), default=None)
        if first is None or first > now:
            return []
        with self._platform.transaction("inquire") as session:
            inquiries.enrol(session, at=now, fates=fates)
            return inquiries.due(session, at=now, most=most)

    # ------------------------------------------------------------------ the questions

    def _about_doubt(self, watched: Due) -> bool:
        clock = self._platform.clock
        with self._platform.reading() as session:
            call = self._calls(session, [watched.delivery_id])[0]
        asked_at = clock.now()
        try:
            listing = self._desk.messages_to(call.address)
        except ChannelError as error:
            alone = _alone(error)
            if not alone:
                self._rest(error)
            with self._platform.transaction("inquire") as session:
                if answers.hold_doubt(session, watched):
                    again = min(self._resting_until or asked_at, asked_at + LONGEST_PAUSE)
                    again = asked_at + inquiries.LONGEST if alone else again
                    answers.unanswered(session, watched, error.code, error.detail, asked_at=asked_at, again=again)
            return alone
        self._silences, self._resting_until = 0, None
        with self._platform.transaction("inquire") as session:
            held = answers.hold_doubt(session, watched)
            if not (held or answers.waits_again(session, call)):
                return True
            others = self._calls(session, answers.rivals(session, watched.delivery_id))
            sids = [message.event.provider_id for message in listing.messages]
            theirs = answers.taken(session, sids, but=watched.delivery_id)
            verdict = judge(call, listing, taken=theirs, rivals=others)
            if held:
                state = answers.answered(
                    session, watched, verdict, asked_at=asked_at, at=clock.now(), rules=self._rules
                )
                if state != DeliveryState.IN_DOUBT:
                    log.info("delivery %s was in doubt: %s", watched.delivery_id, state)
            else:
                answers.seen_after_all(session, watched.delivery_id, verdict, asked_at=asked_at, at=clock.now())
        return True

    def _about_fate(self, watched: Due) -> bool:
        clock = self._platform.clock
        asked_at = clock.now()
        try:
            event = self._desk.fetch(watched.provider_id)
        except ChannelError as error:
            if error.code == "call_refused" or _alone(error):  # Twilio does not know it, or not any more
                with self._platform.transaction("inquire") as session:
                    inquiries.give_up(session, watched)
                return True
            self._rest(error)
            with self._platform.transaction("inquire") as session:
                inquiries.postpone(session, watched, self._resting_until or asked_at + LONGEST_PAUSE)
            return False
        self._silences, self._resting_until = 0, None
        with self._platform.transaction("inquire") as session:
            answers.told(session, watched, event, asked_at=asked_at, at=clock.now())
        return True

    def _rest(self, error: ChannelError) -> None:
        """Leave Twilio alone for a while."""
        if not self._silences:
            log.warning("Twilio does not answer questions: %s", error)
        pause = min(FIRST_PAUSE * 2 ** min(self._silences, 10), LONGEST_PAUSE)
        if error.retry_after is not None:
            pause = max(pause, min(timedelta(seconds=error.retry_after), KEY_PAUSE))
        if error.permanent:
            pause = KEY_PAUSE
        self._silences += 1
        self._resting_until = self._platform.clock.now() + pause

    # ------------------------------------------------------------------ what a list would show

    def _calls(self, session: Session, ids: Sequence[int]) -> list[Call]:
        return [self._call(session, number) for number in ids]

    def _call(self, session: Session, delivery_id: int) -> Call:
        """Return what the list would show of a delivery, written again as it was sent."""
        delivery = session.get_one(Delivery, delivery_id)
        run, contact = session.get_one(Run, delivery.run_id), session.get_one(Contact, delivery.contact_id)
        began = delivery.called_at or delivery.changed_at
        if contact.merged_into_id and contact.merged_at and contact.merged_at <= began:
            contact = session.get_one(Contact, contact.merged_into_id)  # it went to the person they were by then
        contents = session.scalars(
            select(Content).where(Content.campaign_id == run.campaign_id, Content.version == run.version)
        ).all()
        content = in_language(contents, contact.language)
        sender = self._platform.settings.whatsapp_sender
        compiled = compile_message(content, Channel.WHATSAPP, sender, "", run.id)
        values = tuple(
            " ".join(value.split()) for value in compiled.values(self._person(session, delivery, run.campaign, contact))
        )
        body = content.template.body if content.template else ""
        of = dict(zip(compiled.message.template_keys, values, strict=True))
        filled = _PLACE.sub(lambda place: of.get(place[1], place[0]), body)
        longest = lease(self._platform.settings.provider_timeout)
        ended = delivery.changed_at if delivery.state == DeliveryState.IN_DOUBT else began + longest
        return Call(
            delivery_id=delivery.id,
            address=delivery.address,
            sender=sender,
            texts=(filled, body, compiled.message.template_sid) if body else (),
            values=values,
            began=began,
            ended=ended,
        )

    def _person(self, session: Session, delivery: Delivery, campaign: Campaign, contact: Contact) -> dict[str, str]:
        theirs = links.of_letters(self._platform.settings.public_url, self._platform.secret, delivery.channel)
        network = session.scalar(
            select(func.min(Network.name))
            .join(Membership, Membership.network_id == Network.id)
            .join(AudienceRule, AudienceRule.network_id == Network.id)
            .where(
                AudienceRule.campaign_id == campaign.id,
                AudienceRule.excluded.is_(False),
                Membership.until.is_(None),
                Membership.contact_id == contact.id,
            )
        )
        row = Claimed(
            delivery_id=delivery.id,
            contact_id=contact.id,
            address=delivery.address,
            name=contact.name,
            city=contact.city,
            country=contact.country,
            timezone=contact.timezone,
            language=contact.language,
            attempts=delivery.attempts,
            network=network or "",
        )
        return personal.person(row, contact.language, theirs)


def _alone(error: ChannelError) -> bool:
    """Whether Twilio refused one question, and would answer others: an address that it takes for none."""
    return error.permanent and not error.sender_at_fault
