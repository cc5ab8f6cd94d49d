"""`outreach contacts segments`: saved, shown, listed, used and forgotten at the terminal."""

import csv
import json

import pytest

FILE = """nombre = "Chicago y Madrid"
descripcion = "Para el simulacro"

[filtro]
todas = [
  { campo = "ciudad", es = ["chicago", "Madrid"] },
  { no = { campo = "red", es = ["Ruta Chilanga"] } },
]
"""


@pytest.fixture
def filled(cast):
    cast.person("Citlali Jacaranda", correo="citlali@example.org", city="Chicago", country="US")
    cast.person("Nahúm Tezontle", correo="nahum@example.org", city="Madrid", country="ES", language="en")
    cast.person("=Amaranta Colorín", correo="a@example.org", whatsapp="+13125550142", city="CHICAGO", country="US")
    cast.person("Donají Nopal", correo="donaji@example.org", city="Chicago", country="US", network="Ruta Chilanga")
    cast.person("Eloy Mezquite", correo="eloy@example.org", city="Chicago", country="US", consents=False)


def test_a_segment_is_made_of_options_and_says_in_words_what_it_asks(outreach, filled) -> None:
    made = outreach(
        "segments", "create", "Chicago", "--city", "Chicago", "--purpose", "avisos", "--not-network", "Ruta Chilanga"
    )
    assert made.code == 0, made.err
    assert "Su ciudad es Chicago" in made.out
    assert "No está en «Ruta Chilanga»" in made.out
    assert "Se le puede escribir por correo o WhatsApp para avisos" in made.out
    assert "2 personas hoy" in made.out
    assert "Su ciudad es Chicago; No está en «Ruta Chilanga»" in outreach("segments", "list").out
    assert outreach("segments", "show", "CHICAGO", "--json").json["people"] == 2
    names = [row["name"] for row in outreach("segments", "people", "chicago", "--json").json]
    assert names == ["=Amaranta Colorín", "Citlali Jacaranda"]
    assert len(outreach("list", "--segment", "chicago", "--search", "citlali", "--json").json) == 1


def test_a_segment_is_made_of_a_file_and_what_it_shows_makes_the_same_again(outreach, filled, write) -> None:
    made = outreach("segments", "create", "--file", write(FILE, "segmento.toml"), "--json")
    assert made.code == 0, made.err
    assert made.json["people"] == 4
    assert made.json["description"] == "Para el simulacro"
    again = outreach(
        "segments", "create", "Otro", "--file", write(json.dumps(made.json["filtro"]), "filtro.json"), "--json"
    )
    assert again.json["filtro"] == made.json["filtro"]
    both = outreach("segments", "create", "Otro", "--replace", "--file", write(FILE, "s.toml"), "--language", "en")
    assert "1 persona hoy" in both.out


def test_a_file_that_cannot_be_meant_is_refused_with_its_lines(outreach, filled, write) -> None:
    bad = FILE.replace("Ruta Chilanga", "Red de Nadie").replace('"ciudad"', '"edad"').replace("descripcion", "nota")
    told = outreach("segments", "create", "--file", write(bad, "malo.toml"))
    assert told.code == 2
    assert "malo.toml, renglón 2, nota: La llave «nota» no se conoce" in told.err
    told = outreach("segments", "create", "--file", write(bad.replace("nota", "descripcion"), "malo.toml"))
    assert told.code == 2
    assert "malo.toml, renglón 4, filtro.todas[1].campo: No se puede preguntar por «edad»" in told.err
    assert "filtro.todas[2].no.es: No hay ninguna red «Red de Nadie»" in told.err
    for name, content in (("a.json", "["), ("b.json", "[]"), ("c.json", "[" * 100_000), ("d.toml", "a = ")):
        assert outreach("segments", "create", "X", "--file", write(content, name)).code == 2
    assert outreach("segments", "create", "X").code == 2
    assert outreach("segments", "list").out.startswith("No hay segmentos")


def test_the_people_of_a_segment_leave_in_a_file_that_comes_back(outreach, filled, tmp_path) -> None:
    outreach("segments", "create", "Chicago", "--city", "Chicago")
    out = tmp_path / "chicago.csv"
    assert outreach("segments", "people", "Chicago", "--out", out).code == 2  # nobody said what for
    told = outreach("segments", "people", "Chicago", "--out", out, "--why", "llamadas de recordatorio")
    assert "4 personas en" in told.out
    assert out.stat().st_mode & 0o077 == 0
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    rows.sort(key=lambda row: row["nombre"])
    assert rows[0]["nombre"] == "'=Amaranta Colorín"  # a spreadsheet shows it and runs nothing
    assert rows[0]["whatsapp"] == "+13125550142"
    again = outreach("import", out, "--dry-run")
    assert again.code == 0, again.err


def test_a_segment_that_a_campaign_names_stays_and_another_goes(outreach, filled, platform) -> None:
    from campaigns import planning
    from campaigns.drafts import ContentDraft, Draft
    from contacts.models import Channel

    for name in ("Chicago", "Nadie lo usa"):
        outreach("segments", "create", name, "--city", "Chicago")
    with platform.transaction() as session:
        draft = Draft(
            title="Simulacro 1",
            clase="simulacro",
            informacion="Simulacro",
            channels=(Channel.EMAIL,),
            segments=("chicago",),
            contents=(ContentDraft(subject="Aviso", text="Hola"),),
        )
        planning.create(session, draft, at=platform.clock.now(), by="maura")
    kept = outreach("segments", "delete", "Chicago")
    assert kept.code == 2
    assert "No se puede eliminar «Chicago»: está en la audiencia de Simulacro 1" in kept.err
    assert "Simulacro 1" in outreach("segments", "show", "Chicago").out
    assert outreach("segments", "delete", "Nadie lo usa").code == 0
    assert outreach("segments", "show", "Nadie lo usa").code == 2


def test_every_look_at_people_is_in_the_audit_log(outreach, filled, platform, tmp_path) -> None:
    from outreach.audit import AuditEntry

    outreach("segments", "create", "Chicago", "--city", "Chicago")
    outreach("segments", "people", "Chicago")
    outreach("segments", "people", "Chicago", "--out", tmp_path / "x.csv", "--why", "llamadas de recordatorio")
    outreach("segments", "delete", "Chicago")
    with platform.reading() as session:
        lines = session.query(AuditEntry).order_by(AuditEntry.id).all()
        noted = [(each.action, each.details.get("shown") or each.details.get("persons")) for each in lines]
    assert noted == [("segment.create", None), ("contacts.list", 4), ("contacts.export", 4), ("segment.delete", None)]
