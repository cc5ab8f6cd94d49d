"""Writing a campaign: what is typed becomes a draft, what is wrong stands at its field, nothing typed is lost."""

import re
from datetime import datetime

from campaigns.models import Campaign, Content
from campaigns.states import CampaignState
from contacts.models import Channel

GOOD = {
    "titulo": "Últimas horas de registro",
    "clase": "difusion",
    "tema": "registro",
    "informacion": "Envío de anuncio “Registre su proyecto: últimas horas”",
    "cuenta": "votochilango@iecm.mx",
    "finalidad": "avisos",
    "canales": "whatsapp,correo",
    "redes": ["Red Voto Chilango"],
    "sin_redes": ["Red de Observación"],
    "personas": "persona1@example.org",
    "es_asunto": "{{ nombre }}, últimas horas",
    "es_texto": "Hola, {{ nombre }}.\r\nQuedan horas.",
    "es_plantilla": "HX" + "1" * 32,
    "es_valores": "{{ nombre_de_pila }}",
    "fecha": "2025-06-27",
    "hora": "10:00",
    "zona": "America/Mexico_City",
    "repite": "",
    "si_tarde": "ask",
}


def written(platform, answer) -> Campaign:
    assert answer.status_code == 303, re.findall(r"vc-error.*?<span>([^<]+)", answer.text)
    number = int(answer.headers["Location"].split("/")[2])
    with platform.reading() as session:
        campaign = session.get_one(Campaign, number)
        _ = campaign.contents, [rule.network for rule in campaign.audience]
        session.expunge_all()
        return campaign


def test_what_was_typed_becomes_a_draft(maura, platform, cast):
    campaign = written(platform, maura.post("/campanas/nueva", GOOD))
    assert campaign.state == CampaignState.DRAFT
    assert campaign.created_by == "maura"
    assert campaign.title == "Últimas horas de registro"
    assert campaign.channels == ["whatsapp", "correo"]
    assert campaign.when_late == "ask"
    assert campaign.schedule["moments"] == ["2025-06-27T10:00"]
    (content,) = campaign.contents
    assert (content.language, content.subject) == ("es", "{{ nombre }}, últimas horas")
    assert content.text.startswith("Hola, {{ nombre }}.\nQuedan horas.")
    assert content.template_values == {"1": "{{ nombre_de_pila }}"}
    rules = {(rule.network.name if rule.network else rule.contact_id, rule.excluded) for rule in campaign.audience}
    assert rules == {("Red Voto Chilango", False), ("Red de Observación", True), (2, False)}


def test_after_saving_one_sees_how_it_reads(maura, cast):
    answer = maura.post("/campanas/nueva", GOOD)
    assert answer.headers["Location"].endswith("/contenido")
    assert "Guardada. Revise cómo se lee" in maura.get(answer.headers["Location"]).text


def test_an_empty_form_lists_everything_that_is_missing_each_with_a_link_to_its_field(maura, platform, cast):
    answer = maura.post("/campanas/nueva", {"canales": "correo", "zona": "America/Mexico_City", "finalidad": "avisos"})
    assert answer.status_code == 422
    for field in ("titulo", "clase", "informacion", "redes", "es_asunto", "es_texto"):
        assert f'<a href="#{field}">' in answer.text, field
        assert f'id="{field}-e1"' in answer.text or f'id="{field}"' in answer.text, field
    assert "Falta corregir 6 cosas" in answer.text
    with platform.reading() as session:
        assert session.query(Campaign).count() == 7  # nothing half done


def test_nothing_typed_is_lost_when_something_is_wrong(maura, cast):
    text = maura.post("/campanas/nueva", GOOD | {"es_asunto": "Hola, {{ apodo }}"}).text
    assert "No existe el marcador «apodo»." in text
    assert 'value="Hola, {{ apodo }}"' in text
    assert 'value="Últimas horas de registro"' in text
    assert 'value="2025-06-27"' in text
    assert re.search(r'value="Red Voto Chilango" checked', text)
    assert "persona1@example.org" in text


def test_each_language_has_its_own_faults(maura, cast):
    text = maura.post(
        "/campanas/nueva", GOOD | {"canales": "correo", "en_asunto": "Hi {{ nickname }}", "en_texto": "Hi"}
    ).text
    assert 'id="en_asunto-e1"' in text
    assert 'id="es_asunto-e1"' not in text
    assert '<details class="vc-english" open>' in text


def test_a_day_that_does_not_exist_is_said_at_its_field(maura, cast):
    text = maura.post("/campanas/nueva", GOOD | {"fecha": "2025-06-31"}).text
    assert 'id="fecha-e1"' in text
    assert "no es una fecha con hora. Escriba una como 2025-04-09T10:00." in text


def test_a_person_nobody_knows_and_mjml_that_cannot_be_read_are_said(maura, cast):
    text = maura.post("/campanas/nueva", GOOD | {"personas": "nadie@example.org", "es_mjml": "<mjml><mj-body>"}).text
    assert "No hay ninguna persona «nadie@example.org»." in text
    assert 'id="es_mjml-e1"' in text


def test_a_group_campaign_needs_the_text_to_paste_and_groups(maura, platform, cast):
    text = maura.post("/campanas/nueva", GOOD | {"canales": "whatsapp-grupo", "personas": ""}).text
    assert 'id="es_grupo-e1"' in text
    assert "no es un grupo de WhatsApp" in text
    group = GOOD | {"canales": "whatsapp-grupo", "personas": "", "redes": ["Ruta Chilanga"], "sin_redes": []}
    campaign = written(platform, maura.post("/campanas/nueva", group | {"es_grupo": "Hola, vecindad"}))
    assert campaign.channels == [Channel.GROUP]


def test_it_repeats_until_a_day(maura, platform, cast):
    weekly = GOOD | {"repite": "FREQ=WEEKLY", "hasta": "2025-07-31"}
    campaign = written(platform, maura.post("/campanas/nueva", weekly))
    assert campaign.schedule["rule"] == "FREQ=WEEKLY;UNTIL=20250731T235959"
    assert campaign.schedule["start"] == "2025-06-27T10:00"
    maura.post(f"/campanas/{campaign.id}/programar")
    with platform.reading() as session:
        due = session.get_one(Campaign, campaign.id).next_due_at
        assert due == datetime.fromisoformat("2025-06-27T16:00+00:00")


def test_repeating_without_a_first_day_is_said(maura, cast):
    text = maura.post("/campanas/nueva", GOOD | {"repite": "FREQ=DAILY", "fecha": "", "hora": ""}).text
    assert "necesita desde cuándo" in text


def test_editing_begins_with_what_the_campaign_says_and_makes_a_new_version(maura, platform, cast):
    campaign = written(platform, maura.post("/campanas/nueva", GOOD))
    path = f"/campanas/{campaign.id}/editar"
    form = maura.get(path).text
    assert 'value="Últimas horas de registro"' in form
    assert 'value="2025-06-27"' in form
    assert "\npersona1@example.org</textarea>" in form
    assert re.search(r'name="redes"[^>]* value="Red Voto Chilango" checked', form)
    assert re.search(r'name="sin_redes"[^>]* value="Red de Observación" checked', form)
    again = written(platform, maura.post(path, GOOD | {"titulo": "Otro título"}))
    assert (again.id, again.title, again.version) == (campaign.id, "Otro título", 2)
    with platform.reading() as session:
        versions = [each.version for each in session.query(Content).filter_by(campaign_id=campaign.id)]
        assert sorted(versions) == [1, 2]


def test_dates_that_do_not_fit_the_form_are_kept_unless_one_says_otherwise(maura, platform, cast):
    with platform.transaction() as session:
        campaign = session.get_one(Campaign, cast.draft)
        campaign.schedule = {
            "moments": ["2025-07-01T10:00", "2025-07-03T12:00"],
            "start": "",
            "rule": "",
            "excluded": [],
        }
    path = f"/campanas/{cast.draft}/editar"
    assert "Conservar sus 2 fechas" in maura.get(path).text
    kept = written(platform, maura.post(path, GOOD | {"conservar": "1"}))
    assert kept.schedule["moments"] == ["2025-07-01T10:00", "2025-07-03T12:00"]
    assert written(platform, maura.post(path, GOOD)).schedule["moments"] == ["2025-06-27T10:00"]


def test_a_campaign_that_runs_cannot_be_edited(maura, cast):
    answer = maura.get(f"/campanas/{cast.sending}/editar")
    assert answer.status_code == 409
    assert "ya se está enviando" in answer.text


def test_from_a_network_the_form_begins_with_it(maura, cast):
    assert re.search(
        r'name="redes"[^>]* value="Red Voto Chilango" checked', maura.get(f"/campanas/nueva?red={cast.network}").text
    )
    group = maura.get(f"/campanas/nueva?red={cast.group}").text
    assert '<option value="whatsapp-grupo" selected>' in group


def test_what_is_missing_is_called_as_the_form_calls_it(maura, cast):
    text = maura.post("/campanas/nueva", {"canales": "correo", "zona": "America/Mexico_City"}).text
    assert "Falta «Título»." in text
    assert "Falta «Asunto»." in text
    assert "correo.asunto" not in text
