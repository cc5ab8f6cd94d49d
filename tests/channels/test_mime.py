"""What stands on the wire is, to any reader of mail, exactly what was written, whatever people are called."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.channels import Letter, Message
from contacts.models import Channel
from outreach.channels.filling import fill
from outreach.channels.mail_headers import addressable, link
from outreach.channels.mime import compiled
from outreach.channels.quoted_printable import SOFT, encode, encode_last

TAGS = ("-vc7.0-", "-vc7.1-", "-vc7.2-", "-vc7.3-", "-vc7.10-")
ID, DATE = "<d.1.ab@example.org>", "Fri, 20 Jun 2025 17:42:00 +0000"
awkward = st.sampled_from([".", "..", "From ", "=", "=20", "=_", " ", "\t", "\n", "\r\n", "ñ", "😀", "\x00", "a" * 80])
texts = st.lists(awkward | st.text(max_size=90), max_size=6).map("".join)


def normal(text):
    """Line breaks as a mail has them, and a letter in place of half a surrogate pair."""
    return re.sub(r"\r\n|\r|\n", "\n", text).encode("utf-8", "replace").decode()


def read(raw):
    return message_from_bytes(raw, policy=policy.default)


def message(text="Hola, -vc7.1-:\n", html="", subject="Aviso para -vc7.0-", **over):
    given = {"sender": "votochilango@example.org", "sender_name": "Voto Chilango", "tags": TAGS, "run_id": 7}
    return Message(Channel.EMAIL, subject=subject, text=text, html=html, **(given | over))


def letter(values=("Ana",) * 5, **over):
    return Letter(1, over.pop("address", "ana@example.net"), over.pop("name", "Ana"), tuple(values), **over)


@given(st.lists(texts, min_size=1, max_size=5))
@example(["." + "a" * 71 + " ", "x"])
@example(["From " + "ñ" * 40, "From ", "."])
def test_pieces_put_together_are_what_they_were(pieces):
    wire = SOFT.join([*(encode(piece) for piece in pieces[:-1]), encode_last(pieces[-1])])
    for line in wire.split("\r\n"):
        assert len(line) <= 76
        assert line.isascii()
        assert not line.startswith((".", "From "))
        assert not line.endswith((" ", "\t"))
        assert "=_" not in line
        assert not set(line) & {"\r", "\n"}
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    assert normal(read(head + wire.encode()).get_content()) == "".join(normal(piece) for piece in pieces)


@given(
    st.lists(st.sampled_from(TAGS) | texts, min_size=1, max_size=6),
    st.lists(st.sampled_from(TAGS) | texts, max_size=6),
    st.lists(texts, min_size=5, max_size=5),
)
def test_a_filled_skeleton_reads_as_the_text_with_the_values_in_it(text, html, values):
    said = message(" ".join(["¡", *text]), " ".join(["<p>", *html]) if html else "")
    found = read(compiled(said).fill(letter(values), ID, DATE))
    values = [normal(value) for value in values]
    for kind, skeleton in (("plain", said.text), ("html", said.html)):
        part = found.get_body((kind,))
        assert (part is None) == (not skeleton)
        if part is not None:
            # A break that a value begins and the text around it ends is two: each piece is whole by itself.
            got, wanted = normal(part.get_content()), fill(normal(skeleton), TAGS, values)
            assert got == wanted or (got == f"{wanted}\n" and not found.is_multipart())  # a line must end


@given(st.text(max_size=300), st.text(max_size=300))
@example("=?utf-8?q?falso?=", "Pérez\r\nBcc: otra@example.org")
@example('Ana, «la de Toluca» "Ñandú" <otra@example.org>', "a" * 300)
def test_names_and_subjects_come_through_and_nothing_breaks_out_of_its_header(name, subject):
    raw = compiled(message(subject="-vc7.0-")).fill(letter((subject, "", "", "", ""), name=name), ID, DATE)
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    assert all(len(line) <= 100 for line in head.split("\r\n"))
    assert re.findall(r"(?m)^([A-Za-z-]+):", head) == [
        *("Date", "Message-ID", "To", "Subject", "From", "Precedence", "MIME-Version", "Content-Type"),
        "Content-Transfer-Encoding",
    ]
    found = message_from_bytes(raw)
    shown, address = parseaddr(found["To"].replace("\r\n", ""))
    assert address == "ana@example.net"
    assert squeezed(decoded(shown)) == squeezed(name)
    assert squeezed(decoded(found["Subject"])) == squeezed(subject)


def decoded(text):
    """What a reader makes of a header (`email.policy.default` puts spaces between the encoded words of a name)."""
    return str(make_header(decode_header(text)))


def squeezed(text):
    bare = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text.encode("utf-8", "replace").decode())
    return " ".join(bare.split())


def test_a_mail_says_how_to_leave_with_one_press():
    url = "https://votochilango.example.org/baja/c1.abc"
    found = read(compiled(message()).fill(letter(unsubscribe_url=url), ID, DATE))
    assert found["List-Unsubscribe"] == f"<{url}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_mail_of_nobody_in_particular_has_no_way_out_and_one_part():
    found = read(compiled(message()).fill(letter(), ID, DATE))
    assert "List-Unsubscribe" not in found
    assert found.get_content_type() == "text/plain"


def test_both_parts_go_together_the_better_one_last():
    found = read(compiled(message(html="<p>-vc7.2-</p>")).fill(letter(("", "Ana", "<b>Ana</b>", "", "")), ID, DATE))
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert found.get_body(("html",)).get_content().strip() == "<p><b>Ana</b></p>"
    assert not found.defects


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://e.example.org/baja/c1.a-b_C", "https://e.example.org/baja/c1.a-b_C"),
        ("https://año.example.org/baja/ñ", "https://xn--ao-zja.example.org/baja/%C3%B1"),
        ("https://e.example.org/<x>\r\nBcc: a", "https://e.example.org/%3Cx%3EBcc:%20a"),
    ],
)
def test_a_link_is_written_so_that_a_header_can_hold_it(url, written):
    assert link(url) == written


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("ana.lopez+red@example.org", True),
        ("ana@xn--ao-zja.example.org", True),
        ("ana@example.org> SIZE=1", False),
        ("ana@example.org\r\nRSET", False),
        ("ana lopez@example.org", False),
        ("añ@example.org", False),
        ("a" * 65 + "@example.org", False),
        ("ana", False),
        ("", False),
    ],
)
def test_only_what_can_stand_in_a_command_is_an_address(address, good):
    assert addressable(address) is good
