"""Posts in groups: the text to copy, the mark, the evidence."""

import re
from datetime import UTC, datetime
from io import BytesIO

import pytest

from campaigns import planning
from campaigns.models import Campaign, GroupTask
from outreach.audit import AuditEntry

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def task(platform, number: int) -> GroupTask:
    with platform.reading() as session:
        found = session.get_one(GroupTask, number)
        session.expunge_all()
        return found


def test_the_task_gives_the_text_as_it_is_pasted(maura, cast):
    page = maura.get(f"/tareas/{cast.waiting_task}").text
    assert "*Simulacro del SEI*\nInscríbase del 19 al 24 de junio.\n¡Le esperamos!</textarea>" in page
    assert 'data-copies="texto"' in page
    assert 'value="11:42"' in page  # now, in Mexico City


def test_marking_it_keeps_when_who_how_many_and_the_picture(maura, cast, platform):
    path = f"/tareas/{cast.waiting_task}"
    data = {"dia": "2025-06-20", "hora": "11:40", "integrantes": "1,024", "evidencia": (BytesIO(PNG), "captura.png")}
    assert maura.post(path, data).status_code == 303
    done = task(platform, cast.waiting_task)
    assert done.published_at == datetime(2025, 6, 20, 17, 40, tzinfo=UTC)
    assert (done.published_by, done.members) == ("maura", 1024)
    assert re.fullmatch(r"[0-9a-f]{32}\.png", done.evidence)
    picture = maura.get(f"{path}/evidencia")
    assert (picture.data, picture.mimetype) == (PNG, "image/png")
    assert (platform.settings.data / "evidence" / done.evidence).read_bytes() == PNG
    with platform.reading() as session:
        line = session.query(AuditEntry).filter_by(action="group.publish").one()
        assert line.details == {"network": "Ruta Chilanga", "members": 1024, "picture": True}


def test_a_published_task_shows_who_and_when_and_asks_nothing(maura, cast):
    page = maura.get(f"/tareas/{cast.done_task}").text
    assert "148" in page
    assert "Sin imagen como evidencia." in page
    assert 'name="integrantes"' not in page
    assert maura.get(f"/tareas/{cast.done_task}/evidencia").status_code == 404


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"dia": "2025-06-31"}, "dia", "no es un día con su hora"),
        ({"hora": ""}, "dia", "no es un día con su hora"),
        ({"dia": "2025-06-21"}, "dia", "todavía no llega"),
        ({"integrantes": "muchos"}, "integrantes", "no es un número de integrantes"),
        ({"integrantes": "-3"}, "integrantes", "no es un número de integrantes"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_marked(maura, cast, platform, change, field, said):
    path = f"/tareas/{cast.waiting_task}"
    answer = maura.post(path, {"dia": "2025-06-20", "hora": "11:40", "integrantes": "12"} | change)
    assert answer.status_code == 422
    assert f'id="{field}-e1"' in answer.text
    assert said in answer.text
    assert task(platform, cast.waiting_task).published_at is None


@pytest.mark.parametrize("name", ["captura.png", "captura.svg", "captura.html"])
def test_what_only_calls_itself_a_picture_is_not_kept(maura, cast, platform, name):
    path = f"/tareas/{cast.waiting_task}"
    data = {"dia": "2025-06-20", "hora": "11:40", "evidencia": (BytesIO(b"<svg onload=alert(1)>"), name)}
    answer = maura.post(path, data)
    assert answer.status_code == 422
    assert "no es una imagen PNG, JPEG o WebP" in answer.text
    assert not (platform.settings.data / "evidence").exists()


def test_whoever_comes_second_is_told_who_was_first(maura, cast):
    path = f"/tareas/{cast.done_task}"
    answer = maura.post(path, {"dia": "2025-06-20", "hora": "11:40"}, seen="/campanas/nueva")
    assert answer.status_code == 422
    assert "Publicado" in answer.text


def test_a_task_of_a_paused_campaign_says_not_to_publish(maura, cast, platform):
    with platform.transaction() as session:
        planning.pause(session, session.get_one(Campaign, cast.groups))
    page = maura.get(f"/tareas/{cast.waiting_task}").text
    assert "no publique este texto" in page
    answer = maura.post(f"/tareas/{cast.waiting_task}", {"dia": "2025-06-20", "hora": "11:40"}, seen="/campanas/nueva")
    assert answer.status_code == 422
    assert task(platform, cast.waiting_task).published_at is None


def test_the_list_and_the_menu_say_how_many_wait(maura, cast):
    assert "Por publicar: 1" in maura.get("/tareas/").text
    assert '<span class="vc-count">1<span class="visually-hidden"> por hacer</span></span>' in maura.get("/").text
    maura.post(f"/tareas/{cast.waiting_task}", {"dia": "2025-06-20", "hora": "11:40"})
    assert "Por publicar: 0" in maura.get("/tareas/").text
    assert "vc-count" not in maura.get("/").text
