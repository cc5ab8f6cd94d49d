"""A plan in virtual time: what leaves, what is left out and why, what the informe says, and that the log is true."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from campaigns.models import Campaign, Delivery, GroupTask, Run
from campaigns.states import DeliveryState
from contacts.errors import Refused
from contacts.models import Contact
from outreach import plans, words
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.platform import Platform
from outreach.register.models import Entry
from outreach.rehearsal import proof, run
from outreach.rehearsal.loading import load
from outreach.rehearsal.people import People
from outreach.rehearsal.stage import staged


def kept(data, query):
    """Rows of the database that a rehearsal left."""
    platform = Platform(Settings.read({"OUTREACH_DATA": str(data)}))
    try:
        with platform.reading() as session:
            return session.execute(query).all()
    finally:
        platform.close()


def test_every_delivery_that_is_not_skipped_was_received_exactly_once(played):
    rehearsed, data = played
    assert rehearsed.proof.holds
    assert rehearsed.proof.behind == 0
    left = kept(data, select(Delivery.id).where(Delivery.state != DeliveryState.SKIPPED))
    assert rehearsed.proof.messages == rehearsed.proof.left == len(left) == 13


def test_everybody_has_a_row_and_every_skip_its_reason(played):
    rehearsed, data = played
    rows = kept(
        data,
        select(Campaign.title, Contact.name, Delivery.state, Delivery.reason)
        .select_from(Delivery)
        .join(Contact)
        .join(Run)
        .join(Campaign)
        .order_by(Delivery.id),
    )
    said = {(title, name): reason or state for title, name, state, reason in rows}
    assert len(rows) == rehearsed.proof.deliveries == 4 * 6
    assert said["Paso", "Carla Tule"] == "no_consent"
    assert said["Paso", "Fer Copal"] == "no_address"
    assert said["Paso", "Emi Zapote"] == "opted_out"  # wrote «baja» an hour and a half before
    assert said["Aviso", "Emi Zapote"] == "delivered"  # and left WhatsApp only
    assert said["Aviso", "Fer Copal"] == "opted_out"  # used the link of the first mail before the second
    assert said["Aviso", "Beto Nopal"] == "bounced"  # the first bounced, so the second was not sent
    assert said["Promoción", "Ana Jacaranda"] == "marketing_us"
    assert said["Promoción", "Dora Mezquite"] == "read"


def test_a_reader_asleep_is_written_to_in_the_morning(played):
    _rehearsed, data = played
    ((accepted, zone),) = kept(
        data,
        select(Delivery.accepted_at, Contact.timezone)
        .join_from(Delivery, Contact)
        .where(Contact.name == "Dora Mezquite", Delivery.channel == "whatsapp")
        .order_by(Delivery.id)
        .limit(1),
    )
    # 12:30 in Mexico City is 3:30 in Tokyo
    assert zone == "Asia/Tokyo"
    assert accepted == datetime(2025, 5, 12, 23, 0, tzinfo=UTC)


def test_the_informe_tells_what_went_and_what_was_written_down(played):
    rehearsed, _data = played
    assert rehearsed.report.tables[0].rows == (
        ("12 de mayo de 2025", "correo", "El aviso", "5"),
        ("12 de mayo de 2025", "whatsapp", "El paso", "3"),
        ("13 de mayo de 2025", "whatsapp", "La promoción", "2"),
        ("13 de mayo de 2025", "correo", "El aviso", "3"),
        ("13 de mayo de 2025", "micrositio", "Nota del micrositio", ""),
        ("14 de mayo de 2025", "whatsapp-grupo", "El cartel en grupos", ""),
    )


def test_a_post_in_a_group_is_a_task_that_somebody_does_later(played):
    rehearsed, data = played
    ((at, by, members),) = kept(data, select(GroupTask.published_at, GroupTask.published_by, GroupTask.members))
    assert at == datetime(2025, 5, 14, 16, 20, tzinfo=UTC)
    assert (by, members) == ("Inés Ahuehuete", 6)
    assert rehearsed.summary.posts == {"Red": 1}
    assert "whatsapp-grupo" not in rehearsed.summary.ways


def test_an_entry_is_written_on_its_day_and_not_after_the_end(played):
    rehearsed, data = played
    assert kept(data, select(Entry.information, Entry.created_at)) == [
        ("Nota del micrositio", datetime(2025, 5, 13, 18, 0, tzinfo=UTC))
    ]
    assert rehearsed.entries == 1


def test_what_lies_before_is_left_out_and_what_lies_after_is_pending(played):
    rehearsed, data = played
    assert "Abril" not in [title for (title,) in kept(data, select(Campaign.title))]
    assert [(line.title, line.state) for line in rehearsed.summary.pending] == [("Junio", "scheduled")]


def test_the_same_plan_twice_gives_the_same_digest(played, tmp_path, play, read_plan):
    again = play(read_plan(tmp_path / "plan"), tmp_path / "datos")
    assert again.report.digest == played[0].report.digest


def test_another_plan_gives_another_digest(played, tmp_path, play, read_plan, plan_text):
    other = play(read_plan(tmp_path / "plan", plan_text.replace("El paso", "Otro paso")), tmp_path / "datos")
    assert other.report.digest != played[0].report.digest


def test_a_part_of_the_plan_can_be_rehearsed(tmp_path, play, read_plan):
    one_day = play(read_plan(tmp_path / "plan"), tmp_path / "datos", date(2025, 5, 13), date(2025, 5, 13))
    assert [row[2] for row in one_day.report.tables[0].rows] == ["La promoción", "El aviso", "Nota del micrositio"]
    assert [line.title for line in one_day.summary.pending] == ["Cartel", "Junio"]


def test_who_never_got_a_mail_cannot_leave_by_its_link(tmp_path, play, read_plan, plan_text):
    text = plan_text.replace('persona = "fer@example.org"', 'persona = "carla@example.org"')
    assert play(read_plan(tmp_path / "plan", text), tmp_path / "datos").unheard == ("carla@example.org",)


def test_keys_of_the_real_providers_change_nothing(tmp_path):
    settings = Settings.read(
        {
            "OUTREACH_DATA": str(tmp_path),
            "SENDGRID_API_KEY": "SG.real",
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "real",
        }
    )
    with staged(settings, VirtualClock(datetime(2025, 5, 1, tzinfo=UTC))) as stage:
        assert stage.platform.settings.sendgrid_key == stage.platform.settings.twilio_sid == ""
        assert {carrier._wire._base_url for carrier in stage.engine.carriers.values() if hasattr(carrier, "_wire")} <= {
            stage.simulator.url
        }


def test_the_proof_sees_a_log_that_lies(tmp_path, read_plan):
    plan = read_plan(tmp_path / "plan")
    lies = {
        "lost": {"state": DeliveryState.ACCEPTED, "accepted_at": datetime(2025, 5, 12, tzinfo=UTC)},
        "unasked": {"state": DeliveryState.SKIPPED},
        "state": {"state": DeliveryState.READ},
        "address": {"address": "otra@example.org"},
    }
    settings = Settings.read({"OUTREACH_DATA": str(tmp_path / "datos")})
    begins, ends = datetime(2025, 5, 12, 6, tzinfo=UTC), datetime(2025, 5, 13, 6, tzinfo=UTC)
    with staged(settings, VirtualClock(begins)) as stage:
        load(stage, plan, begins)
        run(stage, People(stage, plan, begins, ends), ends, plan.zone)
        with stage.platform.reading() as session:
            assert proof.prove(session, stage.simulator).holds
            sent = session.scalars(select(Delivery.id).where(Delivery.state == DeliveryState.DELIVERED)).all()
            skipped = session.scalar(select(Delivery.id).where(Delivery.state == DeliveryState.SKIPPED))
        for code, lie in lies.items():
            with stage.platform.sessions() as session:  # never committed
                wrong = skipped if code == "lost" else sent[0]
                session.execute(update(Delivery).where(Delivery.id == wrong).values(**lie))
                found = proof.prove(session, stage.simulator)
                assert [(item.code, item.delivery) for item in found.contradictions] == [(code, str(wrong))]
                session.rollback()


def test_a_plan_with_faults_names_them_all_with_their_lines(tmp_path, read_plan, plan_text):
    text = (
        plan_text.replace('tipo = "grupo"', 'tipo = "club"')
        .replace('archivo = "otra.csv"', 'archivo = "nadie.csv"')
        .replace("minutos = [20]", 'minutos = "veinte"')
        .replace('asunto = "Abril"', 'asuntos = "Abril"')
    )
    with pytest.raises(Refused) as refusal:
        read_plan(tmp_path, text)
    told = words.explain_all(refusal.value)
    lines = text.splitlines()
    for said, line in (
        ("red[1].tipo: Dice «club»", 'tipo = "club"'),
        ("contactos[2].archivo: No existe «nadie.csv»", 'archivo = "nadie.csv"'),
        ("equipo.minutos: Dice «veinte»", 'minutos = "veinte"'),
        ("campana[5].correo.asuntos: La llave «asuntos»", 'asuntos = "Abril"'),
    ):
        assert any(f"renglón {lines.index(line) + 1}, {said}" in sentence for sentence in told), told


def test_what_only_the_database_knows_is_refused_with_its_line_too(tmp_path, play, read_plan, plan_text):
    text = plan_text.replace('plantilla = "promo"', 'plantilla = "nada"').replace("{{ ciudad }}", "{{ pueblo }}")
    with pytest.raises(Refused) as refusal:
        play(read_plan(tmp_path / "plan", text), tmp_path / "datos")
    told = words.explain_all(refusal.value)
    assert any(
        "No hay ninguna plantilla de WhatsApp «nada»" in sentence and "plan.toml, renglón" in sentence
        for sentence in told
    )
    assert any("No existe el marcador «pueblo»" in sentence for sentence in told)


def test_bad_rows_of_its_files_are_refused_with_file_and_row(tmp_path, read_plan):
    folder = tmp_path / "plan"
    read_plan(folder)
    (folder / "anotadas.csv").write_text("fecha,canal,clase,informacion\n2025-06-31,correo,x,y\n", encoding="utf-8")
    with pytest.raises(Refused) as refusal:
        plans.read(folder / "plan.toml")
    assert "anotadas.csv, renglón 2" in words.explain_all(refusal.value)[0]
