"""`/_outbox`: pages that show each message as its reader would see it."""

import re
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, select_autoescape

from contacts.models import Channel
from outreach import i18n
from outreach.i18n import gettext as _
from outreach.simulator.letters import Received
from outreach.simulator.server import Request, Response
from outreach.words import N_

if TYPE_CHECKING:
    from outreach.simulator.simulator import Simulator

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "simulator"
STATIC = Path(__file__).resolve().parents[1] / "static"
FILES = {
    "outbox.css": (FOLDER / "outbox.css", "text/css; charset=utf-8"),
    "tokens.css": (STATIC / "tokens.css", "text/css; charset=utf-8"),
    "icons.svg": (STATIC / "icons.svg", "image/svg+xml"),
}
ZONE = ZoneInfo("America/Mexico_City")
PAGE = 50  # messages
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
# A mail brings its own styles, and pictures inside it or of this machine. No script, no form, nothing from elsewhere.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: http://127.0.0.1:* http://localhost:*;"
    " sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'"
)
HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)

# A provider's word → words, icon and class of the house's badge.
WORDS: dict[str, tuple[str, str, str]] = {
    "": (N_("Recibido"), "circle", "planned"),
    "queued": (N_("Recibido"), "circle", "planned"),
    "processed": (N_("En tránsito"), "send", "accepted"),
    "sent": (N_("En tránsito"), "send", "accepted"),
    "deferred": (N_("Aplazado"), "hour", "claimed"),
    "delivered": (N_("Entregado"), "check", "delivered"),
    "open": (N_("Abierto"), "check2", "read"),
    "read": (N_("Leído"), "check2", "read"),
    "bounce": (N_("Rebotado"), "back", "bounced"),
    "dropped": (N_("Descartado"), "xc", "failed"),
    "failed": (N_("Fallido"), "xc", "failed"),
    "undelivered": (N_("No entregado"), "xc", "failed"),
    "spamreport": (N_("Marcado como correo no deseado"), "warn", "failed"),
    "unsubscribe": (N_("Pidió su baja"), "skip", "skipped"),
}


@cache
def _pages() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {"_": _, "ngettext": i18n.ngettext, "words": WORDS, "Channel": Channel}
    environment.filters |= {"moment": _moment, "day": _day, "quoted": lambda text: quote(text, safe="")}
    return environment


def _moment(at: datetime, form: str = "EEE d MMM y, HH:mm:ss") -> str:
    """Return a moment in the hour of Mexico City."""
    return format_datetime(at.astimezone(ZONE), form, locale=i18n.locale())


def _day(at: datetime) -> str:
    """Return a day in Mexico City in whole words."""
    return format_date(at.astimezone(ZONE), "full", locale=i18n.locale())


class Outbox:
    """The pages of one simulator."""

    def __init__(self, simulator: "Simulator") -> None:
        self.simulator = simulator

    def answer(self, request: Request) -> Response:
        """Answer one page."""
        parts = request.path.strip("/").split("/")
        if request.method not in {"GET", "HEAD"}:
            return Response(405)
        if parts == [""]:
            return Response(302, headers={"Location": "/_outbox"})
        if len(parts) == 1:
            return self._list(request)
        if parts[1] in FILES:
            path, kind = FILES[parts[1]]
            return Response(200, path.read_bytes(), {"Content-Type": kind, "X-Content-Type-Options": "nosniff"})
        return self._letter(request, parts)

    def _letter(self, request: Request, parts: list[str]) -> Response:
        letter = self.simulator.core.store.letter(parts[1], self.simulator.clock.now())
        if letter and parts[2:] == ["html"]:
            return _mail_page(letter)
        if letter is None or parts[2:]:
            return self._page("missing.html", request, 404)
        name = "mail.html" if letter.channel == Channel.EMAIL else "whatsapp.html"
        return self._page(name, request, letter=letter)

    def _list(self, request: Request) -> Response:
        channel = request.query.get("channel", "")
        address = request.query.get("address", "").strip()
        number = int(request.query["page"]) if request.query.get("page", "").isdecimal() else 1
        number = max(number, 1)
        start = (number - 1) * PAGE
        store, now = self.simulator.core.store, self.simulator.clock.now()
        found = list(islice(store.letters(now, channel, address), start, start + PAGE + 1))
        return self._page(
            "list.html",
            request,
            letters=found[:PAGE],
            more=len(found) > PAGE,
            number=number,
            channel=channel,
            address=address,
            totals={one.value: store.totals.get(one.value, 0) for one in (Channel.EMAIL, Channel.WHATSAPP)},
            let_go=sum(store.totals.values()) - store.kept(),
        )

    def _page(self, name: str, request: Request, status: int = 200, **values: object) -> Response:
        def link(**changes: object) -> str:
            return "?" + urlencode({**request.query, **{key: str(value) for key, value in changes.items()}})

        language = i18n.language()
        other = next(one for one in i18n.LANGUAGES if one != language)
        kept = {"lang": language} if "lang" in request.query else {}
        page = _pages().get_template(name)
        html = page.render(language=language, other=other, link=link, kept=kept, **values)
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        return Response(status, html.encode(), headers)


def _mail_page(letter: Received) -> Response:
    """Return the HTML part as it came; its links open in a window of their own."""
    base = '<base target="_blank">'
    html, found = HEAD.subn(lambda match: match[0] + base, letter.html, count=1)
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": MAIL_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return Response(200, (html if found else base + html).encode(), headers)
