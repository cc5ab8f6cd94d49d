"""Who may open what: the one place that says which act a page needs, and whether whoever asks may do it.

Closed by default: what changes something (a POST, and the page with its form) needs `Act.CHANGE` unless it is named.
"""

from flask import Flask, current_app, request
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from outreach.roles import Act, may

#: Everybody who is inside may do these, though they are POSTs.
THEIR_OWN = frozenset({"door.enter", "door.leave", "language.choose", "leaving.leave"})
#: Pages with a form that may be looked at without it.
LOOKED_AT = frozenset({"organizations.show"})
#: Areas whose every page needs more than a look.
AREAS = {
    "audit_webhooks": Act.ADDRESSES,  # what providers posted, as it came
    "campaigns_file": Act.EXPORT,
    "contacts_addresses": Act.CHANGE,
    "contacts_exports": Act.EXPORT,
    "contacts_imports": Act.CHANGE,
    "rights": Act.RIGHTS,
    "rights_acts": Act.RIGHTS,
    "rights_dossier": Act.RIGHTS,
}
#: Pages that do, one by one.
PAGES = {
    "campaigns_acts.ask": Act.CHANGE,
    "contacts_duplicates.other": Act.CHANGE,
    "contacts_tags.show": Act.CHANGE,
    "register.file": Act.EXPORT,
    "stop.ask": Act.CHANGE,
}
_READ = frozenset({"GET", "HEAD", "OPTIONS"})


def needed(rule: Rule, method: str) -> Act:
    """Return the act that an address needs with a method. A page that also takes a form is that form's."""
    endpoint = str(rule.endpoint)
    area = endpoint.rpartition(".")[0]
    if endpoint in PAGES or area in AREAS:
        return PAGES.get(endpoint, AREAS.get(area, Act.CHANGE))
    if endpoint in THEIR_OWN:
        return Act.LOOK
    form = "POST" in (rule.methods or ()) and endpoint not in LOOKED_AT
    return Act.LOOK if method in _READ and not form else Act.CHANGE


def allows(act: Act) -> bool:
    """Tell whether whoever asks may do something; nobody who is not inside may do anything."""
    return bool(current_user.is_authenticated) and may(current_user.role, act)


def opens(path: str, method: str = "GET") -> bool:
    """Tell whether whoever asks may open an address of ours; one that leads nowhere is nobody's business."""
    try:
        rule, _values = current_app.create_url_adapter(request).match(  # type: ignore[union-attr]
            path.partition("?")[0].partition("#")[0], method, return_rule=True
        )
    except HTTPException:
        return True
    return rule.endpoint == "static" or allows(needed(rule, method))


def refused() -> bool:
    """Tell whether the present request asks for something that is not for this account."""
    return request.url_rule is not None and not allows(needed(request.url_rule, request.method))


def install(app: Flask) -> None:
    """Let templates ask."""
    app.jinja_env.globals["allows"] = lambda act: allows(Act(act))
