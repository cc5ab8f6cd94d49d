"""A list of people on a page: how many there are, those of this page, and the links to the pages beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from contacts import listing
from contacts.counting import Count
from contacts.listing import Looked, Turn, Wanted
from contacts.models import Contact
from outreach.web import context, paging

SIZE = 25  # people a page
AFTER, BEFORE = "tras", "antes"  # of whom the page begins or ends: so that no page is far from the one before it


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows. `counting` is where the exact number is told; "" where it is known."""

    count: Count
    page: paging.Page
    rows: list[Contact]
    counting: str = ""

    def link(self, endpoint: str, **values: Any) -> Callable[[int], str]:
        """Return what makes the address of a page of this list by its number."""

        def address(number: int) -> str:
            beside: dict[str, Any] = {}
            if self.rows and not values.get("q"):
                if number == self.page.number + 1:
                    beside = {AFTER: self.rows[-1].id}
                elif number == self.page.number - 1:
                    beside = {BEFORE: self.rows[0].id}
            return url_for(endpoint, **{**values, "pagina": number, **beside})

        return address


def shown(wanted: Wanted, *, count: Count | None = None, counting: str = "") -> Shown:
    """Return the page of a list that the address asks for; `counting` is where its exact number would be told."""
    session = context.db()
    looked = Looked(count) if count else listing.look(session, wanted)
    page = paging.asked(looked.count.number, SIZE)
    numbers = listing.ids(session, wanted, looked, page.offset, page.size, _turn() if page.number > 1 else None)
    rows = listing.people(session, numbers)
    return Shown(looked.count, page, rows, counting if looked.count.about else "")


def arguments() -> dict[str, str]:
    """Return what the address asks for, but for the page."""
    return {name: value for name, value in request.args.items() if name not in {"pagina", AFTER, BEFORE}}


def _turn() -> Turn | None:
    for name in (AFTER, BEFORE):
        number = request.args.get(name, "")
        if number.isascii() and number.isdecimal() and len(number) < 10:  # noqa: PLR2004 — digits
            return Turn(int(number), after=name == AFTER)
    return None
