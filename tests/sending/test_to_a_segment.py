"""A campaign to a segment reaches whoever matches when it starts, and nobody who no longer does."""

from datetime import timedelta

import pytest

from campaigns import audience, planning
from campaigns.calendar import Schedule, read_wall
from campaigns.drafts import ContentDraft
from contacts import consent, importing, networks, people, segments, spreadsheets
from contacts.errors import Refused
from contacts.models import Channel, Contact

FILE = """nombre,correo,pais,ciudad,red
Ana Jacaranda,ana@example.org,US,Chicago,Red Voto Chilango
Beto Nopal,beto@example.org,US,CHICAGO,Red Voto Chilango
Citlali Ahuehuete,citlali@example.org,US,Chicago,Red Voto Chilango
Donají Colorín,donaji@example.org,ES,Madrid,Red Voto Chilango
Eloy Mezquite,eloy@example.org,US,Chicago,Red Voto Chilango;Ruta Chilanga
"""


@pytest.fixture
def enrolled(house, tmp_path):
    """The people of a file, who consented."""
    path = tmp_path / "personas.csv"
    path.write_text(FILE, encoding="utf-8")
    now = house.clock.now()
    with house.platform.transaction() as session:
        importing.import_people(
            session,
            spreadsheets.read_sheet(path),
            at=now,
            by="maura",
            given=importing.Given(source="formulario", at=now),
        )


def saved(house, name: str, written: dict) -> None:
    with house.platform.transaction() as session:
        segments.create(session, name, segments.read(session, written), at=house.clock.now(), by="maura")


def someone(session, address: str) -> Contact:
    (found,) = people.by_address(session, address)
    return found


def test_from_a_file_to_a_segment_to_a_campaign_and_who_no_longer_matches_gets_nothing(house, enrolled) -> None:
    written = {
        "todas": [
            {"campo": "ciudad", "es": ["Chicago"]},
            {"campo": "consentimiento", "finalidad": ["avisos"], "via": ["correo"]},
            {"no": {"campo": "red", "es": ["Ruta Chilanga"]}},
        ]
    }
    saved(house, "Chicago", written)
    later = (house.clock.now() + timedelta(hours=2)).isoformat()[:16]
    campaign = house.campaign(
        Channel.EMAIL,
        send=False,
        networks=(),
        segments=("chicago",),
        timezone="UTC",
        schedule=Schedule(moments=(read_wall(later, "cuando"),)),
    )
    with house.platform.transaction() as session:
        planning.schedule(session, planning.find(session, campaign), at=house.clock.now())
        count = session.query(Contact).filter(
            Contact.id.in_(audience.people(session, campaign, house.clock.now()))
        ).count()  # fmt: skip
        assert count == 3  # as the form said
        # before its hour one moves away, one says BAJA, and one comes in
        people.edit(session, someone(session, "ana@example.org"), {"ciudad": "Toronto", "pais": "CA"})
        beto = someone(session, "beto@example.org").id
        consent.withdraw(session, beto, Channel.EMAIL, source="BAJA", at=house.clock.now())
        networks.leave(
            session,
            someone(session, "eloy@example.org").id,
            networks.find(session, "Ruta Chilanga").id,
            at=house.clock.now(),
        )
    house.settle(hours=4)
    assert sorted(letter.to for letter in house.simulator.messages()) == ["citlali@example.org", "eloy@example.org"]
    assert len(house.rows(campaign)) == 2  # nobody else is in the run at all
    assert house.state(campaign) == "finished"


def test_networks_segments_and_people_are_one_audience_and_exclusions_leave_it(house, enrolled) -> None:
    saved(house, "Madrid", {"campo": "ciudad", "es": ["Madrid"]})
    saved(house, "Grupo", {"campo": "red", "es": ["Ruta Chilanga"]})
    for networks_, segments_, without, expected in (
        ((), ("Madrid",), (), ["donaji"]),
        (("Ruta Chilanga",), ("Madrid",), (), ["donaji", "eloy"]),
        (("Red Voto Chilango",), ("Madrid",), (), ["ana", "beto", "citlali", "donaji", "eloy"]),
        (("Red Voto Chilango",), (), ("Madrid", "Grupo"), ["ana", "beto", "citlali"]),
        ((), ("Madrid", "Grupo"), ("Grupo",), ["donaji"]),
    ):
        campaign = house.campaign(Channel.EMAIL, networks=networks_, segments=segments_, without_segments=without)
        house.settle()
        assert sorted(row.address.partition("@")[0] for row in house.rows(campaign)) == expected
    assert len(house.simulator.messages()) == 12


def test_a_segment_that_is_changed_changes_what_has_not_gone_out(house, enrolled) -> None:
    saved(house, "Ciudad", {"campo": "ciudad", "es": ["Chicago"]})
    campaign = house.campaign(Channel.EMAIL, send=False, networks=(), segments=("Ciudad",))
    with house.platform.transaction() as session:
        segment = segments.find(session, "ciudad")
        wanted = segments.read(session, {"campo": "ciudad", "es": ["madrid"]})
        segments.edit(session, segment, "Otra ciudad", wanted, at=house.clock.now(), by="nahum")
        planning.send_now(session, planning.find(session, campaign), at=house.clock.now())
    house.settle()
    assert [letter.to for letter in house.simulator.messages()] == ["donaji@example.org"]


def test_a_segment_that_is_not_there_and_one_for_a_group_are_refused(house, enrolled) -> None:
    with pytest.raises(Refused) as refused:
        house.campaign(Channel.EMAIL, networks=(), segments=("Nadie",), without_segments=("Nada",))
    assert [(fault.code, fault.where) for fault in refused.value.faults] == [
        ("segment_unknown", "segmentos"),
        ("segment_unknown", "sin_segmentos"),
    ]
    saved(house, "Madrid", {"campo": "ciudad", "es": ["Madrid"]})
    with pytest.raises(Refused) as refused:
        house.campaign(
            Channel.GROUP, networks=(), segments=("Madrid",), contents=(ContentDraft(group_text="Hola a todas"),)
        )
    assert "group_segment" in {fault.code for fault in refused.value.faults}


def test_the_register_says_to_which_segment_something_went(house, enrolled) -> None:
    from outreach.register.reading import communications

    saved(house, "Madrid", {"campo": "ciudad", "es": ["Madrid"]})
    house.campaign(Channel.EMAIL, networks=("Ruta Chilanga",), segments=("Madrid",))
    house.settle()
    day = house.clock.now().date()
    with house.platform.reading() as session:
        (one,) = communications(session, day - timedelta(days=2), day + timedelta(days=2), "America/Mexico_City")
    assert list(one.networks) == ["Ruta Chilanga", "Madrid"]


def test_a_segment_that_cannot_be_read_pauses_its_campaign_and_no_other(house, enrolled) -> None:
    saved(house, "Chicago", {"campo": "ciudad", "es": ["Chicago"]})
    spoilt = house.campaign(Channel.EMAIL, send=False, networks=(), segments=("chicago",))
    other = house.campaign(Channel.EMAIL, send=False)
    with house.platform.transaction() as session:
        segment = segments.find(session, "Chicago")
        kept = dict(segment.filter)
        segment.filter = kept | {"version": 99}
        for campaign in (spoilt, other):
            planning.send_now(session, planning.find(session, campaign), at=house.clock.now())
    house.settle(hours=1)
    assert house.state(other) == "finished"
    assert house.state(spoilt) == "paused"
    assert house.rows(spoilt) == []
    with house.platform.transaction() as session:
        campaign = planning.find(session, spoilt)
        assert campaign.pause_reason == "audience_unreadable"
        segments.find(session, "Chicago").filter = kept
        planning.resume(session, campaign)
    house.settle(hours=1)
    assert house.state(spoilt) == "finished"
    assert len(house.rows(spoilt)) == 4
