"""`outreach stop` and `outreach resume`: everything waits, says so, and goes on."""

import json


def test_everything_is_stopped_said_and_allowed_again(shell) -> None:
    stopped = shell("stop", "fecha  equivocada")
    assert (stopped.code, stopped.err) == (0, "")
    assert "outreach resume" in stopped.out
    again = shell("stop", "otra vez")
    assert again.code == 2
    assert "ya está detenido" in again.err
    assert "fecha equivocada" in again.err
    allowed = shell("resume")
    assert (allowed.code, allowed.err) == (0, "")
    assert shell("resume").code == 2


def test_a_stop_wants_a_reason(shell) -> None:
    assert shell("stop").code == 2
    empty = shell("stop", "   ")
    assert empty.code == 2
    assert "motivo" in empty.err


def test_the_status_of_a_campaign_says_it_too(shell) -> None:
    (shell.folder / "c.toml").write_text(
        'titulo = "Aviso"\nclase = "difusion"\ninformacion = "Aviso"\ncanales = ["correo"]\nredes = ["Red"]\n'
        '[correo]\nasunto = "Hola"\ntexto = "Hola"\n',
        encoding="utf-8",
    )
    (shell.folder / "p.csv").write_text("nombre,correo,pais\nAna,ana@example.org,México\n", encoding="utf-8")
    imported = shell("contacts", "import", "p.csv", "--network", "Red", "--consent-source", "formulario")
    assert imported.code == 0, imported.err
    assert shell("campaigns", "create", "c.toml").code == 0
    assert shell("stop", "fecha", "equivocada").code == 0  # the quotes may be forgotten
    sent = shell("campaigns", "send", "1", "--now")
    assert sent.code == 0
    assert "no sale hasta «outreach resume»" in sent.out
    assert "fecha equivocada" in sent.out
    listed = shell("campaigns", "list")
    assert "Detenida" in listed.out
    assert "Todo el envío está detenido" in listed.out
    said = shell("campaigns", "status", "1")
    assert said.out.splitlines()[0] == "Aviso: Detenida"
    assert "Todo el envío está detenido" in said.out
    assert "fecha equivocada" in said.out
    assert json.loads(shell("campaigns", "status", "1", "--json").out)["stopped"] is True
    resumed = shell("resume")
    assert "Campaña 1, «Aviso»:" in resumed.out
    assert "Enviándose" in shell("campaigns", "status", "1").out
