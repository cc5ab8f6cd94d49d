"""A real `outreach serve`: it does not start with keys that it could not believe answers by, and believes no others."""

import sqlite3
from contextlib import closing
from http.client import HTTPConnection

import pytest

from outreach.simulator.signing import (
    SENDGRID_SIGNATURE,
    SENDGRID_TIMESTAMP,
    TWILIO_SIGNATURE,
    EventKey,
    sign_form,
)

KEYS = {"SENDGRID_API_KEY": "SG.de-mentira", "TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "nueva vieja"}


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"SENDGRID_WEBHOOK_KEY": ""}, "SENDGRID_WEBHOOK_KEY"),
        ({"SENDGRID_WEBHOOK_KEY": "no-es-una-llave"}, "SENDGRID_WEBHOOK_KEY"),
        ({"SENDGRID_WEBHOOK_KEY": EventKey().public, "OUTREACH_PUBLIC_URL": "http://v.example.org"}, "PUBLIC_URL"),
    ],
)
def test_serve_does_not_start_with_keys_and_without_what_verifies_the_answers(
    shell, free_port, variables: dict[str, str], named: str
) -> None:
    answer = shell("serve", "--port", str(free_port()), **(KEYS | variables))
    assert answer.code not in {0, 1}
    assert named in answer.err
    assert not answer.out


def post(port: int, path: str, body: bytes, headers: dict[str, str]) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status


def test_both_of_two_secrets_are_believed_and_a_third_is_not(shell, serving, free_port) -> None:
    old, new, other = EventKey(), EventKey(), EventKey()
    port = free_port()
    shell.environment = KEYS | {
        "SENDGRID_WEBHOOK_KEY": f"{old.public} {new.public}",
        "OUTREACH_SENDGRID_URL": "http://127.0.0.1:9",
        "OUTREACH_TWILIO_URL": "http://127.0.0.1:9",
        "OUTREACH_DATA": str(shell.folder / "var"),
    }
    with serving(shell, port):
        mail, text = "/webhooks/sendgrid", "/webhooks/twilio/status?d=1&i=de-otra"
        stamp = "9999999999"  # ours may be behind

        def signed(key: EventKey, body: bytes = b"[]") -> dict[str, str]:
            return {SENDGRID_SIGNATURE: key.sign(stamp, body), SENDGRID_TIMESTAMP: stamp}

        form = {"Content-Type": "application/x-www-form-urlencoded"}
        url = f"http://127.0.0.1:{port}{text}"
        answers = {
            "old": post(port, mail, b"[]", signed(old)),
            "new": post(port, mail, b"[]", signed(new)),
            "other": post(port, mail, b"[]", signed(other)),
            "none": post(port, mail, b"[]", {}),
            "changed": post(port, mail, b"[1]", signed(new)),
            **{
                token: post(port, text, b"MessageSid=SM1", form | {TWILIO_SIGNATURE: sign_form(token, url, said)})
                for said in [[("MessageSid", "SM1")]]
                for token in ("nueva", "vieja", "ajena")
            },
        }
    assert answers == {
        "old": 204, "new": 204, "other": 403, "none": 403, "changed": 403, "nueva": 204, "vieja": 204, "ajena": 403,
    }  # fmt: skip
    with closing(sqlite3.connect(shell.folder / "var" / "outreach.sqlite3")) as base:
        assert base.execute("SELECT count(*) FROM webhook_batch").fetchone() == (4,)
        assert base.execute("SELECT sum(count) FROM webhook_refusal").fetchone()[0] >= 1
