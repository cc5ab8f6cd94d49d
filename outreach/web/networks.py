"""Networks: the list, and one network with its people and where they live."""

from flask import Blueprint, abort, render_template, request, url_for

from outreach.web import context, paging
from outreach.web.queries import campaigns as read_campaigns
from outreach.web.queries import contacts as read
from outreach.web.queries import progress

pages = Blueprint("networks", __name__, url_prefix="/redes")

CITIES = 10
LATEST = 5
SIZE = 25  # people a page


@pages.get("/")
def index() -> str:
    """List the networks."""
    return render_template("networks.html", rows=read.networks(context.db()))


@pages.get("/<int:network_id>")
def show(network_id: int) -> str:
    """Show one network."""
    session = context.db()
    counted = next(iter(read.networks(session, network_id)), None) or abort(404)
    text = request.args.get("q", "").strip()
    total, _none = read.members(session, network_id, text, 0, 0)
    page = paging.asked(total, SIZE)
    _total, rows = read.members(session, network_id, text, page.offset, page.size)
    context.note_view("network.show", f"network:{network_id}", shown=len(rows), search=text)
    cities = read.cities(session, network_id)
    sent = read_campaigns.of_network(session, network_id, LATEST)
    last = read_campaigns.last_runs(session, [campaign.id for campaign in sent])
    return render_template(
        "network.html",
        counted=counted,
        network=counted.network,
        rows=rows,
        page=page,
        q=text,
        cities=cities[:CITIES],
        other_cities=cities[CITIES:],
        brought_by=read.names(session, [row.brought_by_id for row in rows if row.brought_by_id]),
        sent=sent,
        last=last,
        done=progress.read_each(session, [run.id for run in last.values()]),
        link=lambda number: url_for(
            "networks.show", network_id=network_id, **{**request.args.to_dict(), "pagina": number}
        ),
    )
