"""People: the list, searched as one types, and one person with the answer to «may we write to them?»."""

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from contacts import (
    address_history,
    consent,
    expiring,
    listing,
    organizations,
    people,
    rights,
    segments,
    sharing,
    tagging,
)
from contacts.counting import Count
from contacts.listing import NOWHERE, Wanted
from contacts.models import Contact, Network, Purpose
from outreach.web import contacts_duplicates, context, masking, people_list
from outreach.web.queries import campaigns as read_campaigns
from outreach.web.queries import contacts as read

pages = Blueprint("contacts", __name__, url_prefix="/contactos")

LATEST = 10


@pages.get("/")
def index() -> Response:
    """List people; the list alone when it is asked for while somebody types."""
    session = context.db()
    text = request.args.get("q", "").strip()
    network = request.args.get("red", "")
    network_id = int(network) if network.isdecimal() and len(network) < 10 else 0  # noqa: PLR2004 — digits
    country = request.args.get("pais", "")[:2]
    segment, written = _segment(), request.args.get("filtro", "")
    fragment = request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request")
    wanted = _wanted(segment)
    countries = [] if fragment else read.countries(session)
    everybody = not (fragment or wanted.text or wanted.network_id or wanted.more)
    living = sum(each for code, each in countries if not country or code == ("" if country == NOWHERE else country))
    asked: dict[str, Any] = people_list.arguments()
    shown = people_list.shown(
        wanted, count=Count(living) if everybody else None, counting=url_for("contacts.how_many", **asked)
    )
    context.note_view(
        "contacts.list",
        shown=len(shown.rows),
        network=network_id,
        country=country,
        segment=segment.name if segment else "",
        filter=written,
        search=text,
        people=[row.id for row in shown.rows],
    )
    answer = make_response(
        render_template(
            "_contacts.html" if fragment else "contacts.html",
            rows=shown.rows,
            tags=tagging.of_people(session, [contact.id for contact in shown.rows]),
            page=shown.page,
            count=shown.count,
            counting=shown.counting,
            q=text,
            red=network_id,
            pais=country,
            segmento=segment.id if segment else 0,
            filtro=written,
            segments=segments.every(session),
            networks=session.scalars(select(Network).order_by(Network.name)).all(),
            countries=countries,
            ending=expiring.count(session, context.now()) if not fragment else 0,
            link=shown.link("contacts.index", **asked),
        )
    )
    answer.vary.add("HX-Request")
    return answer


@pages.get("/cuantas")
def how_many() -> str:
    """Tell how many people a list has, counted to the end: a page asks for it that showed an estimate meanwhile."""
    count = listing.look(context.db(), _wanted(_segment()), seconds=None).count
    return render_template("_count.html", count=count)


def _wanted(segment: segments.Segment | None) -> Wanted:
    """Return whom the address asks for. A filter that nobody saved is refused as a whole where it cannot be meant."""
    session, now = context.db(), context.now()
    network, written = request.args.get("red", ""), request.args.get("filtro", "")
    more = [segments.of(session, segment, now)] if segment else []
    if written:
        more.append(segments.condition(session, segments.parse(session, written, context.zone()), now))
    return Wanted(
        request.args.get("q", "").strip(),
        (int(network) if network.isdecimal() and len(network) < 10 else 0) or None,  # noqa: PLR2004 — digits
        request.args.get("pais", "")[:2],
        tuple(more),
        addresses=masking.sees(),
    )


def _segment() -> segments.Segment | None:
    number = request.args.get("segmento", "")
    if not number.isdecimal() or len(number) >= 10:  # noqa: PLR2004 — digits
        return None
    return context.db().get(segments.Segment, int(number)) or abort(404)


@pages.get("/<int:contact_id>")
def show(contact_id: int) -> str | Response:
    """Show one person; the number of a row that was merged leads to whom it was merged into."""
    if (person := contacts_duplicates.person_of(contact_id)) != contact_id:
        return redirect(url_for("contacts.show", contact_id=person))
    session = context.db()
    contact = session.get(Contact, contact_id) or abort(404)
    context.note_view("contacts.show", f"contact:{contact_id}")
    answers, ends = consent.verdicts(session, contact_id), consent.ends(session, contact_id)
    affiliations = organizations.of_person(session, contact_id)
    return render_template(
        "contact.html",
        contact=contact,
        gate=[
            (purpose, [(way, answers[way, purpose], ends.get((way, purpose))) for way in consent.CHANNELS])
            for purpose in Purpose
        ],
        ledger=consent.ledger(session, contact_id),
        deliveries=read_campaigns.of_contact(session, contact_id, LATEST),
        inbound=read.inbound(session, contact_id, LATEST),
        brought=read.brought(session, contact_id),
        affiliations=affiliations,
        organizations=organizations.by_id(session, [one.organization_id for one in affiliations]),
        requests=rights.of_contact(session, contact_id),
        joined=contacts_duplicates.joined(contact_id),
        shared=sharing.with_whom(session, contact.addresses),
        history=address_history.of_contact(session, contact_id)[:LATEST],
        tags=tagging.of_people(session, [contact_id]).get(contact_id, []),
        proposed=people.proposed(contact),
        memberships=[each for each in contact.memberships if each.until is None],
    )
