"""A database with many fictional people as they are: varied names, cities, addresses, networks, consents, letters.

`population` makes people who differ by their number alone; these differ as people in a list do. Of a million 5 % are
called María, ten Xicoténcatl; 1.5 addresses and three memberships each in 30 networks, of which one has a third of all;
nine of ten consented, one of twenty took it back; one of a thousand was merged into another, one was erased.
"""

from random import Random
from typing import Any

from sqlalchemy import Connection, text

from benchmarks.population import NETWORK, NOW, NUMBERS, campaign
from contacts import notices, search_index
from contacts.folding import fold
from contacts.models import Network
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.indexing import settle_search
from outreach.platform import Platform

SLOTS = 1000  # of a table of words: a name in fifty of them is the name of 5 %
NETWORKS = 30
GIVEN = (
    "María:50 Guadalupe:30 Juan:28 José:28 Ana:24 Luis:20 Carlos:18 Miguel:16 Rosa:15 Alejandra:15 Francisco:14"
    " Jesús:14 Fernanda:13 Verónica:12 Ricardo:12 Roberto:12 Eduardo:11 Gabriela:11 Patricia:11 Daniel:10"
    " Sofía:10 Javier:10 Martha:10 Leticia:9 Silvia:9 Héctor:9 Raúl:9 Ximena:8 Valeria:8 Óscar:8 Íñigo:2"
    " Itzel:6 Citlali:6 Xóchitl:5 Ángel:8 Noé:4 Zoila:3 Yolanda:7 Wendy:3 Queta:2 Beatriz:7 Cuauhtémoc:2"
    " Tonatiuh:2 Nayeli:6 Araceli:6 Elías:4 Julián:5"
)
FAMILY = (
    "Hernández:60 García:48 Martínez:46 López:44 González:42 Pérez:36 Rodríguez:34 Sánchez:32 Ramírez:30"
    " Cruz:26 Flores:24 Gómez:22 Morales:18 Vázquez:17 Jiménez:16 Reyes:16 Díaz:15 Torres:15 Gutiérrez:14"
    " Ruiz:13 Mendoza:12 Aguilar:12 Ortiz:11 Moreno:11 Castillo:10 Romero:10 Álvarez:9 Méndez:9 Chávez:9"
    " Rivera:8 Juárez:8 Ramos:8 Peña:6 Núñez:6 Zúñiga:4 Ñáñez:1 O’Farrill:1 Tezontle:1 Nopal:1 Ibarra:4"
    " Quintero:3 Wences:2 Xolalpa:2 Yáñez:3 Ubilla:1"
)
CITIES = (
    "US/Chicago:180 US/Los Ángeles:200 US/Houston:110 US/Dallas:80 US/Nueva York:90 US/San Antonio:60"
    " US/Phoenix:40 CA/Toronto:30 CA/Vancouver:20 ES/Madrid:40 ES/Barcelona:20 DE/Berlín:10 FR/París:12"
    " GB/Londres:14 MX/Ciudad de México:60 JP/Tokio:3 AU/Sídney:4 SV/Santa Tecla:2 AR/Buenos Aires:5 /:20"
)
STEMS = ("Ald", "Brun", "Celest", "Dem", "Efr", "Fid", "Gumers", "Herl", "Isaur", "Jacint", "Leand", "Maur", "Nic")
ENDS = tuple(f"{vowel}{end}" for vowel in "aeio" for end in ("n", "l", "r", "s", "do", "na", "lia", "rio", "nda"))
RARE = "Xicoténcatl"
EVERY_RARE = 100_000  # of so many people one is called so


def crowded(settings: Settings, people: int, *, seed: int = 2025) -> Platform:
    """Return a platform with so many people, their index settled and the database's statistics taken."""
    platform = Platform(settings, VirtualClock(NOW))
    served = platform.engine.dialect.name == "postgresql"
    with platform.transaction() as session:
        notices.current(session, NOW)
        session.add(Network(name=NETWORK))
    run_id = campaign(platform)
    with platform.transaction() as session:
        connection = session.connection()
        if served:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        _words(connection)
        moment = NOW if served else NOW.replace(tzinfo=None)
        _people(connection, {"most": people, "seed": seed, "at": moment, "run": run_id})
        search_index.renew(connection)
    settle_search(platform, None)
    with platform.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if served else "ANALYZE"))
    return platform


def _words(connection: Connection) -> None:
    for table, words, random in (("given", GIVEN, 1), ("family", FAMILY, 2), ("town", CITIES, 3)):
        connection.execute(
            text(f"CREATE TEMPORARY TABLE {table} (slot INTEGER PRIMARY KEY, word TEXT, folded TEXT, country TEXT)")
        )
        many: list[str] = []
        for each in words.split(" ") if table != "town" else words.replace(" ", "_").replace("_US/", " US/").split():
            word, _colon, often = each.rpartition(":")
            many += [word.replace("_", " ")] * int(often)
        # What is left of the slots is of names that hardly anybody has.
        many += [f"{word}{end}" for end in ENDS for word in STEMS] if table != "town" else []
        rows = []
        for slot in range(SLOTS):
            word = many[slot] if table != "town" else many[slot * len(many) // SLOTS]
            country, slash, name = word.partition("/")
            said = name if slash else word
            rows.append({"slot": slot, "word": said, "folded": fold(said), "country": country if slash else ""})
        Random(random).shuffle(rows)
        for slot, row in enumerate(rows):
            row["slot"] = slot
        connection.execute(
            text(f"INSERT INTO {table} (slot, word, folded, country) VALUES (:slot, :word, :folded, :country)"), rows
        )


def _hash(step: int, size: int) -> str:
    """Return a number below `size` that follows from n and the seed as if by chance."""
    return f"((((n + CAST(:seed AS BIGINT)) * {7919 + 104729 * step}) % 1000003) % {size})"


def _people(connection: Connection, values: dict[str, Any]) -> None:
    numbers = NUMBERS[connection.dialect.name]

    def write(table: str, columns: str, chosen: str, further: str = "") -> None:
        statement = f"INSERT INTO {table} ({columns}) {numbers} SELECT {chosen} FROM numbers {further}"
        asked = {name: value for name, value in values.items() if f":{name}" in statement}
        connection.execute(text(statement), asked)

    rare = f"n % {EVERY_RARE} = 77"
    words = (
        f"JOIN given g ON g.slot = {_hash(1, SLOTS)} JOIN family f ON f.slot = {_hash(2, SLOTS)}"
        f" JOIN family s ON s.slot = {_hash(3, SLOTS)} JOIN town t ON t.slot = {_hash(4, SLOTS)}"
    )

    def name(column: str, rarely: str) -> str:
        given = f"CASE WHEN {rare} THEN '{rarely}' ELSE g.{column} END"
        return f"{given} || ' ' || f.{column} || ' ' || s.{column}"

    gone = "CASE WHEN n % 1000 = 1 THEN :at END"
    merged = "CASE WHEN n % 1000 = 2 AND n > 1000 THEN n - 1000 + 1 END"
    write(
        "contact",
        "id, name, country, city, timezone, language, search_text, created_at, erased_at, merged_into_id",
        f"n, {name('word', RARE)}, t.country, t.word, 'America/Chicago',"
        " CASE WHEN n % 5 = 0 THEN 'en' ELSE 'es' END,"
        f" trim({name('folded', fold(RARE))} || ' ' || t.folded), :at, {gone}, {merged}",
        words + " ORDER BY n",
    )
    state = f"CASE {_hash(5, 50)} WHEN 0 THEN 'bounced' WHEN 1 THEN 'verified' ELSE 'new' END"
    write(
        "address",
        "contact_id, kind, value, raw, region, state, state_reason",
        f"n, 'correo', replace(g.folded, ' ', '') || '.' || replace(f.folded, '’', '') || n || '@' ||"
        " CASE n % 4 WHEN 0 THEN 'example.org' WHEN 1 THEN 'correo.example' ELSE 'example.com' END,"
        f" '', '', {state}, ''",
        words + " WHERE n % 50 <> 3 AND n % 1000 <> 1 ORDER BY n",
    )
    write(
        "address",
        "contact_id, kind, value, raw, region, state, state_reason",
        f"n, CASE WHEN n % 10 = 0 THEN 'telefono' ELSE 'whatsapp' END,"
        f" '+5255' || ({_hash(6, 89)} + 10) || (100000 + {_hash(7, 900000)}), '', 'MX', {state}, ''",
        "WHERE n % 2 = 0 AND n % 1000 <> 1 ORDER BY n",
    )
    connection.execute(
        text("INSERT INTO network (name, kind, description) VALUES (:name, 'list', '')"),
        [{"name": f"Red {number}"} for number in range(2, NETWORKS + 1)],
    )
    first = connection.execute(text("SELECT min(id) FROM network")).scalar()
    values["first"] = first
    others = NETWORKS - 1
    role = "CASE WHEN n % 200 = 0 THEN 'leader' ELSE 'member' END"
    brought = f"CASE WHEN n % 20 = 0 THEN ({_hash(9, 50)} + 5) END"
    columns = "network_id, contact_id, role, since, brought_by_id"
    for turn in range(3):  # three networks each: two of three further ones where the large one is the third
        place = f":first + 1 + ({_hash(8, others)} + {turn * 9}) % {others}"
        chosen = place if turn < 2 else f"CASE WHEN n % 3 = 0 THEN :first ELSE {place} END"
        write("membership", columns, f"{chosen}, n, {role}, :at, {brought}", "WHERE n % 1000 NOT IN (1, 2) ORDER BY n")
    ledger = "contact_id, channel, purpose, decision, source, notice_version, evidence, imported, at, recorded_by"
    said = "'*', '*', '{}', 'medida', '', '', {}, :at, ''"
    write("consent_entry", ledger, f"n, {said.format('granted', 'TRUE')}", "WHERE n % 10 <> 4 ORDER BY n")
    write("consent_entry", ledger, f"n, {said.format('withdrawn', 'FALSE')}", "WHERE n % 20 = 6 ORDER BY n")
    delivery = (
        "run_id, contact_id, channel, address, state, reason, route, detail, due_at, worker, attempts, accepted_at,"
        " changed_at, provider_id"
    )
    write(
        "delivery",
        delivery,
        ":run, n, 'correo', '', 'delivered', '', '', '', :at, '', 1, :at, :at, ''",
        "WHERE n % 3 = 0 ORDER BY n",
    )
    inbound = "provider_id, contact_id, sender, body, at, stop_word, raw"
    write("inbound_message", inbound, "'SM' || n, n, '', '', :at, '', '{}'", "WHERE n % 50 = 0 ORDER BY n")
