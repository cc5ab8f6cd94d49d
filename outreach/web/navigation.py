"""The way around: the entries of the menu, and what every page knows."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import Flask, request, url_for
from flask_login import current_user

from outreach.i18n import gettext
from outreach.web import access, context
from outreach.words import N_
from outreach.words.web import simulated_words


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: where it leads, what it is called, its icon, and the blueprint whose pages belong to it."""

    endpoint: str
    word: str
    icon: str

    @property
    def current(self) -> bool:
        """Tell whether the page that is shown belongs here."""
        return (request.blueprint or "").partition("_")[0] == self.endpoint.partition(".")[0]

    @property
    def name(self) -> str:
        """Return its word in the language in force."""
        return gettext(self.word)

    @property
    def href(self) -> str:
        """Return where it leads."""
        return url_for(self.endpoint)


MENU: tuple[tuple[Entry, ...], ...] = (
    (
        Entry("home.index", N_("Inicio"), "inicio"),
        Entry("campaigns.index", N_("Campañas"), "campanas"),
        Entry("calendar.index", N_("Calendario"), "calendario"),
        Entry("tasks.index", N_("Tareas"), "checkc"),
    ),
    (
        Entry("contacts.index", N_("Contactos"), "contactos"),
        Entry("networks.index", N_("Redes"), "redes"),
        Entry("organizations.index", N_("Organizaciones"), "org"),
        Entry("segments.index", N_("Segmentos"), "list"),
        Entry("rights.index", N_("Derechos ARCO"), "life"),
    ),
    (
        Entry("register.index", N_("Registro"), "registro"),
        Entry("informes.index", N_("Informes"), "informes"),
    ),
    (Entry("audit.index", N_("Bitácora"), "bitacora"),),
)


def install(app: Flask, simulated_url: str | None, real: Collection[str]) -> None:
    """Give every template the menu, who asks, the present moment, and whether the simulator stands in."""

    @app.context_processor
    def _known() -> dict[str, object]:
        there = app.view_functions
        return {
            "menu": [
                [entry for entry in group if entry.endpoint in there and access.opens(entry.href)] for group in MENU
            ],
            "staff": current_user if current_user.is_authenticated else None,
            "now": context.now(),
            "institution_zone": context.zone(),
            "simulated_url": simulated_url,
            "simulated_words": simulated_words(real),
        }
