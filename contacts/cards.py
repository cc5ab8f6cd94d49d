"""What one row or one form says of a person, read and checked: no database here, so it is quick and easily tested."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from contacts import addresses, places, tagging
from contacts.errors import Fault, Refused, refuse
from contacts.folding import bare, fold, fold_words
from contacts.models import AddressKind, Role
from contacts.proposals import Proposal, propose

LONGEST = 200  # letters of a name, a city, a network
_LONGEST_WORD = 12  # letters of «no tiene», «verdadero»
_BETWEEN = re.compile(r"\s*(?:[;,|\r\n]|\s/\s)\s*")  # several addresses in one cell
_NAMES = re.compile(r"\s*[;|\r\n]\s*")  # several networks in one cell, as the register writes them
_WORD = re.compile(r"[^\W_]")
_TAGS = re.compile(r"\s*[;,|\r\n]\s*")  # several tags in one cell
_NOTHING = frozenset({"", "n a", "na", "s d", "sd", "no", "no tiene", "ninguno", "ninguna", "sin dato", "sin datos"})
_SAME = frozenset({"si", "s", "x", "yes", "y", "verdadero", "true", "1", "mismo", "el mismo", "igual"})
_MANY = frozenset({"correo", "telefono", "whatsapp", "red", "etiquetas"})
_KINDS = {"correo": AddressKind.EMAIL, "telefono": AddressKind.PHONE, "whatsapp": AddressKind.WHATSAPP}
_ROLES = {
    Role.LEADER: "liderazgo, liderazgo migrante, lider, lideresa, leader, coordinacion, coordinador, coordinadora",
    Role.MEMBER: "integrante, miembro, member, participante",
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names.split(", ")}
ROLE_WORDS = tuple(_ROLE_OF)


@dataclass(frozen=True, slots=True)
class Written:
    """One address: as it is kept, as it was written, and the country of a number."""

    kind: AddressKind
    value: str
    raw: str
    region: str = ""


@dataclass(slots=True)
class Card:
    """A person as a row or a form describes them. Empty means: nothing was said."""

    name: str
    addresses: list[Written] = field(default_factory=list)
    country: str = ""
    city: str = ""
    timezone: str = ""  # as said; else proposed from country and city
    language: str = ""
    organization: str = ""
    networks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    role: Role | None = None
    brought_by: str = ""  # a name or an address of somebody else
    state: str = ""
    key: str = ""  # the name folded, for comparing people who share an address

    def zone(self) -> str:
        """Return the zone that was said, or the one proposed.

        Without a country, a foreign number speaks; a Mexican one does not, since people take it along when they move.
        """
        country = self.country or next((a.region for a in self.addresses if a.region not in {"", "MX"}), "")
        return self.timezone or places.propose_timezone(country, self._place())

    def tongue(self) -> str:
        """Return the language that was said, or the one proposed."""
        return self.language or self.proposal().language

    def proposal(self) -> Proposal:
        """Return what is proposed from where they live and the regions of their numbers."""
        return propose(self.country, self._place(), [address.region for address in self.addresses])

    def _place(self) -> str:
        return f"{self.city}, {self.state}" if self.city and self.state else self.city or self.state


def read(values: Mapping[str, Sequence[str]], *, lenient: bool = False) -> tuple[Card | None, list[Fault], list[Fault]]:
    """Read the fields of a person: card, faults, warnings. With faults there is no card.

    `values` are the texts of each field of `columns.FIELDS`. `lenient` is for files: a bad address is dropped with a
    warning when another is good, and a language that is not ours is let be. Codes: those of `addresses` and `places`,
    `name_missing`, `field_long`, `role_unknown`, `person_no_address`.
    """
    faults: list[Fault] = []
    warnings: list[Fault] = []
    said = {name: _one(name, texts, faults) for name, texts in values.items() if name not in _MANY}

    def place(name: str, reader: Callable[[str], str], into: list[Fault]) -> str:
        try:
            return reader(said[name]) if name in said else ""
        except Refused as refused:
            into.extend(refused.faults)
            return ""

    name = said.get("nombre", "")
    card = Card(
        name=f"{name} {said['apellidos']}".strip() if "apellidos" in said else name,
        country=place("pais", places.country, faults),
        timezone=place("zona", places.timezone, faults),
        language=place("idioma", places.language, warnings if lenient else faults),
        state=said.get("estado", ""),
        organization=said.get("organizacion", ""),
        brought_by=said.get("trajo", ""),
        networks=tuple(dict.fromkeys(_several(values["red"], _NAMES))) if "red" in values else (),
        tags=tuple(dict.fromkeys(_several(values["etiquetas"], _TAGS))) if "etiquetas" in values else (),
    )
    card.city = said.get("ciudad", "") or card.state
    card.key = fold(card.name)
    if not _WORD.search(card.key):
        faults.append(Fault("name_missing", "nombre", card.name))
    faults += [
        Fault("field_long", "red", name[:60], details={"most": LONGEST})
        for name in card.networks
        if len(name) > LONGEST
    ]
    faults += [
        Fault("tag_name", "etiquetas", name[: tagging.LONGEST], details={"most": tagging.LONGEST})
        for name in card.tags
        if len(name) > tagging.LONGEST
    ]
    if role := fold_words(said.get("rol", "")):
        card.role = _ROLE_OF.get(role)
        if card.role is None:
            faults.append(Fault("role_unknown", "rol", said["rol"]))
    bad = _read_addresses(values, card)
    if card.addresses and lenient:
        warnings += bad
    else:
        faults += bad
    if not card.addresses and not bad:
        faults.append(Fault("person_no_address", "correo, telefono, whatsapp"))
    return (None if faults else card), faults, warnings


def _one(name: str, texts: Sequence[str], faults: list[Fault]) -> str:
    text = bare(texts[0] if len(texts) == 1 else " ".join(texts))
    if len(text) > LONGEST:
        faults.append(Fault("field_long", name, text[:60], details={"most": LONGEST}))
    return text


def _several(texts: Sequence[str], between: re.Pattern[str]) -> Iterator[str]:
    for text in texts:
        for part in between.split(text) if between.search(text) else (text,):
            if plain := bare(part):
                yield plain


def _read_addresses(values: Mapping[str, Sequence[str]], card: Card) -> list[Fault]:
    """Put the good addresses on the card, each once; return the faults of the others."""
    faults: list[Fault] = []
    for name, kind in _KINDS.items():
        for text in _several(values.get(name, ()), _BETWEEN):
            plain = fold_words(text) if len(text) <= _LONGEST_WORD else text
            if plain in _NOTHING:
                continue
            try:
                if kind is AddressKind.WHATSAPP and plain in _SAME:
                    written = _same_as_phone(card, text)
                else:
                    written = [_written(kind, text, card.country)]
            except Refused as refused:
                faults += [Fault(f.code, name, f.value, details=f.details) for f in refused.faults]
            else:
                known = {(address.kind, address.value) for address in card.addresses}
                card.addresses += [address for address in written if (address.kind, address.value) not in known]
    return faults


def _written(kind: AddressKind, text: str, country: str) -> Written:
    if kind is AddressKind.EMAIL:
        return Written(kind, addresses.email(text), text)
    value, region = (addresses.phone if kind is AddressKind.PHONE else addresses.whatsapp)(text, country)
    if kind is AddressKind.WHATSAPP and addresses.scoped(value):
        kind = AddressKind.SCOPED
    return Written(kind, value, text, region)


def _same_as_phone(card: Card, text: str) -> list[Written]:
    """«WhatsApp: sí» speaks of the telephones beside it."""
    same = [
        Written(AddressKind.WHATSAPP, phone.value, phone.raw, phone.region)
        for phone in card.addresses
        if phone.kind is AddressKind.PHONE
    ]
    if not same:
        raise refuse("whatsapp_same", "whatsapp", text)
    return same
