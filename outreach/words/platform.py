"""The words for the codes of the area `platform`: settings, accounts, the CLI itself."""

from outreach.words import N_

FAULTS: dict[str, str] = {
    "setting_url": N_("%(where)s dice «%(value)s» y debe ser una dirección como https://ejemplo.mx."),
    "setting_zone": N_("%(where)s dice «%(value)s» y debe ser una zona como America/Mexico_City."),
    "setting_number": N_("%(where)s dice «%(value)s» y debe ser un número entero, de 0 en adelante."),
    "setting_hours": N_("%(where)s dice «%(value)s» y deben ser horas como 21:00-08:00, o «no»."),
    "setting_database": N_("%(where)s dice «%(value)s» y debe empezar con sqlite:// o postgresql+psycopg://."),
    "setting_pair": N_("%(where)s van juntas: falta una de las dos."),
    "link_unknown": N_("El enlace no es nuestro o le faltan letras. Ábralo completo, como llegó en el mensaje."),
    "port_taken": N_("No se puede escuchar en el puerto %(value)s: %(why)s. Elija otro con --port."),
    "account_name": N_("El usuario «%(value)s» debe tener letras y ningún espacio."),
    "account_taken": N_("Ya existe la cuenta «%(value)s»."),
    "account_unknown": N_("No existe la cuenta «%(value)s»."),
    "password_short": N_("La contraseña debe tener al menos %(least)s caracteres."),
}
