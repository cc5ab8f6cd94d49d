"""What persons do in a rehearsal: staff post in groups and write entries down, people answer and leave."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count, cycle
from urllib.request import Request, urlopen

from sqlalchemy import func, select

from campaigns import groups
from campaigns.models import GroupTask
from contacts.models import Channel, Membership
from outreach.plans import Plan, PlannedEntry, PlannedWord
from outreach.register import entries
from outreach.rehearsal.stage import Stage

LINK = "List-Unsubscribe"
PATIENCE = 15.0  # seconds for our own web server to answer


class People:
    """Everybody's appointments, in the order of their moments."""

    def __init__(self, stage: Stage, plan: Plan, start: datetime, end: datetime) -> None:
        """Note what the plan says for the time from `start` to before `end`."""
        self._stage = stage
        self._team = plan.team
        self._minutes = cycle(plan.team.minutes)
        self._order = count()
        self._appointments: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._seen: set[int] = set()
        self.entries = self.replies = self.leavings = self.posts = 0
        self.unheard: list[str] = []  # whoever was to leave by a link that they never got
        for entry in plan.entries:
            if start <= entry.at < end:
                self._note(entry.at, self._writing(entry))
        for word in plan.words:
            if start <= word.at < end:
                self._note(word.at, self._saying(word))

    def next(self) -> datetime | None:
        """Return the moment of the next appointment."""
        return self._appointments[0][0] if self._appointments else None

    def act(self) -> None:
        """Do everything that is due by now."""
        now = self._stage.clock.now()
        while self._appointments and self._appointments[0][0] <= now:
            _moment, _order, do = heapq.heappop(self._appointments)
            do(now)

    def look(self) -> None:
        """Take up the group posts that wait: each is made so many minutes after it was asked for."""
        with self._stage.platform.reading() as session:
            waiting = [(task.id, task.run.due_at) for task in groups.waiting(session)]
        for task_id, asked_at in waiting:
            if task_id not in self._seen:
                self._seen.add(task_id)
                self._note(asked_at + timedelta(minutes=next(self._minutes)), self._posting(task_id))

    def _note(self, moment: datetime, do: Callable[[datetime], None]) -> None:
        heapq.heappush(self._appointments, (moment, next(self._order), do))

    def _writing(self, entry: PlannedEntry) -> Callable[[datetime], None]:
        def write(now: datetime) -> None:
            with self._stage.platform.transaction() as session:
                entries.add(session, entry.values, who=self._team.notes, at=now)
            self.entries += 1

        return write

    def _posting(self, task_id: int) -> Callable[[datetime], None]:
        def post(now: datetime) -> None:
            with self._stage.platform.transaction() as session:
                task = session.get_one(GroupTask, task_id)
                if task.published_at is not None:
                    return
                members = session.scalar(
                    select(func.count()).where(Membership.network_id == task.network_id, Membership.until.is_(None))
                )
                groups.publish(session, task, at=now, by=self._team.posts, members=members)
            self.posts += 1

        return post

    def _saying(self, word: PlannedWord) -> Callable[[datetime], None]:
        def reply(_now: datetime) -> None:
            self._stage.simulator.inbound(word.person, word.text, to=self._stage.platform.settings.whatsapp_sender)
            self.replies += 1

        def leave(_now: datetime) -> None:
            """Press the button of a mail reader: RFC 8058 posts to the address in the header of the last mail."""
            mails = self._stage.simulator.messages(channel=Channel.EMAIL, address=word.person)
            link = next((mail.headers[LINK].strip("<>") for mail in mails if LINK in mail.headers), "")
            if not link:
                self.unheard.append(word.person)
                return
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            asked = Request(link, b"List-Unsubscribe=One-Click", form)  # noqa: S310 — our own server on loopback
            with urlopen(asked, timeout=PATIENCE):  # noqa: S310
                self.leavings += 1

        return reply if word.text else leave
