"""The words for the codes of the area `safekeeping`: backups, restoring, moving, and what is checked."""

from collections.abc import Mapping

from outreach.words import N_

FAULTS: dict[str, str] = {
    "backup_exists": N_("Ya existe %(value)s. Dé otro nombre, o reemplácelo con --force."),
    "backup_kind": N_("El archivo %(value)s no es un respaldo de outreach. Dé uno hecho con outreach db backup."),
    "backup_damaged": N_(
        "El respaldo %(value)s está dañado o incompleto y no se usó nada de él. Cópielo otra vez de donde lo guarda, "
        "o use otro."
    ),
    "backup_format": N_(
        "El respaldo %(value)s está en un formato más nuevo (%(version)s) que el de este programa (%(ours)s). "
        "Actualice el programa."
    ),
    "backup_large": N_(
        "El archivo %(value)s se expande a mucho más de lo que puede medir un respaldo y no se abrió. "
        "Use uno hecho con outreach db backup."
    ),
    "backup_newer": N_(
        "El respaldo %(value)s es de una versión más nueva (%(version)s) que este programa (%(ours)s). "
        "Actualice el programa."
    ),
    "backup_future": N_(
        "El respaldo %(value)s dice ser del %(made)s UTC, y el reloj de este equipo dice %(now)s UTC. Con un reloj "
        "equivocado no se sabe qué pudo salir después: corríjalo e intente de nuevo."
    ),
    "disk_room": N_(
        "No hay espacio en %(value)s: hacen falta %(needed)s MiB y quedan %(free)s. Libere espacio e intente de nuevo."
    ),
    "restore_taken": N_(
        "La base de datos %(value)s ya tiene datos (en «%(table)s») y no se tocó. Dé una vacía con DATABASE_URL u "
        "OUTREACH_DATA, o use --force: la que hay se guarda aparte."
    ),
    "secret_other": N_(
        "%(where)s no es el secreto del respaldo, y con otro no sirven los enlaces de baja ya enviados. Quite "
        "%(where)s: el del respaldo queda en la carpeta de datos."
    ),
    "installation_in_use": N_(
        "Alguien usa la instalación de %(value)s. Detenga outreach serve, «outreach worker» y scheduler.py, espere a "
        "que terminen las demás órdenes e intente de nuevo."
    ),
    "installation_closed": N_(
        "La instalación de %(value)s se está copiando o restaurando. Intente de nuevo cuando termine."
    ),
    "installation_moved": N_(
        "Esta instalación (%(value)s) se mudó a %(place)s y aquí ya no se usa. Ponga en DATABASE_URL la "
        "dirección que se dio en --to."
    ),
    "server_in_use": N_(
        "Hay %(others)s conexiones más a %(value)s. Detenga outreach serve, «outreach worker» y scheduler.py en todos "
        "los equipos e intente de nuevo."
    ),
    "database_missing": N_(
        "No existe la base de datos %(value)s. Revise OUTREACH_DATA y DATABASE_URL, o hágala con outreach db upgrade."
    ),
    "copy_same": N_("%(where)s es la base de datos que ya se usa, %(value)s. Dé otra."),
    "copy_taken": N_("La base de datos %(value)s ya tiene datos (en «%(table)s»). Dé en %(where)s una vacía."),
    "copy_version": N_("Las tablas de %(value)s no están al día. Póngalas al día con «outreach db upgrade» y repita."),
    "copy_schema": N_("La tabla «%(value)s» no tiene las mismas columnas en las dos bases de datos. No se copió nada."),
    "copy_rows": N_("No se pudo copiar la tabla «%(value)s»: %(why)s. No se cambió nada."),
    "copy_differs": N_(
        "La tabla «%(value)s» quedó distinta en la copia (%(expected)s renglones y %(found)s). No se cambió nada."
    ),
}

#: What each invariant says when it holds; `outreach db check` lists them in this order.
INVARIANTS: Mapping[str, str] = {
    "schema": N_("Las tablas son de la versión de este programa"),
    "storage": N_("La base de datos está íntegra"),
    "constraints": N_("Están las reglas que impiden repetir"),
    "foreign_keys": N_("Nada apunta a un renglón que no existe"),
    "one_delivery": N_("Un envío por persona y corrida"),
    "one_message": N_("Cada mensaje de WhatsApp es de un solo envío"),
    "states_known": N_("Cada envío está en un estado que existe"),
    "leases": N_("Lo que se está enviando tiene quién lo envía, y nada más"),
    "stale_leases": N_("Nadie retiene un envío más de diez minutos"),
    "traces": N_("Lo que el servicio tomó tiene su momento, y lo demás no"),
    "doubt_reason": N_("Cada envío en duda dice por qué"),
    "end_reason": N_("Lo omitido, fallido o rebotado dice por qué"),
    "logged": N_("Cada envío sale en la bitácora de su campaña"),
    "ledger_guarded": N_("La base de datos misma impide cambiar el libro de consentimientos y los avisos publicados"),
    "notices_whole": N_("Cada aviso de privacidad dice lo que se publicó: su huella es la de su texto"),
    "registered": N_("El registro cuenta lo mismo que los envíos"),
    "receipts_once": N_("Cada aviso del servicio cuenta una vez"),
    "receipts_forward": N_("Ningún envío está atrás de sus avisos"),
    "receipts_heard": N_("Ningún envío está adelante de sus avisos"),
    "runs_ended": N_("No queda trabajo en corridas terminadas"),
    "runs_idle": N_("Toda corrida abierta tiene algo por hacer"),
    "runs_prepared": N_("Ninguna corrida tiene envíos sin haberse preparado"),
    "campaign_runs": N_("El estado de cada campaña es el de sus corridas"),
    "openings": N_("El presupuesto de WhatsApp sólo cuenta mensajes que existen"),
    "budgets": N_("La cuenta de cada número de WhatsApp es la de sus personas"),
    "batches_waiting": N_("Ningún aviso espera más de cinco minutos"),
    "batches_faulted": N_("Avisos que no se pudieron leer"),
    "doubts_open": N_("Envíos en duda que esperan evidencia o una decisión"),
    "runs_held": N_("Corridas que esperan su decisión"),
    "search_told": N_("La búsqueda se entera de cada cambio"),
    "search_index": N_("La búsqueda encuentra a cada persona por lo que dice su ficha"),
    "moved": N_("La instalación se mudó"),
}

#: What the numbers of the examples are of.
KINDS: Mapping[str, str] = {
    "contact": N_("personas"),
    "delivery": N_("envíos"),
    "run": N_("corridas"),
    "campaign": N_("campañas"),
    "receipt": N_("recibos"),
    "batch": N_("avisos"),
}
