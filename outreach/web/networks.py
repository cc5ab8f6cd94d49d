"""Networks: the list, and one network with its people, where they live, who brought whom, and whom it reached."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from contacts import figures, lineage, reach
from contacts.models import Network, Role
from outreach.i18n import gettext as _
from outreach.web import activity, context, maps, masking, paging, periods
from outreach.web.queries import campaigns as read_campaigns
from outreach.web.queries import contacts as read_contacts
from outreach.web.queries import networks as read
from outreach.web.queries import progress

pages = Blueprint("networks", __name__, url_prefix="/redes")

CITIES = 10
LATEST = 5
FIRST = 10  # people on the page of a network
SIZE = 50  # people a page of the list
MONTHS = 12
LEVELS, CHILDREN = 3, 25  # of a tree, at once
ROOTS = 50  # trees a page
ROLES = {"liderazgo": Role.LEADER, "integrante": Role.MEMBER}


@pages.get("/")
def index() -> str:
    """List the networks, closed ones below."""
    rows = figures.every(context.db())
    return render_template(
        "networks.html",
        rows=[row for row in rows if row.network.closed_at is None],
        closed=[row.network for row in rows if row.network.closed_at is not None],
        oldest=min((row.at for row in rows if row.at), default=None),
        unknown=any(not row.known for row in rows),
    )


def network_or_404(network_id: int) -> Network:
    """Return a network, or answer that there is none."""
    return context.db().get(Network, network_id) or abort(404)


@pages.get("/<int:network_id>")
def show(network_id: int) -> str:
    """Show one network: its figures, where its people live, what went on, and who is in it."""
    session, network = context.db(), network_or_404(network_id)
    counted, places = figures.of(session, network)
    months = read.activity(session, network_id, reach.last_months(context.today(), MONTHS), context.zone())
    rows = read.People(session, read.Wanted(network_id), context.zone()).page(0, FIRST)
    ids = [row.contact_id for row, _role in rows]
    context.note_view("network.show", f"network:{network_id}", shown=len(rows), people=ids)
    sent = read_campaigns.of_network(session, network_id, LATEST)
    last = read_campaigns.last_runs(session, [campaign.id for campaign in sent])
    return render_template(
        "network.html",
        counted=counted,
        network=network,
        rows=rows,
        map=maps.draw(places),
        cities=places[:CITIES],
        other_cities=places[CITIES:],
        months=months[::-1],
        chart=activity.chart(months),
        sent=sent,
        last=last,
        done=progress.read_each(session, [run.id for run in last.values()]),
        today=context.today(),
    )


def asked_day() -> tuple[date | None, str]:
    """Return the day that the address asks for, and what is wrong with it. None is today, also for what is no day."""
    text = request.args.get("dia", "").strip()
    day = periods.read_day(text)
    if text and day is None:
        return None, _("«%(value)s» no es una fecha. Escriba una como 2025-06-30.", value=text[:40])
    if day is not None and day > context.today():
        return None, _("El %(day)s todavía no llega. Escriba un día que ya pasó, o el de hoy.", day=day.isoformat())
    return day, ""


@pages.get("/<int:network_id>/integrantes")
def members(network_id: int) -> str:
    """List who is in a network, or was on a day, by role."""
    session, network = context.db(), network_or_404(network_id)
    day, wrong = asked_day()
    text = request.args.get("q", "").strip()
    role = ROLES.get(request.args.get("papel", ""))
    wanted = read.Wanted(network_id, text, role, None if day == context.today() else day, masking.sees())
    found = read.People(session, wanted, context.zone())
    page = paging.asked(found.total, SIZE)
    rows = found.page(page.offset, page.size)
    context.note_view(
        "network.show",
        f"network:{network_id}",
        shown=len(rows),
        people=[row.contact_id for row, _role in rows],
        search=text,
        role=request.args.get("papel", "") if role else "",
        day=day.isoformat() if day else "",
    )
    return render_template(
        "network_members.html",
        network=network,
        rows=rows,
        page=page,
        q=text,
        role=request.args.get("papel", "") if role else "",
        day=day,
        asked=request.args.get("dia", ""),
        wrong=wrong,
        brought_by=read_contacts.names(session, [row.brought_by_id for row, _role in rows if row.brought_by_id]),
        link=_link("networks.members", network_id),
    )


def _link(endpoint: str, network_id: int) -> Callable[[int], str]:
    values: dict[str, Any] = {**request.args.to_dict(), "network_id": network_id}
    return lambda number: url_for(endpoint, **{**values, "pagina": number})


@pages.get("/<int:network_id>/invitaciones")
def tree(network_id: int) -> str:
    """Show who brought whom: a tree for each leader, or the one below a person."""
    session, network = context.db(), network_or_404(network_id)
    grove = lineage.Grove(session, network_id)
    text = request.args.get("persona", "")
    person = int(text) if text.isdecimal() and len(text) < 19 else 0  # noqa: PLR2004 — digits of a number
    if person and not grove.known(person):
        abort(404)
    leaders, others = ([person], []) if person else (grove.leaders, grove.others)
    page = paging.asked(len(leaders) + len(others), ROOTS)
    shown = [*leaders, *others][page.offset : page.offset + page.size]
    levels, most = (LEVELS, CHILDREN) if person else (LEVELS - 1, 5)
    nodes = [grove.node(number, levels=levels, most=most) for number in shown]
    above = grove.path(person) if person else []
    names = lineage.names(session, [*lineage.numbers(nodes), *above])
    context.note_view("network.tree", f"network:{network_id}", shown=len(names), person=person)
    return render_template(
        "network_tree.html",
        network=network,
        nodes=nodes,
        first_other=max(0, len(leaders) - page.offset),
        person=person,
        above=above,
        names=names,
        alone=grove.alone,
        page=page,
        link=_link("networks.tree", network_id),
    )


@pages.get("/<int:network_id>/alcance")
def on_day(network_id: int) -> str:
    """Count who was in a network on a day, by role and country."""
    session, network = context.db(), network_or_404(network_id)
    day, wrong = asked_day()
    day = day or context.today()
    return render_template(
        "network_reach.html",
        network=network,
        found=None if wrong else reach.on(session, network_id, day, context.zone()),
        day=day,
        asked=request.args.get("dia", ""),
        wrong=wrong,
    )
