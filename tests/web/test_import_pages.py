"""People come in by a page: seen before, mended after, by whoever never sees a terminal."""

import io
import re

import pytest
from sqlalchemy import select

from contacts import consent
from contacts.models import Address, ConsentEntry, Contact
from outreach.audit import AuditEntry
from outreach.intake import shelf
from outreach.intake.desk import Desk
from outreach.people_imports import Intake, IntakeState

FILE = (
    "Nombre,Correo,Celu,País,Nota\n"
    "Amaranta Nube,amaranta.nube@example.org,+1 312 555 0142,Estados Unidos,hola\n"
    "Teo Rayo,teo.rayo@example,,,\n"
    "Inés Bruma,ines.bruma@example.org,55 5555 0144,México,\n"
)
NOBODY = {"consiente": "no", "red": "", "fuente": "", "dia": "", "aviso": ""}
MAPPED = NOBODY | {"columna-0": "nombre", "columna-1": "correo", "columna-2": "whatsapp", "columna-3": "pais"}
CONSENT = {"consiente": "si", "fuente": "formulario del 15 de mayo", "dia": "2025-05-15"}


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.fixture
def desk(app) -> Desk:
    return app.extensions["imports"]


@pytest.fixture
def hand_in(maura, desk):
    """Upload a file as a person does; return the address of its page, its first rows read."""

    def _hand_in(content: str | bytes = FILE, name: str = "lista.csv") -> str:
        data = content.encode() if isinstance(content, str) else content
        answer = maura.post("/contactos/importar/", {"archivo": (io.BytesIO(data), name)})
        assert answer.status_code == 303, words(answer.text)
        desk.drain()
        return answer.headers["Location"]

    return _hand_in


@pytest.fixture
def go_on(maura, desk):
    """Press a button of an import's page, and let the desk do what follows."""

    def _go_on(page: str, act: str = "", data: dict[str, object] | None = None) -> str:
        answer = maura.post(page + act, data or {}, seen="/contactos/importar/")
        assert answer.status_code in {200, 303}, words(answer.text)
        desk.drain()
        return words(maura.get(page).text)

    return _go_on


def intake(platform) -> Intake:
    with platform.reading() as session:
        return session.scalars(select(Intake).order_by(Intake.id.desc())).first()


def found(platform, name: str) -> Contact | None:
    with platform.reading() as session:
        return session.scalars(select(Contact).where(Contact.name == name)).first()


def test_a_file_is_seen_checked_brought_in_and_its_refused_row_mended(maura, hand_in, go_on, platform, cast):
    page = hand_in()
    seen = words(maura.get(page).text)
    assert "3 renglones" in seen
    assert "amaranta.nube@example.org" in seen
    assert "No entraría" in seen
    assert "¿Quiso decir" not in seen  # nothing near «teo.rayo@example»
    checked = go_on(
        page,
        data=MAPPED
        | CONSENT
        | {"red": "Ruta de prueba", "hacer": "revisar", "vias": ["correo"], "finalidades": ["avisos", "eventos"]},
    )
    assert "Renglones buenos 2" in checked
    assert "Rechazados 1" in checked
    assert "Entran con consentimiento: «formulario del 15 de mayo», 15 de mayo de 2025" in checked
    assert found(platform, "Amaranta Nube") is None  # nobody came in yet
    done = go_on(page, "/traer")
    assert "Personas nuevas 2" in done
    person = found(platform, "Amaranta Nube")
    with platform.reading() as session:
        lines = session.scalars(select(ConsentEntry).where(ConsentEntry.contact_id == person.id)).all()
        assert {(each.channel, each.purpose) for each in lines} == {("correo", "avisos"), ("correo", "eventos")}
        assert {(each.evidence, each.recorded_by, each.source) for each in lines} == {
            ("lista.csv:2", "maura", "formulario del 15 de mayo")
        }
    refused = maura.get(page + "/rechazados.csv").data.decode("utf-8-sig")
    assert refused.splitlines()[0] == "Nombre,Correo,Celu,País,Nota,motivo"
    mended = refused.replace("teo.rayo@example,", "teo.rayo@example.org,")
    page = hand_in(mended, "lista-rechazados.csv")
    assert 'value="whatsapp" selected' not in maura.get(page).text.split("columna-5")[1]
    assert "Rechazados 0" in go_on(page, data=MAPPED | {"hacer": "revisar"})
    assert "Personas nuevas 1" in go_on(page, "/traer")
    with platform.reading() as session:
        teo = found(platform, "Teo Rayo")
        assert consent.ledger(session, teo.id) == []  # nothing was stated, so they may not be written to


def test_the_mapping_is_proposed_edited_and_remembered(maura, hand_in, go_on, platform, cast):
    page = hand_in()
    text = maura.get(page).text
    assert re.search(r'name="columna-3".*?value="pais" selected', text, re.DOTALL)
    assert re.search(r'name="columna-2".*?value="telefono" selected', text, re.DOTALL)  # «Celu» is near to «cel»
    look = maura.post(page, MAPPED | {"hacer": "ver"}, seen="/contactos/importar/")
    assert "+525555550144" in look.text
    assert intake(platform).state is IntakeState.MAPPING
    go_on(page, data=MAPPED | {"hacer": "revisar"})
    go_on(page, "/traer")
    again = maura.get(hand_in(FILE.replace("Nombre,Correo,Celu", "NOMBRE,correo,célu"))).text
    assert re.search(r'id="columna-2"[^>]*>(?:(?!</select>).)*value="whatsapp" selected', again, re.DOTALL)


def test_what_cannot_be_meant_stands_at_its_field(maura, hand_in, platform, cast):
    page = hand_in()
    bad = NOBODY | {"columna-0": "correo", "columna-3": "pais", "columna-4": "pais", "consiente": "si", "dia": "mayo"}
    answer = maura.post(page, bad | {"hacer": "revisar"}, seen="/contactos/importar/")
    assert answer.status_code == 422
    answer = maura.post(page, bad | {"dia": "2031-01-01", "hacer": "revisar"}, seen="/contactos/importar/")
    assert answer.status_code == 422
    assert 'href="#columna-4"' in answer.text
    assert 'href="#columnas"' in answer.text
    assert intake(platform).state is IntakeState.MAPPING
    bad = MAPPED | {"consiente": "si", "dia": "2031-01-01", "hacer": "revisar"}
    answer = maura.post(page, bad, seen="/contactos/importar/")
    assert {name for name in ("fuente", "dia", "vias", "finalidades") if f'href="#{name}"' in answer.text} == {
        "fuente", "dia", "vias", "finalidades",
    }  # fmt: skip


def test_all_or_nothing_leaves_everything_as_it_was(maura, hand_in, go_on, platform, cast):
    page = hand_in()
    go_on(page, data=MAPPED | {"hacer": "revisar"})
    assert "No entró nadie" in go_on(page, "/dejar")
    assert found(platform, "Amaranta Nube") is None
    assert maura.get(page + "/rechazados.csv").status_code == 200  # still there to be mended
    assert not shelf.place(platform.settings.data, intake(platform).kept).exists()
    assert maura.post(page + "/traer", seen="/contactos/importar/").status_code == 409


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"%PDF-1.7\n1 0 obj", "lista.pdf", "El archivo «lista.pdf» no es una hoja de cálculo"),
        (b"PK\x03\x04 cut off", "lista.xlsx", "está dañado"),
        (b"BEGIN:VCARD\nFN:Ana\n", "libreta.vcf", "le falta END:VCARD"),
        ("nombre\nPérez\nPe".encode() + b"\xc3\x28\n", "lista.csv", "Hay letras que no se pueden leer"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_in_plain_words_and_kept_nowhere(
    maura, hand_in, platform, cast, content, name, said
):
    text = words(maura.get(hand_in(content, name)).text)
    assert said in text
    assert "No entró nadie" in text
    assert list(shelf.folder(platform.settings.data).iterdir()) == []


def test_no_file_an_empty_one_and_one_that_is_too_large_are_refused_at_once(maura, platform, cast, monkeypatch):
    assert maura.post("/contactos/importar/", {}).status_code == 422
    empty = maura.post("/contactos/importar/", {"archivo": (io.BytesIO(b""), "vacío.csv")})
    assert (empty.status_code, "está vacío" in empty.text) == (422, True)
    monkeypatch.setitem(maura.client.application.config, "MAX_CONTENT_LENGTH", 1000)
    monkeypatch.setattr("outreach.web.security.LARGER", {"contacts_imports.upload": 20_000})
    large = maura.post("/contactos/importar/", {"archivo": (io.BytesIO(b"x" * 30_000), "grande.csv")})
    assert (large.status_code, "es de más de 64 MB" in large.text) == (413, True)
    assert not shelf.folder(platform.settings.data).exists() or not list(shelf.folder(platform.settings.data).iterdir())


def test_an_address_book_comes_in_by_the_same_pages(maura, hand_in, go_on, platform, cast):
    lines = ("FN:Lía Brisa", "EMAIL;TYPE=home:lia.brisa@example.org", "TEL;TYPE=cell:+1 312 555 0188")
    card = "\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""])
    page = hand_in(card, "libreta.vcf")
    text = go_on(
        page, data=NOBODY | {"columna-0": "nombre", "columna-1": "correo", "columna-2": "telefono", "hacer": "revisar"}
    )
    assert "Renglones buenos 1" in text
    go_on(page, "/traer")
    with platform.reading() as session:
        person = session.scalars(select(Contact).where(Contact.name == "Lía Brisa")).one()
        assert {each.value for each in session.scalars(select(Address).where(Address.contact_id == person.id))} == {
            "lia.brisa@example.org",
            "+13125550188",
        }


def test_every_import_is_in_the_list_and_every_act_in_the_audit_log(maura, hand_in, go_on, platform, cast):
    page = hand_in()
    go_on(page, data=MAPPED | {"hacer": "revisar"})
    go_on(page, "/traer")
    maura.get(page + "/rechazados.csv")
    listed = words(maura.get("/contactos/importar/").text)
    assert "lista.csv" in listed
    assert f"sha256:{intake(platform).sha256[:12]}" in listed
    assert "2 personas nuevas, 0 completadas, 1 renglón rechazado" in listed
    with platform.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.subject.like("import:%")).order_by(AuditEntry.id))
        acts = [each.action for each in noted]
    assert [act for act in acts if act != "contacts.import_show"] == [
        "contacts.upload",
        "contacts.import",
        "contacts.import_refused",
    ]
    assert "contacts.import_show" in acts
    assert "Subió un archivo de personas" in maura.get("/bitacora/").text


def test_a_stranger_sees_neither_the_pages_nor_the_files(stranger, maura, hand_in, cast):
    page = hand_in()
    for path in ("/contactos/importar/", page, page + "/rechazados.csv", page + "/avance"):
        assert stranger.get(path).status_code == 302
    assert maura.get("/contactos/importar/1").status_code == 404  # numbers lead nowhere


def test_a_page_that_waits_tells_how_far_it_is_and_then_shows_the_result(maura, desk, platform, cast):
    answer = maura.post("/contactos/importar/", {"archivo": (io.BytesIO(FILE.encode()), "lista.csv")})
    page = answer.headers["Location"]
    waiting = maura.get(page).text
    assert "Puede cerrar esta página" in waiting
    assert f'hx-get="{page}/avance"' in waiting
    assert "HX-Refresh" not in maura.get(page + "/avance").headers
    desk.drain()
    assert maura.get(page + "/avance").headers["HX-Refresh"] == "true"
