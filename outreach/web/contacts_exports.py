"""People as a file: a page that asks what for, and the file itself, which leaves while it is read."""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date

from flask import Blueprint, render_template, request, stream_with_context
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts.errors import Refused, refuse
from outreach import audit, database
from outreach.exports import choosing, csvfile, rows, sealing, taking
from outreach.exports.choosing import Chosen
from outreach.exports.taking import Taken, Wish
from outreach.i18n import gettext as _
from outreach.roles import Act
from outreach.web import access, context
from outreach.web.forms import Form, filled

pages = Blueprint("contacts_exports", __name__, url_prefix="/contactos/exportar")

Page = Response | str | tuple[str, int]
#: What names a list, as the list's own address does.
LIST = ("q", "red", "fecha", "pais", "organizacion", "segmento", "filtro", "duplicados")
FIELDS = {"contraseña": "clave"}


def asked(values: Mapping[str, str]) -> Chosen:
    """Return the list that an address or a form names. Refuses `export_day_form`."""
    day = values.get("fecha", "").strip()
    try:
        on = date.fromisoformat(day) if day else None
    except ValueError:
        raise refuse("export_day_form", "fecha", day[:40]) from None
    return Chosen(
        text=values.get("q", "").strip(),
        network_id=_number(values.get("red", "")),
        on=on,
        country=values.get("pais", "")[:2],
        organization_id=_number(values.get("organizacion", "")),
        segment_id=_number(values.get("segmento", "")),
        filter=values.get("filtro", ""),
        duplicates=bool(values.get("duplicados", "")),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 and int(text) else None  # noqa: PLR2004 — digits


@pages.get("/")
def ask() -> Page:
    """Ask as what, what for and with what a list leaves."""
    given = {name: request.args.get(name, "") for name in LIST}
    form = filled(
        ("motivo", "clave"),
        given | {"formato": "xlsx", "direcciones": "whole", "separador": "coma", "marca": "1"},
    )
    return _page(form)


@pages.post("/")
def take() -> Page:
    """Give the file; noted before its first byte leaves."""
    form = Form(MultiDict(request.form))
    served, at = context.platform(), context.now()
    stack = ExitStack()
    try:
        session = stack.enter_context(served.reading())
        database.unhurried(session.connection())  # whoever reads slowly keeps nobody waiting
        taken = taking.take(
            session,
            asked(form.values),
            _wish(form),
            who=current_user.username,
            at=at,
            zone=context.zone(),
            whole=access.allows(Act.ADDRESSES),
        )
        with served.transaction() as write:
            audit.note(write, at, current_user.username, "contacts.export", details=taken.details)
    except Refused as refused:
        stack.close()
        form.refuse(refused, FIELDS, {"motivo": _("Para qué"), "contraseña": _("Contraseña"), "fecha": _("Día")})
        return _page(form, 422)
    except BaseException:
        stack.close()
        raise
    return _file(taken, stack)


def _file(taken: Taken, stack: ExitStack) -> Response:
    answer = Response(stream_with_context(taken.chunks), mimetype=taken.mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{taken.name}"'
    answer.call_on_close(stack.close)
    return answer


def _wish(form: Form) -> Wish:
    return Wish(
        form=form.text("formato"),
        why=form.text("motivo"),
        addresses=form.text("direcciones"),
        delimiter=form.text("separador") or "coma",
        mark=bool(form.text("marca")),
        password=sealing.check(form.values.get("clave", ""), form.values.get("clave2", "")),
    )


def _page(form: Form, code: int = 200) -> Page:
    session, zone = context.db(), context.zone()
    try:
        chosen = asked(form.values)
        count = rows.count(session, choosing.conditions(session, chosen, context.now(), zone))
        named = choosing.words(session, chosen, zone)
    except Refused as refused:
        chosen, count, named = None, 0, ""
        if code == 200:  # noqa: PLR2004 — HTTP: what was posted has said it already
            form.refuse(refused, FIELDS)
            code = 422
    page = render_template(
        "contacts_export.html",
        form=form,
        kept={name: form.text(name) for name in LIST if name != "fecha" and form.text(name)},
        named=named,
        count=count,
        of_network=bool(chosen and chosen.network_id is not None) or "fecha" in form.errors,
        formats=[
            ("xlsx", _("Excel (.xlsx)")),
            ("csv", _("CSV, para hojas de cálculo y otros sistemas")),
            ("vcard", _("vCard 4.0, para libretas de direcciones")),
            ("vcard3", _("vCard 3.0, para teléfonos anteriores")),
            ("jsonl", _("JSON Lines, para programas")),
        ],
        addresses=[
            ("whole", _("Completos")),
            ("masked", _("Ocultos en parte: c•••@example.org")),
            ("none", _("No llevarlas")),
        ],
        delimiters=list(zip(csvfile.DELIMITERS, (_("Coma"), _("Punto y coma"), _("Tabulador")), strict=True)),
        least=sealing.SHORTEST,
        longest_why=taking.LONGEST_WHY,
    )
    return page if code == 200 else (page, code)  # noqa: PLR2004 — HTTP
