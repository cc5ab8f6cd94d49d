"""A campaign on screen: progress that moves, the log, and a person's hand on it."""

import csv
import re
from io import StringIO

import pytest

from campaigns.models import Campaign, Delivery, Run
from campaigns.states import DeliveryState, RunState
from outreach.audit import AuditEntry
from outreach.web.queries import progress


def actions(platform) -> list[tuple[str, str]]:
    with platform.reading() as session:
        return [(row.action, row.subject) for row in session.query(AuditEntry).order_by(AuditEntry.id)]


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_the_figure_its_parts_and_the_people_behind_them_agree(maura, cast, platform):
    text = words(maura.get(f"/campanas/{cast.sending}").text)
    assert "38 de 53 mensajes salieron (72 %)" in text
    for part in ("14 Leído", "18 Entregado", "4 En tránsito", "1 En duda", "2 Rebotado", "1 Fallido", "13 Por enviar"):
        number, word = part.split(maxsplit=1)
        assert f"{word} {number}" in text
    assert "Con problema: 4" in text
    assert "No se les escribe: 7" in text
    with platform.reading() as session:
        done = progress.read(session, [run.id for run in progress.runs_of(session, cast.sending)])
        assert sum(part.count for part in done.parts) == done.total == 53
        countries = progress.by_country(session, [1])
        assert sum(each.total for _country, each in countries) == 53
        assert round(sum(part.width for part in done.parts), 1) == 100.0


def test_every_reason_is_said_in_words_never_as_a_bare_code(maura, cast):
    text = words(maura.get(f"/campanas/{cast.sending}/personas").text)
    assert "El buzón no existe. Pida otra dirección." in text
    assert "No consta que haya aceptado recibir estos mensajes." in text
    assert "hard_bounce" not in text
    assert "no_consent" not in text


def test_the_bar_says_in_one_sentence_what_it_shows(maura, cast):
    text = maura.get(f"/campanas/{cast.sending}").text
    assert "De 53: leído 14, entregado 18, en tránsito 4, en duda 1, rebotado 2, fallido 1, por enviar 13" in text


def test_the_moving_part_comes_alone_and_only_when_something_moved(maura, cast, platform):
    path = f"/campanas/{cast.sending}/avance?envio=1"
    first = maura.get(path)
    assert first.status_code == 200
    assert first.text.startswith('<div id="avance"')
    assert 'hx-trigger="every 2s"' in first.text
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = maura.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with platform.transaction() as session:
        row = session.query(Delivery).filter_by(state=DeliveryState.ACCEPTED).first()
        row.state = DeliveryState.DELIVERED
    moved = maura.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert moved.status_code == 200
    assert moved.headers["ETag"] != first.headers["ETag"]
    assert "Entregado</dt><dd><a" in moved.text


def test_the_moving_part_brings_the_state_and_the_buttons_along(maura, cast):
    text = maura.get(f"/campanas/{cast.sending}/avance").text
    assert '<span id="campana-estado" hx-swap-oob="true">' in text
    assert "Pausar" in text


def test_a_campaign_that_has_ended_asks_for_nothing_any_more(maura, cast):
    text = maura.get(f"/campanas/{cast.finished}").text
    assert "hx-get" not in text
    assert "Esta página se actualiza sola" not in text


def test_each_sending_of_a_campaign_can_be_looked_at_alone_or_all_together(maura, cast, platform):
    with platform.transaction() as session:
        campaign = session.get_one(Campaign, cast.finished)
        session.add(
            Run(
                campaign=campaign, due_at=campaign.runs[0].due_at.replace(year=2024), version=1, state=RunState.FINISHED
            )
        )
    text = maura.get(f"/campanas/{cast.finished}").text
    assert "Todos juntos (2)" in text
    assert "9 may 2025, 10:00" in text
    assert "9 may 2024, 10:00" in text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 60),
        ("estado=problema", 4),
        ("estado=por-enviar", 13),
        ("estado=skipped", 7),
        ("estado=bounced&motivo=hard_bounce", 1),
        ("canal=whatsapp&estado=read", 6),
        ("q=persona1@example.org", 1),
        ("q=PERSONA1@EXAMPLE", 1),
        ("q=%25", 0),  # a percent sign is a letter to look for
        ("estado=inventado", 60),
        ("pagina=99", 60),
        ("pagina=x", 60),
    ],
)
def test_the_log_is_narrowed_by_state_way_reason_and_text(maura, cast, query, count):
    text = words(maura.get(f"/campanas/{cast.sending}/personas?{query}").text)
    assert f"{count} persona" in text


def test_the_log_shows_the_persons_own_hour_beside_ours(maura, cast):
    text = words(maura.get(f"/campanas/{cast.sending}/personas?q=Citlali+Jacaranda+Tezontle").text)
    assert "Hoy, 11:42 12:42 en Chicago" in text


def test_the_whole_log_is_a_file_with_codes_and_its_download_is_noted(maura, cast, platform):
    asked = maura.get(f"/campanas/{cast.sending}/personas.csv")
    assert asked.mimetype == "text/html"
    assert "Para qué" in asked.text
    assert maura.get(f"/campanas/{cast.sending}/personas.csv?motivo=x").status_code == 422
    assert "campaign.log" not in [action for action, _subject in actions(platform)]
    answer = maura.get(f"/campanas/{cast.sending}/personas.csv?motivo=revisar+los+rebotes")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="campana-{cast.sending}.csv"'
    rows = list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 60
    assert {"direccion", "canal", "estado", "motivo", "aceptado"} <= set(rows[0])
    assert {row["estado"] for row in rows} >= {"read", "skipped", "planned", "in_doubt"}
    assert ("campaign.log", f"campaign:{cast.sending}") in actions(platform)


def test_a_name_that_a_spreadsheet_would_calculate_is_text_in_the_file(maura, cast, platform):
    from contacts.models import Contact

    with platform.transaction() as session:
        session.get_one(Contact, cast.citlali).name = '=HYPERLINK("http://example.org")'
    rows = list(
        csv.DictReader(
            StringIO(
                maura.get(f"/campanas/{cast.sending}/personas.csv?motivo=revisar+los+rebotes").data.decode("utf-8-sig")
            )
        )
    )
    assert rows[0]["nombre"] == '\'=HYPERLINK("http://example.org")'
    assert rows[0]["direccion"] == "+12125550100"


def test_posts_in_groups_are_counted_apart_from_deliveries(maura, cast):
    text = words(maura.get(f"/campanas/{cast.groups}").text)
    assert "Publicaciones en grupos: 1 de 2" in text
    assert "no se suma a los mensajes entregados" in text
    assert "mensajes salieron" not in text


def test_the_list_has_a_shelf_for_what_runs_what_is_written_and_what_ended(maura, cast):
    running = words(maura.get("/campanas/").text)
    assert "En marcha y programadas (5)" in running
    assert "38 de 53 salieron" in running
    assert "1 de 2 grupos publicados" in running
    assert "Invitación a la Consulta 2025" in words(maura.get("/campanas/?estado=borradores").text)
    assert "Convocatoria de observación" in words(maura.get("/campanas/?estado=terminadas").text)
    assert "Ninguna campaña dice eso" in maura.get("/campanas/?estado=terminadas&q=nadie").text


def test_the_preview_shows_what_a_chosen_person_reads(maura, cast):
    text = words(maura.get(f"/campanas/{cast.sending}/contenido?como={cast.citlali}").text)
    assert "Citlali, opine desde donde vive" in text
    assert "Hola, Citlali. El simulacro del SEI empieza el 19 de junio." in text
    letter = maura.get(f"/campanas/{cast.sending}/contenido/correo.html?como={cast.citlali}").text
    assert "Hola, Citlali: el simulacro" in words(letter)
    assert "/baja/c1." in letter  # her own way out


def test_the_preview_shows_what_somebody_without_a_name_reads(maura, cast):
    letter = maura.get(f"/campanas/{cast.sending}/contenido/correo.html?como=0").text
    assert "Hola, vecina o vecino: el simulacro" in words(letter)
