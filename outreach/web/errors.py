"""When something goes wrong: what happened, that the work is safe, a folio, and what to do. Never a traceback."""

import logging
from dataclasses import dataclass

from flask import Flask, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from contacts.errors import Refused
from outreach import words
from outreach.i18n import gettext as _
from outreach.notebook import folio

log = logging.getLogger(__name__)
Answer = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Sorry:
    """What an error page says."""

    title: str
    text: str
    icon: str = "life"


def said(code: int) -> Sorry:
    """Return the words for a status."""
    known = {
        400: (_("No entendimos la petición"), _("Regrese con el botón Atrás y vuelva a intentarlo.")),
        403: (_("Esta página no es para su cuenta"), _("Pida acceso a quien administra la plataforma.")),
        404: (_("No encontramos esta página"), _("Quizá se movió o la dirección tiene un error. Nada se perdió.")),
        405: (_("No entendimos la petición"), _("Vuelva a la página anterior y use sus botones.")),
        413: (
            (_("Es demasiado texto"), _("Regrese con el botón Atrás y escriba menos."))
            if g.get("public", False)
            else (_("El archivo es demasiado grande"), _("Envíe uno de menos de 16 MB."))
        ),
        429: (_("Demasiados intentos"), _("Espere diez minutos y vuelva a intentarlo. Su cuenta sigue segura.")),
    }
    if code in known:
        return Sorry(*known[code], icon="search" if code == 404 else "life")  # noqa: PLR2004 — HTTP
    return Sorry(_("Algo falló de nuestro lado"), _("Lo que ya había guardado sigue guardado. Intente de nuevo."))


def page(code: int, sorry: Sorry, number: str = "") -> Answer:
    """Return the page of an error, whole also where a fragment was asked for."""
    return render_template("error.html", code=code, sorry=sorry, folio=number), code


def install(app: Flask) -> None:
    """Answer every error with a page of ours."""

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Answer:
        return page(error.code or 500, said(error.code or 500))

    @app.errorhandler(CSRFError)
    def _forged(_error: CSRFError) -> Answer:
        text = _("Por seguridad, la página caducó. Regrese con el botón Atrás, actualícela y vuelva a enviarla.")
        return page(400, Sorry(_("La página caducó"), text, icon="clock"))

    @app.errorhandler(Refused)
    def _refused(refused: Refused) -> Answer:
        return page(409, Sorry(_("Esto no se puede hacer ahora"), " ".join(words.explain_all(refused)), icon="info"))

    @app.errorhandler(Exception)
    def _broken(error: Exception) -> Answer:
        number = folio()
        told = {"folio": number}  # the notebook goes by it too
        log.error("%s %s %s", number, request.method, request.endpoint, exc_info=error, extra=told)  # no path: secrets
        try:
            return page(500, said(500), number)
        except Exception:  # the page itself broke: say it without one
            log.exception("%s the page of an error", number)
            return f"Algo falló de nuestro lado. Lo que ya había guardado sigue guardado. Folio {number}.", 500
