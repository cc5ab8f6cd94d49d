"""Posts in WhatsApp groups: tasks for a person, never added to delivered counts (domain.md, channel rules)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.models import Campaign, GroupTask, Run
from campaigns.states import CampaignState, RunState
from contacts.errors import refuse


def waiting(session: Session) -> list[GroupTask]:
    """Return the tasks that somebody has to do, oldest first."""
    return list(
        session.scalars(
            select(GroupTask)
            .join(Run)
            .join(Campaign)
            .where(
                GroupTask.published_at.is_(None),
                Run.state == RunState.SENDING,
                Campaign.state == CampaignState.SENDING,
            )
            .order_by(Run.due_at, GroupTask.id)
        )
    )


def publish(
    session: Session,
    task: GroupTask,
    *,
    at: datetime,
    by: str,
    members: int | None = None,
    evidence: str = "",
) -> None:
    """Mark a post as published: when (`at`, not in the future is the edge's check), who, members that day, picture.

    Refuses `task_done` when somebody was quicker, and `members_form` for a negative number.
    """
    if task.published_at is not None:
        raise refuse("task_done", "tarea", task.id, by=task.published_by)
    if members is not None and members < 0:
        raise refuse("members_form", "integrantes", members)
    task.published_at = at
    task.published_by = by
    task.members = members
    task.evidence = evidence
    session.flush()
