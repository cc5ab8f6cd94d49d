"""The words for the codes of the area `platform`: settings, accounts, the CLI itself."""

from outreach.words import N_

FAULTS: dict[str, str] = {
    "setting_url": N_("%(where)s dice «%(value)s» y debe ser una dirección como https://ejemplo.mx."),
    "setting_zone": N_("%(where)s dice «%(value)s» y debe ser una zona como America/Mexico_City."),
    "setting_range": N_("%(where)s dice «%(value)s» y debe ser un número entero de %(least)s a %(most)s."),
    "setting_hours": N_("%(where)s dice «%(value)s» y deben ser horas como 21:00-08:00, o «no»."),
    "setting_months": N_(
        "%(where)s dice «%(value)s» y deben ser meses: un número, o un número y finalidades como 24 eventos=6."
    ),
    "setting_days": N_("%(where)s dice «%(value)s» y deben ser días como 2025-12-24, separados con comas."),
    "setting_email": N_("%(where)s dice «%(value)s» y debe ser un correo como avisos@ejemplo.mx."),
    "setting_phone": N_("%(where)s dice «%(value)s» y debe ser un número con + y país, como +525555550100."),
    "setting_language": N_("%(where)s dice «%(value)s» y debe ser es o en."),
    "setting_folder": N_("%(where)s dice «%(value)s» y debe ser una carpeta, como /srv/outreach."),
    "setting_encoding": N_("%(where)s tiene letras que no están en UTF-8. Escríbala otra vez."),
    "setting_unknown": N_(
        "No existe el ajuste «%(value)s»; quizá sea %(near)s. Los que hay están en docs/settings.md."
    ),
    "setting_key": N_(
        "%(where)s tiene algo que ninguna llave lleva: comillas tipográficas, acentos o un salto de línea. Cópiela de "
        "nuevo."
    ),
    "setting_database": N_(
        "%(where)s dice «%(value)s» y debe ser como sqlite:////srv/outreach/datos.sqlite3 o "
        "postgresql+psycopg://usuario:clave@servidor:5432/base."
    ),
    "setting_pair": N_("%(where)s van juntas: falta una de las dos."),
    "setting_either": N_("%(where)s: el correo sale por una de las dos vías. Quite la que no use."),
    "setting_smtp": N_(
        "%(where)s debe ser como smtp://usuario:clave@correo.example.org:587, o smtps:// y puerto 465. Usuario y clave "
        "van los dos o ninguno, sin acentos ni espacios; en ellos escriba @ como %%40, : como %%3A y / como %%2F."
    ),
    "setting_smtp_plain": N_(
        "%(where)s pide enviar sin cifrar a otro equipo, y cualquiera podría leer nombres y correos. "
        "Quite ?starttls=no: sólo se permite con un servidor de este mismo equipo."
    ),
    "env_encoding": N_("tiene letras que no están en UTF-8. Guarde el archivo en UTF-8, o quite acentos y eñes."),
    "env_line": N_("«%(value)s» no es un ajuste: se escribe NOMBRE=valor, por ejemplo OUTREACH_DATA=/srv/outreach."),
    "data_folder": N_(
        "La carpeta de datos %(value)s no se puede usar. Elija otra con OUTREACH_DATA, o pida permiso de escribir ahí."
    ),
    "secret_broken": N_(
        "El archivo %(value)s debía tener el secreto de la instalación y no lo tiene. Repóngalo del respaldo; sin él, "
        "bórrelo: se hará otro y los enlaces de baja ya enviados dejarán de servir."
    ),
    "database_driver": N_(
        "%(where)s pide PostgreSQL y falta su conector. Instálelo con make setup-escala, o quite %(where)s."
    ),
    "database_unreachable": N_("No se puede usar la base de datos %(value)s: %(why)s. Revise DATABASE_URL."),
    "database_closed": N_(
        "No se puede abrir la base de datos %(value)s. Revise que su carpeta exista y permita leer y escribir."
    ),
    "database_readonly": N_(
        "No se puede escribir en la base de datos %(value)s. Revise los permisos del archivo y de su carpeta."
    ),
    "database_foreign": N_(
        "La base de datos %(value)s es de otro programa: tiene la tabla «%(table)s» y no las nuestras. "
        "Elija otra con DATABASE_URL."
    ),
    "database_kind": N_(
        "El archivo %(value)s no es una base de datos de SQLite. Elija otro con DATABASE_URL, o repóngalo del respaldo."
    ),
    "database_damaged": N_("La base de datos %(value)s está dañada. Detenga el servicio y repóngala del respaldo."),
    "database_newer": N_(
        "La base de datos %(value)s es de una versión más nueva (%(version)s) que este programa (%(ours)s). "
        "Actualice el programa."
    ),
    "queue_newer": N_(
        "La cola de la base de datos %(value)s es de una versión más nueva (%(version)s) que la de este programa "
        "(%(ours)s). Actualice el programa con make setup-escala."
    ),
    "worker_sqlite": N_(
        "«outreach worker» trabaja con PostgreSQL y la base de datos es %(value)s. Con SQLite envía «outreach serve»; "
        "para varias máquinas ponga DATABASE_URL=postgresql+psycopg://usuario:clave@servidor:5432/base."
    ),
    "database_busy": N_("Otro programa tiene ocupada la base de datos %(value)s. Intente de nuevo en un minuto."),
    "disk_full": N_("No hay espacio en el disco. Libere espacio e intente de nuevo; lo ya guardado sigue guardado."),
    "disk_fault": N_("El disco en que está %(value)s está lleno o no responde bien. Revise el disco."),
    "path_missing": N_("No existe %(value)s."),
    "path_denied": N_("No hay permiso para usar %(value)s."),
    "path_is_folder": N_("%(value)s es una carpeta y debe ser un archivo."),
    "path_no_folder": N_("%(value)s no es una carpeta, o pasa por algo que no lo es."),
    "path_exists": N_("Ya existe %(value)s."),
    "path_readonly": N_("%(value)s está en un disco en que no se puede escribir."),
    "path_long": N_("El nombre %(value)s es demasiado largo."),
    "path_circle": N_("%(value)s es un enlace que da vueltas sobre sí mismo."),
    "files_many": N_(
        "Hay demasiados archivos abiertos a la vez. Cierre otros programas, o suba el límite con ulimit -n."
    ),
    "argument_encoding": N_("«%(value)s» tiene letras que no están en UTF-8. Cambie el nombre o escríbalo otra vez."),
    "password_encoding": N_("La contraseña tiene letras que no están en UTF-8."),
    "password_terminal": N_("No hay terminal en que preguntar la contraseña. Désela por la entrada con %(where)s."),
    "link_unknown": N_("El enlace no es nuestro o le faltan letras. Ábralo completo, como llegó en el mensaje."),
    "port_taken": N_("No se puede escuchar en el puerto %(value)s: %(why)s. Elija otro con --port."),
    "host_unknown": N_(
        "No se puede escuchar en «%(value)s»: no es una dirección de este equipo. Use una como 127.0.0.1."
    ),
    "webhook_key_missing": N_(
        "Falta %(where)s: sin la llave pública de los avisos de SendGrid no se sabría qué fue de cada correo. "
        "Está en su consola, en Mail Settings, Event Webhook, Signature Verification."
    ),
    "webhook_key_form": N_(
        "%(where)s dice «%(value)s» y debe ser la llave pública que muestra SendGrid: empieza con MFkwEwYHKoZIzj0."
    ),
    "public_url_here": N_(
        "%(where)s dice «%(value)s», que sólo existe en este equipo. Con llaves verdaderas debe ser la dirección "
        "https:// por la que se llega desde fuera: va en los enlaces de baja y a ella avisan los servicios."
    ),
    "public_url_plain": N_("%(where)s dice «%(value)s» y debe empezar con https://, como https://ejemplo.mx."),
    "public_url_host": N_(
        "%(where)s dice «%(value)s» y Twilio no llama a nombres con guion bajo. Use uno como https://mensajes.ejemplo.mx."
    ),
    "simulator_keep": N_("El simulador no puede guardar en «%(value)s». Elija con --keep un archivo suyo o uno nuevo."),
    "simulator_keep_busy": N_("Otro simulador usa ya el archivo «%(value)s». Deténgalo o elija otro con --keep."),
    "json_type": N_("Content-Type dice «%(value)s» y debe decir application/json."),
    "json_form": N_("El cuerpo no es JSON: %(value)s."),
    "simfault_form": N_('Se esperaba un objeto JSON como {"kind": "status", "status": 503} y llegó «%(value)s».'),
    "simfault_key": N_("No existe el campo «%(where)s»; los que hay están en docs/simulator.md."),
    "simfault_missing": N_("Falta el campo «%(where)s»."),
    "simfault_type": N_("El campo «%(where)s» dice «%(value)s», que no es de su tipo; vea docs/simulator.md."),
    "simfault_kind": N_(
        "kind dice «%(value)s» y debe ser latency, silence, reset, status, duplicate, disorder, withhold o lose."
    ),
    "simfault_range": N_("El campo «%(where)s» dice «%(value)s» y debe estar entre %(least)s y %(most)s."),
    "account_name": N_(
        "El usuario «%(value)s» debe tener letras, números, punto, guion o @, sin espacios; por ejemplo, ana.perez."
    ),
    "account_taken": N_("Ya existe la cuenta «%(value)s»."),
    "account_last": N_("«%(value)s» es la única cuenta que puede hacer cambios: dé antes ese papel a otra."),
    "account_unknown": N_("No existe la cuenta «%(value)s»."),
    "password_short": N_("La contraseña debe tener al menos %(least)s caracteres."),
    "password_long": N_("La contraseña debe tener a lo más %(most)s caracteres."),
    "password_twice": N_("Las dos contraseñas no son iguales. Escríbala otra vez."),
}
