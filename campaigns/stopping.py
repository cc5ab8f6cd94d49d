"""One switch that stops every sending of the installation at once, whoever does it and wherever.

Whoever is about to call reads the switch in the transaction of the mark «calling», and keeps it until that commits:
when `stop` has been committed, no letter that was not marked before leaves any more.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.models import Campaign
from campaigns.states import CampaignState
from contacts.base import Base, table_of
from contacts.errors import refuse
from contacts.models import Channel

ONE = 1
LONGEST_REASON = 300


class SendingStop(Base):
    """The switch: one row. `since` is empty while sending is allowed."""

    __tablename__ = "sending_stop"

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


def stopped(session: Session) -> SendingStop | None:
    """Return the switch when everything is stopped; None while sending is allowed. For reading and showing."""
    switch = session.get(SendingStop, ONE, populate_existing=True)
    return switch if switch is not None and switch.since is not None else None


def keeps(switch: SendingStop | None, campaign: Campaign) -> bool:
    """Whether the switch is what keeps a campaign from sending. Posts in groups are made by people, stopped or not."""
    return switch is not None and campaign.state == CampaignState.SENDING and campaign.channels != [Channel.GROUP.value]


def allowed(session: Session) -> bool:
    """Whether letters may leave: true until the caller's transaction ends, whoever stops meanwhile waits for it."""
    return _held(session, share=True).since is None


def stop(session: Session, *, at: datetime, by: str, reason: str) -> SendingStop:
    """Stop everything. Refuses `stop_reason` without words, `stop_long` with too many, `stopped_already`."""
    words = " ".join(reason.split())
    if not words:
        raise refuse("stop_reason", "motivo")
    if len(words) > LONGEST_REASON:
        raise refuse("stop_long", "motivo", len(words), most=LONGEST_REASON)
    switch = _held(session)
    if switch.since is not None:
        raise refuse("stopped_already", "", switch.by, reason=switch.reason)
    switch.since, switch.by, switch.reason = at, by, words
    session.flush()
    return switch


def resume(session: Session) -> SendingStop:
    """Allow sending again; return what was in force. Refuses `not_stopped`."""
    switch = _held(session)
    if switch.since is None:
        raise refuse("not_stopped")
    was = SendingStop(id=ONE, since=switch.since, by=switch.by, reason=switch.reason)
    switch.since, switch.by, switch.reason = None, "", ""
    session.flush()
    return was


def _held(session: Session, *, share: bool = False) -> SendingStop:
    wanted = (
        select(SendingStop)
        .where(SendingStop.id == ONE)
        .with_for_update(read=share)
        .execution_options(populate_existing=True)
    )
    switch = session.scalar(wanted)
    if switch is None:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        new = dialect.insert(table_of(SendingStop)).values(id=ONE, since=None, by="", reason="")
        session.execute(new.on_conflict_do_nothing())
        switch = session.scalars(wanted).one()
    return switch
