"""The link by which a person leaves a channel (RFC 8058): looking asks, only a POST acts, and it acts at once."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from campaigns import leaving
from contacts import consent, pointers
from contacts.errors import Refused
from contacts.models import Channel, Contact, EvidenceKind
from outreach import unsubscribe
from outreach.i18n import gettext as _
from outreach.web import context, public

#: Without a token against forgery: the reader's mail program has none of ours, and the link itself is signed.
pages = public.open_to_anybody(Blueprint("leaving", __name__, url_prefix="/baja"), forms=False)

Page = Response | str | tuple[str, int]


@pages.route("/<token>", methods=["GET", "POST"])
@context.anybody
def leave(token: str) -> Page:
    """Ask whoever opens the link; close the channel for whoever, or whatever mail program, posts to it."""
    served = context.platform()
    try:
        contact_id, channel = unsubscribe.read(served.secret, token)
    except Refused:
        return render_template("leaving.html", step="unknown", channel="", address=""), 404
    if request.method == "GET":
        return render_template("leaving.html", step="ask", channel=channel, address=_address(contact_id, channel))
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    with served.transaction() as write:
        if write.get(Contact, contact_id) is None:
            return render_template("leaving.html", step="unknown", channel="", address=""), 404
        consent.withdraw(
            write,
            contact_id,
            channel,
            source="enlace de baja",
            evidence="RFC 8058, un paso" if one_click else "página de baja",
            kind=EvidenceKind.LINK,
            at=context.now(),
        )
        leaving.close_address(write, contact_id, channel, at=context.now(), evidence="enlace de baja")
    if one_click:
        return Response(_("Listo."), mimetype="text/plain; charset=utf-8")
    return render_template("leaving.html", step="done", channel=channel, address=_address(contact_id, channel))


def _address(contact_id: int, channel: Channel) -> str:
    contact = context.db().get(Contact, pointers.followed(context.db(), [contact_id]).get(contact_id, contact_id))
    kinds = consent.KINDS[channel]
    values = [address.value for address in contact.addresses if address.kind in kinds] if contact else []
    return public.masked(values[0]) if values else ""
