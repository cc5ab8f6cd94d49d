"""The options that say a simple filter at the terminal; all of them hold at once."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from contacts import consent
from contacts.models import AddressKind, AddressState, Purpose
from contacts.segment_fields import ROLES
from contacts.sharing import SHARED
from outreach.i18n import gettext as _

Command = Callable[..., Any]

_OPTIONS = (
    click.option(
        "--country", multiple=True, metavar=_("PAÍS"), help=_("Vive en este país; repetida, en uno de ellos.")
    ),
    click.option(
        "--city", multiple=True, metavar=_("CIUDAD"), help=_("Vive en esta ciudad; repetida, en una de ellas.")
    ),
    click.option("--language", type=click.Choice(["es", "en"]), help=_("Lee en este idioma.")),
    click.option("--network", multiple=True, metavar=_("RED"), help=_("Está en esta red; repetida, en una de ellas.")),
    click.option("--role", type=click.Choice(list(ROLES)), help=_("Con este papel en la red de --network.")),
    click.option("--not-network", multiple=True, metavar=_("RED"), help=_("No está en esta red.")),
    click.option(
        "--purpose", type=click.Choice([*map(str, Purpose)]), help=_("Se le puede escribir para esta finalidad.")
    ),
    click.option(
        "--channel",
        type=click.Choice([*map(str, consent.CHANNELS)]),
        help=_("Por esta vía, junto con --purpose; si no, por cualquiera."),
    ),
    click.option("--organization", multiple=True, metavar=_("NOMBRE"), help=_("Es de esta organización.")),
    click.option("--brought-by", multiple=True, metavar=_("PERSONA"), help=_("La trajo esta persona a una red.")),
    click.option(
        "--address", type=click.Choice([*map(str, AddressKind)]), help=_("Tiene una dirección de esta clase.")
    ),
    click.option("--address-state", type=click.Choice([*map(str, AddressState), SHARED]), help=_("Y en este estado.")),
    click.option("--since", metavar=_("FECHA"), help=_("Se agregó desde este día, como 2025-04-09.")),
    click.option("--until", metavar=_("FECHA"), help=_("Se agregó hasta este día.")),
    click.option("--contact-within", type=int, metavar=_("DÍAS"), help=_("Hubo contacto en estos últimos días.")),
    click.option(
        "--contact-before", type=int, metavar=_("DÍAS"), help=_("El último contacto fue hace tantos días o más.")
    ),
    click.option("--never-contacted", is_flag=True, help=_("Nunca hubo contacto.")),
)


def condition_options(command: Command) -> Command:
    """Give a command these options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asked(options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the conditions that the options say, as they are written in a file."""

    def said(field: str, **parts: object) -> dict[str, Any] | None:
        given = {key: value for key, value in parts.items() if value not in (None, (), False)}
        return (
            {"campo": field} | {k: list(v) if isinstance(v, tuple) else v for k, v in given.items()} if given else None
        )

    left = said("red", es=options["not_network"])
    found = [
        said("pais", es=options["country"]),
        said("ciudad", es=options["city"]),
        said("idioma", es=options["language"]),
        said("red", es=options["network"], rol=options["role"]),
        {"no": left} if left else None,
        said("consentimiento", finalidad=options["purpose"], via=options["channel"]),
        said("organizacion", es=options["organization"]),
        said("trajo", es=options["brought_by"]),
        said("direccion", clase=options["address"], estado=options["address_state"]),
        said("alta", desde=options["since"], hasta=options["until"]),
        said(
            "ultimo_contacto",
            hace_menos_de=options["contact_within"],
            hace_mas_de=options["contact_before"],
            nunca=options["never_contacted"],
        ),
    ]
    return [each for each in found if each]
