"""The named places are those that a sending passes: a name nobody reaches proves nothing, a commit without one hides.

Runs a whole sending in virtual time on each database, listens to the names, and counts the commits beside them.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from campaigns import planning
from campaigns.drafts import ContentDraft
from campaigns.models import Campaign
from contacts.models import Channel
from outreach import faultpoints

CALL = {Channel.EMAIL: "/v3/mail/send", Channel.WHATSAPP: "*/Messages.json"}


class Heard:
    """The places that were passed, and how many transactions were committed meanwhile."""

    def __init__(self) -> None:
        self.places: Counter[str] = Counter()
        self.commits = 0


@contextmanager
def listening(platform) -> Iterator[Heard]:
    heard = Heard()

    def committed(_connection: object) -> None:
        heard.commits += 1

    event.listen(platform.engine, "commit", committed)
    with faultpoints.heard(lambda name: heard.places.update([name])):
        yield heard
    event.remove(platform.engine, "commit", committed)


def sending(house, cast, channel: Channel) -> int:
    """Two people, on whichever channel."""
    cast.person("Ana Jacaranda", correo="ana@example.org", whatsapp="+525555550101")
    cast.person("Beto Nopal", correo="beto@example.org", whatsapp="+525555550102")
    content = ContentDraft(
        subject="Aviso",
        text="Hola, {{ nombre }}",
        template=house.template() if channel == Channel.WHATSAPP else "",
        template_values={"1": "{{ nombre }}"} if channel == Channel.WHATSAPP else {},
    )
    return house.campaign(channel, contents=(content,))


@pytest.mark.parametrize("channel", CALL)
def test_a_sending_passes_every_place_of_the_list(house, cast, channel: Channel) -> None:
    with listening(house.platform) as heard:
        sending(house, cast, channel)
        house.settle()
    wrong = ("pause.", "put_back.")  # passed where something goes wrong
    expected = {name for name in faultpoints.POINTS if not name.startswith(wrong)}
    assert set(heard.places) == expected
    for step in faultpoints.STEPS:
        assert heard.places[f"{step}.uncommitted"] == heard.places[f"{step}.committed"]


@pytest.mark.parametrize("channel", CALL)
def test_a_sender_that_misbehaves_passes_the_places_of_the_pause(house, cast, channel: Channel) -> None:
    house.simulator.fault("status", path=CALL[channel], status=401, times=1)
    with listening(house.platform) as heard:
        sending(house, cast, channel)
        house.settle()
    assert heard.places["pause.uncommitted"] == heard.places["pause.committed"] == 1


@pytest.mark.parametrize("channel", CALL)
def test_what_is_claimed_and_may_not_be_called_passes_the_places_of_putting_back(house, cast, channel: Channel) -> None:
    campaign = sending(house, cast, channel)

    def pause(name: str) -> None:
        if name == "claim.committed" and house.state(campaign) == "sending":
            with house.platform.transaction() as session:
                planning.pause(session, session.get_one(Campaign, campaign))

    with listening(house.platform) as heard, faultpoints.heard(pause):
        house.engine.tick()
        house.engine.drain()
    assert heard.places["put_back.uncommitted"] == heard.places["put_back.committed"] == 1
    assert house.states(campaign) == ["planned", "planned"]


@pytest.mark.parametrize("channel", CALL)
def test_no_commit_of_a_sending_is_without_a_name(house, cast, channel: Channel) -> None:
    sending(house, cast, channel)
    with listening(house.platform) as heard:
        house.settle()
    assert heard.commits == sum(count for name, count in heard.places.items() if name.endswith(".committed")) > 0


def test_a_call_is_made_after_its_mark_is_committed_and_before_its_answer_is(house, cast) -> None:
    order: list[str] = []
    sending(house, cast, Channel.EMAIL)
    with faultpoints.heard(order.append):
        house.engine.tick()
        house.engine.drain()
    mine = [name for name in order if name.startswith(("claim.", "calling.", "call.", "outcome."))]
    assert mine[:9] == [
        "claim.uncommitted",
        "claim.committed",
        "calling.uncommitted",
        "calling.committed",
        "call.before",
        "call.answered",
        "outcome.uncommitted",
        "outcome.committed",
        "claim.uncommitted",  # and there is nothing more to claim
    ]
