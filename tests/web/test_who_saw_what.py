"""Whoever sees a person leaves a line in the audit log, and a person's page tells who did."""

import inspect
import re
import sys

import pytest
from sqlalchemy import func, select
from webcrawl import addresses

from contacts import erasing, people
from contacts.models import Address, Contact
from outreach.audit import AuditEntry
from outreach.web import access

#: The moving part of a page that was noted when it was opened; it asks again every few seconds.
FOLLOWS = {"campaigns.live"}


def entries(platform) -> list[AuditEntry]:
    with platform.reading() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


@pytest.mark.only_on("sqlite")  # what a page says is the same on both
def test_every_page_that_shows_a_person_leaves_a_line(app, platform, cast, brought, maura):
    with platform.reading() as session:
        known = {*session.scalars(select(Contact.name)), *session.scalars(select(Address.value))}
    left_out = {"static", *FOLLOWS}
    paths = [path for endpoint, method, path in addresses(app) if method == "GET" and endpoint not in left_out]
    of = {"campanas": cast.sending, "redes": cast.network, "segmentos": cast.segment, "contactos": cast.citlali}
    for area, number in of.items():
        paths += [path.replace("/1", f"/{number}", 1) for path in paths if path.startswith(f"/{area}/1")]
    paths += [f"/campanas/{one}/en-duda" for one in (cast.finished, cast.paused)]
    paths += ["/buscar/?q=citlali", "/contactos/?q=citlali", f"/contactos/unir?persona={cast.citlali}&persona=2"]
    paths += [f"/contactos/{cast.citlali}/otra?q=nahum", f"/derechos/nueva?persona={cast.citlali}"]
    telling, silent = 0, []
    for path in dict.fromkeys(paths):
        before = len(entries(platform))
        with maura.get(path) as answer:
            text = answer.data.decode(errors="replace") if answer.status_code == 200 else ""
        if any(one in text and re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text) for one in known):
            telling += 1
            silent += [path] if len(entries(platform)) == before else []
    assert telling > 12
    assert silent == []


def test_an_export_is_noted_before_it_leaves_with_who_and_why(maura, platform, cast):
    given = {"motivo": "gafetes del evento", "formato": "csv", "direcciones": "none", "separador": "coma"}
    answer = maura.post("/contactos/exportar/", {**given, "red": str(cast.network)})
    assert answer.status_code == 200
    last = entries(platform)[-1]
    assert (last.who, last.action) == ("maura", "contacts.export")
    assert last.details["reason"] == "gafetes del evento"
    assert last.details["network"] == "Red Voto Chilango"
    assert last.details["persons"] == 60
    page = maura.get("/bitacora/").text
    for words in ("Descargó una lista de personas", "Motivo: gafetes del evento", "Correos y números: no van"):
        assert words in page


def test_a_person_s_page_leads_to_whoever_has_seen_them(maura, platform, cast):
    maura.get("/contactos/?q=citlali")
    maura.get("/contactos/?q=nahum")
    assert f"/bitacora/?persona={cast.citlali}" in maura.get(f"/contactos/{cast.citlali}").text
    page = maura.get(f"/bitacora/?persona={cast.citlali}").text
    assert "Vio a una persona" in page
    assert "Búsqueda: citlali" in page
    assert "Búsqueda: nahum" not in page
    assert entries(platform)[-1].action == "audit.person"
    assert maura.get("/bitacora/?persona=99999").status_code == 404


def test_who_saw_a_person_is_told_apart_from_who_saw_one_with_a_longer_number(maura, platform, cast):
    with platform.transaction() as session:
        for number, ids in enumerate(([11], [2, 1], [111, 1, 3], [12, 31])):
            details = {"people": ids, "pairs": 1}
            session.add(
                AuditEntry(at=platform.clock.now(), who=f"mano{number}", action="contacts.list", details=details)
            )
    page = maura.get("/bitacora/?persona=1").text
    assert [number for number in range(4) if f"mano{number}" in page] == [1, 2]


def test_the_lines_of_a_person_who_was_forgotten_stay(maura, platform, cast):
    maura.get(f"/contactos/{cast.citlali}")
    with platform.transaction() as session:
        erasing.erase(session, cast.citlali, at=platform.clock.now())
    assert "Vio a una persona" in maura.get(f"/bitacora/?persona={cast.citlali}").text
    with platform.reading() as session:
        assert people.get(session, cast.citlali).erased_at
        assert session.scalar(select(func.count()).select_from(AuditEntry))


def test_every_area_that_changes_something_writes_into_the_log(app):
    own = access.THEIR_OWN | {"segments.look"}  # a language, the door, a look that is noted as one
    for rule in app.url_map.iter_rules():
        view = inspect.unwrap(app.view_functions[rule.endpoint])
        anybody = getattr(app.view_functions[rule.endpoint], "for_anybody", False)  # the ledger has what they say
        if "POST" not in (rule.methods or ()) or rule.endpoint in own or anybody:
            continue
        source = inspect.getsource(sys.modules[view.__module__])
        assert re.search(r"\b_?note\(|\bentries\.(add|correct|annul)\(|\bacts\.", source), rule.endpoint
