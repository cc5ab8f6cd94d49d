"""The log of a campaign as a file: every person, by which way, the state and the reason."""

import csv
from collections.abc import Iterator
from io import StringIO

from flask import Blueprint, Response, render_template, request
from flask_login import current_user

from campaigns import log
from contacts.errors import Refused
from outreach import audit
from outreach.exports import taking
from outreach.exports.csvfile import safe
from outreach.i18n import gettext as _
from outreach.web import context
from outreach.web.campaigns import campaign_or_404
from outreach.web.forms import filled

pages = Blueprint("campaigns_file", __name__, url_prefix="/campanas")


@pages.get("/<int:campaign_id>/personas.csv")
def give(campaign_id: int) -> Response | str | tuple[str, int]:
    """Ask what for, and give the whole log as CSV: states and reasons as codes, moments in UTC.

    Noted: it carries addresses away.
    """
    campaign = campaign_or_404(campaign_id)
    form = filled(("motivo",), {"motivo": request.args.get("motivo", "")})
    try:
        why = taking.purpose(form.text("motivo"))
    except Refused as refused:
        if "motivo" in request.args:
            form.refuse(refused, labels={"motivo": _("Para qué")})
        page = render_template("campaign_file.html", campaign=campaign, form=form, longest_why=taking.LONGEST_WHY)
        return (page, 422) if form.wrong else page
    served = context.platform()
    with served.transaction() as write:
        details = {"reason": why, "format": "csv"}
        audit.note(write, context.now(), current_user.username, "campaign.log", f"campaign:{campaign_id}", details)

    def lines() -> Iterator[str]:
        with served.reading() as session:
            yield "\ufeff" + _line(log.COLUMNS)
            for row in log.rows(session, campaign_id):
                yield _line(row)

    name = f"campana-{campaign_id}.csv"
    return Response(lines(), mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _line(cells: tuple[str, ...]) -> str:
    kept = StringIO()
    csv.writer(kept, lineterminator="\r\n").writerow([safe(cell) for cell in cells])
    return kept.getvalue()
