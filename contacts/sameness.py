"""The tables of sameness: two people who may be one, and two who were made one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from contacts.base import Base, BigId


class LikePair(Base):
    """Two people who may be one, as the last search found them; or who are not, as somebody said."""

    __tablename__ = "like_pair"
    __table_args__ = (
        CheckConstraint("first_id < second_id", name="order"),
        Index("ix_like_pair_second_id", "second_id"),
        Index("ix_like_pair_score", "score"),
    )

    first_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    score: Mapped[int]  # 0 to 100, see contacts.duplicates
    same_email: Mapped[bool] = mapped_column(default=False)
    same_phone: Mapped[bool] = mapped_column(default=False)
    like_name: Mapped[bool] = mapped_column(default=False)  # and the same city
    found_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]  # «no son la misma persona»: not proposed again
    dismissed_by: Mapped[str] = mapped_column(default="")


class PersonMerge(Base):
    """People who were made one: what was moved from where, so that it can be undone."""

    __tablename__ = "person_merge"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    survivor_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    details: Mapped[dict[str, object]]  # see contacts.mergenotes
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(default="")
