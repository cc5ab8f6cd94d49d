"""The page by which a person confirms a consent: looking asks, only a POST acts, as scanners open links too."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from contacts import asking, notices, welcome
from contacts.errors import Refused
from contacts.models import Contact
from outreach import confirming, invitation, links
from outreach.i18n import language
from outreach.web import context, public

#: Without a token against forgery: whoever opens a mail has no session with us, and the link itself is signed.
pages = public.open_to_anybody(Blueprint("confirming", __name__, url_prefix="/confirmar"), forms=False)

Page = Response | str | tuple[str, int]
#: What a link that cannot be used any more comes to: a page of its own, and the answer's status.
ENDED = {
    "confirm_used": 200,
    "confirm_late": 410,
    "confirm_withdrawn": 410,
    "confirm_gone": 410,
    "confirm_unknown": 404,
}


@pages.route("/<token>", methods=["GET", "POST"])
@context.anybody
def confirm(token: str) -> Page:
    """Say what is asked and under which notice; take the answer of whoever presses the button."""
    served = context.platform()
    try:
        if request.method == "POST":
            with served.transaction() as write:
                confirming.confirm(served, write, token)
            return render_template("confirming.html", step="done", **_told(token), preferences=_preferences(token))
        asking.check(context.db(), invitation.read(served.secret, token), context.now())
    except Refused as refused:
        code = refused.faults[0].code
        known = code not in {"confirm_unknown", "confirm_gone"}
        told = _told(token) if known else {"address": "", "purposes": "", "number": "", "notice": None, "until": None}
        return render_template(
            "confirming.html", step=code.removeprefix("confirm_"), **told, preferences=""
        ), ENDED.get(code, 409)
    return render_template("confirming.html", step="ask", **_told(token), preferences="")


def _preferences(token: str) -> str:
    """Return the link to the preferences of who has just confirmed: the mail that asked was to their address."""
    served = context.platform()
    asked = asking.find(context.db(), invitation.read(served.secret, token))
    return links.to_preferences(context.db(), "", served.secret, asked.contact_id)


def _told(token: str) -> dict[str, object]:
    session = context.db()
    asked = asking.find(session, invitation.read(context.platform().secret, token))
    contact = session.get_one(Contact, asked.contact_id)
    mails = [address.value for address in contact.addresses if address.kind == asked.channel.value]
    return {
        "address": public.masked(mails[0]) if mails else "",
        "number": public.masked(welcome.number_given(session, asked.id)),
        "purposes": confirming.told(asked.purposes),
        "notice": notices.read_in(session, asked.notice_version, language()),
        "until": asked.until,
        "zone": contact.timezone,
    }
