"""One box for everything: people, campaigns, communications."""

from datetime import date, timedelta

from flask import Blueprint, render_template, request

from contacts.counting import Count
from contacts.folding import fold
from outreach.register.communication import Communication
from outreach.register.reading import communications
from outreach.web import context, masking
from outreach.web.queries import campaigns as read_campaigns
from outreach.web.queries import contacts as read_contacts

pages = Blueprint("search", __name__, url_prefix="/buscar")

MOST = 8
BACK = timedelta(days=400)  # communications of the last year; older ones are found in the register by period


@pages.get("/")
def index() -> str:
    """Show what holds the words, a few of each kind."""
    text = request.args.get("q", "").strip()
    session = context.db()
    people = read_contacts.found(session, text, MOST, addresses=masking.sees()) if text else (Count(0), [])
    if people[1]:
        context.note_view("contacts.search", shown=len(people[1]), people=[one.id for one in people[1]], search=text)
    campaigns = read_campaigns.listed(session, (), text, 0, MOST) if text else (0, [])
    return render_template(
        "search.html",
        q=text,
        people=people,
        campaigns=campaigns,
        entries=_communications(text) if text else (0, []),
        since=context.today() - BACK,
    )


def _communications(text: str) -> tuple[int, list[Communication]]:
    until = date.max
    words = fold(text).split()
    found = [
        one
        for one in communications(
            context.db(), context.today() - BACK, until, context.zone(), with_annulled=True, with_people=False
        )
        if one.source != "run"  # those are found as campaigns
        and all(word in fold(f"{one.information} {one.topic} {one.folio}") for word in words)
    ]
    return len(found), list(reversed(found))[:MOST]
