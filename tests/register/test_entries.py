"""Single entries: written down, corrected, annulled, looked back at; each act is in the audit log."""

import pytest
from sqlalchemy import select

from campaigns.states import DeliveryState
from contacts.errors import Refused
from contacts.models import Channel
from outreach import words
from outreach.audit import AuditEntry
from outreach.register import entries

CALL = {"fecha": "2025-04-09", "canal": "telefono", "clase": "seguimiento", "informacion": "Llamada a Chicago"}


@pytest.fixture
def act(platform):
    """Call a verb as `ana`, in a transaction of its own."""

    def _act(verb, *args: object, **named: object):
        with platform.transaction() as session:
            return verb(session, *args, who="ana", at=platform.clock.now(), **named)

    return _act


def actions(platform) -> list[tuple[str, str]]:
    with platform.reading() as session:
        return [(one.action, one.subject) for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_an_entry_made_by_hand_is_a_communication(act, register) -> None:
    entry = act(entries.add, CALL | {"destinatarios": "4", "oficio": "DVOE/12"})
    [one] = register.all()
    assert (one.folio, one.source, one.recipients, one.extra) == (entry.folio, "manual", 4, {"oficio": "DVOE/12"})


def test_two_equal_entries_by_hand_are_two_communications(act, register) -> None:
    first, second = act(entries.add, CALL), act(entries.add, CALL)
    assert first.folio != second.folio
    assert len(register.all()) == 2


def test_what_is_wrong_in_an_entry_is_listed_whole_and_nothing_is_written(act, register) -> None:
    with pytest.raises(Refused) as refused:
        act(entries.add, {"fecha": "ayer", "canal": "paloma"})
    assert [fault.where for fault in refused.value.faults] == ["fecha", "canal", "clase", "informacion"]
    assert register.all() == []


@pytest.mark.parametrize(
    ("column", "code"),
    [("folio", "register_reserved"), ("n_leidos", "register_reserved"), ("anulada", "register_reserved"),
     (" ", "register_nameless"), ("Fecha", "register_column_twice"), ("ofi\x01cio", "register_text")],
)  # fmt: skip
def test_a_column_that_is_not_a_persons_to_fill_is_refused(act, column: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        act(entries.add, CALL | {column: "1"})
    assert [fault.code for fault in refused.value.faults] == [code]


def test_a_correction_keeps_the_number_the_place_and_what_stood_before(act, register, platform) -> None:
    folio = act(entries.add, CALL | {"oficio": "1", "tema": "a"}).folio
    act(entries.add, CALL | {"informacion": "Otra llamada"})
    act(entries.correct, folio, {"tema": "", "destinatarios": "9", "Oficio": "2"}, reason="eran nueve")
    first, _ = register.all()
    assert (first.folio, first.corrected, first.recipients, first.topic) == (folio, True, 9, "")
    assert first.extra == {"oficio": "2"}
    with platform.reading() as session:
        old, new = entries.history(session, folio)
    assert (old.recipients, old.topic, old.extra, old.reason) == (None, "a", {"oficio": "1"}, "eran nueve")
    assert (old.replaced_by_id, new.replaced_by_id) == (new.id, None)


def test_a_correction_of_a_correction_shows_three_versions(act, platform, register) -> None:
    folio = act(entries.add, CALL).folio
    act(entries.correct, folio, {"hora": "20:00"}, reason="faltaba la hora")
    act(entries.correct, folio, {"fecha": "2025-04"}, reason="no se sabe el día")
    with platform.reading() as session:
        assert [one.hour for one in entries.history(session, folio)] == ["", "20:00", "20:00"]
    assert len(register.all()) == 1
    assert register.all()[0].month_only


def test_a_correction_says_why_changes_something_and_passes_the_same_checks(act, register) -> None:
    folio = act(entries.add, CALL).folio
    with pytest.raises(Refused) as refused:
        act(entries.correct, folio, {"fecha": "ayer"}, reason="  ")
    assert [fault.code for fault in refused.value.faults] == ["reason_missing", "register_date"]
    with pytest.raises(Refused, match="entry_unchanged"):
        act(entries.correct, folio, {"fecha": "2025-04-09"}, reason="x")
    assert not register.all()[0].corrected


def test_an_annulment_says_why_and_is_final(act, register) -> None:
    folio = act(entries.add, CALL).folio
    with pytest.raises(Refused, match="reason_missing"):
        act(entries.annul, folio, reason="")
    assert len(register.all()) == 1
    act(entries.annul, folio, reason="estaba dos veces")
    assert register.all() == []
    for verb, args in ((entries.annul, [folio]), (entries.correct, [folio, {"hora": "20:00"}])):
        with pytest.raises(Refused) as refused:
            act(verb, *args, reason="x")
        assert "estaba dos veces" in words.explain(refused.value.faults[0])


def test_what_a_run_sent_is_neither_corrected_nor_annulled(act, register, sender, platform) -> None:
    run = sender.run(platform.clock.now(), [(Channel.EMAIL, DeliveryState.READ, 1)])
    [sent] = register.all()
    for verb, args in ((entries.annul, []), (entries.correct, [{"hora": "20:00"}])):
        with pytest.raises(Refused) as refused:
            act(verb, sent.folio, *args, reason="x")
        [fault] = refused.value.faults
        assert (fault.code, fault.details["run"]) == ("entry_of_run", run)
    with pytest.raises(Refused, match="entry_of_run"), platform.reading() as session:
        entries.history(session, sent.folio)
    assert register.all() == [sent]


def test_a_number_that_nobody_gave_is_unknown(act) -> None:
    with pytest.raises(Refused, match="entry_unknown"):
        act(entries.annul, "E-0", reason="x")


def test_every_act_is_in_the_audit_log_and_a_refused_one_is_not(act, platform) -> None:
    folio = act(entries.add, CALL).folio
    act(entries.correct, folio, {"hora": "20:00"}, reason="x")
    with pytest.raises(Refused):
        act(entries.correct, folio, {"hora": "20:00"}, reason="x")
    act(entries.annul, folio, reason="x")
    subject = f"register:{folio}"
    assert actions(platform) == [("register.add", subject), ("register.correct", subject), ("register.annul", subject)]


def test_a_correction_keeps_the_figures_that_an_export_of_another_installation_brought(act, register, write) -> None:
    register.bring(write("fecha,canal,clase,informacion,n_leidos", "2025-04-09,correo,x,y,7"))
    act(entries.correct, register.all()[0].folio, {"oficio": "7"}, reason="faltaba")
    assert register.all()[0].counts == {"read": 7}


def test_a_column_that_a_correction_brings_is_exported(act, register, write) -> None:
    register.bring(write("fecha,canal,clase,informacion", "2025-04-09,correo,x,y"))
    act(entries.correct, register.all()[0].folio, {"oficio": "7"}, reason="faltaba")
    assert ",oficio," in register.export().splitlines()[0]
