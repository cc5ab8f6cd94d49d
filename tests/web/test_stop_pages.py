"""Stopping everything from a page: asked for with a reason, said everywhere, taken back with one button."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from campaigns import lines, stopping
from campaigns.models import Delivery, Run
from campaigns.states import WAITING, RunState
from contacts.models import Channel
from outreach.audit import AuditEntry

REASON = "La fecha del mensaje está equivocada"
SENDER = "votochilango@iecm.mx"


def test_everything_is_stopped_with_a_reason_and_every_page_says_so_until_it_is_allowed_again(
    maura, stranger, platform
) -> None:
    asked = maura.get("/detener/")
    assert "motivo" in asked.text
    maura.post("/detener/", {"motivo": REASON})
    for page in ("/", "/campanas/", "/contactos/", "/registro/", "/bitacora/", "/detener/"):
        shown = maura.get(page).text
        assert "Todo el envío está detenido" in shown, page
        assert REASON in shown
        assert "maura" in shown
    door = stranger.get("/entrar").text
    assert "Todo el envío está detenido" in door
    assert REASON not in door  # who is outside learns neither why nor by whom
    assert "maura" not in door
    with platform.reading() as session:
        switch = stopping.stopped(session)
        assert switch is not None
        assert switch.by == "maura"
    maura.post("/detener/permitir", {})
    assert REASON not in maura.get("/").text
    with platform.reading() as session:
        assert stopping.stopped(session) is None
        noted = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("sending.%"))).all()
    assert noted == ["sending.stop", "sending.resume"]


def test_without_a_reason_nothing_is_stopped_and_the_field_says_why(maura, platform) -> None:
    answer = maura.post("/detener/", {"motivo": "  "})
    assert answer.status_code == 422
    assert "Falta el motivo" in answer.text
    with platform.reading() as session:
        assert stopping.stopped(session) is None


def test_a_campaign_that_sends_offers_to_stop_everything_and_then_no_page_says_that_it_sends(maura, cast) -> None:
    shown = maura.get(f"/campanas/{cast.sending}").text
    assert shown.count('href="/detener/"') > maura.get("/contactos/").text.count('href="/detener/"') > 0
    assert "Enviándose" in shown
    maura.post("/detener/", {"motivo": REASON})
    for page in (f"/campanas/{cast.sending}", f"/campanas/{cast.sending}/avance", "/campanas/"):
        stopped = maura.get(page).text
        assert "Detenida" in stopped, page
        assert ("Enviándose" in stopped) == (page == "/campanas/"), page  # posts in groups are made by people
    home = maura.get("/").text
    assert "Requiere su atención" in home
    assert "Se está enviando" not in home
    assert "Nada espera por usted" not in home


def test_before_everything_goes_on_the_page_says_who_stopped_it_and_how_many_messages_leave(
    maura, cast, platform
) -> None:
    maura.post("/detener/", {"motivo": REASON})
    again = maura.post("/detener/", {"motivo": "Otro"}, follow_redirects=True)
    for asked in (again.text, maura.get("/detener/").text):
        assert "¿Permitir el envío de nuevo?" in asked
        assert REASON in asked
        assert 'name="motivo"' not in asked
    with platform.reading() as session:
        runs = select(Run.id).where(Run.campaign_id == cast.sending, Run.state == RunState.SENDING)
        wanted = select(func.count()).where(Delivery.run_id.in_(runs), Delivery.state.in_(WAITING))
        left = session.scalar(wanted)
    assert left
    assert f"Permitir que salgan {left:,} mensajes" in maura.get("/detener/").text


def test_what_is_sent_while_everything_is_stopped_says_that_it_waits(maura, cast) -> None:
    maura.post("/detener/", {"motivo": REASON})
    maura.post(f"/campanas/{cast.sending}/pausar")
    told = maura.post(f"/campanas/{cast.sending}/seguir", follow_redirects=True).text
    assert "la campaña sale cuando se permita de nuevo" in told
    assert "La campaña sigue." not in told


def test_nobody_outside_stops_anything(stranger, platform) -> None:
    assert stranger.get("/detener/").status_code == 302
    stranger.post("/detener/", {"motivo": REASON}, seen="/entrar")
    with platform.reading() as session:
        assert stopping.stopped(session) is None


@pytest.mark.parametrize(("minutes", "said"), [(4, "Se intenta de nuevo"), (-1, "Se está intentando")])
def test_a_sender_that_waits_is_told_at_home_and_beside_its_campaign_with_what_happened_and_when_it_goes_on(
    maura, cast, platform, minutes, said
) -> None:
    now = platform.clock.now()
    with platform.transaction() as session:
        line = lines.hold(session, Channel.EMAIL, SENDER)
        line.closed_at, line.closed_until, line.reason = now, now + timedelta(minutes=minutes), "no_answer"
    for page in ("/", f"/campanas/{cast.sending}"):
        shown = maura.get(page).text
        assert f"{SENDER} espera" in shown
        assert said in shown
        assert "El servicio no contesta a tiempo." in shown
        assert "decida" not in shown.split(f"{SENDER} espera")[1].split("</div>")[0]  # of a line nothing is to decide
        assert "no_answer" not in shown
