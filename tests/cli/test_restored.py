"""Whoever restores a backup is told, at the terminal, what may have gone out since, is asked, and answers there."""

import json

import pytest

CAMPAIGN = """titulo = "Aviso"
clase = "difusion"
informacion = "Envío de un aviso"
canales = ["correo"]
redes = ["Red"]
[correo]
asunto = "Aviso"
texto = "Hola"
"""


@pytest.fixture
def restored(shell):
    """An installation brought back from a backup made when two campaigns were to go out and had not begun."""
    assert shell("contacts", "network", "add", "Red").code == 0
    shell.folder.joinpath("campana.toml").write_text(CAMPAIGN, encoding="utf-8")
    for _twice in range(2):
        number = json.loads(shell("campaigns", "create", "campana.toml", "--json").out)["id"]
        assert shell("campaigns", "send", str(number), "--now").code == 0
    assert shell("db", "backup", "respaldo.zip").code == 0
    shell.environment["OUTREACH_DATA"] = str(shell.folder / "nueva")
    return shell


def test_every_step_back_says_what_waits_for_a_word(restored) -> None:
    said = restored("db", "restore", "respaldo.zip").out
    assert "2 campañas tenían un envío en marcha al hacer el respaldo" in said
    assert "«outreach campaigns held»" in said
    assert "2 campañas esperan su decisión y no salen sin ella" in restored("campaigns", "list").out
    resumed = restored("resume").out
    assert "2 campañas esperan su decisión y no salen sin ella" in resumed
    assert "2 campañas siguen en pausa desde que se restauró el respaldo: 1, 2." in resumed
    for words in (("status", "1"), ("doubts", "1"), ("resume", "1"), ("held", "1")):
        said = restored("campaigns", *words).out
        assert "¿Ya salió? Si ya salió: «outreach campaigns held 1 --drop»." in said
        assert "se sabe si salieron" not in said
    check = restored("db", "check")
    assert check.code == 0
    assert "· Corridas que esperan su decisión: 2" in check.out


def test_the_word_is_taken_once_and_says_what_comes_of_it(restored) -> None:
    restored("db", "restore", "respaldo.zip")
    assert restored("campaigns", "held", "1", "--drop").code == 0
    again = restored("campaigns", "held", "1", "--drop")
    assert (again.code, again.out) == (2, "")
    said = restored("campaigns", "held", "2", "--send")
    assert (said.code, "«outreach campaigns resume 2»" in said.out) == (0, True)
    assert "Ningún envío espera su decisión." in restored("campaigns", "held").out
    restored("resume")
    assert "Terminada" in restored("campaigns", "resume", "1").out
    assert "Enviándose" in restored("campaigns", "resume", "2").out


def test_a_word_that_says_nothing_changes_nothing(restored) -> None:
    restored("db", "restore", "respaldo.zip")
    for words in (
        ("--send",),
        ("1", "--send", "--drop"),
        ("1", "--run", "1"),
        ("9", "--send"),
        ("1", "--drop", "--run", "9"),
    ):
        assert restored("campaigns", "held", *words).code == 2, words
    assert len(json.loads(restored("campaigns", "held", "--json").out)) == 2
