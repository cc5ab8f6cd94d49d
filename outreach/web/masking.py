"""What somebody sees who needs no addresses: masks, and no door that is shut to them.

Templates mask an address where it stands (`shown`, `prose`). Below them lies a net over every page: whatever looks like
an e-mail address or a number in +E.164 is masked, and links and buttons that lead where this account may not go are
taken out, also on a page that is added later.
"""

import html
import re

from flask import Flask, Response, request
from flask_login import current_user
from markupsafe import Markup

from outreach import masks
from outreach.roles import Act
from outreach.web import access, context

_LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_HREF = re.compile(r'\b(?:href|action)="([^"]*)"')
_BUTTON = re.compile(r"<button\b.*?</button>|<input\b[^>]*type=\"hidden\"[^>]*>", re.DOTALL)
_FIELD = re.compile(r"<(input|select|textarea)\b")


def sees() -> bool:
    """Tell whether whoever asks sees addresses whole."""
    return access.allows(Act.ADDRESSES)


def shown(value: str) -> str:
    """Return an address as whoever asks may see it."""
    return value if sees() else masks.address(value)


def prose(text: str) -> str:
    """Return a text of somebody's as whoever asks may see it."""
    return text if sees() else masks.prose(text)


def net(page: str) -> str:
    """Return a page with masks, and without the doors that are shut."""
    return _masked(_FORM.sub(_form, _LINK.sub(_link, page)))


def _masked(page: str) -> str:
    settings = context.platform().settings
    own = [
        each for each in (settings.email_sender, settings.whatsapp_sender) if each
    ]  # the institution's, not people's
    kept = {f"\0{number}\0": each for number, each in enumerate(own)}
    for mark, each in kept.items():
        page = page.replace(each, mark)
    page = masks.page(page)
    for mark, each in kept.items():
        page = page.replace(mark, each)
    return page


def _path(attributes: str) -> str:
    found = _HREF.search(attributes)
    path = html.unescape(found[1]) if found else ""
    return path if path.startswith("/") and not path.startswith("//") else ""


def _link(found: re.Match[str]) -> str:
    path = _path(found[1])
    if not path or access.opens(path):
        return found[0]
    return "" if "<svg" in found[2] or "btn" in found[1] else f"<span>{found[2]}</span>"


def _form(found: re.Match[str]) -> str:
    if 'method="post"' not in found[1]:
        return found[0]
    if access.opens(_path(found[1]) or request.path, "POST"):
        return found[0]
    inside = _FIELD.sub(r"<\1 disabled", _BUTTON.sub("", found[2]))
    return f"<div>{inside}</div>"


def install(app: Flask) -> None:
    """Hang the net below every page, and give templates the filters."""
    app.jinja_env.filters.update(shown=lambda value: Markup("{}").format(shown(value)), prose=prose)

    @app.after_request
    def _net(answer: Response) -> Response:
        if answer.mimetype == "text/html" and not answer.is_streamed and current_user.is_authenticated and not sees():
            answer.set_data(net(answer.get_data(as_text=True)))
        return answer
