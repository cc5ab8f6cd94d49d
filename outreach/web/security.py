"""What guards every answer: headers, the forgery token on every form, and a limit on guessing passwords."""

from collections.abc import Iterable

from flask import Flask, Response, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_wtf import CSRFProtect

from outreach.intake import shelf

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # Bootstrap draws its check marks as data: pictures
    "connect-src": "'self'",
    "frame-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
#: A letter in its frame: its own styles and nothing else. No script, no form, no request to anybody.
LETTER_POLICY = {
    "default-src": "'none'",
    "style-src": "'unsafe-inline'",
    "img-src": "'self' data:",
    "frame-ancestors": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "sandbox": "allow-popups allow-popups-to-escape-sandbox",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
LARGEST_BODY = 16 * 1024 * 1024  # a picture as evidence; a webhook batch is far smaller
LARGER = {"contacts_imports.upload": shelf.LARGEST + 64 * 1024}  # a file of people, and the form around it

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="fixed-window", headers_enabled=False)


def policy(parts: dict[str, str]) -> str:
    """Return the text of a Content-Security-Policy header."""
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def as_letter(answer: Response) -> Response:
    """Let this answer be shown in a frame of ours with the styles of an e-mail."""
    g.letter = True
    return answer


def install(app: Flask, exempt: Iterable[str] = ()) -> None:
    """Guard every answer of the application. `exempt` names blueprints that prove their requests in another way."""
    app.config.update(
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch is not lost
        WTF_CSRF_HEADERS=["X-CSRFToken"],
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
    )

    @app.before_request
    def _larger() -> None:
        if request.endpoint in LARGER and current_user.is_authenticated:
            request.max_content_length = LARGER[request.endpoint]

    csrf.init_app(app)
    for name in exempt:
        csrf.exempt(app.blueprints[name])
    limiter.init_app(app)
    secure = str(app.extensions["platform"].settings.public_url).startswith("https://")

    @app.after_request
    def _guard(answer: Response) -> Response:
        letter = g.get("letter", False)
        headers = HEADERS | {
            "Content-Security-Policy": policy(LETTER_POLICY if letter else POLICY),
            "X-Frame-Options": "SAMEORIGIN" if letter else "DENY",
        }
        if g.get("public", False):  # pages whose address may be a person's own: told to nobody, found by nobody
            headers |= {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow, noarchive"}
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint != "static" and "Cache-Control" not in answer.headers:
            headers["Cache-Control"] = "no-store"  # names and addresses stay in no cache
        for name, value in headers.items():
            answer.headers[name] = value
        return answer
