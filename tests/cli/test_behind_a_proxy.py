"""Behind nginx on the same machine the platform knows who asks, and believes nobody else about it."""

import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pytest
from sqlalchemy import select

from outreach.audit import AuditEntry
from outreach.config import Settings
from outreach.platform import Platform


def wrong_password(port: int, **headers: str) -> None:
    """Knock with a wrong password, as a browser would."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    door = f"http://127.0.0.1:{port}/entrar"
    page = browser.open(door).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "usuario": "ana", "clave": "no es esta"}
    request = urllib.request.Request(door, urllib.parse.urlencode(form).encode(), headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        browser.open(request)
    assert refused.value.code == 401
    refused.value.close()


def test_who_asks_is_who_the_proxy_says(shell, serving, free_port) -> None:
    port = free_port()
    with serving(shell, port):
        wrong_password(port, **{"X-Forwarded-For": "203.0.113.7"})
        wrong_password(port, **{"X-Forwarded-For": "198.51.100.1, 203.0.113.8"})  # the last one is the proxy's own word
        wrong_password(port, **{"X-Forwarded-Host": "otra.example.org", "Forwarded": "for=203.0.113.9"})
    platform = Platform(Settings.read({"OUTREACH_DATA": str(shell.folder / "var")}))
    with platform.reading() as session:
        tried = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "session.refused").order_by(AuditEntry.id)
        )
        told = [line.details["from"] for line in tried]
    platform.close()
    assert told == ["203.0.113.7", "203.0.113.8", "127.0.0.1"]
