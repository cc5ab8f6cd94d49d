"""A database with many fictional people who consented, made inside the database: a million take seconds."""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

from campaigns import planning
from campaigns.drafts import ContentDraft, Draft
from contacts import notices
from contacts.models import Channel, Network
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.platform import Platform

NOW = datetime(2025, 6, 20, 17, 0, tzinfo=UTC)
NETWORK = "Red Voto Chilango"
REFUSED = 50  # of so many people who are written to, one more is not
TEXT = (
    "Hola, {{ nombre }}:\n\n" + "La Consulta de Presupuesto Participativo se acerca. " * 60 + "\n\nBaja: {{ baja }}\n"
)
FIRST = ("María José", "Guadalupe", "Juan Carlos", "Ana", "Itzel", "Ángel", "Noé", "Xóchitl", "Citlali", "Íñigo")
LAST = ("Hernández", "García Peña", "Núñez", "López", "O’Farrill", "Zúñiga", "Cuauhtémoc", "Ramírez", "Muñoz")
PLACES = (
    ("US", "Chicago", "America/Chicago"),
    ("US", "Los Ángeles", "America/Los_Angeles"),
    ("CA", "Toronto", "America/Toronto"),
    ("ES", "Madrid", "Europe/Madrid"),
    ("MX", "Ciudad de México", "America/Mexico_City"),
)
NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :most)",
    "postgresql": "WITH numbers(n) AS (SELECT generate_series(1, CAST(:most AS integer)))",
}


def populated(settings: Settings, people: int, *, seed: int = 2025) -> Platform:
    """Return a platform with so many people in one network who may be written to by e-mail, and some who may not.

    Of those who may not, a quarter each took their consent back, never gave it, has a mailbox that bounces, or none.
    The seed shifts who is called what and lives where.
    """
    platform = Platform(settings, VirtualClock(NOW))
    with platform.transaction() as session:
        version = notices.current(session, NOW).version
        network = Network(name=NETWORK)
        session.add(network)
        session.flush()
        network_id = network.id
        values = {"most": total(people), "at": _moment(platform), "version": version, "network": network_id}
        _fill(session.connection(), values, seed)
    if platform.engine.dialect.name == "postgresql":
        with platform.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in ("contact", "address", "membership", "consent_entry"):
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
                )
            connection.execute(text("VACUUM ANALYZE"))
    return platform


def total(people: int) -> int:
    """Return how many deliveries a run to so many people has, those who are left out included."""
    return people + people // REFUSED


def _moment(platform: Platform) -> datetime:
    return NOW if platform.engine.dialect.name == "postgresql" else NOW.replace(tzinfo=None)


def _fill(connection: Connection, values: dict[str, object], seed: int) -> None:
    numbers = NUMBERS[connection.dialect.name]

    def write(table: str, columns: str, chosen: str, where: str = "TRUE", **more: object) -> None:
        statement = f"INSERT INTO {table} ({columns}) {numbers} SELECT {chosen} FROM numbers WHERE {where}"
        asked = {name: value for name, value in (values | more).items() if f":{name}" in statement}
        connection.execute(text(statement), asked)

    def pick(words: tuple[str, ...], step: int) -> str:
        cases = " ".join(f"WHEN {place} THEN '{word}'" for place, word in enumerate(words))
        return f"CASE ((n + {seed}) / {step}) % {len(words)} {cases} END"

    country, city, zone = (pick(words, 7) for words in zip(*PLACES, strict=True))
    name = f"{pick(FIRST, 1)} || ' ' || {pick(LAST, 3)} || ' ' || n"
    refused = f"n % {REFUSED + 1} = 0"
    kind = f"(n / {REFUSED + 1}) % 4"  # 0: consent taken back, 1: never given, 2: bounces, 3: no address
    write(
        "contact",
        "id, name, country, city, timezone, language, search_text, created_at",
        f"n, {name}, {country}, {city}, {zone}, 'es', 'persona ' || n, :at",
    )
    write(
        "address",
        "id, contact_id, kind, value, raw, region, state, state_reason",
        f"n, n, 'correo', 'p' || n || '@example.org', '', '',"
        f" CASE WHEN {refused} AND {kind} = 2 THEN 'bounced' ELSE 'new' END, ''",
        f"NOT ({refused} AND {kind} = 3)",
    )
    write("membership", "id, network_id, contact_id, role, since", "n, :network, n, 'member', :at")
    ledger = "id, contact_id, channel, purpose, decision, source, notice_version, evidence, imported, at, recorded_by"
    said = "'*', '*', '{}', 'medida', :version, '', FALSE, :at, ''"
    write("consent_entry", ledger, f"n, n, {said.format('granted')}", f"NOT ({refused} AND {kind} = 1)")
    write("consent_entry", ledger, f":most + n, n, {said.format('withdrawn')}", f"{refused} AND {kind} = 0")


def campaign(platform: Platform, text: str = TEXT, *, plain_only: bool = False) -> int:
    """Make one e-mail campaign to everybody, start it, and return its run's id. The letter is the house's own."""
    draft = Draft(
        title="Medida",
        clase="difusion",
        informacion="Medida",
        channels=(Channel.EMAIL,),
        networks=(NETWORK,),
        contents=(ContentDraft(subject="Aviso para {{ nombre }}", text=text, plain_only=plain_only),),
    )
    with platform.transaction() as session:
        made = planning.create(session, draft, at=NOW, by="medidas")
        return planning.send_now(session, made, at=NOW).id
