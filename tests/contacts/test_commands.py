"""`outreach contacts` as a person types it."""

import csv
import io
import sqlite3
from contextlib import closing

import click
import pytest
from sqlalchemy import select

from contacts.notices import FIRST_VERSION
from outreach.audit import AuditEntry
from outreach.commands import contacts as contacts_command

HEADER = "nombre,correo,telefono,whatsapp,pais,ciudad,idioma,zona,red\n"
GOOD = (
    HEADER
    + "Ana Núñez,ana@example.org,,55 5555 0100,México,Ciudad de México,,,Red Voto Chilango\n"
    + "Beto Ñandú,beto@example.com,,+1 212 555 0142,EUA,Chicago,en,,Ruta Chilanga\n"
)


@pytest.fixture
def noted(platform):
    """What the audit log says: action, subject, details."""

    def _noted(prefix: str = "") -> list[tuple[str, str, dict[str, object]]]:
        with platform.reading() as session:
            lines = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
            return [(line.action, line.subject, line.details) for line in lines if line.action.startswith(prefix)]

    return _noted


def test_an_import_says_what_came_in(outreach, write):
    answer = outreach("import", write(GOOD), "--network", "Base")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == "2 aceptadas, 0 rechazadas."
    assert "Personas nuevas: 2" in lines[1]
    assert "entradas a redes: 4; consentimientos: 0" in lines[1]
    assert lines[2] == "Redes que no existían y se crearon: Base, Red Voto Chilango, Ruta Chilanga."


@pytest.mark.only_on("sqlite")  # a server's database is made by whoever runs the server
def test_the_first_import_makes_the_data_folder_and_the_schema(outreach, write, tmp_path, monkeypatch):
    monkeypatch.setenv("OUTREACH_DATA", str(tmp_path / "nueva"))
    assert outreach("import", write(GOOD)).code == 0
    assert (tmp_path / "nueva" / "outreach.sqlite3").exists()


def test_every_refused_row_is_listed_and_can_be_mended_and_imported(outreach, write, tmp_path):
    aside = tmp_path / "rechazadas.csv"
    path = write(GOOD + 'Ceci,"mal, peor",,,,,,,\n,dani@example.org,,,Aztlán,,,,\n')
    answer = outreach("import", path, "--refused", aside)
    assert answer.code == 0
    assert answer.out.startswith("2 aceptadas, 2 rechazadas.")
    assert "contactos.csv, renglón 4, correo: «mal» no es un correo" in answer.out
    assert "contactos.csv, renglón 5, pais: No se conoce el país «Aztlán»" in answer.out
    assert "contactos.csv, renglón 5, nombre: Falta el nombre" in answer.out
    assert str(aside) in answer.out
    rows = list(csv.DictReader(io.StringIO(aside.read_text(encoding="utf-8-sig"), newline="")))
    assert [row["correo"] for row in rows] == ["mal, peor", "dani@example.org"]
    assert "«Aztlán»" in rows[1]["motivo"]
    mended = (
        aside.read_text(encoding="utf-8").replace('"mal, peor"', "ceci@example.org").replace("\n,dani", "\nDani,dani")
    )
    aside.write_text(mended.replace("Aztlán", "México", 1), encoding="utf-8")
    again = outreach("import", aside, "--refused", aside, "--json").json
    assert (again["accepted"], again["refused"], again["refused_file"]) == (2, 0, None)
    assert again["unread_columns"] == ["motivo"]


def test_a_file_of_refused_rows_that_is_refused_again_has_one_column_of_reasons(outreach, write, tmp_path):
    aside = tmp_path / "rechazadas.csv"
    outreach("import", write(HEADER + "Ceci,mal,,,,,,,\n"), "--refused", aside)
    outreach("import", aside, "--refused", aside)
    assert aside.read_text(encoding="utf-8-sig").splitlines()[0].count("motivo") == 1


def test_where_refused_rows_cannot_be_written_nothing_is_imported(outreach, write, tmp_path):
    answer = outreach("import", write(GOOD + "Ceci,mal,,,,,,,\n"), "--refused", tmp_path / "no" / "hay.csv")
    assert answer.code == 2
    assert "hay.csv" in answer.err
    assert outreach("list", "--json").json == []


def test_a_program_reads_the_same_as_json(outreach, write):
    answer = outreach("import", write(GOOD + "Ceci,mal,,,,,,,\nEli,eli@example.org,,12,,,,,\n"), "--json")
    told = answer.json
    assert {key: told[key] for key in ("file", "rows", "accepted", "refused", "created", "addresses")} == {
        "file": "contactos.csv",
        "rows": 4,
        "accepted": 3,
        "refused": 1,
        "created": 3,
        "addresses": 5,
    }
    (refused,) = told["refused_rows"]
    assert {key: refused[key] for key in ("row", "column", "value", "code")} == {
        "row": 4,
        "column": "correo",
        "value": "mal",
        "code": "email_form",
    }
    assert refused["reason"].startswith("«mal» no es un correo")
    assert [(warning["row"], warning["column"]) for warning in told["warnings"]] == [(5, "whatsapp")]


def test_strict_imports_all_or_nothing(outreach, write):
    answer = outreach("import", write(GOOD + "Ceci,mal,,,,,,,\nDani,,,,,,,,\n"), "--strict")
    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 2
    assert outreach("list", "--json").json == []
    assert outreach("import", write(GOOD), "--strict").code == 0


def test_a_dry_run_says_the_same_and_keeps_nothing(outreach, write, noted):
    answer = outreach("import", write(GOOD), "--dry-run", "--consent-source", "papel")
    assert answer.code == 0
    assert answer.out.startswith("Prueba: no se guardó nada.\n2 aceptadas, 0 rechazadas.")
    assert "Personas nuevas: 2" in answer.out
    assert outreach("list", "--json").json == []
    assert outreach("networks", "--json").json == []
    assert noted("contacts.import") == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--consent-date", "2025-05-15"], "--consent-date va junto con --consent-source."),
        (["--notice", "1", "--consent-date", "2025-05-15"], "--notice va junto con --consent-source."),
        (["--consent-source", "x", "--consent-date", "15/05/2025"], "«15/05/2025» no es una fecha"),
        (["--consent-source", "x", "--consent-date", "2999-01-01"], "2999-01-01, todavía no llega"),
        (["--consent-source", " "], "Falta decir dónde dio su consentimiento"),
        (["--consent-source", "x", "--notice", " "], "Falta la versión del aviso"),
        (["--map", "nombre"], "«nombre» no se entiende"),
        (["--map", "Quién=nombre"], "no tiene la columna «Quién»"),
        (["--map", "red=signo"], "«signo» no es un dato"),
        (["--network", "x" * 300], "debe tener entre 1 y 200 letras"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_and_nothing_is_imported(outreach, write, options, said):
    answer = outreach("import", write(GOOD), *options)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert outreach("list", "--json").json == []


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"PK\x03\x04 roto", b"apodo\nAna\n", b"\xd0\xcf\x11\xe0"]
)
def test_a_wrong_file_is_told_by_its_name_and_nothing_is_imported(outreach, write, content):
    answer = outreach("import", write(content, name="foto.csv"))
    assert answer.code == 2
    assert "foto.csv" in answer.err
    assert "Traceback" not in answer.err


def test_a_column_with_another_name_is_mapped(outreach, write):
    path = write("Quién es;Mail de la casa\nAna;ana@example.org\n")
    answer = outreach("import", path, "--map", "quien es=nombre", "--map", "Mail de la casa=correo", "--json")
    assert (answer.code, answer.json["created"]) == (0, 1)


def test_imported_consent_counts_from_the_beginning_of_its_day_in_mexico_city(outreach, write):
    outreach("import", write(GOOD), "--consent-source", "formulario", "--consent-date", "2025-05-15")
    told = outreach("consent", 1, "--json").json
    (line,) = told["ledger"]
    assert line == {
        "at": "2025-05-15T06:00:00+00:00",
        "decision": "granted",
        "channel": "*",
        "purpose": "*",
        "source": "formulario",
        "notice": FIRST_VERSION,
        "evidence": "contactos.csv:2",
        "evidence_kind": "archivo",
        "evidence_file": False,
        "until": None,
        "imported": True,
        "recorded_by": line["recorded_by"],
    }
    assert line["recorded_by"].startswith("terminal")
    assert len(told["gate"]) == 10
    assert all(answer["allowed"] for answer in told["gate"])


def test_without_a_source_nobody_may_be_written_to(outreach, write):
    outreach("import", write(GOOD))
    told = outreach("consent", 1, "--json").json
    assert {answer["reason"] for answer in told["gate"]} == {"no_consent"}
    answer = outreach("consent", 1)
    assert "¿Se le puede escribir a Ana Núñez?" in answer.out
    assert "No consta que haya aceptado" in answer.out


def test_consent_is_shown_as_answers_and_as_the_ledger_behind_them(outreach, write):
    outreach("import", write(GOOD), "--consent-source", "formulario", "--consent-date", "2025-05-15")
    outreach("optout", "+52 1 55 5555 0100", "--source", "por teléfono")
    lines = outreach("consent", 1).out.splitlines()
    assert lines[1].split() == ["correo", "whatsapp"]
    assert lines[2].split() == ["avisos", "sí", "no"]
    assert any(line.startswith("whatsapp: La persona pidió no recibir") for line in lines)
    ledger = [line for line in lines if "Alta" in line or "Baja" in line]
    assert "por teléfono" in ledger[0]
    assert ledger[1].startswith("2025-05-15 00:00  Alta")


def test_an_opt_out_holds_until_the_person_says_otherwise(outreach, write):
    outreach("import", write(GOOD), "--consent-source", "formulario")
    answer = outreach("optout", "ANA@example.org")
    assert answer.out == "1 persona ya no recibe mensajes por correo en ana@example.org.\n"
    outreach("import", write(GOOD), "--consent-source", "otro formulario")

    def reasons() -> set[tuple[str, str]]:
        return {(answer["channel"], answer["reason"]) for answer in outreach("consent", 1, "--json").json["gate"]}

    assert reasons() == {("correo", "opted_out"), ("whatsapp", "")}
    assert outreach("optin", 1, "--source", "lo pidió por escrito", "--channel", "correo").code == 0
    assert reasons() == {("correo", ""), ("whatsapp", "")}


def test_an_address_that_nobody_has_is_refused(outreach):
    answer = outreach("optout", "nadie@example.org")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "Nadie tiene la dirección «nadie@example.org».\n"


def test_the_list_is_filtered(outreach, write):
    outreach("import", write(GOOD))
    table = outreach("list").out
    assert "Ana Núñez" in table
    assert "+525555550100" in table
    assert table.endswith("2 de 2 personas.\n")
    assert outreach("list", "--limit", 1).out.endswith("1 de 2 personas.\n")

    def names(*options: str) -> list[str]:
        return [person["name"] for person in outreach("list", "--json", *options).json]

    assert names() == names("--limit", "0") == ["Ana Núñez", "Beto Ñandú"]
    assert names("--country", "Estados Unidos") == names("--country", "us") == ["Beto Ñandú"]
    assert names("--network", "red voto chilango") == ["Ana Núñez"]
    assert names("--search", "nandu") == ["Beto Ñandú"]
    assert names("--search", "nadie") == []
    assert "No hay personas así" in outreach("list", "--search", "nadie").out
    assert (
        "No hay ninguna red «Otra». Las que hay: Red Voto Chilango, Ruta Chilanga."
        in outreach("list", "--network", "Otra").err
    )
    assert outreach("list", "--country", "Aztlán").code == 2


def test_a_person_is_shown(outreach, write):
    outreach(
        "import",
        write("nombre,whatsapp,pais,ciudad,red,rol,organizacion\nBeto,+12125550142,US,Chicago,Uno,liderazgo,Club\n"),
    )
    shown = outreach("show", 1).out
    for text in (
        "Beto (1)",
        "País: Estados Unidos",
        "Zona horaria: America/Chicago",
        "Idioma: español",
        "Organización: Club",
        "WhatsApp: +12125550142 (sin comprobar)",
        "Red: Uno, liderazgo desde ",
    ):
        assert text in shown
    told = outreach("show", 1, "--json").json
    assert (told["organization"], told["networks"][0]["role"]) == ("Club", "leader")
    answer = outreach("show", 99)
    assert answer.code == 2
    assert "«99»" in answer.err


def test_a_person_is_added_with_all_faults_listed(outreach):
    outreach("network", "add", "Uno")
    added = outreach(
        "add", "Ana", "--correo", "ana@example.org", "--pais", "US", "--ciudad", "Chicago", "--network", "uno", "--json"
    )
    assert (added.code, added.json["timezone"], added.json["networks"][0]["name"]) == (0, "America/Chicago", "Uno")
    answer = outreach("add", "Ana", "--correo", "x", "--pais", "Aztlán")
    assert (answer.code, len(answer.err.splitlines())) == (2, 2)
    answer = outreach("add", "ana", "--correo", "ANA@example.org")
    assert answer.code == 2
    assert "«Ana» ya está" in answer.err
    assert outreach("add", "Beto", "--correo", "beto@example.org", "--network", "Otra").code == 2
    assert [person["name"] for person in outreach("list", "--json").json] == ["Ana"]


def test_networks_are_made_joined_led_and_left(outreach, write):
    outreach("import", write(GOOD))
    assert outreach("network", "add", "Comunidad migrante", "--whatsapp-group").out == (
        "Red «Comunidad migrante» (grupo de WhatsApp).\n"
    )
    outreach("network", "join", "comunidad MIGRANTE", 1, "--role", "liderazgo")
    outreach("network", "join", "Comunidad migrante", 2, "--brought-by", 1)
    counted = {
        each["name"]: (each["kind"], each["members"], each["leaders"]) for each in outreach("networks", "--json").json
    }
    assert counted == {
        "Comunidad migrante": ("whatsapp-group", 2, 1),
        "Red Voto Chilango": ("list", 1, 0),
        "Ruta Chilanga": ("list", 1, 0),
    }
    assert "grupo de WhatsApp" in outreach("networks").out
    assert "ya no está" in outreach("network", "leave", "Comunidad migrante", 2).out
    assert " a " in outreach("show", 2).out.split("Red: Comunidad migrante, de ")[1]
    for words in (("leave", "Comunidad migrante", 2), ("join", "Otra", 1), ("join", "Ruta Chilanga", 99), ("add", " ")):
        assert outreach("network", *words).code == 2


def test_notices_are_published_and_listed(outreach, write):
    assert "No hay redes" in outreach("networks").out
    notice = write("Aviso aprobado.\n", name="aviso.txt")
    assert outreach("notice", "publish", "2025-06", notice).code == 0
    assert outreach("notice", "publish", "2025-06", write("Otro.", name="otro.txt")).code == 2
    assert outreach("notice", "publish", "2025-07", "no-hay.txt").code == 2
    assert outreach("notice", "publish", "2025-07", write(b"\xff\xfe\x00", name="x.txt")).code == 2
    (one,) = outreach("notice", "list", "--json").json
    assert (one["version"], one["current"]) == ("2025-06", True)
    assert "vigente" in outreach("notice", "list").out
    outreach("import", write(GOOD), "--consent-source", "x", "--notice", "2019")
    assert "sin texto" in outreach("notice", "list").out
    told = outreach("consent", 1, "--json").json
    assert told["ledger"][0]["notice"] == "2019"


def test_who_looks_at_or_changes_personal_data_is_noted(outreach, write, noted):
    outreach("import", write(GOOD), "--consent-source", "x")
    outreach("list", "--search", "ana")
    outreach("show", 1)
    outreach("show", 99)
    outreach("consent", 1)
    outreach("optout", "ana@example.org")
    outreach("optin", 1, "--source", "x")
    outreach("add", "Ceci", "--correo", "ceci@example.org")
    outreach("network", "join", "Ruta Chilanga", 1)
    assert [(action, subject) for action, subject, _ in noted()] == [
        ("contacts.import", "import:1"),
        ("contacts.list", ""),
        ("contacts.show", "contact:1"),
        ("contacts.consent", "contact:1"),
        ("consent.withdraw", "contact:1"),
        ("consent.grant", "contact:1"),
        ("contacts.add", "contact:3"),
        ("network.join", "contact:1"),
    ]
    details = noted("contacts.import")[0][2]
    assert (details["file"], details["accepted"], details["notice"]) == ("contactos.csv", 2, FIRST_VERSION)
    assert noted("contacts.list")[0][2]["search"] == "ana"


@pytest.mark.only_on("sqlite")  # whose writers stand in one line
def test_another_program_that_writes_meanwhile_is_waited_for(outreach, write, settings):
    """An import takes its turn: a writer that holds the database for a moment does not make it fail."""
    with closing(sqlite3.connect(settings.data / "outreach.sqlite3")) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM contact").fetchone()
        assert outreach("import", write(GOOD)).code == 0
        other.rollback()


def commands(group: click.Group, path: str = "contacts"):
    for name, each in group.commands.items():
        if isinstance(each, click.Group):
            yield from commands(each, f"{path} {name}")
        else:
            yield f"{path} {name}", each


def test_every_command_has_help_with_an_example():
    found = list(commands(contacts_command.command))
    assert len(found) == 68
    for path, each in found:
        assert f"Ejemplo: outreach {path}" in (each.help or ""), path
        assert all(option.help for option in each.params if isinstance(option, click.Option)), path


def test_the_example_file_comes_in_whole(outreach, request):
    sample = request.config.rootpath / "samples" / "contactos-ejemplo.csv"
    told = outreach("import", sample, "--strict", "--json").json
    assert (told["refused"], told["warnings"], told["unread_columns"]) == (0, [], [])
    assert told["created"] == told["rows"] > 3


# ---- the rights desk and erasure -----------------------------------------------------------------------------------


def test_a_request_goes_from_its_reception_to_its_answer(outreach, cast, noted):
    ana = cast.person("Ana Nogal Encino", correo="ana@example.org")
    made = outreach("rights", "add", "oposicion", "--contact", ana, "--detail", "no me escriban", "--json")
    folio = made.json["folio"]
    assert (made.code, made.json["state"], made.json["requester"]) == (0, "abierta", "Ana Nogal Encino")
    assert outreach("rights", "execute", folio).code == 2  # nobody has looked who asks
    assert "Anotado" in outreach("rights", "identify", folio, "credencial para votar").out
    assert "Nueva fecha límite" in outreach("rights", "extend", folio.lower(), 10, "--reason", "papel").out
    assert "Hecho lo que pide" in outreach("rights", "execute", folio).out
    assert "opted_out" in outreach("consent", ana, "--json").out
    assert outreach("rights", "answer", folio, "Ya no se le escribe.").code == 0
    shown = outreach("rights", "show", folio)
    for said in ("Oposición, Contestada", "Ana Nogal Encino", "credencial para votar", "Ya no se le escribe."):
        assert said in shown.out
    assert outreach("rights", "extend", folio, 1, "--reason", "tarde").code == 2
    assert [action for action, _subject, _details in noted("rights.")] == [
        "rights.receive", "rights.identify", "rights.extend", "rights.execute", "rights.answer", "rights.show",
    ]  # fmt: skip


def test_requests_are_listed_by_right_and_state(outreach, cast):
    assert "No hay solicitudes así" in outreach("rights", "list").out
    outreach("rights", "add", "acceso", "--name", "Donají Encino", "--received", "2020-01-02")
    late = outreach("rights", "list", "--state", "vencida")
    assert "ARCO-2020-0001  Acceso   Vencida  2020-01-02  2020-01-30  Donají Encino" in late.out
    assert outreach("rights", "list", "--kind", "oposicion", "--json").json == []
    assert outreach("rights", "show", "ARCO-1999-0001").code == 2


def test_a_cancellation_asks_first_and_then_erases(outreach, cast, monkeypatch, noted):
    ana = cast.person("Ana Nogal Encino", correo="ana@example.org", whatsapp="55 5555 0100")
    folio = outreach("rights", "add", "cancelacion", "--contact", ana, "--identity", "INE", "--json").json["folio"]
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    asked = outreach("rights", "execute", folio)
    assert asked.code == 130
    assert "«Ana Nogal Encino»" in asked.out
    assert outreach("show", ana, "--json").json["name"] == "Ana Nogal Encino"
    done = outreach("rights", "execute", folio, "--yes")
    assert "2 direcciones suyas no se podrán agregar otra vez" in done.out
    assert outreach("show", ana, "--json").json["name"] == "Persona suprimida"
    assert [details for action, _subject, details in noted("contacts.erase")] == [{"addresses": 2, "folio": folio}]
    refused = outreach("add", "Ana Nogal", "--correo", "ana@example.org")
    assert refused.code == 2
    assert "fue suprimida a petición de la persona" in refused.err
    assert outreach("rights", "readmit", "ana@example.org", "--reason", "lo pidió").code == 0
    assert outreach("add", "Ana Nogal", "--correo", "ana@example.org").code == 0
    assert outreach("rights", "readmit", "ana@example.org", "--reason", "otra vez").code == 2


def test_a_person_is_erased_without_a_request_too(outreach, cast):
    ana = cast.person("Ana Nogal Encino", correo="ana@example.org")
    assert "1 dirección suya" in outreach("erase", ana, "--reason", "oficio 45/2025", "--yes").out
    again = outreach("erase", ana, "--yes")
    assert again.code == 2
    assert "ya se suprimieron" in again.err
    assert outreach("erase", 999, "--yes").code == 2


def test_a_row_of_a_person_who_was_erased_says_so_and_the_others_come_in(outreach, cast, write):
    ana = cast.person("Ana Núñez", correo="ana@example.org")
    outreach("erase", ana, "--yes")
    answer = outreach("import", write(GOOD))
    assert answer.out.startswith("1 aceptadas, 1 rechazadas.") or "1 aceptada, 1 rechazada." in answer.out
    assert "renglón 2, correo: «ana@example.org» fue suprimida a petición de la persona" in answer.out


def test_everything_held_about_a_person_is_written_as_json(outreach, cast, noted):
    ana = cast.person("Ana Nogal Encino", correo="ana@example.org")
    told = outreach("rights", "dossier", ana).json
    assert told["person"]["name"] == "Ana Nogal Encino"
    assert told["consent"][0]["source"] == "formulario de prueba"
    assert noted("rights.dossier") == [("rights.dossier", f"contact:{ana}", {})]


def test_a_stated_column_is_remembered_for_the_same_headers(outreach, write):
    outreach("import", write("Quién;correo\nAna;ana@example.org\n"), "--map", "Quién=nombre")
    done = outreach("import", write("CORREO;quien\nbeto@example.org;Beto\n"))
    assert "1 aceptada" in done.out
    assert "Columnas leídas como la última vez: quien → nombre" in done.out
    stated = outreach("import", write("correo;quien;otro\nc@example.org;x;Ceci\n"), "--map", "otro=nombre", "--json")
    assert stated.json["created"] == 1


def test_consent_is_stated_for_some_ways_and_purposes(outreach, write):
    path = write("nombre,correo\nAna,ana@example.org\n")
    options = ("--consent-channel", "correo", "--consent-purpose", "eventos", "--consent-purpose", "avisos")
    done = outreach("import", path, "--consent-source", "papel", *options, "--json")
    assert done.json["consents"] == 2
    ledger = outreach("consent", 1, "--json").json["ledger"]
    assert sorted((line["channel"], line["purpose"]) for line in ledger) == [
        ("correo", "avisos"),
        ("correo", "eventos"),
    ]
    assert outreach("import", path, "--consent-source", "papel", *options, "--json").json["consents"] == 0
    alone = outreach("import", path, "--consent-purpose", "eventos")
    assert (alone.code, "--consent-source" in alone.err) == (2, True)
    wrong = outreach("import", path, "--consent-source", "papel", "--consent-purpose", "todo")
    assert (wrong.code, "«todo» no es una finalidad" in wrong.err) == (2, True)


def test_an_address_book_and_what_an_export_disarmed_come_in(outreach, write):
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Lía Brisa\nTEL;TYPE=cell:+1 312 555 0142\nEND:VCARD\n"
    assert "1 aceptada" in outreach("import", write(card, "libreta.vcf")).out
    outreach("import", write("nombre,whatsapp\n'=Ana,'+52 55 5555 0144\n"))
    assert outreach("list", "--search", "=Ana", "--json").json[0]["name"] == "=Ana"


def test_imports_are_listed_with_who_when_which_file_and_what_came_in(outreach, write):
    outreach("import", write("nombre,correo\nAna,ana@example.org\nBeto,\n"))
    outreach("import", write("nombre,correo\nAna,ana@example.org\n"), "--dry-run")
    (line,) = outreach("imports", "--json").json
    assert (line["file"], line["rows"], line["refused"], line["state"]) == ("contactos.csv", 2, 1, "done")
    assert line["counts"]["created"] == 1
    assert len(line["sha256"]) == 64
    assert "1 persona nueva, 0 completadas, 1 renglón rechazado" in outreach("imports").out


def test_a_reason_says_what_was_probably_meant(outreach, write, tmp_path):
    aside = tmp_path / "mal.csv"
    done = outreach("import", write("nombre,correo\nAna,ana@gmail\n"), "--refused", aside)
    assert "¿Quiso decir «ana@gmail.com»?" in done.out
    assert "¿Quiso decir «ana@gmail.com»?" in aside.read_text(encoding="utf-8-sig")
