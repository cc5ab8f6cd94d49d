"""What a provider's event says about the person and the address reaches the gate, whatever kind of event it is."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns import receipts
from campaigns.channels import DeliveryEvent, EventKind
from campaigns.models import Campaign, Delivery, Receipt, Run
from campaigns.states import CampaignState, DeliveryState
from contacts import consent
from contacts.models import Channel, Purpose


@pytest.fixture
def sent(platform, cast, clock):
    """Put one accepted delivery on record, by a channel; return its id and the person's."""

    def put(channel, provider_id="m1", **person):
        contact_id = cast.person("Ana Ruiz", **person)
        with platform.transaction() as session:
            campaign = Campaign(
                title="t", clase="c", informacion="i", channels=[channel], state=CampaignState.SENDING,
                created_at=clock.now(),
            )  # fmt: skip
            session.add(campaign)
            run = Run(campaign=campaign, due_at=clock.now(), version=1)
            delivery = Delivery(
                run=run,
                contact_id=contact_id,
                channel=channel,
                address=next(iter(person.values())),
                state=DeliveryState.ACCEPTED,
                due_at=clock.now(),
                changed_at=clock.now(),
                provider_id=provider_id,
            )
            session.add(delivery)
            session.flush()
            return delivery.id, contact_id

    return put


def tell(platform, clock, event_id, **event):
    given = {"provider": "p", "event_id": event_id, "kind": EventKind.FAILED, "at": clock.now()} | event
    with platform.transaction() as session:
        receipts.apply(session, [DeliveryEvent(**given)], at=clock.now())


@pytest.mark.parametrize(
    ("channel", "person", "kind", "code", "reason"),
    [
        (Channel.EMAIL, {"correo": "ana@example.org"}, "bounced", "hard_bounce", "bounced"),
        (Channel.EMAIL, {"correo": "ana@example.org"}, "bounced", "domain_unknown", "bounced"),
        (Channel.EMAIL, {"correo": "ana@example.org"}, "bounced", "dropped_bounced", "bounced"),
        (Channel.EMAIL, {"correo": "ana@example.org"}, "failed", "dropped_unsubscribed", "opted_out"),
        (Channel.EMAIL, {"correo": "ana@example.org"}, "failed", "dropped_complained", "opted_out"),
        (Channel.EMAIL, {"correo": "ana@example.org"}, "bounced", "mailbox_full", ""),
        (Channel.EMAIL, {"correo": "ana@example.org"}, "failed", "mail_blocked", ""),
        (Channel.WHATSAPP, {"whatsapp": "+525555550101"}, "failed", "no_whatsapp", "unreachable"),
        (Channel.WHATSAPP, {"whatsapp": "+525555550101"}, "failed", "blocked_by_person", "opted_out"),
        (Channel.WHATSAPP, {"whatsapp": "+525555550101"}, "failed", "opted_out_at_provider", "opted_out"),
        (Channel.WHATSAPP, {"whatsapp": "+525555550101"}, "failed", "marketing_withheld", ""),
    ],
)
def test_the_gate_closes_for_what_concerns_the_person_and_stays_open_for_the_rest(
    sent, platform, clock, channel, person, kind, code, reason
):
    number, contact_id = sent(channel, **person)
    clock.advance(timedelta(minutes=1))
    tell(platform, clock, "e1", kind=EventKind(kind), code=code, delivery_id=number)
    with platform.reading() as session:
        assert session.get_one(Delivery, number).state.value == kind
        assert consent.may_contact(session, contact_id, channel, Purpose.NOTICES).reason == reason


def test_an_event_of_a_delivery_that_is_not_here_moves_nobody_else_of_its_call(sent, platform, clock):
    number, _contact_id = sent(Channel.EMAIL, correo="ana@example.org")
    batch = [
        DeliveryEvent("p", "e1", EventKind.DELIVERED, clock.now(), delivery_id=number, provider_id="m1"),
        DeliveryEvent("p", "e2", EventKind.BOUNCED, clock.now(), delivery_id=number + 1, provider_id="m1"),
    ]
    with platform.transaction() as session:
        receipts.apply(session, batch, at=clock.now())
    with platform.reading() as session:
        assert session.get_one(Delivery, number).state == DeliveryState.DELIVERED
        assert set(session.scalars(select(Receipt.delivery_id))) == {number, None}
