"""The words for the codes of the area `platform`: settings, accounts, the CLI itself."""

from outreach.words import N_

FAULTS: dict[str, str] = {
    "setting_url": N_("%(where)s dice «%(value)s» y debe ser una dirección como https://ejemplo.mx."),
    "setting_zone": N_("%(where)s dice «%(value)s» y debe ser una zona como America/Mexico_City."),
    "setting_number": N_("%(where)s dice «%(value)s» y debe ser un número entero, de 0 en adelante."),
    "setting_batch": N_("%(where)s dice «%(value)s» y debe ser un número de 1 a 1000."),
    "setting_hours": N_("%(where)s dice «%(value)s» y deben ser horas como 21:00-08:00, o «no»."),
    "setting_database": N_("%(where)s dice «%(value)s» y debe empezar con sqlite:// o postgresql+psycopg://."),
    "setting_pair": N_("%(where)s van juntas: falta una de las dos."),
    "link_unknown": N_("El enlace no es nuestro o le faltan letras. Ábralo completo, como llegó en el mensaje."),
    "port_taken": N_("No se puede escuchar en el puerto %(value)s: %(why)s. Elija otro con --port."),
    "webhook_key_missing": N_(
        "Falta %(where)s: sin la llave pública de los avisos de SendGrid no se sabría qué fue de cada correo. "
        "Está en su consola, en Mail Settings, Event Webhook, Signature Verification."
    ),
    "webhook_key_form": N_(
        "%(where)s dice «%(value)s» y debe ser la llave pública que muestra SendGrid: empieza con MFkwEwYHKoZIzj0."
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
    "account_unknown": N_("No existe la cuenta «%(value)s»."),
    "password_short": N_("La contraseña debe tener al menos %(least)s caracteres."),
    "password_long": N_("La contraseña debe tener a lo más %(most)s caracteres."),
    "password_twice": N_("Las dos contraseñas no son iguales. Escríbala otra vez."),
}
