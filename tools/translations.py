"""Hold the catalogues against the code: `translations.py check` or `translations.py update`.

The texts in the code are Spanish; outreach/translations/en.po holds the English. `update` takes new texts in and old
ones out; `check` fails when one is missing, left over, uncertain, or does not keep what no translation may change.

click's own texts are English; outreach/translations/click/es.po holds their Spanish, and beside it lies the compiled
form that the standard library's gettext reads: `update` writes it, `check` holds it to the other.
"""

import re
import struct
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "outreach" / "translations" / "en.po"
CLICK = ROOT / "outreach" / "translations" / "click"
METHODS = [
    ("outreach/**.py", "python"),
    ("scheduler.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
]
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
#: What both languages write alike: placeholders, commands with their options, settings, files, addresses.
KEPT = re.compile(
    r"%\(\w+\)[sd] | %% | \{\{[ ]\w{3,}[ ]\}\} | \{\w+\} | outreach(?:[ ][a-z-]+)+ | (?<![\w-])--[a-z][\w-]* |"
    r" [A-Z]{2,}_[A-Z_]+ | (?<![\w/.-])[a-z][\w/.-]*\.(?:toml|csv|xlsx|txt|md)\b | https?://\S*[\w/]",
    re.VERBOSE,
)
VALUE = re.compile(r"(?<=\{)\w+(?=(?:!r)?\})|(?<=%\()\w+(?=\)s)")
COMPILED = CLICK / "es" / "LC_MESSAGES" / "messages.mo"
HEADER = r"""# The English of Voto Chilango. tools/translations.py keeps it: each msgid is the Spanish text of the code.
msgid ""
msgstr ""
"Language: en\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""
#: The last line of a help text is typed as it stands.
EXAMPLE = {"es": "\n\nEjemplo: ", "en": "\n\nExample: "}


def extracted() -> Catalog:
    """Return every text of the code."""
    catalog = Catalog(locale="en", project="Voto Chilango", charset="utf-8")
    options = {"jinja2": {"silent": "false", "newstyle_gettext": "true", "trimmed": "true"}}
    for file, line, text, comments, context in extract_from_dir(
        ROOT,
        method_map=METHODS,
        options_map={pattern: options.get(method, {}) for pattern, method in METHODS},
        keywords=KEYWORDS,
        directory_filter=lambda folder: not Path(folder).name.startswith((".", "vendor", "simulator-data")),
    ):
        if text and any(text if isinstance(text, tuple) else (text,)):
            catalog.add(text, None, [(file, line)], auto_comments=comments, context=context)
    return catalog


def kept() -> Catalog:
    """Return the English catalogue as it is kept."""
    if not CATALOGUE.exists():
        return Catalog(locale="en")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def update() -> None:
    """Take new texts in and old ones out; the translations stay."""
    new, old = extracted(), kept()
    out = Catalog(locale="en", project="Voto Chilango", charset="utf-8", fuzzy=False)
    for message in sorted((message for message in new if message.id), key=lambda m: str(m.id)):
        known = old.get(message.id)
        plural = isinstance(message.id, tuple)
        string = known.string if known and isinstance(known.string, tuple) == plural else None
        out.add(message.id, string, flags=message.flags - {"fuzzy"})
    write(out)
    COMPILED.parent.mkdir(parents=True, exist_ok=True)
    COMPILED.write_bytes(click_compiled())


def write(catalog: Catalog) -> None:
    """Write the catalogue in one order, without dates and places, so that a new text changes its own lines alone."""
    with CATALOGUE.open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, catalog, width=110, no_location=True, omit_header=True, sort_output=True)


def _forms(text: object) -> tuple[str, ...]:
    """Return a text's forms: one, or that for one and that for several."""
    return tuple(text) if isinstance(text, (tuple, list)) else (str(text or ""),)


def _broken(spanish: str, english: str) -> Iterator[str]:
    """Yield what a translation does not keep of its text."""
    wanted, found = set(KEPT.findall(spanish)), set(KEPT.findall(english))
    if wanted != found:
        yield f"not kept, {sorted(wanted ^ found)}"
    if spanish.partition(EXAMPLE["es"])[2] != english.partition(EXAMPLE["en"])[2]:
        yield "another example"
    if spanish.count("\n") != english.count("\n"):
        yield "other lines"
    edges = [(text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]) for text in (spanish, english)]
    if edges[0] != edges[1]:
        yield "other spaces at its ends"
    if "%(" in english:
        try:
            _ = english % defaultdict(int)
        except (TypeError, ValueError) as error:
            yield f"cannot be filled in ({error})"


def faults(message: Message, known: Message | None) -> list[str]:
    """Return what is wrong with one text."""
    ids, texts = _forms(message.id), _forms(known.string) if known else ()
    name = ids[0]
    if not texts or not all(texts):
        return [f"not translated: {name!r}"]
    if known and known.fuzzy:
        return [f"uncertain: {name!r}"]
    if len(ids) != len(texts):
        return [f"{len(texts)} forms and not {len(ids)}: {name!r}"]
    # «Otro país» and «Otros %(n)s países» may both name the number, so a pair is held together, the form for one alone.
    pairs = [(ids[-1], texts[-1])] if len(ids) > 1 else list(zip(ids, texts, strict=True))
    wrong = [f"{what}: {name!r}" for spanish, english in pairs for what in _broken(spanish, english)]
    strange = set(KEPT.findall(texts[0])) - set(KEPT.findall(" ".join(ids)))
    return wrong + ([f"not in the Spanish, {sorted(strange)}: {name!r}"] if strange else [])


def click_texts() -> Catalog:
    """Return every text of click, of the version that is installed."""
    catalog = Catalog(locale="es")
    folder = Path(click.__file__).parent
    for _file, _line, text, _comments, _context in extract_from_dir(folder, [("**.py", "python")], keywords=KEYWORDS):
        catalog.add(text)
    return catalog


def click_kept() -> Catalog:
    """Return click's texts with their Spanish."""
    with (CLICK / "es.po").open("rb") as file:
        return read_po(file, locale="es")


def click_compiled() -> bytes:
    """Return the form that the standard library reads: GNU's .mo, without the dates and tools that others put in it."""
    header = "Content-Type: text/plain; charset=utf-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
    pairs = {"\0".join(_forms(one.id)): "\0".join(_forms(one.string)) for one in click_kept() if one.id} | {"": header}
    texts = sorted((key.encode(), text.encode()) for key, text in pairs.items())
    start, tables, body = 28 + 16 * len(texts), [], b""
    for column in zip(*texts, strict=True):
        for text in column:
            tables.append(struct.pack("<2I", len(text), start + len(body)))
            body += text + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, len(texts), 28, 28 + 8 * len(texts), 0, start) + b"".join(tables) + body


def click_faults() -> list[str]:
    """Return what is wrong with the Spanish of click; a value may be left out, none may be made up."""
    theirs, ours = click_texts(), click_kept()
    found = [f"click says more than before: {one.id!r}" for one in theirs if one.id and one.id not in ours]
    for message in ours:
        ids, texts = _forms(message.id), _forms(message.string)
        if message.id and message.id not in theirs:
            found.append(f"click says no longer: {message.id!r}")
        elif message.id and (not all(texts) or len(ids) != len(texts)):
            found.append(f"not translated: {message.id!r}")
        elif strange := set(VALUE.findall(" ".join(texts))) - set(VALUE.findall(" ".join(ids))):
            found.append(f"click does not give {sorted(strange)}: {message.id!r}")
    if not COMPILED.exists() or COMPILED.read_bytes() != click_compiled():
        found.append(f"{COMPILED.relative_to(ROOT)} is not what es.po says: run translations.py update")
    return found


def all_faults() -> tuple[int, list[str]]:
    """Return how many texts there are, and everything that is wrong with the catalogues."""
    new, old = extracted(), kept()
    found = [fault for message in new if message.id for fault in faults(message, old.get(message.id))]
    found += [f"no longer in the code: {message.id!r}" for message in old if message.id and message.id not in new]
    return len(list(new)) - 1, found + click_faults()


def check() -> int:
    """Print every fault; return 1 when there is one."""
    texts, found = all_faults()
    for fault in found:
        print(fault)
    print(f"{texts} texts, {len(found)} faults")
    return int(bool(found))


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    elif sys.argv[1:] == ["check"]:
        sys.exit(check())
    else:
        sys.exit(__doc__)
