"""One read over what runs sent and what people entered."""

from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import event

from campaigns.states import DeliveryState
from contacts.models import Channel
from outreach.keep import installation_id
from outreach.register import entries, reading
from outreach.register.communication import Communication

APRIL = datetime(2025, 4, 9, 18, tzinfo=UTC)  # noon in Mexico City
EMAIL, WHATSAPP, GROUP = Channel.EMAIL, Channel.WHATSAPP, Channel.GROUP


def read(platform, start: date | None = None, end: date | None = None, **options: object) -> list[Communication]:
    with platform.reading() as session:
        return reading.communications(session, start, end, **options)


def enter(platform, **values: str) -> str:
    row = {"fecha": "2025-04-09", "canal": "telefono", "clase": "seguimiento", "informacion": "Llamada"} | values
    with platform.transaction() as session:
        return entries.add(session, row, who="ana", at=platform.clock.now()).folio


def test_a_run_by_two_channels_is_two_communications(platform, sender) -> None:
    run = sender.run(
        APRIL,
        [(EMAIL, DeliveryState.DELIVERED, 3), (EMAIL, DeliveryState.SKIPPED, 2), (WHATSAPP, DeliveryState.READ, 1)],
        tema="cartel",
        extra={"objetivo": "Difundir", "vacío": ""},
    )
    by_mail, by_whatsapp = read(platform)
    with platform.reading() as session:
        installation = installation_id(session)
    assert by_mail.folio == f"{installation}-R{run}-correo"
    assert by_whatsapp.folio == f"{installation}-R{run}-whatsapp"
    assert (by_mail.day, by_mail.hour, by_mail.kind, by_mail.topic) == (
        date(2025, 4, 9),
        time(12),
        "invitacion",
        "cartel",
    )
    assert (by_mail.account, by_mail.information) == ("votochilango@iecm.mx", "Envío de cartel")
    assert by_mail.networks == ("Red Voto Chilango",)
    assert by_mail.extra == {"objetivo": "Difundir"}
    assert by_mail.recipients == 3
    assert by_mail.counts == {"delivered": 3, "skipped": 2}
    assert (by_whatsapp.recipients, by_whatsapp.counts) == (1, {"read": 1})
    assert by_mail.source == "run"


@pytest.mark.parametrize("state", list(DeliveryState))
def test_a_channel_is_a_communication_once_something_left_by_it(platform, sender, state: DeliveryState) -> None:
    sender.run(APRIL, [(EMAIL, state, 2)])
    left = {"accepted", "delivered", "read", "bounced"}
    assert [one.recipients for one in read(platform)] == ([2] if state in left else [])


def test_people_are_those_whom_nothing_kept_from_being_reached(platform, sender) -> None:
    states = [DeliveryState.ACCEPTED, DeliveryState.BOUNCED, DeliveryState.READ, DeliveryState.SKIPPED]
    sender.run(APRIL, [(EMAIL, state, 1) for state in states])
    [one] = read(platform)
    assert (one.recipients, len(one.people)) == (3, 2)
    assert read(platform, with_people=False)[0].people == frozenset()


def test_a_post_in_groups_counts_once_it_is_published_and_reaches_nobody_by_count(platform, sender) -> None:
    sender.run(APRIL, networks=(), unposted=["Ruta Chilanga"])
    assert read(platform) == []
    sender.run(APRIL, networks=(), posts={"Red Voto Chilango": 150, "Comunidad migrante": 80}, unposted=["Otra"])
    [post] = read(platform)
    assert post.channel == "whatsapp-grupo"
    assert post.networks == ("Red Voto Chilango", "Comunidad migrante")
    assert (post.recipients, post.people, post.counts) == (None, frozenset(), {})
    assert post.extra == {"integrantes": "230"}


def test_members_that_nobody_counted_are_not_zero(platform, sender) -> None:
    sender.run(APRIL, networks=(), posts={"Red Voto Chilango": None})
    assert read(platform)[0].extra == {}


def test_networks_left_out_of_an_audience_are_not_named(platform, sender) -> None:
    sender.run(APRIL, [(EMAIL, DeliveryState.READ, 1)], networks=["B", "A"], without=["C"])
    assert read(platform)[0].networks == ("B", "A")


def test_a_run_belongs_to_its_scheduled_day_in_the_zone_asked_for_with_the_hour_of_mexico_city(
    platform, sender
) -> None:
    sender.run(datetime(2025, 5, 1, 4, 30, tzinfo=UTC), [(EMAIL, DeliveryState.READ, 1)])  # 30 April, 22:30
    april = (date(2025, 4, 1), date(2025, 4, 30))
    may = (date(2025, 5, 1), date(2025, 5, 31))
    [one] = read(platform, *april)
    assert (one.day, one.hour) == (date(2025, 4, 30), time(22, 30))
    assert read(platform, *may) == []
    assert read(platform, *april, zone="Europe/Madrid") == []
    [there] = read(platform, *may, zone="Europe/Madrid")
    assert (there.day, there.hour) == (date(2025, 5, 1), time(22, 30))


def test_midnight_belongs_to_the_day_that_begins(platform, sender) -> None:
    sender.run(datetime(2025, 5, 1, 6, tzinfo=UTC), [(EMAIL, DeliveryState.READ, 1)])  # 1 May, 00:00
    assert read(platform, date(2025, 4, 1), date(2025, 4, 30)) == []
    assert len(read(platform, date(2025, 5, 1), date(2025, 5, 1))) == 1


@pytest.mark.parametrize(
    ("start", "end", "inside"),
    [("2025-04-01", "2025-04-30", True), ("2025-04-20", "2025-04-25", True), ("2025-03-01", "2025-04-01", True),
     ("2025-04-30", "2025-06-30", True), ("2025-05-01", "2025-06-30", False), ("2025-01-01", "2025-03-31", False)],
)  # fmt: skip
def test_what_is_known_to_the_month_belongs_to_every_period_that_its_month_overlaps(
    platform, start: str, end: str, inside: bool
) -> None:
    enter(platform, fecha="2025-04")
    assert bool(read(platform, date.fromisoformat(start), date.fromisoformat(end))) is inside


def test_both_days_of_a_period_belong_to_it(platform) -> None:
    for day in ("2025-03-31", "2025-04-01", "2025-04-30", "2025-05-01"):
        enter(platform, fecha=day)
    found = read(platform, date(2025, 4, 1), date(2025, 4, 30))
    assert [one.field("fecha") for one in found] == ["2025-04-01", "2025-04-30"]
    assert len(read(platform, date.min, date.max)) == 4


def test_order_is_day_then_hour_then_making_and_months_come_after_their_days(platform, sender) -> None:
    enter(platform, fecha="2025-04", informacion="mes")
    enter(platform, fecha="2025-04-09", hora="12:00", informacion="nota")  # made in June, after the run of April
    sender.run(APRIL, [(EMAIL, DeliveryState.READ, 1)], informacion="envío")
    enter(platform, fecha="2025-04-09", hora="09:00", informacion="temprano")
    enter(platform, fecha="2025-04-09", informacion="sin hora")
    enter(platform, fecha="2025-04-30", informacion="último día")
    enter(platform, fecha="2025-05-01", informacion="mayo")
    assert [one.information for one in read(platform)] == [
        "sin hora", "temprano", "envío", "nota", "último día", "mes", "mayo"
    ]  # fmt: skip


def test_annulled_entries_are_kept_but_read_only_when_asked_for(platform) -> None:
    folio = enter(platform)
    with platform.transaction() as session:
        entries.annul(session, folio, reason="doble", who="ana", at=platform.clock.now())
    assert read(platform) == []
    [one] = read(platform, with_annulled=True)
    assert (one.annulled, one.folio) == (True, folio)


def test_known_fields_are_the_columns_that_any_row_ever_had(platform, sender, register, write) -> None:
    outcome = register.bring(write("fecha,canal,clase,informacion,Oficio", "2025-04-09,correo,x,y,"))
    register.undo(outcome.import_id)
    sender.run(APRIL, [(EMAIL, DeliveryState.READ, 1)], extra={"objetivo": "z", "Folio": "no es el nuestro"})
    sender.run(APRIL, networks=(), posts={"Ruta": 3})
    enter(platform, estado="Jalisco")
    with platform.reading() as session:
        known = reading.known_fields(session)
    assert {"fecha", "destinatarios", "folio", "n_leidos", "Oficio", "objetivo", "estado", "integrantes"} <= known
    assert "Folio" not in known
    assert "Oficio" not in register.export()


def test_the_read_asks_as_many_questions_for_thirty_runs_as_for_one(platform, sender) -> None:
    asked: list[str] = []
    event.listen(platform.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    def questions() -> int:
        asked.clear()
        read(platform)
        return len(asked)

    sender.run(APRIL, [(EMAIL, DeliveryState.READ, 2)])
    one = questions()
    for hour in range(29):
        sender.run(APRIL.replace(hour=hour % 24, minute=1 + hour), [(EMAIL, DeliveryState.READ, 2)], posts={"Ruta": 2})
    assert len(read(platform)) == 59
    assert questions() == one
