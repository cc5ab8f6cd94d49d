"""The English catalogue: whole, nothing left over, and nothing lost on the way from the Spanish."""

from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message

from outreach import i18n

Text = str | tuple[str, str]


def test_every_text_of_the_code_is_in_the_english_catalogue_and_none_is_left_over(tool: ModuleType) -> None:
    texts, found = tool.all_faults()
    assert found == []
    assert texts > 1000


def faults(tool: ModuleType, spanish: Text, english: Text, *, fuzzy: bool = False) -> list[str]:
    wanted = Message(spanish, "")
    return list(tool.faults(wanted, Message(spanish, english, flags={"fuzzy"} if fuzzy else set())))


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("Falta %(where)s.", "It is missing."),
        ("Falta %(where)s.", "%(where)s lacks %(value)s."),
        ("Use {{ nombre }}.", "Use {{ name }}."),
        ("Escriba {rows}.", "Write {filas}."),
        ("Véalas con: outreach campaigns list", "See them with: outreach campaign list"),
        ("Elija otro con --port.", "Choose another one."),
        ("Revise OUTREACH_PUBLIC_URL.", "Check OUTREACH_URL."),
        ("Por ejemplo contactos.csv.", "For example contacts.csv."),
        ("Lista.\n\nEjemplo: outreach user list", "List.\n\nEjemplo: outreach user list"),
        ("Lista.\n\nEjemplo: outreach user list", "List. Example: outreach user list"),
        ("Lleva %(n)s.", "It has %(n)s, 5 % of all."),
        ("\nAparte: %(file)s", "Aside: %(file)s"),
        ("Guardar", ""),
        (("%(n)s correo", "%(n)s correos"), ("%(n)s e-mail", "")),
        (("%(n)s correo", "%(n)s correos"), ("%(n)s e-mail", "e-mails")),
        (("%(n)s correo", "%(n)s correos"), ("%(count)s e-mail", "%(n)s e-mails")),
        (("correo", "correos"), "e-mail"),
    ],
)
def test_a_translation_that_loses_something_is_pointed_out(tool: ModuleType, spanish: Text, english: Text) -> None:
    assert len(faults(tool, spanish, english)) >= 1


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("Falta %(where)s.", "%(where)s is missing."),
        ("Lista.\n\nEjemplo: outreach user list", "List them.\n\nExample: outreach user list"),
        (("Otro país", "Otros %(n)s países"), ("1 other country", "%(n)s other countries")),
        (("Ver a la persona", "Ver a las %(count)s"), ("See %(count)s person", "See all %(count)s")),
    ],
)
def test_a_translation_that_keeps_everything_is_let_pass(tool: ModuleType, spanish: Text, english: Text) -> None:
    assert faults(tool, spanish, english) == []


def test_an_uncertain_translation_is_pointed_out(tool: ModuleType) -> None:
    assert faults(tool, "Guardar", "Save", fuzzy=True) == ["uncertain: 'Guardar'"]


def test_taking_texts_in_keeps_the_others_and_writes_the_same_file_again(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "en.po"
    copy.write_bytes(tool.CATALOGUE.read_bytes())
    before = {message.id: message.string for message in tool.kept()}
    monkeypatch.setattr(tool, "CATALOGUE", copy)
    monkeypatch.setattr(tool, "COMPILED", tmp_path / "click" / "messages.mo")
    tool.update()
    once = copy.read_bytes()
    assert {message.id: message.string for message in tool.kept()}.items() >= before.items()
    tool.update()
    assert copy.read_bytes() == once


def test_a_new_text_comes_in_untranslated_and_an_old_one_goes(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "en.po"
    monkeypatch.setattr(tool, "CATALOGUE", copy)
    monkeypatch.setattr(tool, "COMPILED", tmp_path / "click" / "messages.mo")
    old = Catalog(locale="en")
    old.add("Ya no se usa", "No longer used")
    old.add("Guardar", "Keep")
    tool.write(old)
    tool.update()
    kept = tool.kept()
    assert "Ya no se usa" not in kept
    assert kept["Guardar"].string == "Keep"
    assert kept["Entrar"].string == ""


def test_a_text_that_stands_alone_and_also_begins_a_pair_is_read_in_its_form() -> None:
    with i18n.speaking("en"):
        assert i18n.gettext("liderazgo") == "community leader"
        assert i18n.ngettext("liderazgo", "liderazgos", 1) == "community leader"
        assert i18n.ngettext("liderazgo", "liderazgos", 2) == "community leaders"


def test_counts_and_values_stand_in_the_sentence() -> None:
    with i18n.speaking("en-US"):
        assert i18n.ngettext("%(n)s correo", "%(n)s correos", 1) == "1 e-mail"
        assert i18n.ngettext("%(n)s correo", "%(n)s correos", 3) == "3 e-mails"
        assert i18n.gettext("Página %(page)s de %(pages)s", page=2, pages=9) == "Page 2 of 9"
        assert i18n.gettext("Un texto que nadie tradujo") == "Un texto que nadie tradujo"
