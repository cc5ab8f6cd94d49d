"""The page by which a person confirms a consent: looking asks, only a POST acts, as scanners open links too."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from contacts import asking, notices
from contacts.errors import Refused
from contacts.models import Contact
from outreach import confirming, invitation
from outreach.i18n import language
from outreach.web import context
from outreach.web.leaving import masked
from outreach.web.security import csrf

pages = Blueprint("confirming", __name__, url_prefix="/confirmar")

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
            return render_template("confirming.html", step="done", **_told(token))
        asking.check(context.db(), invitation.read(served.secret, token), context.now())
    except Refused as refused:
        code = refused.faults[0].code
        known = code not in {"confirm_unknown", "confirm_gone"}
        told = _told(token) if known else {"address": "", "purposes": "", "notice": None, "until": None}
        return render_template("confirming.html", step=code.removeprefix("confirm_"), **told), ENDED.get(code, 409)
    return render_template("confirming.html", step="ask", **_told(token))


csrf.exempt(confirm)  # whoever opens a mail has no session with us; the link itself is signed


def _told(token: str) -> dict[str, object]:
    session = context.db()
    asked = asking.find(session, invitation.read(context.platform().secret, token))
    contact = session.get_one(Contact, asked.contact_id)
    mails = [address.value for address in contact.addresses if address.kind == asked.channel.value]
    return {
        "address": masked(mails[0]) if mails else "",
        "purposes": confirming.told(asked.purposes),
        "notice": notices.read_in(session, asked.notice_version, language()),
        "until": asked.until,
        "zone": contact.timezone,
    }
