"""A text with placeholders and a person make a letter. Compiled once per run into a skeleton and slots.

Whoever writes a campaign is not trusted with a programming language: the text is parsed by Jinja2 into a tree and
only a short list of nodes, names and filters may stand in it. That is checked when the text is saved; the sandbox
behind it is the second lock.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from operator import itemgetter
from typing import cast

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from contacts.errors import Fault, Refused

#: What a text may name. `baja` is the link that unsubscribes, `preferencias` the one to what the person receives.
VARIABLES = ("nombre", "nombre_de_pila", "ciudad", "pais", "zona", "red", "preferencias", "baja")
#: What the mail that asks to confirm may name besides: the link, what is asked, the notice, until when. And what the
#: mail to who asked for their data may: the link to them.
ASKING = ("confirmar", "finalidades", "aviso", "vence", "datos")
FILTERS = ("capitalize", "default", "lower", "title", "trim", "upper")
LONGEST_TEXT = 200_000  # characters of a source

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Filter,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
)


def _default(value: str, other: str = "") -> str:
    """Stand in for what is empty: every variable is defined, so Jinja's own filter would never act."""
    return value or other


#: What a forbidden node looks like in a text: the parser's own names say nothing to its author.
_SIGNS = {
    "Getattr": ".",
    "Getitem": "[ ]",
    "Call": "( )",
    "Mul": "*",
    "Add": "+",
    "Sub": "-",
    "Neg": "-",
    "Div": "/",
    "FloorDiv": "//",
    "Mod": "%",
    "Pow": "**",
    "Concat": "~",
    "Test": "is",
    "List": "[ ]",
    "Dict": "{ }",
    "Tuple": ",",
    "Assign": "set",
    "AssignBlock": "set",
    "FromImport": "from",
    "CallBlock": "call",
    "FilterBlock": "filter",
}


def _environment(*, html: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=html, undefined=StrictUndefined, keep_trailing_newline=True, enable_async=False
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS} | {"default": _default}
    environment.tests = {}
    return environment


_HTML = _environment(html=True)
_TEXT = _environment(html=False)

Slot = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A compiled text: literal pieces around slots. `pieces` has one more than `slots`.

    A placeholder that the text holds several times is the same slot each time.
    """

    pieces: tuple[str, ...]
    slots: tuple[Slot, ...]
    names: frozenset[str] = frozenset()  # the variables that the slots read

    def values(self, person: Mapping[str, str]) -> tuple[str, ...]:
        """Return what stands in each slot for one person."""
        return tuple(slot(person) for slot in self.slots)

    def render(self, person: Mapping[str, str]) -> str:
        """Return the whole text for one person."""
        return self.join(self.values(person))

    def join(self, values: tuple[str, ...]) -> str:
        """Return the text with these values, or tags, in its slots."""
        parts = [self.pieces[0]]
        for value, piece in zip(values, self.pieces[1:], strict=True):
            parts += (value, piece)
        return "".join(parts)


def check(text: str, where: str, names: Collection[str] = VARIABLES) -> list[Fault]:
    """Return everything that is wrong with a text that may name these: each fault has `row`, the line in the text.

    Codes: `placeholder_syntax`, `placeholder_unknown` (details: `allowed`), `filter_unknown` (`allowed`),
    `placeholder_forbidden`, `placeholder_deep`, `text_long`.
    """
    if len(text) > LONGEST_TEXT:
        return [Fault("text_long", where, str(len(text)), details={"most": LONGEST_TEXT})]
    try:
        tree = _TEXT.parse(text)
        found = [fault for node in (tree, *tree.find_all(nodes.Node)) if (fault := _fault(node, where, names))]
        if not found:
            _TEXT.compile(tree)  # what cannot be compiled, because it is nested too deep, is refused now
    except TemplateSyntaxError as error:
        return [Fault("placeholder_syntax", where, (error.message or "")[:200], row=error.lineno)]
    except (RecursionError, SyntaxError, MemoryError):
        return [Fault("placeholder_deep", where)]
    return found


def _fault(node: nodes.Node, where: str, names: Collection[str]) -> Fault | None:
    if isinstance(node, nodes.Name):
        if node.name not in names:
            details = {"allowed": ", ".join(names)}
            return Fault("placeholder_unknown", where, node.name, row=node.lineno, details=details)
    elif isinstance(node, nodes.Filter):
        if node.name not in FILTERS:
            details = {"allowed": ", ".join(FILTERS)}
            return Fault("filter_unknown", where, node.name, row=node.lineno, details=details)
    elif isinstance(node, nodes.Const):
        if not isinstance(node.value, (str, bool, int)):
            return Fault("placeholder_forbidden", where, str(node.value), row=node.lineno)
    elif not isinstance(node, _ALLOWED):
        name = type(node).__name__
        return Fault("placeholder_forbidden", where, _SIGNS.get(name, name.lower()), row=node.lineno)
    return None


def verify(text: str, where: str) -> None:
    """Refuse a text with anything wrong in it, every fault at once; what only some may name passes."""
    if faults := check(text, where, (*VARIABLES, *ASKING)):
        raise Refused(faults)


@lru_cache(maxsize=512)
def compile_text(text: str, *, html: bool = False) -> Skeleton:
    """Return the skeleton of a checked text. In HTML every value is escaped. Refuses what `check` finds."""
    verify(text, "")
    environment = _HTML if html else _TEXT
    pieces = [""]
    slots: list[Slot] = []
    known: list[tuple[nodes.Node, Slot]] = []  # nodes are equal when they say the same, and cannot be hashed
    tree = environment.parse(text)
    for statement in tree.body:
        for node in statement.nodes if isinstance(statement, nodes.Output) else [statement]:
            if isinstance(node, nodes.TemplateData):
                pieces[-1] += node.data
                continue
            slot = next((slot for other, slot in known if other == node), None)
            if slot is None:
                slot = _slot(node, environment)
                known.append((node, slot))
            slots.append(slot)
            pieces.append("")
    names = frozenset(node.name for node in tree.find_all(nodes.Name))
    return Skeleton(tuple(pieces), tuple(slots), names)


def _slot(node: nodes.Node, environment: ImmutableSandboxedEnvironment) -> Slot:
    if isinstance(node, nodes.Name):  # nearly every slot: worth not running a template for
        name = node.name
        return (lambda person: escape(person[name])) if environment.autoescape else itemgetter(name)
    body = node if isinstance(node, nodes.Stmt) else nodes.Output([node], lineno=node.lineno)
    tree = nodes.Template([body], lineno=1).set_environment(environment)
    template = environment.from_string(cast("str", tree))  # Jinja takes a tree as well; its annotation forgot

    def fill(person: Mapping[str, str]) -> str:
        return template.render(person)

    return fill


def one_line(text: str) -> str:
    """Return a text without line breaks or control characters: what a subject and a template's value may hold."""
    if text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
