"""Everything of the people leaves as one file and comes back into an empty installation exactly as it was."""

import io
import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from databases import Postgres, Sqlite
from postgres_server import NoPostgres
from sqlalchemy import select

from contacts import consent, erasing, networks, notices, people, rights, segments, unifying
from contacts.base import Base
from contacts.errors import Refused
from contacts.models import Address, AddressState, Contact, Decision, Network, Role
from contacts.rights import Asked, Right, Terms
from contacts.sameness import LikePair, PersonMerge
from contacts.suppression import Suppression
from outreach import database
from outreach.platform import Platform
from outreach.safekeeping import people_dump

WHY = "mudanza a otro equipo"
KINDS = {"sqlite": Sqlite, "postgresql": Postgres}


def live(platform: Platform) -> None:
    """An installation in which every table of the people says something."""
    now = platform.clock.now()
    with platform.transaction() as session:
        notices.publish(session, "2025-06", "Aviso.\nCon «comillas», ñ y\ttabulador.", now)
        made = [
            people.add(
                session,
                {
                    "nombre": name,
                    "correo": f"p{number}@example.org",
                    "pais": "US",
                    "organizacion": "Consulado; Chicago",
                },
                at=now - timedelta(days=9, microseconds=number),
            )
            for number, name in enumerate(("Ana Nopal", "Ana Nopál", "Beto =Cedro", "Eloy Tezontle", "Inés Ñandú"))
        ]
        ids = [each.id for each in made]
        address = made[0].addresses[0]
        people.mark(address, AddressState.BOUNCED, reason="hard_bounce", at=now)
        people.add_address(session, made[0], "whatsapp", "044 55 5555 0123")
        ruta = networks.ensure(session, "Ruta Chilanga")
        networks.join(session, ids[2], ruta.id, at=now, role=Role.LEADER)
        networks.join(session, ids[0], ruta.id, at=now, brought_by_id=ids[2])
        networks.leave(session, ids[0], ruta.id, at=now + timedelta(seconds=1))
        consent.record(
            session, ids[0], "*", "*", Decision.GRANTED, source="papel", at=now, notice_version="2025-06", by="maura"
        )
        consent.withdraw(session, ids[2], "correo", source="enlace de baja", at=now)
        segments.create(
            session, "Líderes", segments.read(session, {"campo": "ciudad", "es": ["París"]}), at=now, by="maura"
        )
        asked = Asked(kind=Right.ACCESS, received_on=now.date(), contact_id=ids[3], detail="todo")
        rights.receive(session, asked, Terms(), today=now.date(), at=now, by="maura")
        session.add(LikePair(first_id=ids[2], second_id=ids[3], score=61, like_name=True, found_at=now))
        unifying.merge(session, ids[1], [ids[0]], choices={}, at=now, by="maura")
        erasing.erase(session, ids[4], at=now, why="ARCO-2025-0002")


def dump(platform: Platform) -> bytes:
    with platform.reading() as session:
        return b"".join(
            people_dump.write(session, who="maura", at=platform.clock.now(), zone="America/Mexico_City", why=WHY)
        )


def restore(platform: Platform, data: bytes, **options: object) -> dict[str, int]:
    with platform.transaction() as session:
        return people_dump.read(session, io.BytesIO(data), **options)


@dataclass(frozen=True)
class Left:
    """A file, and the secret of the installation that it left."""

    data: bytes
    secret: str


@pytest.fixture
def left(databases, clock) -> Left:
    def leave(platform: Platform) -> Left:
        live(platform)
        return Left(dump(platform), platform.secret)

    return databases.template("people_dump", leave, clock)


@pytest.fixture
def fresh(_kinds, databases, tmp_path_factory, clock):
    """A new installation on a kind of database, with the secret of the old one where it is told."""
    made = []

    def _fresh(kind: str, secret: str = "") -> Platform:
        if kind not in _kinds:
            try:
                _kinds[kind] = KINDS[kind](tmp_path_factory.mktemp("kinds") / kind)
            except NoPostgres as error:
                pytest.skip(str(error))
        settings = _kinds[kind].settings(tmp_path_factory.mktemp("there") / "var")
        if secret:
            (settings.data / "secret").write_text(secret, encoding="ascii")
        made.append((_kinds[kind], Platform(settings, clock)))
        return made[-1][1]

    yield _fresh
    for kind, platform in made:
        platform.close()
        kind.forget(platform.settings)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_everything_comes_back_the_same_from_either_database_in_either(left, fresh, kind):
    data = left.data
    there = fresh(kind, left.secret)
    told = []
    brought = restore(there, data, begin=told.append, tell=told.append)
    again = dump(there)
    assert again.splitlines()[1:-1] == data.splitlines()[1:-1]
    assert set(brought) == set(people_dump.table_names())
    assert all(brought[name] for name in ("contact", "address", "membership", "consent_entry", "suppression")), brought
    assert told[0] == sum(told[1:]) == sum(brought.values())
    with there.transaction() as session:  # and life goes on behind the numbers that came
        last = session.scalars(select(Contact.id).order_by(Contact.id.desc())).first()
        assert people.add(session, {"nombre": "Rubén", "correo": "r@example.org"}, at=there.clock.now()).id == last + 1
        with pytest.raises(Refused):  # who asked to be forgotten is recognised there too
            people.add(session, {"nombre": "Inés Ñandú", "correo": "p4@example.org"}, at=there.clock.now())
        merge = session.scalars(select(PersonMerge)).one()
        unifying.undo(session, merge.id, at=there.clock.now(), by="maura")


def test_the_first_and_the_last_line_say_what_the_file_is(left):
    lines = left.data.splitlines()
    head, end = json.loads(lines[0]), json.loads(lines[-1])
    assert (head["format"], head["version"], head["who"], head["why"]) == (people_dump.FORMAT, 1, "maura", WHY)
    assert head["when"] == "2025-06-20T11:42:00-06:00"
    assert sum(table["rows"] for table in head["tables"].values()) == end["rows"] == len(lines) - 2
    assert left.secret not in lines[0].decode()
    contact = next(line for line in map(json.loads, lines[1:]) if "contact" in line)["contact"]
    assert contact["created_at"] == "2025-06-11T17:42:00.000000Z"


def test_every_table_of_people_goes_along_or_is_named_as_left_out():
    ours = {
        each.class_.__tablename__ for each in Base.registry.mappers if each.class_.__module__.startswith("contacts.")
    }
    assert set(people_dump.table_names()) == ours - set(people_dump.LEFT_OUT)
    assert {"contact", "address", "membership", "network", "organization", "notice", "consent_entry"} <= ours
    assert {"segment", "suppression", "rights_request", "like_pair", "person_merge"} <= ours


def refused(there: Platform, data: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as told:
        restore(there, data)
    with there.reading() as session:
        assert session.scalars(select(Contact.id)).first() is None
        assert session.scalars(select(Network.id)).first() is None
    return [(fault.code, fault.value) for fault in told.value.faults]


def changed(data: bytes, line: int, **values: object) -> bytes:
    lines = data.splitlines(keepends=True)
    told = json.loads(lines[line])
    lines[line] = json.dumps(told | values).encode() + b"\n"
    return b"".join(lines)


def test_a_file_that_is_not_whole_is_refused_and_nothing_of_it_stays(left, fresh, databases):
    data = left.data
    there = fresh(databases.name, left.secret)
    lines = data.splitlines(keepends=True)
    assert refused(there, b"") == [("dump_cut", "")]
    assert refused(there, b"nombre,correo\n") == [("dump_kind", "")]
    assert refused(there, changed(data, 0, version=2)) == [("dump_version", "2")]
    assert refused(there, changed(data, 0, tables={})) == [("dump_schema", database.revisions()[-1])]
    assert refused(there, data[:-20]) == [("dump_cut", "")]
    assert refused(there, b"".join(lines[:-1])) == [("dump_cut", "")]
    assert refused(there, b"".join([*lines[:7], *lines[8:]]))[0][0] in {"dump_line", "dump_cut"}
    assert refused(there, b"".join([*lines[:4], b'{"contact": \n', *lines[5:]])) == [("dump_line", "5")]
    assert refused(there, data + b"x") == [("dump_changed", "")]
    spelled = data.replace(b"Eloy Tezontle", b"Eloy Tezontl\xc3\xa9")
    assert refused(there, spelled) == [("dump_changed", "")]
    wrong = data.replace(b'"created_at":"2025-06-11T17:42:00.000000Z"', b'"created_at":"ayer"')
    number = next(n for n, line in enumerate(wrong.splitlines(), 1) if b'"ayer"' in line)
    assert refused(there, wrong) == [("dump_line", str(number))]
    assert restore(there, data)


def test_an_installation_that_has_people_is_left_as_it_is(left, fresh, databases):
    there = fresh(databases.name, left.secret)
    with there.transaction() as session:
        people.add(session, {"nombre": "Rubén", "correo": "r@example.org"}, at=there.clock.now())
    before = dump(there)
    with pytest.raises(Refused) as told:
        restore(there, left.data)
    assert told.value.faults[0].code == "dump_taken"
    assert dump(there) == before


def test_suppressed_addresses_do_not_come_under_another_secret_unless_somebody_says_so(left, fresh, databases):
    data = left.data
    there = fresh(databases.name)
    assert refused(there, data)[0][0] == "dump_secret"
    assert restore(there, data, other_secret=True)
    with there.reading() as session:
        assert session.scalars(select(Suppression.digest)).first()
        assert session.scalars(select(Address.value)).first()
