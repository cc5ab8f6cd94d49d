"""Imports of people: hand a file in, say what is in it, see what it would do, take it in or leave it."""

from io import StringIO
from pathlib import Path

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response as AnyResponse

from contacts import columns, headings, importing, notices
from contacts.checking import RefusedRow
from contacts.errors import Fault, Refused, refuse
from contacts.spreadsheets import Sheet
from outreach import words
from outreach.i18n import gettext as _
from outreach.intake import acts, mending, shelf
from outreach.intake.desk import Desk
from outreach.intake.plans import Meant
from outreach.people_imports import WORKING, Intake, IntakeState
from outreach.web import context, paging
from outreach.web.badges import Badge
from outreach.web.contacts_imports_form import (
    LABELS,
    PLACES,
    column,
    consent_options,
    form_of,
    read_first_rows,
    samples,
    typed,
)
from outreach.web.forms import Form
from outreach.words.intake import FIELDS, cut_off, import_state, said_counts

pages = Blueprint("contacts_imports", __name__, url_prefix="/contactos/importar")

Page = AnyResponse | str | tuple[str, int]
SIZE = 20  # imports, refused rows a page
WARNED = 20


def desk() -> Desk:
    """Return who does the work."""
    found: Desk = current_app.extensions["imports"]
    return found


def _data() -> Path:
    return context.platform().settings.data


@pages.get("/")
def index() -> str:
    """Ask for a file, above the list of those that came."""
    return _index(Form(MultiDict({"archivo": ""})))


def _index(form: Form) -> str:
    session = context.db()
    page = paging.asked(acts.count(session), SIZE)
    return render_template(
        "people_imports.html",
        form=form,
        rows=acts.latest(session, SIZE, page.offset),
        page=page,
        most=shelf.LARGEST // 1024 // 1024,
        days=context.platform().settings.import_days,
        look=look,
        said=said_counts,
        link=lambda number: url_for("contacts_imports.index", pagina=number),
    )


def look(intake: Intake) -> Badge:
    """Return how far an import is, as a person sees it."""
    css, icon = _LOOKS["cut_off" if cut_off(intake) else intake.state]
    return Badge(import_state(intake), icon, css)


_LOOKS = {
    IntakeState.RECEIVED: ("is-sending", "hour"),
    IntakeState.MAPPING: ("is-warn", "question"),
    IntakeState.CHECKING: ("is-sending", "hour"),
    IntakeState.CHECKED: ("is-warn", "question"),
    IntakeState.BRINGING: ("is-sending", "hour"),
    IntakeState.DONE: ("is-yes", "check"),
    IntakeState.FAILED: ("is-no", "xc"),
    IntakeState.DISCARDED: ("is-skipped", "skip"),
    "cut_off": ("is-no", "xc"),
}


@pages.post("/")
def upload() -> Page:
    """Take a file in. Nothing of it is read in this request."""
    form = Form(MultiDict({"archivo": ""}))
    given = request.files.get("archivo")
    try:
        if given is None or not given.filename:
            raise refuse("upload_missing", "archivo")
        name = " ".join(given.filename.replace("\\", "/").rpartition("/")[2].split())[-120:]
        received = shelf.receive(_data(), given.stream, name)
        try:
            with context.platform().transaction() as write:
                key = acts.receive(write, received, filename=name, at=context.now(), by=current_user.username).key
        except BaseException:
            shelf.forget(_data(), received.kept)
            raise
    except Refused as refused:
        form.refuse(refused)
        return _index(form), 422
    desk().wake()
    return redirect(url_for("contacts_imports.show", key=key), 303)


@pages.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> Page:
    form = Form(MultiDict({"archivo": ""}))
    form.refuse(refuse("upload_large", "archivo", _("elegido"), most=shelf.LARGEST // 1024 // 1024))
    return _index(form), 413


def _intake(key: str) -> Intake:
    return acts.find(context.db(), key) or abort(404)


@pages.get("/<key>")
def show(key: str) -> Page:
    """Show one import, whatever it waits for."""
    intake = _intake(key)
    if intake.state is IntakeState.MAPPING:
        try:
            sheet = shelf.head(_data(), intake.kept)
        except Refused as refused:
            return _shown(intake, gone=words.explain_all(refused)[0])
        return _plan(intake, sheet, form_of(sheet, Meant.of(intake) if intake.plan else _proposed(sheet)))
    return _shown(intake)


def _proposed(sheet: Sheet) -> Meant:
    """Return what the columns probably are: as the last time, else by their headers and first rows."""
    known = headings.recall(context.db(), sheet.headers)
    cells = [{name: str(cell) for name, cell in row.cells.items()} for row in sheet.rows]
    return Meant(mapping=known or columns.propose(sheet.headers, cells))


def _shown(intake: Intake, gone: str = "") -> str:
    refused: list[RefusedRow] = []
    warned: list[Fault] = []
    page = paging.asked(intake.refused, SIZE)
    if intake.kept and intake.state in (IntakeState.CHECKED, IntakeState.DONE) and not gone:
        try:
            _headers, refused = shelf.refused(_data(), intake.kept, page.offset, SIZE)
            warned = shelf.warned(_data(), intake.kept, WARNED)
        except Refused as refusal:
            gone = words.explain_all(refusal)[0] if intake.refused else ""
    if refused or warned:
        context.note_view("contacts.import_show", f"import:{intake.id}", shown=len(refused))
    return render_template(
        "people_import.html",
        intake=intake,
        look=look(intake),
        cut_off=cut_off(intake),
        working=intake.state in WORKING,
        refused=refused,
        warned=warned,
        page=page,
        gone=gone,
        reason=mending.reason,
        told=mending.told,
        faults=[mending.told(Fault(**each)) for each in intake.faults],  # type: ignore[arg-type]
        meant=Meant.of(intake),
        link=lambda number: url_for("contacts_imports.show", key=intake.key, pagina=number),
    )


@pages.get("/<key>/avance")
def progress(key: str) -> Response:
    """Give how far it is; the whole page once it waits for somebody or is done."""
    intake = _intake(key)
    answer = make_response(render_template("_people_import_progress.html", intake=intake, state=import_state(intake)))
    if intake.state not in WORKING:
        answer.headers["HX-Refresh"] = "true"
    return answer


@pages.post("/<key>")
def plan(key: str) -> Page:
    """Say what is in the columns and what they consented to: look at the first rows, or read them all."""
    intake = _intake(key)
    if intake.state is not IntakeState.MAPPING:
        return _back(key)
    sheet = shelf.head(_data(), intake.kept)
    form, meant = typed(request.form, sheet)
    faults = form.wrong
    try:
        importing.prepare(sheet, meant.plan("", "", context.zone()), context.now())
    except Refused as refused:
        form.refuse(refused, PLACES | {header: column(i) for i, header in enumerate(sheet.headers)}, LABELS())
        faults = True
    if faults or request.form.get("hacer") == "ver":
        return _plan(intake, sheet, form, 422 if faults else 200)
    with context.platform().transaction() as write:
        acts.check(write, write.get_one(Intake, intake.id), meant)
    desk().wake()
    return _back(key)


def _plan(intake: Intake, sheet: Sheet, form: Form, code: int = 200) -> Page:
    context.note_view("contacts.import_show", f"import:{intake.id}", shown=len(sheet.rows))
    session = context.db()
    _form, meant = typed(form.values, sheet)
    page = render_template(
        "people_import_plan.html",
        intake=intake,
        form=form,
        headers=[(column(i), header, samples(sheet, header)) for i, header in enumerate(sheet.headers)],
        fields=[(name, _(word)) for name, word in FIELDS.items()],
        first=read_first_rows(sheet, meant),
        reason=mending.reason,
        notices=[(each.version, each.version) for each in notices.versions(session) if each.text],
        options=consent_options(),
    )
    return page, code


def _back(key: str) -> AnyResponse:
    return redirect(url_for("contacts_imports.show", key=key), 303)


@pages.post("/<key>/traer")
def bring(key: str) -> AnyResponse:
    """Take the good rows in."""
    intake = _intake(key)
    with context.platform().transaction() as write:
        acts.bring(write, write.get_one(Intake, intake.id), at=context.now(), by=current_user.username)
    desk().wake()
    return _back(key)


@pages.post("/<key>/cambiar")
def change(key: str) -> AnyResponse:
    """Go back to what is in the columns."""
    intake = _intake(key)
    with context.platform().transaction() as write:
        acts.reconsider(write, write.get_one(Intake, intake.id))
    return _back(key)


@pages.post("/<key>/dejar")
def leave(key: str) -> AnyResponse:
    """Take nothing in, and delete the file."""
    intake = _intake(key)
    with context.platform().transaction() as write:
        acts.discard(write, write.get_one(Intake, intake.id), at=context.now(), by=current_user.username)
    shelf.forget(_data(), intake.kept, shelf.UPLOAD)  # the refused rows may still be wanted
    flash(_("No entró nadie, y el archivo se borró."))
    return _back(key)


@pages.get("/<key>/rechazados.csv")
def refused_file(key: str) -> Response:
    """Give the refused rows with their reasons: mended, they are imported again."""
    intake = _intake(key)
    if not intake.kept:
        abort(404)
    headers, rows = shelf.refused(_data(), intake.kept)
    with context.platform().transaction() as write:
        acts.note(write, intake, "contacts.import_refused", context.now(), current_user.username, rows=len(rows))
    kept = StringIO(newline="")
    mending.write(kept, headers, rows)
    stem = secure_filename(intake.filename.rpartition(".")[0])[:60] or "contactos"
    disposition = {"Content-Disposition": f'attachment; filename="{stem}-rechazados.csv"'}
    return Response(kept.getvalue(), mimetype="text/csv", headers=disposition)
