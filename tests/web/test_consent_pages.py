"""What a person said is written down with what shows it; notices are published; a link confirms: on pages."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from contacts import consent, notices, terms
from contacts.models import Channel, Decision, EvidenceKind, Purpose
from outreach import confirming, invitation
from outreach.audit import AuditEntry

PDF = b"%PDF-1.7\n1 0 obj"


def said(platform, who):
    with platform.reading() as session:
        return consent.ledger(session, who)


def noted(platform):
    with platform.reading() as session:
        return [entry.action for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def form(**values):
    given = {
        "que": "granted",
        "via": "correo",
        "finalidad": ["eventos", "boletines"],
        "dia": "2025-06-20",
        "hora": "08:30",
        "fuente": "feria de Chicago",
        "clase": "formulario",
        "prueba": "renglón 7",
        "aviso": "inicial",
        "hasta": "",
    }
    return given | values


def test_a_consent_is_written_down_with_what_shows_it_by_the_persons_own_clock(maura, platform, cast):
    who = cast.citlali
    path = f"/contactos/{who}/consentimiento"
    page = maura.get(path).text
    assert "Del lugar en que está la persona" in page
    answer = maura.post(path, form(hasta="2025-12-31"))
    assert answer.status_code == 303
    lines = [line for line in said(platform, who) if line.source == "feria de Chicago"]
    assert {line.purpose for line in lines} == {"eventos", "boletines"}
    assert {line.evidence_kind for line in lines} == {EvidenceKind.FORM}
    assert {(line.recorded_by, line.notice_version) for line in lines} == {("maura", "inicial")}
    assert {line.at.isoformat() for line in lines} == {"2025-06-20T13:30:00+00:00"}  # 08:30 in Chicago
    page = maura.get(f"/contactos/{who}").text
    assert "hasta el 31 de diciembre de 2025" in page
    assert "Entrada de un formulario: renglón 7" in page
    assert "consent.grant" in noted(platform)


def test_a_withdrawal_is_written_down_and_holds_at_once(maura, platform, cast):
    who = cast.citlali
    wanted = form(que="withdrawn", via="*", finalidad=[], clase="respuesta", prueba="Ya no me escriban, por favor")
    assert maura.post(f"/contactos/{who}/consentimiento", wanted).status_code == 303
    [line] = [line for line in said(platform, who) if line.decision is Decision.WITHDRAWN]
    assert (line.channel, line.purpose, line.evidence) == ("*", "*", "Ya no me escriban, por favor")
    with platform.reading() as session:
        assert not any(verdict.allowed for verdict in consent.verdicts(session, who).values())
    assert "consent.withdraw" in noted(platform)


def test_a_signed_paper_is_kept_and_who_looks_at_it_is_noted(maura, stranger, platform, cast):
    who = cast.citlali
    path = f"/contactos/{who}/consentimiento"
    wanted = form(clase="papel", prueba="", papel=(io.BytesIO(PDF), "firmado.png"))
    assert maura.post(path, wanted, content_type="multipart/form-data").status_code == 303
    line = next(line for line in said(platform, who) if line.evidence_file)
    assert line.evidence_kind is EvidenceKind.PAPER
    answer = maura.get(f"{path}/{line.id}/evidencia")
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "consent.evidence" in noted(platform)
    assert maura.get(f"/contactos/{who + 1}/consentimiento/{line.id}/evidencia").status_code == 404
    assert stranger.get(f"{path}/{line.id}/evidencia").status_code in {302, 303}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"que": ""}, "Diga si la persona aceptó"),
        ({"dia": "2025-06-31"}, "no es un día con su hora"),
        ({"dia": "2025-06-21"}, "todavía no llega"),
        ({"fuente": " "}, "Falta decir dónde"),
        ({"prueba": ""}, "Falta la prueba"),
        ({"clase": "papel"}, "Falta la prueba"),
        ({"clase": "archivo"}, "no es una clase de prueba"),
        ({"hasta": "2025-06-01"}, "no puede terminar"),
        ({"papel": (b"MZ...", "firmado.pdf")}, "no es un PDF ni una imagen"),
        ({"que": "asked"}, "Ya aceptó todo eso"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_written(maura, platform, cast, wrong, told):
    before = len(said(platform, cast.citlali))
    path = f"/contactos/{cast.citlali}/consentimiento"
    if "papel" in wrong:
        wrong = {"papel": (io.BytesIO(wrong["papel"][0]), wrong["papel"][1])}
    answer = maura.post(path, form(**wrong), content_type="multipart/form-data")
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="feria de Chicago"' in answer.text or "fuente" in wrong
    assert len(said(platform, cast.citlali)) == before
    kept = platform.settings.data / "evidence"
    assert not kept.exists() or not list(kept.iterdir())


def test_consents_about_to_end_are_counted_and_listed(maura, platform, cast):
    now = platform.clock.now()
    assert "por vencer" not in maura.get("/contactos/").text
    assert "Ninguno vence pronto" in maura.get("/contactos/por-vencer").text
    with platform.transaction() as session:
        consent.grant(session, cast.citlali, "*", "*", source="feria", at=now, until=now + timedelta(days=20))
    assert "Consentimientos por vencer: 1" in maura.get("/contactos/").text
    page = maura.get("/contactos/por-vencer").text
    assert "10 de julio de 2025" in page
    assert "contacts.ending" in noted(platform)


def test_a_notice_is_shown_as_it_will_stay_before_it_is_published(maura, platform, cast):
    path = "/avisos-de-privacidad/nuevo"
    wanted = {"version": "2025-06", "idioma": "es", "texto": "Texto aprobado\r\npor la institución"}
    page = maura.post(path, wanted).text
    digest = notices.digest("Texto aprobado\npor la institución\n")
    assert digest in page
    with platform.reading() as session:
        assert "2025-06" not in [one.version for one in notices.versions(session)]
    assert maura.post(path, wanted | {"paso": "publicar"}).status_code == 303
    page = maura.get("/avisos-de-privacidad/").text
    assert "2025-06" in page
    assert digest[:16] in page
    assert "notice.publish" in noted(platform)
    other = maura.post(path, wanted | {"texto": "Otro", "paso": "publicar"})
    assert other.status_code == 422
    assert "ya está publicado con otro texto" in other.text
    with platform.transaction() as session:
        at = platform.clock.now()
        consent.grant(session, cast.citlali, "*", "*", source="feria", at=at)
    page = maura.get("/avisos-de-privacidad/version/2025-06").text
    assert "1 persona aceptó bajo esta versión" in page
    assert f"/contactos/{cast.citlali}" in page
    assert "notice.people" in noted(platform)
    assert maura.get("/avisos-de-privacidad/version/nada").status_code == 404


@pytest.fixture
def token(platform, cast):
    """The link of somebody who is asked."""
    with platform.transaction() as session:
        at = platform.clock.now()
        consent.withdraw(session, cast.citlali, "*", source="baja", at=at - timedelta(days=2))
        consent.grant(session, cast.citlali, "*", "*", source="x", at=at - timedelta(days=1), until=at)
        asked = confirming.ask_to_confirm(
            platform, session, cast.citlali, Channel.EMAIL, [Purpose.EVENTS], source="página"
        )
    return invitation.token(platform.secret, asked.ask.id)


def test_opening_the_link_asks_and_only_the_button_confirms(stranger, platform, cast, token):
    page = stranger.get(f"/confirmar/{token}")
    assert page.status_code == 200
    assert "Sí, confirmo" in page.text
    assert "p…0@example.org" in page.text
    assert "Aviso de privacidad simplificado" in page.text
    with platform.reading() as session:
        assert not consent.may_contact(session, cast.citlali, Channel.EMAIL, Purpose.EVENTS).allowed
    done = stranger.client.post(f"/confirmar/{token}")
    assert "Gracias por confirmar" in done.text
    with platform.reading() as session:
        assert consent.may_contact(session, cast.citlali, Channel.EMAIL, Purpose.EVENTS).allowed
    again = stranger.client.post(f"/confirmar/{token}")
    assert "Ya lo había confirmado" in again.text
    assert "Ya lo había confirmado" in stranger.get(f"/confirmar/{token}").text


def test_a_link_that_is_no_good_any_more_has_its_page(stranger, platform, cast, token):
    assert stranger.get("/confirmar/otra").status_code == 404
    with platform.transaction() as session:
        consent.withdraw(session, cast.citlali, Channel.EMAIL, source="baja", at=platform.clock.now())
    answer = stranger.client.post(f"/confirmar/{token}")
    assert (answer.status_code, "Después pidió no recibir mensajes" in answer.text) == (410, True)
    platform.clock.set(platform.clock.now() + timedelta(days=7))
    assert stranger.get(f"/confirmar/{token}").status_code == 410


def test_a_link_has_its_time(stranger, platform, token):
    platform.clock.set(platform.clock.now() + timedelta(days=7))
    answer = stranger.client.post(f"/confirmar/{token}")
    assert (answer.status_code, "El enlace ya venció" in answer.text) == (410, True)


def test_terms_are_said_on_the_form(maura, platform, cast):
    object.__setattr__(platform.settings, "consent_terms", terms.read("24 eventos=6"))
    page = maura.get(f"/contactos/{cast.citlali}/consentimiento").text
    assert "24 meses desde que lo dijo. Otras finalidades: Eventos 6." in page
