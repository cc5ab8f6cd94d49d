"""What the mails with a link say, letter by letter, in both languages."""

import re
from pathlib import Path

import pytest

from contacts.linkrequests import LinkUse
from contacts.models import Channel
from outreach import linking, links

GOLDEN = Path(__file__).parents[1] / "golden" / "enlaces"


def plain(house, letter):
    """Return a letter without what differs from run to run: where it is served, and what is signed."""
    public = house.platform.settings.public_url
    text = f"{letter.subject}\n\n{letter.text}\n\n{letter.html}".replace(public, "https://ejemplo.example")
    return re.sub(r"/(preferencias|mis-datos|baja)/[\w.-]+", r"/\1/LIGA", text).strip() + "\n"


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_mails_are_the_golden_ones(house, cast, visitor, language):
    who = cast.person("Ana Prueba", correo="ana@example.org", consents=False, language=language)
    for use in LinkUse:
        with house.platform.transaction() as session:
            linking.send(house.platform, session, who, use)
        letter = visitor.mail()[-1]
        golden = GOLDEN / f"{use}.{language}.txt"
        assert plain(house, letter) == golden.read_text(encoding="utf-8"), golden


@pytest.mark.only_on("sqlite")
def test_every_mail_says_how_to_leave_as_rfc_8058_wants(house, cast, visitor):
    cast.person("Ana Prueba", correo="ana@example.org")
    visitor.post("/mis-datos", {"correo": "ana@example.org"})
    [letter] = visitor.mail()
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/baja/" in letter.headers["List-Unsubscribe"]


@pytest.mark.only_on("sqlite")
def test_a_link_in_a_whatsapp_message_is_the_same_each_time_it_is_reckoned(house, cast):
    """Evidence for a doubt compares what was sent with what would be."""
    theirs = links.of_letters("https://ejemplo.example", "secreto", Channel.WHATSAPP)
    row = type("Row", (), {"delivery_id": 7, "address": "+525555550101", "contact_id": 3})()
    assert theirs.own(LinkUse.PREFERENCES, row) == theirs.own(LinkUse.PREFERENCES, row)
    assert theirs.own(LinkUse.PREFERENCES, row) != theirs.own(LinkUse.DATA, row).replace("mis-datos", "preferencias")
