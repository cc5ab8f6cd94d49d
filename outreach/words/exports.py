"""The words for the codes of files that people leave in, and come back in."""

from outreach.words import N_

FAULTS: dict[str, str] = {
    "export_form": N_("No hay un formato «%(value)s». Los que hay son: %(known)s."),
    "export_addresses": N_("«%(value)s» no dice cómo van las direcciones: se espera %(known)s."),
    "export_delimiter": N_("«%(value)s» no es un separador: se espera %(known)s."),
    "export_why": N_(
        "Diga para qué es el archivo, en %(least)s a %(most)s letras: por ejemplo «invitaciones para el simulacro»."
    ),
    "export_network": N_("No hay ninguna red %(value)s."),
    "export_organization": N_("No hay ninguna organización «%(value)s»."),
    "export_day": N_(
        "«%(value)s» no es un día del que se sepa quién estaba en una red: dígalo junto con la red, hasta %(today)s."
    ),
    "export_day_form": N_("«%(value)s» no es una fecha: se espera una como 2025-06-20."),
    "export_password_short": N_("La contraseña es corta: necesita al menos %(least)s letras."),
    "export_password_long": N_("La contraseña es muy larga: a lo más %(most)s letras."),
    "export_password_file": N_("No se puede leer la contraseña de «%(value)s»: %(reason)s."),
    "export_unwritable": N_("No se puede escribir el archivo «%(value)s»: %(reason)s."),
    "export_file": N_("Falta decir en qué archivo: por ejemplo personas.xlsx, o - para la salida."),
    "export_all_alone": N_("«--all» lleva todo: no va junto con %(value)s."),
    # What is under a password
    "seal_many": N_("«%(value)s» tiene %(found)s archivos: se espera uno solo."),
    "seal_password": N_("Esa contraseña no abre «%(value)s»."),
    "seal_needs": N_("«%(value)s» tiene contraseña: agregue --password, --password-file o --password-stdin."),
    "seal_damaged": N_("«%(value)s» está dañado o cortado: no se leyó nada."),
    # Everything at once
    "dump_kind": N_(
        "«%(value)s» no es un archivo de outreach contacts export --all. Una lista de personas se importa sin --all."
    ),
    "dump_version": N_(
        "El archivo es de la versión %(value)s de este formato y aquí se lee la %(known)s. Impórtelo con la versión de "
        "la plataforma que lo escribió, o más nueva."
    ),
    "dump_schema": N_(
        "El archivo viene de otra versión de la plataforma (%(value)s; aquí es la %(ours)s) y la tabla «%(where)s» no "
        "es igual. Use la misma versión en los dos lados."
    ),
    "dump_taken": N_(
        "Esta instalación ya tiene datos («%(value)s»): todo se trae sólo a una vacía. Para agregar personas, "
        "impórtelas sin --all."
    ),
    "dump_line": N_("El archivo está dañado en la línea %(value)s: no se leyó nada."),
    "dump_cut": N_("El archivo está cortado: le falta el final. No se leyó nada."),
    "dump_changed": N_("El archivo cambió después de escribirse: su huella no es la suya. No se leyó nada."),
    "dump_rows": N_("La base de datos no acepta lo que dice el archivo en «%(where)s»: %(why)s. No se leyó nada."),
    "dump_secret": N_(
        "El archivo trae %(value)s direcciones suprimidas, y sólo se reconocen con el secreto de la instalación de "
        "donde vienen. Copie aquel secreto (docs/exports.md) o, si se perdió, agregue --other-secret: esas direcciones "
        "podrían volver a entrar."
    ),
}
