"""vCards of all three versions, as telephones, Outlook and web mail write them."""

import quopri

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts import columns
from contacts.checking import read_row
from contacts.errors import Refused
from contacts.peoplefiles import read_people
from outreach import words


def cells(path) -> list[dict[str, str]]:
    return [{name: text for name, text in row.cells.items() if text} for row in read_people(path).rows]


def card(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""])


def test_version_3_with_groups_several_addresses_and_folded_lines(write):
    text = card(
        "VERSION:3.0",
        "N:Núñez Peña;Ana;María;Dra.;",
        "FN:Ana María Núñez\r\n  Peña",
        "item1.EMAIL;type=INTERNET;type=pref:ana@exam",
        " ple.org",
        "item1.X-ABLabel:casa",
        "EMAIL;TYPE=work:ana.nunez@example.com",
        "TEL;TYPE=cell,voice:+1 (312) 555-0142",
        "TEL;TYPE=FAX:+1 312 555 0199",
        "item2.ADR;TYPE=home:;;Calle 1\\, interior 2;Chicago;Illinois;60601;Estados Unidos",
        "ORG:Club Ejemplo\\, A.C.;Mesa",
        "CATEGORIES:Red Voto Chilango,Ruta Chilanga",
        "PHOTO;ENCODING=b;TYPE=JPEG:" + "/9j/4AAQ" * 20,
        " AAAA",
        "NOTE:FN:no es el nombre",
    )
    assert cells(write(text, "libreta.vcf")) == [
        {
            "nombre": "Ana María Núñez Peña",
            "correo": "ana@example.org\nana.nunez@example.com",
            "telefono": "+1 (312) 555-0142",
            "organizacion": "Club Ejemplo, A.C.",
            "ciudad": "Chicago",
            "estado": "Illinois",
            "pais": "Estados Unidos",
            "categorias": "Red Voto Chilango\nRuta Chilanga",
        }
    ]


def test_version_2_1_with_quoted_printable_charsets_and_soft_breaks(write):
    lines = [
        "VERSION:2.1",
        "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Pe=F1a;Jos=E9;;;",
        "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Jos=C3=A9 Fidel=\r\n=20Pe=C3=B1a",
        "TEL;CELL:5555550144",
        "TEL;WORK;FAX:5555550145",
        "EMAIL;INTERNET:jose@example.org",
        "ADR;HOME;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;;Ciudad de M=C3=A9xico;;;M=C3=A9xico",
        "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD",
        " AAAAAAAAAAAAAAAAAAAAAAA",
        "",
        "AGENT:",
        "BEGIN:VCARD",
        "FN:La asistente",
        "END:VCARD",
    ]
    assert cells(write(card(*lines), "viejo.vcf")) == [
        {
            "nombre": "José Fidel Peña",
            "correo": "jose@example.org",
            "telefono": "5555550144",
            "ciudad": "Ciudad de México",
            "pais": "México",
        }
    ]


def test_version_4_with_uris_languages_zones_and_whatsapp(write):
    text = card(
        "VERSION:4.0",
        "KIND:individual",
        "FN:Lía Brisa",
        'TEL;VALUE=uri;TYPE="voice,home":tel:+1-312-555-0142;ext=5',
        "IMPP;X-SERVICE-TYPE=WhatsApp:whatsapp:+5215555550101",
        "X-SOCIALPROFILE;TYPE=twitter:https://social.example/lia",
        "EMAIL:mailto:lia@example.org",
        "LANG;PREF=1:en-US",
        "TZ:America/Chicago",
    )
    path = write(text, "nuevo.vcf")
    assert cells(path) == [
        {
            "nombre": "Lía Brisa",
            "correo": "mailto:lia@example.org",
            "telefono": "tel:+1-312-555-0142",
            "whatsapp": "whatsapp:+5215555550101",
            "idioma": "en",
            "zona": "America/Chicago",
        }
    ]
    sheet = read_people(path)
    person, faults, _warnings = read_row(sheet.rows[0], columns.find(sheet.headers))
    assert faults == []
    assert [each.value for each in person.addresses] == ["lia@example.org", "+13125550142", "+525555550101"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_whatever_program_wrote_the_letters(write, encoding, line_end):
    text = (card("VERSION:3.0", "FN:Begoña Muñoz", "EMAIL:b@example.org") * 2).replace("\r\n", line_end)
    assert cells(write(text, "x.csv", encoding=encoding)) == [{"nombre": "Begoña Muñoz", "correo": "b@example.org"}] * 2


def test_a_line_that_is_cut_within_a_letter_is_whole_again(write):
    raw = b"BEGIN:VCARD\nFN:Mu" + b"\xc3\n \xb1oz\nEND:VCARD\n"
    assert cells(write(raw, "x.vcf")) == [{"nombre": "Muñoz"}]


def test_a_card_without_a_full_name_is_called_by_its_parts_or_its_nickname(write):
    text = card("N:Peña;Ana;;;") + card("NICKNAME:La Güera") + card("EMAIL:x@example.org")
    assert cells(write(text, "x.vcf")) == [{"nombre": "Ana Peña"}, {"nombre": "La Güera"}, {"correo": "x@example.org"}]


def test_rows_are_numbered_by_the_line_on_which_the_card_begins(write):
    sheet = read_people(write(card("FN:Ana", "EMAIL:x@") + "\r\n" + card("FN:Beto"), "x.vcf"))
    assert [row.number for row in sheet.rows] == [1, 6]


def test_a_file_that_was_cut_off_is_refused_with_the_line_of_the_card(write):
    for text in (card("FN:Ana") + "BEGIN:VCARD\r\nFN:Be", "BEGIN:VCARD\nFN:Ana\n" + card("FN:Beto")):
        with pytest.raises(Refused) as refused:
            read_people(write(text, "x.vcf"))
        (fault,) = refused.value.faults
        assert fault.code == "vcard_open"
        assert "END:VCARD" in words.explain(fault)


def test_a_photograph_of_megabytes_is_passed_over_quickly(write):
    photo = "PHOTO;ENCODING=b:" + "\r\n ".join(["A" * 75] * 40_000)
    assert cells(write(card("FN:Ana", photo, "EMAIL:a@example.org"), "x.vcf")) == [
        {"nombre": "Ana", "correo": "a@example.org"}
    ]


VALUE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufeff\x85"), min_size=1)


@given(name=VALUE.filter(lambda text: text.strip()), quoted=st.booleans(), at=st.integers(1, 60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_whatever_a_program_writes_is_what_is_read(write, name, quoted, at):
    if quoted:
        value = quopri.encodestring(name.encode(), quotetabs=True).decode().replace("=\n", "=\r\n")
        line = f"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{value.replace(chr(92), '=5C=5C')}"
    else:
        escaped = name.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        line = f"FN:{escaped}"
        line = f"{line[:at]}\r\n {line[at:]}" if at < len(line) and at > 2 else line
    (row,) = cells(write(card(line), "x.vcf"))
    assert row["nombre"].split() == name.split()


@given(content=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
def test_no_bytes_at_all_make_it_raise_anything_but_a_refusal(write, content):
    try:
        read_people(write(b"BEGIN:VCARD\n" + content + b"\nEND:VCARD\n", "x.vcf"))
    except Refused as refused:
        assert words.explain_all(refused)  # noqa: PT017 — reading some of them is right too
