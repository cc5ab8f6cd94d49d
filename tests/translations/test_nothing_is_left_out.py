"""No text that a person reads escapes the catalogues: looked for in the code and in the templates, by their looks.

The allow-lists say of each exception why it is none: it is not read by a person, or it is no language's.
"""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[2]
CODE = [path for path in sorted((ROOT / "outreach").rglob("*.py")) if "migrations" not in path.parts]
PAGES = sorted((ROOT / "templates").rglob("*.html"))

WRAPPERS = {"_", "N_", "gettext", "ngettext"}
#: Letters and words by which Spanish is known; English has none of them.
SPANISH = re.compile(
    r"[áéíóúñü¿¡«»]|\b(?:el|la|los|las|de|del|al|un|una|que|para|por|con|sin|su|sus|se|lo|en|y|quien|cada|nada|todos?)\b",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W\d_]{2,}")

#: Spanish in the code that nobody reads on a screen, or that is meant to be Spanish for every reader.
NOT_READ = {
    # names of columns, places and values: the same in every language, as the files that hold them
    "contraseña": "the place of a fault, mapped to a field",
    "campaña": "the place of a fault, mapped to a field",
    "importación": "the place of a fault",
    "dirección": "the place of a fault",
    "sí": "a value of the register's files",
    "envío-": "the names of jobs",
    # patterns of dates, one for each language
    "EEE d MMM y, HH:mm:ss": "a pattern of dates",
    "EEEE d 'de' MMMM 'de' y": "a pattern of dates",
    "d 'de' MMMM 'de' y": "a pattern of dates",
    "EEEE d 'de' MMMM": "a pattern of dates",
    "MMMM 'de' y": "a pattern of dates",
    "EEEE, MMMM d, y": "a pattern of dates",
    "MMMM d, y": "a pattern of dates",
    "MMM d, y": "a pattern of dates",
    "d MMM y": "a pattern of dates",
    "MMMM y": "a pattern of dates",
    "CASE WHEN {0} IS NULL OR length({0}) = 26 THEN {0} ELSE strftime('%Y-%m-%d %H:%M:%f', {0}) || '000' END": (
        "a question to a database, with a pattern of dates"
    ),
    # what is looked for in texts of informes, for each language
    "envíos": "a noun that Spanish informes count by",
    "días": "a noun that Spanish informes count by",
    "dieciséis": "a number that Spanish informes are searched for",
    # what the institution's own records and files say, in its language whoever looks
    "enlace de baja": "the source written into the ledger of consent",
    "RFC 8058, un paso": "the evidence written into the ledger of consent",
    "página para unirse": "the source written into the ledger of consent",
    "envío ": "the evidence written into the ledger of consent",
    "enlace al correo registrado": "how the rights desk notes that an identity was checked",
    "página de baja": "the evidence written into the ledger of consent",
    "Envío de la convocatoria de abril": "an example of what an informe prints",
    "Texto de Tabla": "a style of the Word file, whose users work in Spanish",
    "Encabezado de Tabla": "a style of the Word file",
    "Cifra de Tabla": "a style of the Word file",
    "Encabezado de Cifra": "a style of the Word file",
    "Separación": "a style of the Word file",
    # what the simulator's fictional people say
    "Gracias, ahí estaré": "a fictional person's answer",
    "Persona de prueba": "a fictional person's name",
    # the last resort
    "Algo falló de nuestro lado. Lo que ya había guardado sigue guardado. Folio ": (
        "said when the page of an error broke: it leans on nothing, the catalogue included"
    ),
}
#: Names of arguments that are no words of a language.
METAVARS = re.compile(r"ID|URL|SG…|AC…|[A-Z]+\.toml")
MARK = "qqq"  # stands where a template prints a value: letters, as it may be the name of a tag
#: What pages write alike in every language.
NAMES = {
    "Voto Chilango",
    "IECM · DVOE",
    "WhatsApp",
    "CDMX",
    "sha256",
    "ana@example.org",  # a placeholder
    "America/Mexico_City",
    "English",  # each language is named in itself
    "Español",
    "ES",
    "EN",
}


def constants(tree: ast.AST, *, wrapped: bool = False) -> Iterator[ast.Constant]:
    """Yield the texts that no wrapper holds; neither docstrings nor the formats of f-strings."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(tree, ast.FormattedValue) and child is tree.format_spec:
            continue
        inside = wrapped or (isinstance(child, ast.Call) and called(child) in WRAPPERS)
        if isinstance(child, ast.Constant) and isinstance(child.value, str) and not inside:
            yield child
        yield from constants(child, wrapped=inside)


def called(call: ast.Call) -> str:
    """Return the name of what is called."""
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def spoken(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what is given to those who speak to people: help, prompts, messages."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        yield from (word.value for word in call.keywords if word.arg in {"help", "short_help", "prompt", "label"})
        yield from (word.value for word in call.keywords if word.arg == "metavar" and not same_everywhere(word.value))
        if called(call) in {"echo", "secho", "flash", "confirm"}:
            yield from call.args[:1]
        elif called(call) == "mark":  # form.mark(field, sentence)
            yield from call.args[1:2]


def same_everywhere(metavar: ast.expr) -> bool:
    """Tell whether the name of an argument is no word of a language."""
    return isinstance(metavar, ast.Constant) and bool(METAVARS.fullmatch(str(metavar.value)))


def trees() -> Iterator[tuple[str, ast.Module]]:
    """Yield each module of the outermost ring, which is the one that speaks, by its name."""
    for path in CODE:
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def test_no_spanish_in_the_code_is_out_of_reach_of_the_catalogues() -> None:
    found = [
        (name, one.lineno, one.value)
        for name, tree in trees()
        for one in constants(tree)
        if SPANISH.search(str(one.value)) and re.search(r"\s|[áéíóúñü¿¡«»]", str(one.value))  # a lone word is a code
    ]
    assert [place for place in found if place[2] not in NOT_READ] == []
    assert set(NOT_READ) - {text for _name, _line, text in found} == set(), "these exceptions are needed no longer"


def test_whatever_speaks_to_people_speaks_their_language() -> None:
    found = [
        (name, one.lineno, one.value)
        for name, tree in trees()
        for told in spoken(tree)
        for one in constants(ast.Expression(told))
        if WORD.search(str(one.value)) and not re.fullmatch(r"[a-z_/]+", str(one.value)) and one.value not in NOT_READ
    ]
    assert found == []


def test_no_text_is_put_into_one_language_for_the_life_of_a_process() -> None:
    """Pages speak to many people: a text translated when its module is read would stay in the first one's language.

    Commands are the exception: their modules are read after the language of the terminal is known.
    """
    found = [
        (name, call.lineno)
        for name, tree in trees()
        if "/commands/" not in name and not name.endswith("/cli.py")
        for call in run_at_once(tree)
        if called(call) in WRAPPERS - {"N_"}
    ]
    assert found == []


def run_at_once(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that run when a module is read: those outside the bodies of functions."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from run_at_once(child)


class Words(HTMLParser):
    """Gathers what a template says by itself: its text, and the attributes that are read aloud or shown."""

    SAID = frozenset({"aria-label", "title", "placeholder", "alt", "data-said", "data-copied", "data-label", "label"})
    UNREAD = frozenset({"style", "script", "code"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in self.SAID]
        if tag in self.UNREAD:
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._within:
            self._within.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.found.append(data)


def typed(source: str) -> str:
    """Return a template without its expressions and statements, each of which leaves a mark."""
    kinds = [(kind, value) for _line, kind, value in Environment().lex(source)]
    return "".join(value if kind == "data" else MARK * (kind == "variable_begin") for kind, value in kinds)


def test_no_text_of_a_template_escapes_translation() -> None:
    found = [
        (str(path.relative_to(ROOT)), part)
        for path in PAGES
        for text in Words(typed(path.read_text(encoding="utf-8"))).found
        for part in (piece.strip(" \n\t:.,·()/|…–<>") for piece in text.split(MARK))
        if WORD.search(part) and not re.match(r'[\w-]+="', part) and part not in NAMES  # a macro of attributes alone
    ]
    assert found == []


def test_no_expression_of_a_template_prints_a_text_of_its_own() -> None:
    looks = re.compile(r"[áéíóúñü¿¡«»]|^[A-ZÁÉÍÓÚ][a-záéíóúñ]+|^[a-z]{2,}( [a-z]{2,})+$")
    found = [
        (str(path.relative_to(ROOT)), one.lineno, one.value)
        for path in PAGES
        for one in unwrapped(Environment().parse(path.read_text(encoding="utf-8")))
        if looks.search(one.value) and one.value not in NAMES
    ]
    assert found == []


def unwrapped(tree: nodes.Template) -> Iterator[nodes.Const]:
    """Yield the texts in a template's expressions that no wrapper holds."""
    wrapped = {
        id(text)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in WRAPPERS
        for text in call.args
    }
    yield from (one for one in tree.find_all(nodes.Const) if isinstance(one.value, str) and id(one) not in wrapped)
