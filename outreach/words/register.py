"""The words for the codes of the area `register`."""

from outreach.words import N_

FAULTS: dict[str, str] = {
    # A file as a whole
    "register_column_missing": N_(
        "Falta la columna «%(where)s»: son obligatorias fecha, canal, clase e informacion. El archivo tiene: %(found)s."
    ),
    "register_column_twice": N_("La columna «%(where)s» está dos veces. Deje una, o cambie el nombre de la otra."),
    "register_nameless": N_("Una columna con el valor «%(value)s» no tiene nombre; escríbala como oficio=DVOE/12."),
    "register_reserved": N_(
        "La columna «%(where)s» la llena el registro por sí mismo. Use otro nombre, por ejemplo oficio."
    ),
    "register_extra": N_("«%(value)s» debe escribirse como columna=valor, por ejemplo oficio=DVOE/12."),
    # One cell
    "register_empty": N_("La columna «%(where)s» está vacía y es obligatoria; por ejemplo, %(example)s."),
    "register_date": N_(
        "«%(value)s» no es una fecha del calendario: se espera un día como 2025-04-09, o un mes como 2025-04 cuando no "
        "se conoce el día."
    ),
    "register_hour": N_("«%(value)s» no es una hora: se espera como 20:00, hora de la Ciudad de México."),
    "register_channel": N_("«%(value)s» no es un canal: se espera uno de %(allowed)s."),
    "register_number": N_(
        "«%(value)s» no es un número entero, en «%(where)s»: se espera como 1200, sin comas, puntos ni signos, hasta "
        "%(most)s; vacío si no se sabe."
    ),
    "register_text": N_(
        "«%(value)s» tiene en %(where)s, en el lugar %(position)s, un carácter que no se imprime. Escriba el texto de "
        "nuevo en lugar de pegarlo."
    ),
    "register_long": N_("%(where)s tiene más de %(most)s letras; empieza con «%(value)s»."),
    "register_yes": N_("«%(value)s» en %(where)s: se espera sí, no, o nada."),
    "register_moment": N_("«%(value)s» no es un momento en %(where)s: se espera como 2025-07-03T10:00:00-06:00."),
    "register_surplus": N_(
        "El renglón tiene más celdas que los encabezados: sobra «%(value)s». Un texto con comas va entre comillas."
    ),
    "register_folio_twice": N_(
        "El folio «%(value)s» está también en el renglón %(first)s con otro contenido. Cada comunicación tiene el suyo."
    ),
    # Entries and imports
    "entry_unknown": N_("No hay comunicación con el folio «%(value)s». Vea los folios con outreach register list."),
    "entry_of_run": N_(
        "La comunicación «%(value)s» es de un envío (el %(run)s) y no se escribió a mano: no tiene versiones, ni se "
        "corrige o anula aquí."
    ),
    "entry_annulled": N_("La comunicación «%(value)s» ya está anulada: %(reason)s."),
    "entry_unchanged": N_(
        "La corrección de «%(value)s» no cambia nada. Diga qué columna cambia, por ejemplo --hora 20:00."
    ),
    "reason_missing": N_("Falta el motivo; por ejemplo, «la fecha era del día siguiente»."),
    "import_unknown": N_("No existe la importación «%(value)s». Vea los números con outreach register imports."),
    "import_undone": N_("La importación «%(value)s» ya está deshecha: %(reason)s."),
    "register_period": N_("El periodo empieza el %(value)s y termina antes, el %(end)s."),
    "register_day": N_("«%(value)s» no es un día del calendario en %(where)s: se espera como 2025-04-09."),
    "option_alone": N_("%(where)s va junto con %(value)s."),
    "register_unwritable": N_(
        "No se puede escribir el archivo «%(value)s». Revise que la carpeta exista y se pueda escribir en ella."
    ),
}
