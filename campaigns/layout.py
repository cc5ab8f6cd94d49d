"""The institution's house letter: whatever a person wrote is put between its header and its footer.

The letter itself is a file (templates/email/casa), so that an office can change colours, logo and notice without code.
"""

import re
from functools import lru_cache
from html import escape
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[1] / "templates" / "email"

_PLACEHOLDER = re.compile(r"({{.*?}}|{%.*?%})", re.DOTALL)
_LINK = re.compile(r"(https?://[^\s<]+[^\s<.,;:)])")
#: The footer of a letter's plain part as it is or was: from who writes to the way out.
_FOOTER = re.compile(
    r"(?:--\s*\n)?Voto Chilango · (?:Instituto Electoral|Electoral Institute)[^\n{}]*\n"
    r"(?:Recibe este mensaje|You receive this message)[^{}]*(?:{{ preferencias }}[^{}]*)?{{ baja }}\s*\Z"
)
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_BODY_LEVEL = ("<mj-section", "<mj-wrapper", "<mj-hero", "<mj-raw")


def house_letter(body: str, language: str, foot: str = "pie") -> str:
    """Return a whole MJML letter around a body.

    The body is a whole letter already (`<mjml>…`, left as it is), MJML sections, MJML pieces of one column (`mj-text`,
    `mj-button`…), or plain text, of which every paragraph becomes one of the letter. `foot` names the footer's file.
    """
    body = body.strip()
    if body.startswith("<mjml"):
        return body
    if not body.startswith("<mj-"):
        body = paragraphs(body)
    if not body.startswith(_BODY_LEVEL):
        body = f"<mj-section>\n<mj-column>\n{body}\n</mj-column>\n</mj-section>"
    letter = _file("carta.mjml")
    for mark, text in (("idioma", language), ("pie", _file(f"{foot}.{language}.mjml")), ("contenido", body)):
        letter = letter.replace(f"[[{mark}]]", text)
    return letter


def house_text(text: str, language: str, foot: str = "pie") -> str:
    """Return the plain part of a letter: the text, then the footer with the privacy notice and the way out."""
    footer = _file(f"{foot}.{language}.txt").strip()
    return text if footer in text else f"{without_footer(text)}\n\n-- \n{footer}\n"


def without_footer(text: str) -> str:
    """Return a text without the footer that `house_text` gave it, now or once: a saved draft carries it."""
    return _FOOTER.sub("", text.rstrip()).rstrip()


def unmarked(text: str) -> str:
    """Return a plain text without the marks of bold, which say nothing where nothing is bold."""
    return _BOLD.sub(r"\1", text)


def paragraphs(text: str) -> str:
    """Return plain text as MJML: blank lines part paragraphs, `- ` begins a point of a list, `**bold**`, links."""
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", text.strip())]
    return "\n".join(f"<mj-text>{_block(block)}</mj-text>" for block in blocks if block.strip())


def _block(block: str) -> str:
    lines = block.splitlines()
    if all(line.lstrip().startswith("- ") for line in lines):
        points = "".join(f"<li>{_inline(line.lstrip()[2:])}</li>" for line in lines)
        return f"<ul>{points}</ul>"
    return "<br />".join(_inline(line) for line in lines)


def _inline(text: str) -> str:
    """Escape what a person typed, leaving placeholders as they are: their values are escaped when they are filled."""
    pieces = _PLACEHOLDER.split(text)
    for index in range(0, len(pieces), 2):
        piece = escape(pieces[index], quote=False)
        piece = _LINK.sub(r'<a href="\1">\1</a>', piece)
        pieces[index] = piece
    return _BOLD.sub(r"<strong>\1</strong>", "".join(pieces))


@lru_cache(maxsize=16)
def _file(name: str) -> str:
    return (TEMPLATES / "casa" / name).read_text(encoding="utf-8")
