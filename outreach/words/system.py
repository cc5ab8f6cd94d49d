"""The words for what the operating system says, which it says in English whoever reads."""

import errno
import os

from outreach.i18n import gettext
from outreach.words import N_

REASONS = {
    errno.ENOENT: N_("no existe"),
    errno.EACCES: N_("no hay permiso"),
    errno.EPERM: N_("no hay permiso"),
    errno.EEXIST: N_("ya existe y no es una carpeta"),
    errno.EISDIR: N_("es una carpeta"),
    errno.ENOTDIR: N_("pasa por algo que no es una carpeta"),
    errno.EROFS: N_("el disco no permite escribir"),
    errno.ENOSPC: N_("no hay espacio en el disco"),
    errno.EFBIG: N_("no hay espacio en el disco"),
    errno.EIO: N_("el disco no responde bien"),
    errno.ENAMETOOLONG: N_("el nombre es demasiado largo"),
    errno.ELOOP: N_("el enlace da vueltas sobre sí mismo"),
    errno.EADDRINUSE: N_("otro programa lo está usando"),
    errno.EADDRNOTAVAIL: N_("esa dirección no es de este equipo"),
    errno.ECONNREFUSED: N_("nadie responde ahí"),
    errno.ETIMEDOUT: N_("no respondió a tiempo"),
}
SAID = {os.strerror(number): text for number, text in REASONS.items()} | {
    "Name or service not known": N_("no existe un equipo con ese nombre"),
}


def reason(said: str) -> str:
    """Return what the operating system said in the reader's language; anything else as it is."""
    return gettext(SAID[said]) if said in SAID else said
