"""A person's hand on a campaign: what is asked before, what is done, what is noted."""

import re
from datetime import timedelta

from campaigns import planning
from campaigns.audience import prepare
from campaigns.models import Campaign, Delivery, Run
from campaigns.states import CampaignState, RunState
from outreach import keep
from outreach.audit import AuditEntry
from outreach.web.queries import progress


def state(platform, campaign_id: int) -> CampaignState:
    with platform.reading() as session:
        return session.get_one(Campaign, campaign_id).state


def actions(platform) -> list[tuple[str, str]]:
    with platform.reading() as session:
        return [(row.action, row.subject) for row in session.query(AuditEntry).order_by(AuditEntry.id)]


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_pausing_stops_it_at_once_and_going_on_resumes(maura, cast, platform):
    assert maura.post(f"/campanas/{cast.sending}/pausar", seen="/").status_code == 303
    assert state(platform, cast.sending) == CampaignState.PAUSED
    text = words(maura.get(f"/campanas/{cast.sending}").text)
    assert "En pausa: nada nuevo sale hasta que alguien la siga." in text
    assert "Seguir enviando" in text
    maura.post(f"/campanas/{cast.sending}/seguir", seen="/")
    assert state(platform, cast.sending) == CampaignState.SENDING
    done = [action for action, _subject in actions(platform) if action != "campaign.show"]  # looks are noted too
    assert done[-2:] == ["campaign.pause", "campaign.resume"]


def test_a_campaign_that_a_fault_stopped_says_why_and_what_to_do(maura, cast):
    text = words(maura.get(f"/campanas/{cast.paused}").text)
    assert "La plataforma la detuvo." in text
    assert "El servicio no reconoció la llave de esta instalación." in text


def test_before_it_is_sent_the_number_of_people_is_repeated_by_way_and_reason(maura, cast, platform):
    text = words(maura.get(f"/campanas/{cast.draft}/enviar").text)
    assert "53 de 60 personas recibirán este mensaje" in text
    assert "Correo: 53" in text
    assert "No se les escribe: 7" in text
    assert "Esa dirección o ese número falló antes. Pida otro." in text
    assert "Enviar a 53 personas" in text
    assert state(platform, cast.draft) == CampaignState.DRAFT  # looking changes nothing


def test_what_is_promised_before_is_what_is_written_when_it_goes(maura, cast, platform):
    maura.post(f"/campanas/{cast.draft}/enviar")
    assert state(platform, cast.draft) == CampaignState.SENDING
    with platform.transaction() as session:
        run = session.get_one(Campaign, cast.draft).runs[0]
        assert run.ignores_quiet_hours
        prepare(session, run, at=platform.clock.now(), quiet=None)
        done = progress.read(session, [run.id])
        assert (done.total, done.skipped) == (53, 7)


def test_a_draft_without_a_date_is_offered_one_instead_of_being_scheduled(maura, cast):
    text = words(maura.get(f"/campanas/{cast.draft}/programar").text)
    assert "Poner fecha y hora" in text
    assert maura.post(f"/campanas/{cast.draft}/programar", seen="/").status_code == 409


def test_cancelling_says_how_many_are_left_out_and_how_many_have_left(maura, cast, platform):
    text = words(maura.get(f"/campanas/{cast.sending}/cancelar").text)
    assert "A 13 personas que faltaban ya no les llegará." in text
    assert "38 mensajes ya salieron y no se pueden recoger." in text
    maura.post(f"/campanas/{cast.sending}/cancelar")
    assert state(platform, cast.sending) == CampaignState.CANCELLED
    with platform.reading() as session:
        assert session.query(Delivery).filter_by(run_id=1, reason="cancelled").count() == 13


def test_what_cannot_be_done_from_here_is_not_offered_and_refused_when_forced(maura, cast):
    assert "Pausar" not in maura.get(f"/campanas/{cast.finished}").text
    for act in ("enviar", "programar", "cancelar"):
        assert maura.get(f"/campanas/{cast.finished}/{act}").status_code == 409


def test_a_held_sending_waits_for_a_persons_word(maura, cast, platform):
    text = words(maura.get(f"/campanas/{cast.held}").text)
    assert "Debía salir hoy, 06:42 y nada estaba funcionando. ¿Sale todavía?" in text
    with platform.reading() as session:
        run_id = session.get_one(Campaign, cast.held).runs[0].id
    maura.post(f"/campanas/{cast.held}/envios/{run_id}/soltar", seen="/")
    assert state(platform, cast.held) == CampaignState.SENDING


def test_a_held_sending_may_be_let_pass(maura, cast, platform):
    with platform.reading() as session:
        run_id = session.get_one(Campaign, cast.held).runs[0].id
    maura.post(f"/campanas/{cast.held}/envios/{run_id}/dejar", seen="/")
    with platform.reading() as session:
        assert session.get_one(Run, run_id).state == RunState.MISSED


def test_after_a_restoration_a_person_is_asked_whether_it_went_out_already(maura, cast, platform):
    with platform.transaction() as session:
        now = platform.clock.now()
        keep.note_restored(session, made_at=now - timedelta(hours=8), at=now)
        planning.pause(session, session.get_one(Campaign, cast.held), reason="restored")
        run_id = session.get_one(Campaign, cast.held).runs[0].id
    text = words(maura.get(f"/campanas/{cast.held}").text)
    assert "este envío pudo haber salido después de hacerlo, a todas las personas. ¿Ya salió?" in text
    assert "¿Ya salió “Últimas horas”?" in words(maura.get("/").text)
    assert f"/campanas/{cast.held}/enviar" not in maura.get(f"/campanas/{cast.held}").text
    maura.post(f"/campanas/{cast.held}/seguir", seen="/")
    assert "Un envío suyo espera su decisión" in words(maura.get("/").text)
    assert f"/campanas/{cast.held}/enviar" not in maura.get(f"/campanas/{cast.held}").text
    assert "espera su decisión: si también se envía ahora" in words(maura.get(f"/campanas/{cast.held}/enviar").text)
    assert state(platform, cast.held) == CampaignState.SCHEDULED
    maura.post(f"/campanas/{cast.held}/envios/{run_id}/dejar", seen="/")
    assert state(platform, cast.held) == CampaignState.FINISHED


def test_a_run_of_another_campaign_cannot_be_released_through_this_one(maura, cast):
    assert maura.post(f"/campanas/{cast.held}/envios/1/soltar", seen="/").status_code == 404
