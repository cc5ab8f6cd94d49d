"""People, their addresses and their tags by the command line."""

import io

import pytest

from contacts import people, segments


@pytest.fixture
def ana(cast) -> int:
    return cast.person("Ana Nopal", correo="ana@example.org", city="Chicago", country="US", timezone="America/Chicago")


def test_a_card_is_edited_and_says_what_is_proposed(outreach, ana):
    said = outreach("edit", ana, "--pais", "Canadá", "--ciudad", "Toronto", "--etiquetas", "prensa; Medios")
    assert "America/Toronto (se propone)" in said.out
    assert "Zona horaria: America/Denver (dicha)" in outreach("edit", ana, "--zona", "America/Denver").out
    assert "America/Denver (dicha)" in outreach("edit", ana, "--ciudad", "Vancouver").out
    assert "America/Vancouver (se propone)" in outreach("edit", ana, "--zona", "").out
    shown = outreach("show", ana, "--json").json
    assert (shown["city"], shown["tags"]) == ("Vancouver", ["Medios", "prensa"])
    assert "Hay más de 200 letras" in outreach("edit", ana, "--nombre", "x" * 10_000).err


def test_an_address_goes_through_its_life_and_its_history_tells(outreach, cast, ana):
    why = ("--reason", "lo dijo por teléfono")
    beto = cast.person("Beto", whatsapp="+52 55 5555 0177")
    added = outreach("address", "add", ana, "whatsapp", "044 55 5555 0177", *why)
    assert "WhatsApp: +525555550177 (sin comprobar)" in added.out
    assert f"«Beto», ficha {beto}" in added.out
    assert "comprobada" in outreach("address", "verify", ana, "5555550177", *why).out
    assert "inalcanzable" in outreach("address", "mark", ana, "+525555550177", "inalcanzable", *why).out
    assert "sin comprobar" in outreach("address", "reopen", ana, "+525555550177", *why).out
    assert "+525555550166" in outreach("address", "correct", ana, "+525555550177", "5555550166", *why).out
    assert "cerrada" in outreach("address", "close", ana, "ana@example.org", *why).out
    told = outreach("address", "history", ana, "--json").json
    assert [line["to"] for line in told["history"]][:2] == ["closed", "new"]
    assert told["history"][0]["evidence"] == "lo dijo por teléfono"
    assert "sin comprobar → cerrada" in outreach("address", "history", ana).out
    assert "se quitó" in outreach("address", "remove", ana, "+525555550166", *why).out.lower()
    assert outreach("address", "verify", ana, "nadie@example.org", *why).code == 2
    assert outreach("address", "mark", ana, "ana@example.org", "baja", *why).code == 0
    refused = outreach("address", "close", ana, "ana@example.org", *why)
    assert (refused.code, "pidió no recibir más" in refused.err) == (2, True)


def test_tags_by_segment_ask_before_and_say_how_many(outreach, platform, cast, ana, monkeypatch):
    cast.person("Beto", correo="beto@example.org", city="Chicago", country="US")
    with platform.transaction() as session:
        wanted = segments.read(session, {"campo": "ciudad", "es": ["Chicago"]})
        segments.create(session, "Chicago", wanted, at=platform.clock.now(), by="maura")
    assert "No hay etiquetas" in outreach("tags", "list").out
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    asked = outreach("tags", "put", "Observadora", "--segment", "chicago")
    assert (asked.code != 0, "a 2 personas" in asked.out) == (True, True)
    assert outreach("tags", "list", "--json").json == []
    assert "Se cambió a 2 personas." in outreach("tags", "put", "Observadora", "--segment", "chicago", "--yes").out
    assert outreach("tags", "rename", "observadora", "Mirada").code == 0
    outreach("edit", ana, "--etiquetas", "mirada;prensa")
    assert "son ahora «prensa»" in outreach("tags", "merge", "mirada", "prensa", "--yes").out
    assert [(one["name"], one["people"]) for one in outreach("tags", "list", "--json").json] == [("prensa", 2)]
    assert "Se cambió a 2 personas." in outreach("tags", "take", "prensa", "--segment", "Chicago", "--yes").out
    assert "La llevaban 0 personas." in outreach("tags", "delete", "prensa", "--yes").out


def test_tags_and_ids_come_in_by_a_file_and_go_out_again(outreach, platform, write, tmp_path):
    rows = "nombre,whatsapp,etiquetas\nAna,MX.13491208655302741918,Prensa; medios\nBeto,+525555550177,prensa\n"
    assert outreach("import", write(rows)).code == 0
    assert outreach("import", write(rows), "--json").json["unchanged"] == 2
    with platform.transaction() as session:
        wanted = segments.read(session, {"campo": "etiqueta", "es": ["PRENSA"]})
        segments.create(session, "Prensa", wanted, at=platform.clock.now(), by="maura")
        assert [one.kind for one in people.holders(session, ["MX.13491208655302741918"])[0].addresses] == [
            "whatsapp-id"
        ]
    out = tmp_path / "salida.csv"
    outreach("segments", "people", "Prensa", "--out", out, "--why", "llamadas de recordatorio")
    text = out.read_text(encoding="utf-8-sig")
    assert "MX.13491208655302741918" in text
    assert "medios;Prensa" in text
    assert outreach("import", write(text, "vuelta.csv"), "--json").json["unchanged"] == 2
