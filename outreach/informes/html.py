"""The informe as one web page that needs no other file: templates/informes/informe.html."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from outreach.i18n import gettext, speaking
from outreach.informes import layout, text
from outreach.informes.report import Report

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "informes"


def write(report: Report, path: Path) -> list[Path]:
    """Write the report to `path`, in the informe's language; returns what was written."""
    path.write_text(page(report), encoding="utf-8")
    return [path]


def page(report: Report) -> str:
    """Return the whole page."""
    with speaking(report.language):
        return _template().render(
            report=report, statement=report.statement(), lang=str(report.locale).replace("_", "-")
        )


def marked(sentence: str) -> Markup:
    """Return a text with its `**bold**` marks as HTML, all else escaped."""
    return Markup("").join(
        Markup("<strong>{}</strong>").format(piece) if bold else escape(piece) for piece, bold in text.pieces(sentence)
    )


@lru_cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["_"] = gettext
    environment.filters.update(marked=marked, plain=text.plain, paragraphs=text.paragraphs, short=layout.short)
    return environment.get_template("informe.html")
