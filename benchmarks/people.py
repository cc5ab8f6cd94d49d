"""What a person waits for who looks for people among a million: the search, a page of the list, a segment's count.

Each is the function behind the page, in a read of its own, beside what the same database needs for the same answer
written by hand. Where a count is told of a sample, its row says so, and the exact one that follows has a row too.
"""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.crowd import RARE, crowded
from benchmarks.extent import Extent
from benchmarks.population import NOW
from benchmarks.stands import database
from benchmarks.table import Figure
from campaigns import segment_fields
from contacts import listing, segments
from contacts.counting import Count
from contacts.listing import Looked, Turn, Wanted
from contacts.matching import read as read_text
from contacts.search_index import for_fts, piece
from outreach.platform import Platform
from outreach.web.queries import contacts as read

PEOPLE = 1_000_000
RUNS = 30
SIZE = 25
SEARCH, PAGE, COUNT = 150.0, 200.0, 300.0  # ms at the 95th percentile
HERE = "erased_at IS NULL AND merged_into_id IS NULL"

#: As somebody types them, letter by letter: rare and common, names, cities, pieces of addresses and of numbers.
TYPED = (
    *("m", "ma", "mar", "mari", "maría"),
    *("x", "xi", "xic", "xico", RARE),
    *("w", "we", "ñañ", "zoila", "her", "andez"),
    *("chi", "chicago", "los ang", "sid"),
    *("maría her", "maria hernandez chicago", "ana yañez", "hernández nopal"),
    *("@example", "example.org", "xicotencatl", "itzel.garcia", "noe.ruiz7"),
    *("5255", "55 12 34", "345678", "(55) 12-3456"),
    *("nadie se llama así", "qqq"),
)
#: Every field of docs/segments.md, and three together.
SEGMENTS: Mapping[str, dict[str, Any]] = {
    "pais": {"campo": "pais", "es": ["US"]},
    "ciudad": {"campo": "ciudad", "es": ["Chicago", "Toronto"]},
    "idioma": {"campo": "idioma", "es": ["en"]},
    "red": {"campo": "red", "es": ["Red 7"]},
    "red, the large one": {"campo": "red", "es": ["Red Voto Chilango"]},
    "consentimiento": {"campo": "consentimiento", "finalidad": ["avisos"], "via": ["correo"]},
    "direccion": {"campo": "direccion", "clase": ["correo"], "estado": ["new", "verified"]},
    "organizacion": {"campo": "organizacion", "es": ["–"]},
    "trajo": {"campo": "trajo", "es": ["7", "8", "9"]},
    "alta": {"campo": "alta", "desde": "2025-01-01"},
    "ultimo_contacto": {"campo": "ultimo_contacto", "hace_menos_de": 30},
    "three together": {
        "todas": [
            {"campo": "pais", "es": ["US"]},
            {"campo": "red", "es": ["Red 7"]},
            {"campo": "consentimiento", "finalidad": ["avisos"]},
        ]
    },
}
_REACHED = "SELECT contact_id FROM address WHERE kind = 'correo' AND state IN ('new', 'verified')"
_SENT = "SELECT contact_id FROM delivery WHERE accepted_at > :lately"
_WROTE = "SELECT contact_id FROM inbound_message WHERE at > :lately"
_SAID = (
    "SELECT contact_id FROM consent_entry WHERE decision = 'granted' AND contact_id NOT IN"
    " (SELECT contact_id FROM consent_entry WHERE decision = 'withdrawn')"
)
_IN_7 = (
    "SELECT contact_id FROM membership WHERE until IS NULL AND network_id = (SELECT id FROM network WHERE name = {})"
)
BARE: Mapping[str, str] = {
    "pais": "country = 'US'",
    "ciudad": "city IN ('Chicago', 'Toronto')",
    "idioma": "language = 'en'",
    "red": f"id IN ({_IN_7.format(repr('Red 7'))})",
    "red, the large one": f"id IN ({_IN_7.format(repr('Red Voto Chilango'))})",
    "consentimiento": f"id IN ({_REACHED}) AND id IN ({_SAID})",
    "direccion": f"id IN ({_REACHED})",
    "organizacion": "organization_id IS NULL",
    "trajo": "id IN (SELECT contact_id FROM membership WHERE brought_by_id IN (7, 8, 9))",
    "alta": "created_at >= :begin",
    "ultimo_contacto": f"(id IN ({_SENT}) OR id IN ({_WROTE}))",
    "three together": f"country = 'US' AND id IN ({_IN_7.format(repr('Red 7'))}) AND id IN ({_SAID})",
}


@dataclass(frozen=True, slots=True)
class Waited:
    """How long something took, in ms, run by run."""

    each: list[float]

    @property
    def at_95(self) -> float:
        """The 95th percentile."""
        return sorted(self.each)[max(0, round(len(self.each) * 0.95) - 1)]

    @property
    def median(self) -> float:
        """The one in the middle."""
        return statistics.median(self.each)


def measure(extent: Extent) -> list[Figure]:
    """Measure each database."""
    segment_fields.install()
    return [figure for kind in extent.databases for figure in _measure(kind, extent.at_most(PEOPLE), extent.seed)]


def _measure(kind: str, people: int, seed: int) -> list[Figure]:
    with database(kind) as settings:
        platform = crowded(settings, people, seed=seed)
        try:
            return figures(platform, kind)
        finally:
            platform.close()


def figures(platform: Platform, kind: str) -> list[Figure]:
    """Measure a database that is there."""
    return [*_searches(platform, kind), *_pages(platform, kind), *_counts(platform, kind)]


def _wait(platform: Platform, act: Callable[[Session], object], runs: int = RUNS) -> Waited:
    each = []
    for _run in range(runs):
        with platform.reading() as session:
            session.connection()
            begun = perf_counter()
            act(session)
            each.append((perf_counter() - begun) * 1000)
    return Waited(each)


def _page(session: Session, wanted: Wanted, number: int = 1, turn: Turn | None = None) -> Count:
    looked = listing.look(session, wanted)
    listing.people(session, listing.ids(session, wanted, looked, (number - 1) * SIZE, SIZE, turn))
    return looked.count


def _searches(platform: Platform, kind: str) -> list[Figure]:
    served = platform.engine.dialect.name == "postgresql"
    ours: list[float] = []
    bare: list[float] = []
    slowest: dict[str, float] = {}
    for typed in TYPED:
        wanted = Wanted(typed)
        waited = _wait(platform, lambda session, wanted=wanted: _page(session, wanted), runs=3)  # type: ignore[misc]
        pieces = read_text(typed)[-1].pieces()
        by_hand = (
            f"SELECT count(*), min(name), max(name) FROM (SELECT name FROM contact JOIN"
            f" {'search_entry ON id = contact_id' if served else 'search_piece ON id = search_piece.rowid'}"
            f" WHERE {HERE} AND {'pieces @> :pieces' if served else 'search_piece MATCH :pieces'} LIMIT 1001) AS found"
        )
        asked = {"pieces": sorted(map(piece, pieces)) if served else for_fts(pieces)}
        alone = _wait(
            platform,
            lambda session, by_hand=by_hand, asked=asked: session.execute(text(by_hand), asked).all(),  # type: ignore[misc]
            runs=3,
        )
        ours, bare = ours + waited.each, bare + alone.each
        slowest[typed] = waited.median
    most = dict(sorted(slowest.items(), key=lambda each: -each[1])[:8])
    return [
        Figure(
            f"search as you type, {kind}: {len(TYPED)} texts, 95th percentile",
            Waited(ours).at_95,
            "ms",
            SEARCH,
            most=True,
            beside="bare query",
            other=Waited(bare).at_95,
            more={"median": Waited(ours).median, **most},
        )
    ]


def _pages(platform: Platform, kind: str) -> list[Figure]:
    with platform.reading() as session:
        every = listing.look(session, Wanted(), None).count.number
        network = session.scalar(text("SELECT id FROM network WHERE name = 'Red 7'"))
        large = session.scalar(text("SELECT id FROM network WHERE name = 'Red Voto Chilango'"))
        some = segments.condition(session, segments.read(session, SEGMENTS["consentimiento"]), NOW)
        rare = segments.condition(session, segments.read(session, SEGMENTS["three together"]), NOW)
    cases: dict[str, tuple[Wanted, str, str]] = {
        "everybody, first": (Wanted(), "first", "TRUE"),
        "everybody, middle": (Wanted(), "middle", "TRUE"),
        "everybody, middle, from the page before": (Wanted(), "beside", "TRUE"),
        "everybody, last": (Wanted(), "last", "TRUE"),
        "of a country, first": (Wanted(country="US"), "first", BARE["pais"]),
        "of a country, middle": (Wanted(country="ES"), "middle", "country = 'ES'"),
        "of a network, first": (Wanted(network_id=network), "first", BARE["red"]),
        "of a network, middle": (Wanted(network_id=network), "middle", BARE["red"]),
        "of the large network, middle": (Wanted(network_id=large), "middle", BARE["red, the large one"]),
        "of the large network, from the page before": (Wanted(network_id=large), "beside", BARE["red, the large one"]),
        "of a segment (consentimiento), first": (Wanted(more=(some,)), "first", BARE["consentimiento"]),
        "of a segment (consentimiento), from the page before": (
            Wanted(more=(some,)),
            "beside",
            BARE["consentimiento"],
        ),
        "of a segment (three together), middle": (Wanted(more=(rare,)), "middle", BARE["three together"]),
    }
    answer = []
    for name, (wanted, which, where) in cases.items():
        with platform.reading() as session:
            total = listing.look(session, wanted).count.number
            last = max(1, -(-total // SIZE))
            number = {"first": 1, "last": last}.get(which, (last + 1) // 2)
            turn = None
            if which == "beside":
                at = session.scalar(
                    text(f"SELECT id FROM contact WHERE {HERE} ORDER BY search_text LIMIT 1 OFFSET 400000")
                )
                turn = Turn(at or 1)

        def ours(session: Session, wanted: Wanted = wanted, number: int = number, turn: Turn | None = turn) -> object:
            if wanted == Wanted():  # the page around it counts the people of each country, and so everybody
                total = Looked(Count(sum(each for _country, each in read.countries(session))))
                return listing.people(session, listing.ids(session, wanted, total, (number - 1) * SIZE, SIZE, turn))
            return _page(session, wanted, number, turn)

        by_hand = (
            f"SELECT id, name, city, country FROM contact WHERE {HERE} AND {where} ORDER BY search_text, id"
            f" LIMIT {SIZE} OFFSET {(number - 1) * SIZE}"
        )
        bare = _wait(platform, lambda session, by_hand=by_hand: session.execute(text(by_hand)).all(), runs=5)  # type: ignore[misc]
        waited = _wait(platform, ours)
        answer.append(
            Figure(
                f"contact list page, {kind}: {name}, 95th percentile",
                waited.at_95,
                "ms",
                PAGE,
                most=True,
                beside="bare query",
                other=bare.at_95,
                more={"median": waited.median, "everybody": every},
            )
        )
    return answer


def _counts(platform: Platform, kind: str) -> list[Figure]:
    answer = []
    for name, written in SEGMENTS.items():
        with platform.reading() as session:
            wanted = segments.read(session, written)
            told = segments.counted(session, wanted, NOW)
        waited = _wait(platform, lambda session, wanted=wanted: segments.counted(session, wanted, NOW))  # type: ignore[misc]
        moments = {"begin": NOW.replace(month=1, day=1), "lately": NOW.replace(month=5)}
        asked = {word: moment for word, moment in moments.items() if f":{word}" in BARE[name]}
        if kind == "sqlite":
            asked = {word: moment.replace(tzinfo=None).isoformat(" ") + ".000000" for word, moment in asked.items()}
        by_hand = f"SELECT count(*) FROM contact WHERE {HERE} AND {BARE[name]}"
        bare = _wait(
            platform,
            lambda session, by_hand=by_hand, asked=asked: session.execute(text(by_hand), asked).all(),  # type: ignore[misc]
            runs=5,
        )
        facts = {"median": waited.median, "number": told.number, "least": told.least, "most": told.most}
        word = "of a sample, approximate" if told.about else "exact"
        answer.append(
            Figure(
                f"count of a segment, {kind}: {name}, {word}, 95th percentile",
                waited.at_95,
                "ms",
                COUNT,
                most=True,
                beside="bare query, exact",
                other=bare.at_95,
                more=facts,
            )
        )
        if told.about:
            exact = _wait(platform, lambda session, wanted=wanted: segments.count(session, wanted, NOW), runs=3)  # type: ignore[misc]
            answer.append(Figure(f"count of a segment, {kind}: {name}, the exact one that follows", exact.median, "ms"))
    return answer
