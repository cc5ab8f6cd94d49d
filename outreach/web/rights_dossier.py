"""Everything held about one person, to answer an access request with: a page that is read, and JSON."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template

from campaigns.states import DeliveryState
from contacts import dossier
from contacts.models import AddressState, Contact, Decision
from outreach.i18n import gettext as _
from outreach.web import context, formats
from outreach.web.badges import badge, channel_name, name_of
from outreach.words.contacts import ADDRESS_KINDS
from outreach.words.public import form_words
from outreach.words.states import reason_words

pages = Blueprint("rights_dossier", __name__, url_prefix="/derechos/persona")


@pages.get("/<int:contact_id>")
def show(contact_id: int) -> str:
    """Show everything that is held about a person."""
    told = _told(contact_id)
    return render_template(
        "dossier.html", told=told, contact_id=contact_id, authority=_authority(), at=at_words, **rows(told)
    )


@pages.get("/<int:contact_id>/datos.json")
def as_json(contact_id: int) -> Response:
    """Give the same as a file for programs."""
    answer = jsonify(_told(contact_id) | {"authority": _authority()})
    answer.headers["Content-Disposition"] = f'attachment; filename="datos-{contact_id}.json"'
    return answer


def _authority() -> str:
    return context.platform().settings.arco_authority


def _told(contact_id: int) -> dict[str, Any]:
    session = context.db()
    if session.get(Contact, contact_id) is None:
        abort(404)
    context.note_view("rights.dossier", f"contact:{contact_id}")
    return dossier.about(session, contact_id)


def at_words(text: str | None) -> str:
    """Return a moment of the dossier as a reader writes it."""
    return formats.exact(datetime.fromisoformat(text)) if text else ""


def rows(told: dict[str, Any]) -> dict[str, list[list[str]]]:
    """Return the rows of each table of the page, in words."""
    kinds = {kind: _(word) for kind, word in ADDRESS_KINDS.items()}
    return {
        "addresses": [
            [
                one["value"],
                kinds[one["kind"]],
                one["written"],
                badge(AddressState(one["state"])).word,
                at_words(one["since"]),
            ]
            for one in told["addresses"]
        ],
        "networks": [
            [
                one["name"],
                name_of(one["role"]),
                at_words(one["since"]),
                at_words(one["until"]),
                _("Sí") if one["brought_by_somebody"] else _("No"),
            ]
            for one in told["networks"]
        ],
        "consents": [
            [
                at_words(one["at"]),
                badge(Decision(one["decision"])).word,
                _("toda vía") if one["channel"] == "*" else channel_name(one["channel"]),
                _("Toda finalidad") if one["purpose"] == "*" else name_of(one["purpose"]),
                one["source"],
                one["notice"],
                one["evidence"],
            ]
            for one in told["consent"]
        ],
        "deliveries": [
            [
                one["campaign"],
                channel_name(one["channel"]),
                one["address"],
                badge(DeliveryState(one["state"])).word,
                reason_words(one["reason"], one["detail"]) if one["reason"] else "",
                at_words(one["at"]),
            ]
            for one in told["deliveries"]
        ],
        "inbound": [[at_words(one["at"]), one["from"], one["text"]] for one in told["inbound"]],
        "forms": [
            [at_words(one["at"]), form_words(one["kind"]), "; ".join(map(_plain, one["said"].values()))]
            for one in told["forms"]
        ],
        "requests": [
            [
                one["folio"],
                name_of(one["kind"]),
                formats.long_date(date.fromisoformat(one["received_on"])),
                formats.long_date(date.fromisoformat(one["due_on"])),
                one["detail"],
                one["identity"],
                one["answer"],
            ]
            for one in told["requests"]
        ],
    }


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
