"""Who brought whom: trees with counts, and never a circle, whoever writes at once."""

from threading import Barrier, Thread

import pytest

from contacts import importing, lineage, networks, people, unifying
from contacts.errors import Refused
from contacts.models import Membership, Role
from contacts.spreadsheets import read_sheet
from outreach import words


@pytest.fixture
def family(platform, clock):
    """Ana leads and brought Beto and Ceci; Beto brought Dora, Dora brought Eva. Fito came alone."""
    with platform.transaction() as session:
        network = networks.ensure(session, "Uno")
        found = {}
        for name, bringer in (
            ("Ana", ""), ("Beto", "Ana"), ("Ceci", "Ana"), ("Dora", "Beto"), ("Eva", "Dora"), ("Fito", ""),
        ):  # fmt: skip
            found[name] = people.add(session, {"nombre": name, "correo": f"{name.lower()}@example.org"}, at=clock.now())
            networks.join(
                session,
                found[name].id,
                network.id,
                at=clock.now(),
                role=Role.LEADER if name == "Ana" else None,
                brought_by_id=found[bringer].id if bringer else None,
            )
        return network.id, {name: each.id for name, each in found.items()}


def refused(call, *arguments, **options) -> str:
    with pytest.raises(Refused) as caught:
        call(*arguments, **options)
    (sentence,) = words.explain_all(caught.value)
    assert "%(" not in sentence
    return caught.value.faults[0].code


def test_a_tree_counts_whom_somebody_brought_and_all_below(platform, family):
    network, who = family
    with platform.reading() as session:
        grove = lineage.Grove(session, network)
    ana = grove.node(who["Ana"], levels=9, most=9)
    assert (ana.direct, ana.below, [each.contact_id for each in ana.brought]) == (2, 4, [who["Beto"], who["Ceci"]])
    assert grove.leaders == [who["Ana"]]
    assert grove.path(who["Eva"]) == [who["Ana"], who["Beto"], who["Dora"]]
    assert grove.alone == 1
    few = grove.node(who["Ana"], levels=1, most=1)
    assert ([each.contact_id for each in few.brought], few.hidden, few.brought[0].hidden) == ([who["Beto"]], 1, 1)


def test_who_left_counts_no_more_and_stands_in_the_tree_while_somebody_is_below(platform, clock, family):
    network, who = family
    with platform.transaction() as session:
        for name in ("Beto", "Eva"):
            networks.leave(session, who[name], network, at=clock.now())
    with platform.reading() as session:
        ana = lineage.Grove(session, network).node(who["Ana"], levels=9, most=9)
    assert (ana.direct, ana.below) == (1, 2)
    beto = next(each for each in ana.brought if each.contact_id == who["Beto"])
    assert (beto.here, beto.direct, [each.contact_id for each in beto.brought]) == (False, 1, [who["Dora"]])
    assert beto.brought[0].brought == ()


def test_nobody_is_brought_by_whom_they_brought_also_through_others(platform, family):
    network, who = family
    with platform.transaction() as session:
        ana, dora = (networks.membership(session, who[name], network) for name in ("Ana", "Dora"))
        assert refused(networks.bring, session, ana, who["Eva"]) == "brought_circle"
        assert refused(networks.bring, session, ana, who["Ana"]) == "brought_self"
        assert refused(networks.bring, session, dora, who["Eva"]) == "brought_circle"
        networks.bring(session, dora, None)
        eva = networks.membership(session, who["Eva"], network)
        networks.bring(session, eva, None)
        networks.bring(session, ana, who["Eva"])  # nobody stands above Eva by now
        assert lineage.above(session, network, who["Beto"]) == {who[name] for name in ("Beto", "Ana", "Eva")}


def test_two_who_write_at_once_close_no_circle(platform, family):
    network, who = family
    barrier, codes = Barrier(2), []

    def write(person: str, bringer: str) -> None:
        barrier.wait(10)
        try:
            with platform.transaction() as session:
                networks.bring(session, networks.membership(session, who[person], network), who[bringer])
        except Refused as no:
            codes.append(no.faults[0].code)

    threads = [Thread(target=write, args=pair) for pair in (("Ana", "Fito"), ("Fito", "Eva"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert codes == ["brought_circle"]


def test_a_file_closes_no_circle_and_says_which_row_would(platform, clock, family, write):
    network, who = family
    file = write(
        "nombre,correo,red,trajo\n"
        "Ana,ana@example.org,Uno,eva@example.org\n"
        "Gala,gala@example.org,Uno,hugo@example.org\n"
        "Hugo,hugo@example.org,Uno,gala@example.org\n"
    )
    with platform.transaction() as session:
        done = importing.import_people(session, read_sheet(file), at=clock.now())
        assert [(each.code, each.row) for each in done.warnings if each.code == "brought_round"] == [
            ("brought_round", 2),
            ("brought_round", 4),
        ]
        session.expire_all()
        assert networks.membership(session, who["Ana"], network).brought_by_id is None
        for member in session.query(Membership):
            if member.brought_by_id:
                assert member.contact_id not in lineage.above(session, network, member.brought_by_id)


def test_two_who_become_one_are_not_brought_by_themselves_through_others(platform, clock, family):
    network, who = family
    with platform.transaction() as session:
        unifying.merge(session, who["Ana"], [who["Eva"]], at=clock.now(), by="maura")
        assert not lineage.closes(session, network, who["Beto"], who["Ana"])
        assert lineage.Grove(session, network).node(who["Ana"], levels=9, most=9).below == 3
