"""The link by which a person leaves is good for ever: what signed it once signs it still."""

import hmac
from base64 import urlsafe_b64encode

from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.models import Channel
from outreach import unsubscribe


@given(
    secret=st.text(min_size=1), number=st.integers(1, 2**62), channel=st.sampled_from([Channel.EMAIL, Channel.WHATSAPP])
)
@settings(deadline=None)
def test_a_link_is_signed_as_rfc_2104_says_whatever_was_signed_before(secret, number, channel):
    token = unsubscribe.token(secret, number, channel)
    body, _dot, signature = token.partition(".")
    digest = hmac.digest(f"baja:{secret}".encode(), body.encode(), "sha256")
    assert signature == urlsafe_b64encode(digest[:15]).decode()
    assert unsubscribe.read(secret, token) == (number, channel)
    assert unsubscribe.url("https://example.org", secret, number, channel) == f"https://example.org/baja/{token}"
