"""The words of segments: what is wrong with a filter, what a form calls its parts, and a filter read aloud."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from contacts import places
from contacts.models import Contact, Purpose
from contacts.segment_grammar import ALL, ANY, FIELD, NONE, NOT, Node, Part, field_of
from contacts.sharing import SHARED
from outreach.i18n import gettext, language, ngettext
from outreach.words import N_
from outreach.words.contacts import ADDRESS_KINDS, ADDRESS_STATES

FAULTS: dict[str, str] = {
    "segment_form": N_(
        "El filtro no se entiende aquí: cada tabla lleva una sola de estas llaves: todas, alguna, no, campo."
    ),
    "segment_field": N_("No se puede preguntar por «%(value)s». Se puede por: %(allowed)s."),
    "segment_part": N_("La condición no lleva «%(value)s». Puede llevar: %(allowed)s."),
    "segment_empty": N_("Falta decir algo: esta condición o este grupo está vacío."),
    "segment_value": N_("Dice «%(value)s» y debe ser un texto o una lista de textos."),
    "segment_choice": N_("Dice «%(value)s» y debe ser una de estas palabras: %(allowed)s."),
    "segment_days": N_("Dice «%(value)s» y debe ser un número de días, de 1 a %(most)s."),
    "segment_day": N_("«%(value)s» no es una fecha. Escriba una como 2025-04-09."),
    "segment_order": N_("La última fecha, %(value)s, es anterior a la primera, %(first)s."),
    "segment_one": N_("Diga una de estas cosas, y sólo una: %(allowed)s."),
    "segment_some": N_("Diga al menos una de estas cosas: %(allowed)s."),
    "segment_deep": N_("Hay más de %(most)s grupos unos dentro de otros: sepárelos."),
    "segment_many": N_("Hay %(value)s condiciones y caben %(most)s."),
    "segment_long": N_("Es demasiado largo: %(value)s, y caben %(most)s."),
    "segment_version": N_(
        "El segmento es de una versión más nueva de la plataforma (%(value)s; aquí se conoce la %(known)s)."
    ),
    "segment_name": N_("El nombre del segmento, «%(value)s», debe tener entre 1 y %(most)s letras que se vean."),
    "segment_taken": N_("Ya hay un segmento que se llama «%(value)s». Elija otro nombre."),
    "segment_unknown": N_("No hay ningún segmento «%(value)s». Los que hay: %(allowed)s."),
    "segment_used": N_("No se puede eliminar «%(value)s»: está en la audiencia de %(holders)s."),
    "segment_none": N_("Falta a quién buscar: escriba al menos una condición, o dé un archivo con el filtro."),
    "segment_json": N_("«%(value)s» no es JSON con un filtro."),
    "organization_unknown": N_("No hay ninguna organización «%(value)s»."),
    "group_segment": N_("«%(value)s» es un segmento y en un grupo se publica para todas: deje sólo redes."),
}

#: What may be asked, in the order of a form. What is registered elsewhere and has no words here goes by its key.
FIELD_NAMES: Mapping[str, str] = {
    "pais": N_("País"),
    "ciudad": N_("Ciudad"),
    "idioma": N_("Idioma"),
    "red": N_("Red"),
    "consentimiento": N_("Se le puede escribir"),
    "ultimo_contacto": N_("Último contacto"),
    "direccion": N_("Dirección"),
    "organizacion": N_("Organización"),
    "etiqueta": N_("Etiqueta"),
    "trajo": N_("Quién la trajo"),
    "alta": N_("Fecha en que se agregó"),
}
PART_NAMES: Mapping[tuple[str, str], str] = {
    ("pais", "es"): N_("Países"),
    ("ciudad", "es"): N_("Ciudades"),
    ("idioma", "es"): N_("Idiomas"),
    ("red", "es"): N_("Redes"),
    ("red", "rol"): N_("Con el papel de"),
    ("red", "desde"): N_("Entró desde el"),
    ("red", "hasta"): N_("Entró hasta el"),
    ("consentimiento", "finalidad"): N_("Para qué finalidad"),
    ("consentimiento", "via"): N_("Por"),
    ("direccion", "clase"): N_("Clase de dirección"),
    ("direccion", "estado"): N_("Estado de la dirección"),
    ("organizacion", "es"): N_("Organizaciones"),
    ("etiqueta", "es"): N_("Etiquetas"),
    ("trajo", "es"): N_("Personas que la trajeron"),
    ("alta", "desde"): N_("Desde el"),
    ("alta", "hasta"): N_("Hasta el"),
    ("ultimo_contacto", "hace_menos_de"): N_("Hace menos de (días)"),
    ("ultimo_contacto", "hace_mas_de"): N_("Hace tantos días o más"),
    ("ultimo_contacto", "nunca"): N_("Nunca hubo contacto"),
    ("ultimo_contacto", "clase"): N_("Cuenta sólo"),
}
HINTS: Mapping[tuple[str, str], str] = {
    ("pais", "es"): N_("Uno por renglón: Estados Unidos o US. Con – se busca a quienes no tienen país."),
    ("ciudad", "es"): N_("Una por renglón; da igual con acentos o sin ellos. Con – se busca a quienes no tienen."),
    ("organizacion", "es"): N_("Una por renglón. Con – se busca a quienes no tienen."),
    ("trajo", "es"): N_("Una por renglón: su correo, su número con + o su identificador."),
    ("red", "rol"): N_("Sin marcar: cualquiera."),
    ("consentimiento", "via"): N_("Sin marcar: cualquiera de las dos."),
    ("ultimo_contacto", "clase"): N_("Sin marcar: mensajes enviados y recibidos."),
}
VALUES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("idioma", "es"): {"es": N_("español"), "en": N_("inglés")},
    ("red", "rol"): {"liderazgo": N_("liderazgo"), "integrante": N_("integrante")},
    ("consentimiento", "finalidad"): {
        Purpose.NOTICES: N_("avisos de la Consulta"),
        Purpose.SIMULACROS: N_("simulacros"),
        Purpose.EVENTS: N_("eventos"),
        Purpose.BULLETINS: N_("boletines"),
        Purpose.OBSERVATION: N_("observación"),
    },
    ("consentimiento", "via"): {"correo": N_("correo"), "whatsapp": N_("WhatsApp")},
    ("direccion", "clase"): ADDRESS_KINDS,
    ("direccion", "estado"): {**ADDRESS_STATES, SHARED: N_("compartida con otra persona")},
    ("ultimo_contacto", "clase"): {"enviado": N_("mensajes enviados"), "recibido": N_("mensajes recibidos")},
}
UNKNOWN: Mapping[str, str] = {
    "pais": N_("desconocido"),
    "ciudad": N_("desconocida"),
    "organizacion": N_("ninguna"),
    "etiqueta": N_("ninguna"),
}

#: A condition with its opposite.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "pais": (N_("Su país es %(es)s"), N_("Su país no es %(es)s")),
    "ciudad": (N_("Su ciudad es %(es)s"), N_("Su ciudad no es %(es)s")),
    "idioma": (N_("Lee en %(es)s"), N_("No lee en %(es)s")),
    "red": (N_("Está en %(es)s"), N_("No está en %(es)s")),
    "consentimiento": (
        N_("Se le puede escribir por %(via)s para %(finalidad)s"),
        N_("No se le puede escribir por %(via)s para %(finalidad)s"),
    ),
    "direccion": (N_("Tiene %(clase)s"), N_("No tiene %(clase)s")),
    "organizacion": (N_("Su organización es %(es)s"), N_("Su organización no es %(es)s")),
    "etiqueta": (N_("Lleva la etiqueta %(es)s"), N_("No lleva la etiqueta %(es)s")),
    "trajo": (N_("La trajo a una red %(es)s"), N_("No la trajo a ninguna red %(es)s")),
    "alta": (N_("Se agregó %(span)s"), N_("No se agregó %(span)s")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A filter read aloud: a sentence, and what stands below it."""

    text: str
    below: tuple["Line", ...] = ()


def field_name(key: str) -> str:
    """Return what a form calls a field."""
    return gettext(FIELD_NAMES[key]) if key in FIELD_NAMES else key


def part_name(field: str, part: str) -> str:
    """Return what a form calls a part of a condition."""
    return gettext(PART_NAMES[field, part]) if (field, part) in PART_NAMES else part


def hint(field: str, part: str) -> str:
    """Return how a part is filled in; "" where its name says it."""
    return gettext(HINTS[field, part]) if (field, part) in HINTS else ""


def value_word(session: Session, field: str, part: Part, value: Any) -> str:
    """Return a value as a person reads it: a country's name, a network's, a word."""
    if value == NONE and field in UNKNOWN:
        return gettext(UNKNOWN[field])
    words = VALUES.get((field, part.key), {})
    if value in words:
        return gettext(words[value]) if field != "direccion" else gettext(words[value]).lower()
    if field == "pais":
        return places.country_name(str(value), language())
    if field == "trajo":
        contact = session.get(Contact, value)
        return f"{contact.name} ({value})" if contact and contact.name else str(value)
    name = part.write(session, value) if part.write else str(value)
    return gettext(N_("«%(name)s»"), name=name) if field in {"red", "organizacion", "etiqueta"} else name


def read_aloud(session: Session, node: Node) -> Line:
    """Return a kept filter as sentences, groups above what they hold."""
    if NOT in node:
        return _opposite(session, node[NOT])
    if ALL in node:
        return _group(session, gettext(N_("Se cumple todo esto:")), node[ALL])
    if ANY in node:
        return _group(session, gettext(N_("Se cumple al menos una de estas cosas:")), node[ANY])
    return Line(_sentence(session, node, opposite=False))


def in_one_line(session: Session, node: Node) -> str:
    """Return a filter as one text, for a list or a terminal."""
    return _joined(read_aloud(session, node))


def _joined(line: Line) -> str:
    if not line.below:
        return line.text
    return f"{line.text} {'; '.join(f'({_joined(each)})' if each.below else each.text for each in line.below)}"


def _group(session: Session, text: str, nodes: Sequence[Node]) -> Line:
    below = tuple(read_aloud(session, node) for node in nodes)
    return below[0] if len(below) == 1 else Line(text, below)


def _opposite(session: Session, node: Node) -> Line:
    for kind, text in ((ALL, N_("No se cumple todo esto a la vez:")), (ANY, N_("No se cumple nada de esto:"))):
        if kind in node:
            if len(node[kind]) == 1:
                return read_aloud(session, {NOT: node[kind][0]})
            return Line(gettext(text), tuple(read_aloud(session, each) for each in node[kind]))
    return read_aloud(session, node[NOT]) if NOT in node else Line(_sentence(session, node, opposite=True))


def _sentence(session: Session, node: Node, *, opposite: bool) -> str:
    field = field_of(node)
    values = {
        part.key: _either([value_word(session, field.key, part, each) for each in node[part.key]])
        if isinstance(node[part.key], list)
        else str(node[part.key])
        for part in field.parts
        if part.key in node
    }
    if field.key == "ultimo_contacto":
        base, unclear = _contact_sentence(node, opposite=opposite), False
    elif field.key in SENTENCES:
        values.setdefault("via", _either([gettext(N_("correo")), gettext(N_("WhatsApp"))]))
        values.setdefault("clase", gettext(N_("una dirección")))
        values["span"] = _span(values)
        unclear = opposite and bool(_details(field.key, values))
        base = gettext(SENTENCES[field.key][opposite and not unclear], **values)
    else:
        base = f"{field.key}: " + ", ".join(f"{key} {value}" for key, value in values.items())
        unclear = opposite
    whole = ", ".join([base, *_details(field.key, values)])
    return gettext(N_("No es cierto que: %(sentence)s"), sentence=whole) if unclear else whole


def _details(field: str, values: Mapping[str, str]) -> list[str]:
    details = []
    if field == "red":
        if "rol" in values:
            details.append(gettext(N_("como %(role)s"), role=values["rol"]))
        if "desde" in values:
            details.append(gettext(N_("con entrada desde el %(day)s"), day=values["desde"]))
        if "hasta" in values:
            details.append(gettext(N_("con entrada hasta el %(day)s"), day=values["hasta"]))
    if field == "direccion" and "estado" in values:
        details.append(gettext(N_("en estado: %(states)s"), states=values["estado"]))
    if field == "ultimo_contacto" and "clase" in values:
        details.append(gettext(N_("contando sólo %(kinds)s"), kinds=values["clase"]))
    return details


def _contact_sentence(node: Node, *, opposite: bool) -> str:
    if node.get("nunca"):
        return gettext(N_("Hubo contacto alguna vez")) if opposite else gettext(N_("Nunca hubo contacto"))
    if "hace_menos_de" in node:
        days = node["hace_menos_de"]
        if opposite:
            return ngettext("No hubo contacto en el último día", "No hubo contacto en los últimos %(n)s días", days)
        return ngettext("Hubo contacto en el último día", "Hubo contacto en los últimos %(n)s días", days)
    days = node["hace_mas_de"]
    if opposite:
        return ngettext(
            "Nunca hubo contacto, o lo hubo en el último día",
            "Nunca hubo contacto, o lo hubo en los últimos %(n)s días",
            days,
        )
    return ngettext("El último contacto fue hace un día o más", "El último contacto fue hace %(n)s días o más", days)


def _span(values: Mapping[str, str]) -> str:
    if "desde" in values and "hasta" in values:
        return gettext(N_("del %(first)s al %(last)s"), first=values["desde"], last=values["hasta"])
    if "desde" in values:
        return gettext(N_("desde el %(day)s"), day=values["desde"])
    return gettext(N_("hasta el %(day)s"), day=values.get("hasta", ""))


def _either(words: Sequence[str]) -> str:
    """Join words: `A, B o C`."""
    if len(words) < 2:  # noqa: PLR2004 — one word
        return "".join(words)
    return gettext(N_("%(several)s o %(last)s"), several=", ".join(words[:-1]), last=words[-1])


__all__ = ["FAULTS", "FIELD", "Line", "field_name", "hint", "in_one_line", "part_name", "read_aloud", "value_word"]
