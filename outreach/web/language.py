"""Which language a page speaks: the account's, else the one chosen before, else what the browser asks for."""

from flask import Blueprint, Flask, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response

from outreach import i18n
from outreach.accounts import Account
from outreach.web import context
from outreach.web.session import safe_next

COOKIE = "vc_idioma"
ASKED = "lang"  # in an address: the switch of the public pages, which needs neither script nor a form
YEAR = 365 * 24 * 3600

pages = Blueprint("language", __name__)


def chosen() -> str:
    """Return the language of this request, a key of `i18n.LANGUAGES`. What the address itself says comes first."""
    if request.args.get(ASKED) in i18n.LANGUAGES:
        return request.args[ASKED]
    if current_user.is_authenticated:
        return str(current_user.language)
    if request.cookies.get(COOKIE) in i18n.LANGUAGES:
        return request.cookies[COOKIE]
    return request.accept_languages.best_match(i18n.LANGUAGES) or "es"


@pages.post("/idioma")
@context.anybody
def choose() -> Response:
    """Remember a choice: in the account of whoever has one, in a cookie always."""
    wanted = i18n.choose(request.form.get("idioma", ""))
    if current_user.is_authenticated:
        with context.platform().transaction() as session:
            account = session.get(Account, current_user.id)
            if account:
                account.language = wanted
    answer = redirect(safe_next(request.form.get("next", "")), 303)
    _remember(answer, wanted)
    return answer


def _remember(answer: Response, wanted: str) -> None:
    answer.set_cookie(
        COOKIE, wanted, max_age=YEAR, httponly=True, samesite="Lax", secure=bool(request.is_secure), path="/"
    )


def install(app: Flask) -> None:
    """Set the language before each view, and hand the words to the templates."""
    app.jinja_env.globals.update(_=i18n.gettext, gettext=i18n.gettext, ngettext=i18n.ngettext)
    app.jinja_env.globals.update(language=i18n.language)

    @app.before_request
    def _speak() -> None:
        i18n.set_language(chosen())

    @app.after_request
    def _keep(answer: Response) -> Response:
        asked = request.args.get(ASKED, "")
        if asked in i18n.LANGUAGES and request.cookies.get(COOKIE) != asked:
            _remember(answer, asked)  # the page that follows a form has no word of it
        return answer

    app.register_blueprint(pages)
