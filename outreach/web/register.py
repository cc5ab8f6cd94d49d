"""The register: every communication of a period, whoever made it, and the files that brought some of them."""

from io import StringIO

from flask import Blueprint, Response, render_template, request, url_for
from flask_login import current_user

from campaigns.models import Run
from contacts.folding import fold
from contacts.models import Channel
from outreach import audit
from outreach.register import entries, exporting, importing
from outreach.register.columns import export_columns, further
from outreach.register.communication import Communication
from outreach.register.identity import runs_named
from outreach.register.reading import communications
from outreach.web import context, formats, paging, periods
from outreach.web.periods import Period

pages = Blueprint("register", __name__, url_prefix="/registro")

FILTERS = ("canal", "clase", "red")


def narrowed(found: list[Communication]) -> list[Communication]:
    """Return the communications that the address asks for."""
    wanted = {name: value for name in FILTERS if (value := request.args.get(name, ""))}
    words = fold(request.args.get("q", "")).split()
    return [
        one
        for one in found
        if all(value in one.values(name) for name, value in wanted.items())
        and all(word in fold(f"{one.information} {one.topic} {one.account} {one.folio}") for word in words)
    ]


def _in_period() -> tuple[Period, dict[str, str], list[Communication]]:
    period, wrong = periods.asked(request.args.get("desde", ""), request.args.get("hasta", ""))
    found = communications(
        context.db(),
        period.start,
        period.end,
        context.zone(),
        with_annulled=bool(request.args.get("anuladas")),
        with_people=False,
    )
    return period, wrong, found


@pages.get("/")
def index() -> str:
    """List the communications of a period."""
    period, wrong, everything = _in_period()
    found = narrowed(everything)
    page = paging.asked(len(found))
    shown = found[page.offset : page.offset + page.size]
    return render_template(
        "register.html",
        period=period,
        wrong=wrong,
        shortcuts=periods.shortcuts(),
        rows=shown,
        page=page,
        everything=len(everything),
        clases=sorted({one.kind for one in everything}),
        redes=sorted({name for one in everything for name in one.networks}),
        canales=[channel.value for channel in Channel],
        runs=_campaigns(shown),
        asked=request.args,
        link=lambda number: url_for("register.index", **{**request.args.to_dict(), "pagina": number}),
    )


def _campaigns(rows: list[Communication]) -> dict[str, Run]:
    """Return the run behind each folio that a run made."""
    named = runs_named(context.db(), [one.folio for one in rows if one.source == "run"])
    return {folio: run for folio, number in named.items() if (run := context.db().get(Run, number))}


@pages.get("/registro.csv")
def file() -> Response:
    """Give what is listed as a register file (informe-definition.md §1)."""
    period, _wrong, everything = _in_period()
    found = narrowed(everything)
    columns = export_columns(context.db())
    with context.platform().transaction() as write:
        details = {"from": period.start.isoformat(), "to": period.end.isoformat(), "rows": len(found)}
        audit.note(write, context.now(), current_user.username, "register.export", details=details)

    kept = StringIO(newline="")
    exporting.write_csv(kept, found, columns, with_annulled=bool(request.args.get("anuladas")))
    name = f"registro-{period.start}-{period.end}.csv"
    return Response(
        "\ufeff" + kept.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@pages.get("/comunicacion/<path:folio>")
def show(folio: str) -> str:
    """Show one communication that a person wrote down or a file brought, with every version of it."""
    versions = entries.history(context.db(), folio)
    current = next((version for version in versions if version.replaced_by_id is None), versions[-1])
    brought = {each.id: each for each in importing.imports(context.db())}
    return render_template(
        "entry.html",
        folio=folio,
        entry=current,
        versions=list(reversed(versions)),
        brought=brought.get(current.import_id or 0),
        columns=further(context.db()),
        day=formats.month(current.day) if current.month_only else formats.day(current.day),
    )


@pages.get("/importaciones")
def imports() -> str:
    """List the files that were brought in, the newest first."""
    session = context.db()
    return render_template(
        "imports.html", rows=list(reversed(importing.imports(session))), sizes=importing.sizes(session)
    )
