"""A whole campaign that leaves by the institution's own mail server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from house import House
from mail_servers import RealServer, Rule, ScriptedServer, Step

from campaigns import aftermath, claiming, doubts, planning
from campaigns.models import Campaign
from contacts.errors import Refused
from contacts.models import Channel
from outreach.channels import smtp_address
from outreach.channels.smtp import SmtpCarrier
from outreach.channels.smtp_replies import TRIES
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.platform import Platform
from outreach.providers import through
from outreach.simulator import Simulator
from outreach.webhooks import check_secrets

Post = Callable[[Rule], ScriptedServer]


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def post(ending: ExitStack) -> ScriptedServer:
    """A mail server that takes everything until a test gives it another rule."""
    server = ScriptedServer()
    ending.callback(server.close)
    return server


@pytest.fixture
def house(settings: Settings, clock: VirtualClock, ending: ExitStack, post: ScriptedServer) -> House:
    """A house whose mail goes to that server, and whose WhatsApp is simulated."""
    return opened(settings, clock, ending, post.port)


def opened(settings: Settings, clock: VirtualClock, ending: ExitStack, port: int) -> House:
    server = smtp_address.read(f"smtp://127.0.0.1:{port}/?starttls=no")
    platform = Platform(replace(settings, smtp=server, public_url="https://votochilango.example.org"), clock)
    ending.callback(platform.close)
    simulator = ending.enter_context(Simulator(clock=clock))
    providers = through(platform, simulator)
    ending.callback(providers.close)
    assert isinstance(providers.carriers[Channel.EMAIL], SmtpCarrier)
    return House(platform, providers, clock)


def got(server: ScriptedServer | RealServer) -> list[str]:
    return sorted(address for letter in server.letters for address in letter.to)


def test_a_campaign_reaches_everybody_by_a_real_mail_server(settings, clock, ending, cast) -> None:
    real = RealServer()
    ending.callback(real.close)
    house = opened(settings, clock, ending, real.port)
    names = ["Ana Ñandú", "José «Pepe» Núñez", ".Punto", "From Aquí", "=?utf-8?q?x?=", "Иван", "小林", "🌵 Nopal"]
    for number, name in enumerate(names):
        cast.person(name, correo=f"p{number}@example.org")
    campaign = house.campaign(Channel.EMAIL)
    house.settle()
    assert house.states(campaign) == ["accepted"] * len(names)
    assert house.state(campaign) == "finished"
    assert got(real) == [f"p{number}@example.org" for number in range(len(names))]
    rows = {row.id: row for row in house.rows(campaign)}
    for letter in real.letters:
        row = rows[letter.delivery]
        assert row.provider_id == letter.mail["Message-ID"]
        name = names[int(row.address[1:].partition("@")[0])]
        assert letter.mail["Subject"] == f"Aviso para {name}"
        assert f"Hola, {name}." in letter.part("plain")
        url = letter.mail["List-Unsubscribe"].strip("<>")
        assert url.startswith("https://votochilango.example.org/baja/")
        assert url in letter.part("plain")
        assert url in letter.part("html")
        assert letter.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_people_who_share_a_mailbox_both_get_theirs(house, cast, post) -> None:
    cast.person("Ana Jacaranda", correo="casa@example.org")
    cast.person("Luis Jacaranda", correo="casa@example.org")
    house.campaign(Channel.EMAIL)
    house.settle()
    assert sorted(letter.mail["Subject"] for letter in post.letters) == [
        "Aviso para Ana Jacaranda",
        "Aviso para Luis Jacaranda",
    ]


def test_who_is_greylisted_gets_theirs_later(house, cast, post) -> None:
    cast.person("Ana Jacaranda", correo="ana@example.org")
    cast.person("Luis Roble", correo="luis@example.org")

    def rule(step: Step) -> str | None:
        grey = step.verb == "RCPT" and "ana@" in step.said and post.count("RCPT") <= 4
        return "450 4.2.0 greylisted" if grey else None

    post.rule = rule
    campaign = house.campaign(Channel.EMAIL)
    house.settle()
    assert house.states(campaign) == ["accepted", "accepted"]
    assert got(post) == ["ana@example.org", "luis@example.org"]


def test_who_is_asked_to_wait_for_ever_fails_in_the_end_and_lets_the_run_end(house, cast, post) -> None:
    cast.person("Ana Jacaranda", correo="ana@example.org")
    post.rule = lambda step: "452 4.2.2 full" if step.verb == "RCPT" else None
    campaign = house.campaign(Channel.EMAIL)
    house.settle(hours=48)
    assert [(row.state.value, row.reason) for row in house.rows(campaign)] == [("failed", "kept_waiting")]
    assert post.count("RCPT") == TRIES
    assert house.state(campaign) == "finished"


def test_an_address_that_does_not_exist_is_not_tried_by_the_next_campaign(house, cast, post) -> None:
    cast.person("Ana Jacaranda", correo="ana@example.org")
    cast.person("Luis Roble", correo="lleno@example.org")

    def rule(step: Step) -> str | None:
        if step.verb != "RCPT":
            return None
        return "550 5.1.1 no such user" if "ana@" in step.said else "552 5.2.2 mailbox full"

    post.rule = rule
    first = house.campaign(Channel.EMAIL)
    house.settle()
    assert [(row.state.value, row.reason) for row in house.rows(first)] == [
        ("failed", "hard_bounce"),
        ("failed", "mailbox_full"),
    ]
    post.rule = lambda _step: None
    second = house.campaign(Channel.EMAIL, title="Otro aviso")
    house.settle()
    assert [(row.state.value, row.reason) for row in house.rows(second)] == [("skipped", "bounced"), ("accepted", "")]


@pytest.mark.parametrize(
    ("verb", "answer", "reason"),
    [
        ("MAIL", "530 5.7.0 authentication required", "smtp_login_refused"),
        ("RCPT", "554 5.7.1 Relay access denied", "smtp_relay_refused"),
    ],
)
def test_a_server_that_does_not_let_us_pauses_the_campaign_and_burns_nobody(
    house, cast, post, verb, answer, reason
) -> None:
    for number in range(5):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")
    post.rule = lambda step: answer if step.verb == verb else None
    campaign = house.campaign(Channel.EMAIL)
    house.settle()
    assert house.state(campaign) == "paused"
    assert set(house.states(campaign)) == {"planned"}
    assert {row.reason for row in house.rows(campaign)} == {reason}
    assert post.letters == []


def test_an_end_without_an_answer_is_in_doubt_until_a_person_decides(house, cast, post) -> None:
    for number in range(3):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")
    post.rule = lambda step: "close" if step.verb == "END" and "p1@" in "".join(step.to) else None
    campaign = house.campaign(Channel.EMAIL)
    house.settle(hours=48)
    assert house.states(campaign) == ["accepted", "in_doubt", "accepted"]
    assert got(post) == ["p0@example.org", "p2@example.org"]
    post.rule = lambda _step: None
    doubted = house.rows(campaign)[1]
    assert doubted.reason == "connection_lost"
    with house.platform.transaction() as session:
        doubts.decide(session, [doubted.id], sent=False, at=house.clock.now())
    house.settle()
    assert house.states(campaign) == ["accepted"] * 3
    assert got(post) == ["p0@example.org", "p1@example.org", "p2@example.org"]


@pytest.fixture
def killed(house, cast) -> Callable[[int], int]:
    """Make a campaign whose first call was under way when its process was killed; return its id."""

    def make(people: int) -> int:
        for number in range(people):
            cast.person(f"Persona {number}", correo=f"p{number}@example.org")
        campaign = house.campaign(Channel.EMAIL)
        house.engine.tick()
        now = house.clock.now()
        with house.platform.transaction() as session:
            taken = claiming.claim(session, "otro", at=now, sizes={Channel.EMAIL: people})
        with house.platform.transaction() as session:
            claiming.begin_call(session, [row.delivery_id for row in taken.rows], "otro", at=now)
        return campaign

    return make


def noted(house: House, known: dict[int, tuple[int, str | None]]) -> int:
    with house.platform.transaction() as session:
        return aftermath.settle(session, known, at=house.clock.now())


@pytest.mark.parametrize("swept", [False, True])
def test_what_a_killed_process_noted_settles_its_letters_before_and_after_they_are_in_doubt(
    house, post, killed, swept
) -> None:
    campaign = killed(3)
    if swept:
        house.settle(hours=48)
        assert (house.states(campaign), house.state(campaign)) == (["in_doubt"] * 3, "finished")
    first, second, _third = [row.id for row in house.rows(campaign)]
    assert noted(house, {first: (1, "<d.1.x@example.org>"), second: (1, None)}) == 2
    house.settle(hours=48)
    assert house.states(campaign) == ["accepted", "accepted", "in_doubt"]
    assert house.rows(campaign)[0].provider_id == "<d.1.x@example.org>"
    assert got(post) == ["p1@example.org"]
    assert house.state(campaign) == "finished"


def test_a_note_of_an_earlier_try_or_after_a_persons_word_changes_nothing(house, post, killed) -> None:
    campaign = killed(2)
    house.settle(hours=48)
    first, second = [row.id for row in house.rows(campaign)]
    assert noted(house, {first: (0, None), second: (2, "<x@example.org>")}) == 0
    with house.platform.transaction() as session:
        doubts.decide(session, [first], sent=True, at=house.clock.now())
        doubts.decide(session, [second], sent=False, at=house.clock.now())
    assert noted(house, {first: (1, None), second: (1, "<x@example.org>")}) == 0
    house.settle()
    assert got(post) == ["p1@example.org"]


def test_what_was_not_sent_of_a_cancelled_campaign_stays_unsent(house, post, killed) -> None:
    campaign = killed(1)
    with house.platform.transaction() as session:
        planning.cancel(session, session.get_one(Campaign, campaign), at=house.clock.now())
    [row] = house.rows(campaign)
    noted(house, {row.id: (1, None)})
    house.settle()
    assert [(row.state.value, row.reason) for row in house.rows(campaign)] == [("skipped", "cancelled")]
    assert post.letters == []


@pytest.mark.only_on("sqlite")
def test_a_mail_server_needs_no_webhook_key_but_https_for_the_links_that_unsubscribe(settings) -> None:
    ours = replace(settings, smtp=smtp_address.read("smtp://u:p@mail.example.org"))
    check_secrets(replace(ours, public_url="https://votochilango.example.org"))
    with pytest.raises(Refused) as refused:
        check_secrets(replace(ours, public_url="http://votochilango.example.org"))
    assert [fault.code for fault in refused.value.faults] == ["public_url_plain"]
    with pytest.raises(Refused) as refused:
        check_secrets(replace(ours, public_url="http://127.0.0.1:8000"))
    assert [fault.code for fault in refused.value.faults] == ["public_url_here"]
    here = replace(settings, smtp=smtp_address.read("smtp://u:p@127.0.0.1:2525?starttls=no"))
    check_secrets(replace(here, public_url="http://127.0.0.1:8000"))


def test_two_ways_out_for_mail_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        Settings.read({"OUTREACH_SMTP_URL": "smtp://u:p@mail.example.org", "SENDGRID_API_KEY": "SG.x"})
    assert [fault.code for fault in refused.value.faults] == ["setting_either"]
