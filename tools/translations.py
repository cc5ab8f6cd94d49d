"""Hold the catalogues against the code: `translations.py check` or `translations.py update`.

The texts in the code are Spanish; outreach/translations/en.po holds the English. `update` takes new texts in and old
ones out; `check` fails when one is missing, left over, uncertain, or has other placeholders than the Spanish.
"""

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "outreach" / "translations" / "en.po"
METHODS = [("outreach/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|{{[^}]*}}")


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
        out.add(message.id, known.string if known else None, flags=message.flags - {"fuzzy"})
    with CATALOGUE.open("wb") as file:
        write_po(file, out, width=110, no_location=True, omit_header=False, sort_output=True)


def faults(message: Message, known: Message | None) -> list[str]:
    """Return what is wrong with one text."""
    name = message.id if isinstance(message.id, str) else message.id[0]
    texts = (known.string if isinstance(known.string, tuple) else (known.string,)) if known else ()
    if not texts or not all(texts):
        return [f"not translated: {name!r}"]
    if known and known.fuzzy:
        return [f"uncertain: {name!r}"]
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    wanted = {mark for text in ids for mark in PLACEHOLDER.findall(text)}
    found = {mark for text in texts for mark in PLACEHOLDER.findall(text)}
    return [f"other placeholders, {sorted(wanted ^ found)}: {name!r}"] if wanted != found else []


def check() -> int:
    """Print every fault; return 1 when there is one."""
    new, old = extracted(), kept()
    found = [fault for message in new if message.id for fault in faults(message, old.get(message.id))]
    found += [f"no longer in the code: {message.id!r}" for message in old if message.id and message.id not in new]
    for fault in found:
        print(fault)
    print(f"{len(list(new)) - 1} texts, {len(found)} faults")
    return int(bool(found))


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    elif sys.argv[1:] == ["check"]:
        sys.exit(check())
    else:
        sys.exit(__doc__)
