"""What the pages for anybody share: small bodies, no trace of who looked, limits on trying, the notice in force."""

from datetime import timedelta

from flask import Blueprint, g, make_response, request
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.wrappers import Response
from wtforms import ValidationError

from contacts import notices
from contacts.models import Contact, Notice
from outreach import i18n, limits
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.limits import Limit
from outreach.web import context, errors
from outreach.web.language import COOKIE
from outreach.web.security import csrf

LARGEST_BODY = 64 * 1024  # a form with every field filled to its end
HINT = 2  # letters of a name that a page for anybody may show at each end
#: How often one address may be typed into a form, whoever types it.
OF_AN_ADDRESS = Limit("correo", 6, timedelta(hours=1))
PER = timedelta(hours=1)


def open_to_anybody(pages: Blueprint, *, forms: bool = True) -> Blueprint:
    """Let a blueprint be seen by anybody: its addresses are told to nobody, and its bodies are small.

    Its forms carry the token against forgery as every form of ours does. The check of where a request comes from is not
    made: these pages tell no other, not even ourselves, where their reader has been (Referrer-Policy: no-referrer).
    """
    csrf.exempt(pages)

    @pages.before_request
    def _narrow() -> None:
        g.public = True
        request.max_content_length = request.max_form_memory_size = LARGEST_BODY
        if forms and request.method not in {"GET", "HEAD", "OPTIONS"}:
            try:
                validate_csrf(request.form.get("csrf_token"))
            except ValidationError as error:
                raise CSRFError(error.args[0]) from error

    return pages


def masked(address: str) -> str:
    """Return as much of an address as tells its owner which it is: `c…i@example.org`, `…42`."""
    local, at, domain = address.partition("@")
    if at:
        return f"{local[:1]}…{local[-1:] if len(local) > HINT else ''}@{domain}"
    return f"…{address[-HINT:]}" if address else ""


def too_many() -> Response | None:
    """Count what is posted from this network; return the page that says to wait, or None."""
    most = context.platform().settings.public_limit
    return _counted(Limit("red", most, PER), limits.network(request.remote_addr or ""))


def too_many_of(address: str) -> Response | None:
    """Count an address that was typed; return the page that says to wait, or None. Whose it is makes no difference."""
    return _counted(OF_AN_ADDRESS, address)


def _counted(limit: Limit, value: str) -> Response | None:
    served = context.platform()
    with served.transaction() as write:
        wait = limits.count(write, served.secret, limit, value, at=context.now())
    if wait is None:
        return None
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    text = ngettext(
        "Espere %(n)s minuto y vuelva a intentarlo. Lo que ya había enviado no se perdió.",
        "Espere %(n)s minutos y vuelva a intentarlo. Lo que ya había enviado no se perdió.",
        minutes,
    )
    answer = make_response(errors.page(429, errors.Sorry(_("Demasiados envíos"), text, icon="clock")))
    answer.headers["Retry-After"] = str(minutes * 60)
    return answer


def speak_to(contact: Contact) -> None:
    """Speak the language that a person reads, unless whoever looks has chosen another."""
    if request.args.get("lang") not in i18n.LANGUAGES and request.cookies.get(COOKIE) not in i18n.LANGUAGES:
        i18n.set_language(contact.language)


def notice() -> Notice:
    """Return the privacy notice in force, in the language of whoever reads, else in Spanish."""
    found = _in_force()
    if found is None:
        with context.platform().transaction() as write:  # a new installation begins with ours
            notices.current(write, context.now())
        context.end_read()
        found = _in_force()
    assert found is not None
    return found


def _in_force() -> Notice | None:
    if not any(each.text for each in notices.versions(context.db())):
        return None
    version = notices.current(context.db(), context.now()).version
    return notices.read_in(context.db(), version, i18n.language())
