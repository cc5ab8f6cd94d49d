"""Events early, late, 46 times, out of order, forged, stale, of others, without an id: once each, and only forward."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from telling import Provider

from campaigns import outcomes
from campaigns.channels import Outcome, Result
from campaigns.drafts import ContentDraft
from campaigns.models import Delivery
from campaigns.states import DeliveryState, may_move
from contacts import consent
from contacts.models import Address, Channel, Purpose
from outreach import faultpoints
from outreach.simulator.signing import EventKey


@pytest.fixture
def provider(house) -> Provider:
    return Provider(house)


@pytest.fixture
def mailed(house, cast, provider):
    """Ana's mail, accepted by SendGrid, of which nothing was told yet."""
    cast.person("Ana Jacaranda", correo="ana@example.org")
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    house.engine.drain()
    [row] = house.rows(campaign)
    assert row.state == "accepted"
    return row


@pytest.fixture
def texted(house, cast, provider):
    """Ana's message, taken by Twilio, of which nothing was told yet."""
    cast.person("Ana Jacaranda", whatsapp="+525555550121")
    content = ContentDraft(template=house.template(), template_values={"1": "{{ nombre }}"})
    campaign = house.campaign(Channel.WHATSAPP, contents=(content,))
    house.engine.tick()
    house.engine.drain()
    [row] = house.rows(campaign)
    assert row.state == "accepted"
    assert row.provider_id.startswith("SM")
    return row


def now(house, row) -> Delivery:
    house.engine.tick()
    with house.platform.reading() as session:
        return session.get_one(Delivery, row.id)


def address_of(house, row) -> str:
    with house.platform.reading() as session:
        return session.query(Address).filter_by(contact_id=row.contact_id).one().state.value


# ---- early and late


@pytest.mark.parametrize(("event", "state"), [("processed", "accepted"), ("delivered", "delivered")])
def test_an_event_may_come_before_our_own_commit(house, cast, provider, event: str, state: str) -> None:
    cast.person("Ana Jacaranda", correo="ana@example.org")
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    [row] = house.rows(campaign)
    seen = []

    def tell(place: str) -> None:  # the provider has answered, and nothing of it is written down
        if place == "call.answered":
            assert provider.mail(provider.event(row, event)) == 204
            seen.append(now(house, row).state.value)

    with faultpoints.heard(tell):
        house.engine.drain()
    last = now(house, row)
    assert seen == [state]
    assert last.state == state
    assert last.provider_id == "llamada"
    assert last.accepted_at is not None
    assert len(house.simulator.messages()) == 1


def test_a_callback_may_come_before_we_know_the_sid(house, texted, provider) -> None:
    sid = texted.provider_id
    with house.platform.transaction() as session:  # the call is on its way, and its answer is not written down
        row = session.get_one(Delivery, texted.id)
        row.state, row.provider_id, row.accepted_at = DeliveryState.CALLING, "", None
        row.lease_until = house.clock.now() + timedelta(minutes=1)
    assert provider.text(texted, sid, "delivered") == 204
    early = now(house, texted)
    assert (early.state, early.provider_id, early.accepted_at) == ("delivered", sid, house.clock.now())
    with house.platform.transaction() as session:
        outcomes.record(
            session, [Outcome(texted.id, Result.ACCEPTED, sid)], at=house.clock.now(), attempts={texted.id: 0}
        )
    assert now(house, texted).state == "delivered"


def test_an_event_may_come_days_after_the_end(house, mailed, provider) -> None:
    house.settle()
    assert house.state(mailed.run_id) == "finished"
    house.clock.advance(timedelta(days=3))
    provider.mail(provider.event(mailed, "delivered"))
    house.clock.advance(timedelta(days=30))
    provider.mail(provider.event(mailed, "open"))
    assert now(house, mailed).state == "read"
    assert house.state(mailed.run_id) == "finished"
    assert len(house.simulator.messages()) == 1


def test_an_event_tells_that_what_was_to_go_again_had_gone(house, mailed, provider) -> None:
    with house.platform.transaction() as session:  # a person said «no salió», or an older copy was restored
        session.get_one(Delivery, mailed.id).state = DeliveryState.PLANNED
    provider.mail(provider.event(mailed, "processed"))
    assert now(house, mailed).state == "accepted"
    house.engine.drain()
    assert len(house.simulator.messages()) == 1


# ---- many times


def test_forty_six_copies_at_once_count_once(house, mailed, provider) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _n: provider.mail(provider.event(mailed, "delivered")), range(46)))
    assert answers == [204] * 46
    assert now(house, mailed).state == "delivered"
    assert (provider.receipts(), provider.bodies()) == (1, 46)


def test_an_event_without_an_id_told_twice_is_one_and_two_in_one_post_are_two(house, mailed, provider) -> None:
    one = provider.event(mailed, "delivered", sg_event_id=None)
    other = provider.event(mailed, "open", sg_event_id=None)
    for _ in range(3):
        provider.mail(one, one, other)
    assert now(house, mailed).state == "read"
    assert provider.receipts() == 2


# ---- out of order

MAIL_LIVES = [
    (("processed", {}), ("delivered", {}), ("open", {})),
    (("processed", {}), ("deferred", {}), ("delivered", {})),
    (("processed", {}), ("dropped", {"reason": "Bounced Address"})),
    (("processed", {}), ("deferred", {}), ("bounce", {"type": "bounce", "reason": "550 no such user"})),
    (("processed", {}), ("delivered", {}), ("bounce", {"type": "bounce", "reason": "550 no such user"})),
]
ENDS = ["read", "delivered", "bounced", "bounced", "bounced"]


@pytest.mark.parametrize("apart", [True, False], ids=["one by one", "in one post"])
def test_the_end_of_a_mail_is_the_same_in_whatever_order_it_is_told(house, mailed, provider, apart: bool) -> None:
    for life, end in zip(MAIL_LIVES, ENDS, strict=True):
        for nth, order in enumerate(permutations(life)):
            with house.platform.transaction() as session:
                session.get_one(Delivery, mailed.id).state = DeliveryState.ACCEPTED
            told = [
                provider.event(mailed, event, sg_event_id=f"{end}{nth}{event}{life[1]}", **more)
                for event, more in order
            ]
            if not apart:
                provider.mail(*told)
            for event in told if apart else ():
                provider.mail(event)
                now(house, mailed)
            assert now(house, mailed).state == end, order


@pytest.mark.parametrize(
    ("life", "end"),
    [
        (("queued", "sending", "sent", "delivered", "read"), "read"),
        (("queued", "sent", "undelivered"), "failed"),
        (("queued", "failed"), "failed"),
    ],
)
def test_the_end_of_a_message_is_the_same_in_whatever_order_it_is_told(house, texted, provider, life, end) -> None:
    for nth, order in enumerate(list(permutations(life))[::7]):
        with house.platform.transaction() as session:
            row = session.get_one(Delivery, texted.id)
            row.state, row.provider_id = DeliveryState.CALLING, ""
        for status in order:
            assert provider.text(texted, f"SM{end}{nth}", status) == 204
        assert now(house, texted).state == end, order


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["processed", "deferred", "delivered", "open", "click", "bounce", "dropped", "spamreport", "raro"]
            ),
            min_size=1,
            max_size=6,
        ),
        max_size=5,
    ),
    st.sampled_from([D for D in DeliveryState if D != DeliveryState.SKIPPED]),
)
def test_whatever_is_told_moves_along_the_arrows_and_never_back(house, mailed, provider, posts, start) -> None:
    with house.platform.transaction() as session:
        session.query(Delivery).update({"state": start, "lease_until": house.clock.now() + timedelta(days=1)})
    house.clock.advance(timedelta(seconds=1))
    seen, state, kept = set(), start, provider.receipts()
    for post in posts:
        told = [provider.event(mailed, event, sg_event_id=f"{house.clock.now().isoformat()}-{event}") for event in post]
        provider.mail(*told)
        seen |= set(post)
        house.engine.tick()
        with house.platform.reading() as session:
            reached = session.get_one(Delivery, mailed.id).state
        assert reached == state or _leads(state, reached), (state, reached)
        state = reached
    assert provider.receipts() - kept == len(seen)
    if "open" in seen and not seen & {"bounce", "dropped"} and start not in {"failed", "bounced"}:
        assert state == "read"


def _leads(origin: DeliveryState, target: DeliveryState) -> bool:
    """Whether receipts lead from one state to the other, over however many arrows."""
    told = [DeliveryState(name) for name in ("accepted", "delivered", "read", "bounced", "failed")]
    reached = {origin}
    while more := {target for state in reached for target in told if may_move(state, target)} - reached:
        reached |= more
    return target in reached


# ---- forged, stale, of others


def test_what_is_forged_changes_nothing(house, mailed, provider) -> None:
    body = b'[{"event": "delivered", "vc_delivery": "%d"}]' % mailed.id
    assert provider.post(body, sent=body.replace(b"delivered", b"delivereD")) == 403
    assert provider.post(body, sent=body + b" ") == 403
    assert provider.post(body, key=EventKey()) == 403
    assert (provider.bodies(), now(house, mailed).state) == (0, "accepted")


def test_a_batch_may_be_as_old_as_sendgrids_last_try_and_no_replay(house, mailed, provider) -> None:
    delivered = provider.event(mailed, "delivered")
    assert provider.mail(delivered, hours_ago=49) == 403
    assert now(house, mailed).state == "accepted"
    assert provider.mail(delivered, hours_ago=24) == 204
    assert now(house, mailed).state == "delivered"


def test_events_of_deliveries_that_are_not_here_are_kept_and_move_nobody(house, mailed, provider) -> None:
    provider.mail(
        provider.event(mailed.id + 1, "delivered"),
        provider.event(10**17, "delivered"),
        provider.event(mailed, "bounce", type="bounce", vc_installation="ffffffff", sg_event_id="otra"),
        provider.event(mailed, "bounce", type="bounce", vc_delivery="uno", sg_event_id="palabra"),
        provider.event(mailed, "bounce", type="bounce", vc_delivery=None, sg_event_id="de nadie"),
    )
    assert now(house, mailed).state == "accepted"
    assert provider.receipts() == 5
    assert provider.faults() == [""]


def test_a_callback_of_another_installation_moves_nobody(house, texted, provider) -> None:
    provider.installation = "ffffffff"
    assert provider.text(texted, "SMdeotra", "failed", ErrorCode="63024") == 204
    assert now(house, texted).state == "accepted"


def test_a_callback_without_our_id_finds_its_message_by_the_sid(house, texted, provider) -> None:
    provider.text(texted, texted.provider_id, "read", ours=False)
    assert now(house, texted).state == "read"


def test_an_event_without_a_message_id_finds_its_mail_by_ours(house, mailed, provider) -> None:
    bounced = provider.event(mailed, "bounce", type="bounce", reason="550 no such user", sg_message_id=None)
    provider.mail(provider.event(mailed, "delivered"), bounced)
    last = now(house, mailed)
    assert (last.state, last.reason, last.provider_id) == ("bounced", "hard_bounce", mailed.provider_id)


def test_one_strange_body_does_not_stop_the_others(house, mailed, provider) -> None:
    assert provider.post(b"no es JSON") == 204
    provider.mail(provider.event(mailed, "processed"), "texto", None, {"event": ["x"], "timestamp": "NaN"})
    provider.post(b'{"event": "delivered"}')
    provider.mail(provider.event(mailed, "delivered", reason="\x00\ud800" * 400, timestamp=10**30))
    assert now(house, mailed).state == "delivered"
    assert provider.faults() == ["batch_json", "", "batch_list", ""]


# ---- what it says of the address


@pytest.mark.parametrize(
    ("reason", "state", "why", "address", "gate"),
    [
        ("Bounced Address", "bounced", "dropped_bounced", "bounced", "bounced"),
        ("Invalid", "bounced", "invalid_address", "bounced", "bounced"),
        ("Unsubscribed Address", "failed", "dropped_unsubscribed", "opted_out", "opted_out"),
        ("Spam Reporting Address", "failed", "dropped_complained", "complained", "opted_out"),
        ("Spam Content", "failed", "dropped_content", "new", ""),
    ],
)
def test_what_was_accepted_and_later_dropped_is_no_longer_on_its_way(
    house, mailed, provider, reason: str, state: str, why: str, address: str, gate: str
) -> None:
    provider.mail(provider.event(mailed, "processed"))
    assert now(house, mailed).state == "accepted"
    provider.mail(provider.event(mailed, "dropped", reason=reason))
    last = now(house, mailed)
    assert (last.state, last.reason) == (state, why)
    assert address_of(house, mailed) == address
    with house.platform.reading() as session:
        assert consent.may_contact(session, mailed.contact_id, Channel.EMAIL, Purpose.NOTICES).reason == gate
    assert len(house.simulator.messages()) == 1


def test_what_arrives_shows_that_an_address_is_good_and_never_hides_that_it_was_bad(house, mailed, provider) -> None:
    provider.mail(provider.event(mailed, "delivered"))
    now(house, mailed)
    assert address_of(house, mailed) == "verified"
    provider.mail(provider.event(mailed, "bounce", type="bounce", reason="550"), provider.event(mailed, "spamreport"))
    now(house, mailed)
    assert address_of(house, mailed) == "complained"
    later = provider.event(mailed, "bounce", type="bounce", reason="550", sg_event_id="otro")
    provider.mail(later, provider.event(mailed, "delivered", sg_event_id="uno más"))
    now(house, mailed)
    assert address_of(house, mailed) == "complained"


def test_a_message_that_was_sent_and_not_delivered_says_why(house, texted, provider) -> None:
    provider.text(texted, texted.provider_id, "sent")
    provider.text(texted, texted.provider_id, "undelivered", ErrorCode="63024")
    last = now(house, texted)
    assert (last.state, last.reason) == ("failed", "unreachable")
    assert address_of(house, texted) == "unreachable"
