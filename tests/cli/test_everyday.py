"""A day at the office, all of it at the terminal, in an empty folder: from a spreadsheet of people to the informe."""

import csv
import io
import json
import re
import signal
import urllib.request
import zipfile
from datetime import datetime, timedelta
from threading import Event
from time import monotonic

from outreach.clock import SystemClock

PEOPLE = """nombre,correo,whatsapp,pais,ciudad,idioma
Amaranta Jacaranda,Amaranta@Example.org,+1 312 555 0142,Estados Unidos,Chicago,es
Teo Nopal,teo@example.com,,Estados Unidos,Nueva York,en
Inés Tezontle,,044 55 5555 0144,México,Ciudad de México,es
Maura Obsidiana,maura.example.net,,España,Madrid,es
"""
NO_CONSENT = "nombre,correo,pais\nElías Copal,elias@example.org,Francia\n"
CAMPAIGN = """titulo = "Cartel de la Consulta"
clase = "difusion"
tema = "cartel-cpp"
informacion = "Envío del cartel de la Consulta de Presupuesto Participativo"
cuenta = "votochilango@iecm.mx"
canales = ["correo", "whatsapp"]
redes = ["Red Voto Chilango"]
[correo]
asunto = "{{ nombre_de_pila }}, conozca la Consulta"
texto = "Hola, {{ nombre_de_pila }}: le compartimos el cartel."
[whatsapp]
plantilla = "cartel"
[whatsapp.valores]
1 = "{{ nombre_de_pila }}"
[[plantilla]]
sid = "HXa0000000000000000000000000000001"
nombre = "cartel"
idioma = "es"
categoria = "UTILITY"
cuerpo = "Hola, {{1}}. Le compartimos el cartel de la Consulta."
"""


def people_come_in(shell) -> None:
    shell.write("personas.csv", PEOPLE)
    shell.write("sin-permiso.csv", NO_CONSENT)
    network = ("--network", "Red Voto Chilango")
    brought = shell("contacts", "import", "personas.csv", *network, "--consent-source", "registro en línea")
    assert brought.code == 0, brought.err
    assert "3 aceptadas" in brought.out
    assert "maura.example.net" in brought.out + brought.err
    assert shell("contacts", "import", "sin-permiso.csv", *network).code == 0


def a_campaign_is_sent(shell) -> str:
    shell.write("campana.toml", CAMPAIGN)
    made = shell("campaigns", "create", "campana.toml", "--json")
    assert made.code == 0, made.err
    campaign = str(json.loads(made.out)["id"])
    assert shell("campaigns", "status", campaign).code == 3
    assert shell("campaigns", "send", campaign, "--now").out == (
        f"Campaña {campaign}: en marcha. Sígala con: outreach campaigns status {campaign}\n"
    )
    assert shell("campaigns", "status", campaign).code == 3
    return campaign


def serve_does_the_work(shell, serving, port: int, campaign: str) -> str:
    """Return what the simulator's outbox shows when the campaign is over."""
    with serving(shell, port) as process:
        began, pause = monotonic(), Event()
        while (status := shell("campaigns", "status", campaign)).code == 3 and monotonic() - began < 90:
            pause.wait(0.2)
        assert status.code == 0, status.out + status.err
        outbox = re.search(r"http://\S+/_outbox", b"".join(process.stdout.readline() for _ in range(2)).decode())
        assert outbox
        with urllib.request.urlopen(outbox[0], timeout=10) as page:
            received: str = page.read().decode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert process.stderr.read() == b""
    return received


def the_log_says_what_became_of_each(shell, campaign: str) -> None:
    log = shell("campaigns", "log", campaign, "--format", "csv")
    rows = {row["nombre"]: row for row in csv.DictReader(io.StringIO(log.out))}
    without = rows.pop("Elías Copal")
    assert (without["estado"], without["motivo"], without["aceptado"]) == ("skipped", "no_consent", "")
    assert {name: (row["direccion"], row["canal"]) for name, row in rows.items()} == {
        "Amaranta Jacaranda": ("amaranta@example.org", "correo"),
        "Teo Nopal": ("teo@example.com", "correo"),
        "Inés Tezontle": ("+525555550144", "whatsapp"),
    }
    for row in rows.values():
        assert row["estado"] in {"accepted", "delivered", "read"}
        assert row["motivo"] == ""
        assert abs(SystemClock().now() - datetime.fromisoformat(row["aceptado"])) < timedelta(minutes=10)


def the_register_has_it(shell) -> str:
    """Return the day on which it has it."""
    entries = json.loads(shell("register", "list", "--json").out)
    assert sorted(one["canal"] for one in entries) == ["correo", "whatsapp"]
    assert {one["informacion"] for one in entries} == {"Envío del cartel de la Consulta de Presupuesto Participativo"}
    assert sum(int(one["destinatarios"]) for one in entries) == 3
    return str(entries[0]["fecha"])


def the_informe_has_it(shell, day: str) -> None:
    built = shell("informe", "build", "trimestral", "--from", day, "--to", day, "--out", "informe")
    assert built.code == 0, built.err
    folder = shell.folder / "informe"
    assert {f"trimestral.{form}" for form in ("docx", "xlsx", "html", "json")} <= {one.name for one in folder.iterdir()}
    said = "cartel de la Consulta de Presupuesto Participativo"
    assert said in json.dumps(json.loads((folder / "trimestral.json").read_text(encoding="utf-8")), ensure_ascii=False)
    with zipfile.ZipFile(folder / "trimestral.docx") as word:
        assert said in re.sub("<[^>]+>", "", word.read("word/document.xml").decode())


def test_people_come_in_a_campaign_goes_out_and_the_informe_has_it(shell, serving, free_port) -> None:
    shell.environment["OUTREACH_QUIET_HOURS"] = "no"  # whatever the hour at which the tests run
    people_come_in(shell)
    campaign = a_campaign_is_sent(shell)
    received = serve_does_the_work(shell, serving, free_port(), campaign)
    assert "Amaranta, conozca la Consulta" in received
    assert "elias@example.org" not in received
    the_log_says_what_became_of_each(shell, campaign)
    the_informe_has_it(shell, the_register_has_it(shell))


def test_every_command_makes_the_folder_and_the_schema_when_they_are_missing(shell) -> None:
    for number, words in enumerate(
        (
            ["contacts", "list", "--json"],
            ["contacts", "networks", "--json"],
            ["campaigns", "list", "--json"],
            ["campaigns", "tasks", "--json"],
            ["register", "list", "--json"],
            ["register", "imports", "--json"],
            ["user", "list", "--json"],
        )
    ):
        answer = shell(*words, OUTREACH_DATA=f"datos{number}/aun/no")
        assert (answer.code, json.loads(answer.out), answer.err) == (0, [], ""), words
        assert (shell.folder / f"datos{number}" / "aun" / "no" / "outreach.sqlite3").exists()


def test_the_database_can_be_brought_up_to_date_again_and_says_what_it_holds(shell) -> None:
    first, again = shell("db", "upgrade"), shell("db", "upgrade")
    assert (first.code, again.code, first.out) == (0, 0, again.out)
    info = json.loads(shell("db", "info", "--json").out)
    assert info["url"] == f"sqlite:///{shell.folder / 'var' / 'outreach.sqlite3'}"
    assert info["contacts"] == info["networks"] == info["campaigns"] == info["deliveries"] == 0
    assert re.fullmatch(r"[0-9a-f]{8}", info["installation"])
    assert json.loads(shell("db", "info", "--json").out) == info


def test_accounts_are_kept_at_the_terminal(shell) -> None:
    password = b"una clave bien larga\n"
    assert shell("user", "add", "ana.perez", "--name", "Ana Pérez", "--password-stdin", typed=password).code == 0
    twice = shell("user", "add", "ana.perez", "--password-stdin", typed=password)
    assert (twice.code, twice.lines) == (2, ["Ya existe la cuenta «ana.perez»."])
    short = shell("user", "add", "teo", "--password-stdin", typed=b"corta\n")
    assert (short.code, short.lines) == (2, ["La contraseña debe tener al menos 10 caracteres."])
    none = shell("user", "add", "teo", "--password-stdin")
    assert none.code == 2
    assert shell("user", "deactivate", "ana.perez").out == "Cuenta «ana.perez» cerrada.\n"
    [account] = json.loads(shell("user", "list", "--json").out)
    assert (account["username"], account["active"]) == ("ana.perez", False)
