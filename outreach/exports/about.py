"""What every export says of itself: who took it, when, why, which people."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from outreach.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class About:
    """The facts of one export. `at` is UTC, `zone` the one in which it is told; `named` is the list in words."""

    who: str
    at: datetime
    zone: str
    why: str
    named: str
    people: int
    addresses: str  # one of `taking.ADDRESSES`

    @property
    def local(self) -> datetime:
        """Return the moment as wall time of its zone."""
        return self.at.astimezone(ZoneInfo(self.zone))

    def lines(self) -> list[tuple[str, str]]:
        """Return it in words, in the language in force."""
        return [
            (_("Qué es"), _("Personas de Voto Chilango")),
            (_("Lista"), self.named),
            (_("Personas"), f"{self.people:,}"),
            (_("Quién la descargó"), self.who),
            (_("Cuándo"), f"{self.local:%Y-%m-%d %H:%M} ({self.zone})"),
            (_("Para qué"), self.why),
            (_("Direcciones"), _ADDRESSES_SAID[self.addresses]()),
            (_("Aviso"), _("Tiene datos personales: guárdelo en un lugar seguro y bórrelo al terminar.")),
        ]


_ADDRESSES_SAID = {
    "whole": lambda: _("completas"),
    "masked": lambda: _("ocultas en parte"),
    "none": lambda: _("no las lleva"),
}
