"""Informes: choose a definition and a period, read the tables as paper, take the files along."""

import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask_login import current_user

from contacts.errors import Refused
from outreach import audit, words
from outreach.i18n import gettext as _
from outreach.informes import Report, build, definition, files
from outreach.informes.html import marked
from outreach.informes.model import Definition
from outreach.informes.text import paragraphs, plain
from outreach.register.reading import communications, known_fields
from outreach.web import context, formats, periods
from outreach.web.periods import Period

pages = Blueprint("informes", __name__, url_prefix="/informes")

#: What each format is called, its icon, its ending when it is given out, and its type.
FILES = {
    "docx": ("Word", "word", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": ("Excel", "excel", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("CSV", "csv", "zip", "application/zip"),
    "html": ("HTML", "html", "html", "text/html; charset=utf-8"),
    "json": ("JSON", "json", "json", "application/json"),
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A definition that can be chosen: its file's name, its title, how many tables; or what is wrong with it."""

    name: str
    title: str
    tables: int
    faults: list[str]


def _names() -> list[str]:
    return sorted(path.stem for path in definition.SHIPPED.glob("*.toml"))


def _definition(name: str) -> Definition:
    """Return a definition by name. A name that is none of ours is a page that does not exist, never a path."""
    if name not in _names():
        abort(404)
    return definition.read(definition.SHIPPED / f"{name}.toml", known_fields(context.db()))


def _build(name: str) -> tuple[Definition, Period, dict[str, str], Report]:
    read = _definition(name)
    period, wrong = periods.asked(request.args.get("desde", ""), request.args.get("hasta", ""))
    session = context.db()
    log = communications(session, period.start, period.end, read.timezone)
    return read, period, wrong, build(read, log, period.start, period.end, context.now(), known_fields(session))


@pages.get("/")
def index() -> str:
    """List the definitions, each with the quarters that it can be made for."""
    shelves = []
    for name in _names():
        try:
            read = _definition(name)
        except Refused as refused:
            shelves.append(Shelf(name, name, 0, words.explain_all(refused)))
        else:
            shelves.append(Shelf(name, _untied(read), len(read.tables), []))
    return render_template("informes.html", shelves=shelves, shortcuts=periods.shortcuts(), today=context.today())


def _untied(read: Definition) -> str:
    """Return a definition's title without its period: what stands before the first placeholder."""
    title = plain(read.title.parts[0][0] if read.title.parts else "").strip().rstrip(",:;. ")
    return title or read.name


@pages.get("/<name>")
def show(name: str) -> str:
    """Show an informe of a period on screen."""
    read, period, wrong, report = _build(name)
    remarks = sorted(report.remarks, key=lambda remark: not remark.contradiction)
    flags: dict[tuple[str, int | None], list[int]] = {}
    for number, remark in enumerate(remarks, 1):
        flags.setdefault((remark.table, remark.row), []).append(number)
    sources = [one.source for one in communications(context.db(), period.start, period.end, read.timezone)]
    return render_template(
        "informe.html",
        name=name,
        definition_title=_untied(read),
        period=period,
        wrong=wrong,
        asked=request.args,
        shortcuts=periods.shortcuts(),
        report=report,
        remarks=remarks,
        flags=flags,
        by_system=sources.count("run"),
        by_hand=len(sources) - sources.count("run"),
        files={form: (shown, icon, _about(form)) for form, (shown, icon, _ending, _type) in FILES.items()},
        marked=marked,
        plain=plain,
        paragraphs=paragraphs,
        cut=formats.exact(report.as_of, report.timezone),
    )


def _about(form: str) -> str:
    return {
        "docx": _("editable"),
        "xlsx": _("una hoja por tabla"),
        "csv": _("un archivo por tabla"),
        "html": _("para publicar"),
        "json": _("para sistemas"),
    }[form]


@pages.get("/<name>/archivo/<any(docx, xlsx, csv, html, json):form>")
def file(name: str, form: str) -> Response:
    """Give an informe as a file; the tables of a CSV come in one archive. Noted."""
    read, period, _wrong, report = _build(name)
    with tempfile.TemporaryDirectory() as folder:
        data = _packed(form, files.build_files(report, [form], Path(folder), read.name))
    with context.platform().transaction() as write:
        details = {"from": str(period.start), "to": str(period.end), "digest": report.digest, "files": [form]}
        audit.note(write, context.now(), current_user.username, "informe.build", f"informe:{name}", details)
    _shown, _icon, ending, kind = FILES[form]
    answer = make_response(data)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{period.start}-{period.end}.{ending}"'
    return answer


def _packed(form: str, paths: list[Path]) -> bytes:
    if form != "csv":
        return paths[0].read_bytes()
    kept = BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, path.name)
    return kept.getvalue()
