"""The tables of what is said: campaigns, their content, dated runs, deliveries, receipts, and tasks in groups."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from campaigns.states import CampaignState, DeliveryState, RunState
from contacts.base import Base, BigId, vocabulary
from contacts.models import CODE, Channel, Contact, Network, Purpose
from contacts.segments import Segment


class Campaign(Base):
    """A communication to be sent: what the informe prints, who gets it, by which ways, and when."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str | None] = mapped_column(unique=True)  # the name that a plan or a campaign file gives it
    title: Mapped[str]
    clase: Mapped[str]  # kind of communication, a key of the register
    tema: Mapped[str] = mapped_column(default="")  # topic key
    informacion: Mapped[str]  # the text that the informe prints
    cuenta: Mapped[str] = mapped_column(default="")  # sender account
    purpose: Mapped[Purpose] = mapped_column(vocabulary(Purpose), default=Purpose.NOTICES)
    channels: Mapped[list[str]] = mapped_column(JSON)  # in order of preference; ["whatsapp-grupo"] is a task
    extra: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # further columns of the register
    state: Mapped[CampaignState] = mapped_column(vocabulary(CampaignState), default=CampaignState.DRAFT)
    pause_reason: Mapped[str] = mapped_column(default="")  # "" or "person" by a person; otherwise the fault's code
    timezone: Mapped[str] = mapped_column(default="America/Mexico_City")
    schedule: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)  # see campaigns.calendar.Schedule
    when_late: Mapped[str] = mapped_column(default="send")  # send, skip or ask
    next_due_at: Mapped[datetime | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)  # of the content in force
    priority: Mapped[int] = mapped_column(default=0)  # higher goes first
    confirms: Mapped[bool] = mapped_column(default=False)  # its letters ask to confirm (`campaigns.confirming`)
    links: Mapped[str] = mapped_column(default="", info=CODE)  # its letters bring this link (`campaigns.linking`)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(default="")

    contents: Mapped[list["Content"]] = relationship(back_populates="campaign", cascade="all, delete-orphan")
    audience: Mapped[list["AudienceRule"]] = relationship(cascade="all, delete-orphan")
    runs: Mapped[list["Run"]] = relationship(back_populates="campaign", order_by="Run.due_at")


class AudienceRule(Base):
    """One line of an audience: a network, a segment or a person, in or out."""

    __tablename__ = "audience_rule"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    network_id: Mapped[int | None] = mapped_column(ForeignKey("network.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    segment_id: Mapped[int | None] = mapped_column(ForeignKey("segment.id"))
    excluded: Mapped[bool] = mapped_column(default=False)

    network: Mapped[Network | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    segment: Mapped[Segment | None] = relationship()


class Content(Base):
    """What a campaign says in one language, in one version. An edit makes a new version."""

    __tablename__ = "content"
    __table_args__ = (UniqueConstraint("campaign_id", "version", "language"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    version: Mapped[int]
    language: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    mjml: Mapped[str] = mapped_column(default="")  # source of the HTML part
    html: Mapped[str] = mapped_column(default="")  # compiled when saved; still holds the placeholders
    template_id: Mapped[int | None] = mapped_column(ForeignKey("whatsapp_template.id"))
    template_values: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # {"1": "{{ nombre }}"}
    group_text: Mapped[str] = mapped_column(default="")  # what a person pastes into a group

    campaign: Mapped[Campaign] = relationship(back_populates="contents")
    template: Mapped["WhatsAppTemplate | None"] = relationship()


class WhatsAppTemplate(Base):
    """A template approved by Meta. Category and status are polled: Meta can change them."""

    __tablename__ = "whatsapp_template"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sid: Mapped[str] = mapped_column(unique=True)  # HX…
    name: Mapped[str]
    language: Mapped[str] = mapped_column(default="es")
    category: Mapped[str]  # UTILITY, MARKETING or AUTHENTICATION
    status: Mapped[str] = mapped_column(default="approved")
    body: Mapped[str] = mapped_column(default="")  # with {{1}}, {{2}} …
    polled_at: Mapped[datetime | None]


class Run(Base):
    """One dated sending of a campaign. The pair campaign and moment is unique: two schedulers make one run."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("campaign_id", "due_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    due_at: Mapped[datetime]
    version: Mapped[int]
    state: Mapped[RunState] = mapped_column(vocabulary(RunState), default=RunState.SENDING, index=True)
    prepared_at: Mapped[datetime | None]  # its deliveries are written
    ignores_quiet_hours: Mapped[bool] = mapped_column(default=False)
    claimed_at: Mapped[datetime | None]  # when a worker last took from it: the longest waiting goes first
    finished_at: Mapped[datetime | None]
    whatsapp_after: Mapped[datetime | None]  # the 24 h budget is spent: not looked at again before

    campaign: Mapped[Campaign] = relationship(back_populates="runs")
    tasks: Mapped[list["GroupTask"]] = relationship(back_populates="run", cascade="all, delete-orphan")


class Delivery(Base):
    """The message of one run to one person; also a row for each person who is not written to, with the reason."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("run_id", "contact_id"),
        Index("ix_delivery_contact_id", "contact_id"),
        # By Twilio's number of a message; SendGrid's is one for a whole call, and nobody is found by it.
        Index(
            "ix_delivery_provider_id",
            "provider_id",
            sqlite_where=text("channel = 'whatsapp' AND provider_id <> ''"),
            postgresql_where=text("channel = 'whatsapp' AND provider_id <> ''"),
        ),
        # What a worker claims next, and nothing else.
        Index(
            "ix_delivery_planned",
            "run_id",
            "due_at",
            "id",
            sqlite_where=text("state = 'planned'"),
            postgresql_where=text("state = 'planned'"),
        ),
        # What a sweeper looks at: work begun and not ended.
        Index(
            "ix_delivery_begun",
            "lease_until",
            sqlite_where=text("state IN ('claimed', 'calling')"),
            postgresql_where=text("state IN ('claimed', 'calling')"),
        ),
        Index(
            "ix_delivery_doubt",
            "changed_at",
            sqlite_where=text("state = 'in_doubt'"),
            postgresql_where=text("state = 'in_doubt'"),
        ),
        # What Twilio took and told nothing of since: a poll asks.
        Index(
            "ix_delivery_unheard",
            "changed_at",
            sqlite_where=text("state = 'accepted' AND channel = 'whatsapp'"),
            postgresql_where=text("state = 'accepted' AND channel = 'whatsapp'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    channel: Mapped[Channel] = mapped_column(vocabulary(Channel))
    address: Mapped[str] = mapped_column(default="")  # as used; "" when there was none
    state: Mapped[DeliveryState] = mapped_column(vocabulary(DeliveryState))
    reason: Mapped[str] = mapped_column(default="")  # code: why skipped, failed, bounced, in doubt
    route: Mapped[str] = mapped_column(default="")  # code: why this channel and not the preferred one
    detail: Mapped[str] = mapped_column(default="")  # the provider's own words, shown small
    due_at: Mapped[datetime]  # not before: the run's moment, the reader's morning, or the end of a back-off
    worker: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    called_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    provider_id: Mapped[str] = mapped_column(default="")  # Twilio's SID; SendGrid's X-Message-Id, one a call

    run: Mapped[Run] = relationship()
    contact: Mapped[Contact] = relationship()


class Receipt(Base):
    """One event that a provider told us, kept as it came. The event's own id makes it count once."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("provider", "event_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider: Mapped[str]  # sendgrid, twilio
    event_id: Mapped[str]
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"), index=True)
    kind: Mapped[str]  # a campaigns.channels.EventKind
    code: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    raw: Mapped[dict[str, object]] = mapped_column(JSON)


class WebhookBatch(Base):
    """A verified webhook body, stored before it is answered and read afterwards."""

    __tablename__ = "webhook_batch"
    __table_args__ = (
        Index(
            "ix_webhook_batch_waiting",
            "id",
            sqlite_where=text("processed_at IS NULL"),
            postgresql_where=text("processed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]  # sendgrid, twilio-status, twilio-inbound
    body: Mapped[bytes] = mapped_column(LargeBinary)
    query: Mapped[str] = mapped_column(default="")  # of the URL it came to: Twilio callbacks carry our id there
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(default="")  # why it could not be read; kept, never raised


class WebhookRefusal(Base):
    """How many webhooks of one kind were turned away for one reason in one hour."""

    __tablename__ = "webhook_refusal"

    kind: Mapped[str] = mapped_column(primary_key=True)  # as of a batch
    reason: Mapped[str] = mapped_column(primary_key=True)  # unsigned, wrong, stale, too_large
    hour: Mapped[datetime] = mapped_column(primary_key=True)  # its beginning
    count: Mapped[int]


class InboundMessage(Base):
    """A WhatsApp message that a person sent us."""

    __tablename__ = "inbound_message"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider_id: Mapped[str] = mapped_column(unique=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    sender: Mapped[str]  # as the provider spells it: replies go there
    body: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)  # who wrote in the last 24 h may be answered freely
    stop_word: Mapped[str] = mapped_column(default="")
    raw: Mapped[dict[str, object]] = mapped_column(JSON)


class GroupTask(Base):
    """A post in a WhatsApp group: a task for a person, who marks it published."""

    __tablename__ = "group_task"
    __table_args__ = (UniqueConstraint("run_id", "network_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id"))
    published_at: Mapped[datetime | None]
    published_by: Mapped[str] = mapped_column(default="")
    members: Mapped[int | None]  # of the group, that day
    evidence: Mapped[str] = mapped_column(default="")  # name of the picture kept in the data folder

    run: Mapped[Run] = relationship(back_populates="tasks")
    network: Mapped[Network] = relationship()
