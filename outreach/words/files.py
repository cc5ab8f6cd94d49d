"""The words for the codes of the area `files`: campaign files and plans written as TOML."""

from outreach.words import N_

FAULTS: dict[str, str] = {
    "toml_missing": N_("No existe el archivo «%(value)s», o no se puede leer."),
    "toml_encoding": N_("El archivo «%(value)s» no está en UTF-8. Guárdelo como UTF-8."),
    "toml_form": N_(
        '«%(value)s» no es TOML. Se escribe llave = valor, y los textos entre comillas: titulo = "Cartel".'
    ),
    "key_unknown": N_("La llave «%(value)s» no se conoce aquí. Las que hay: %(allowed)s."),
    "key_missing": N_("Falta «%(value)s»."),
    "value_text": N_("Dice «%(value)s» y debe ser un texto entre comillas."),
    "value_texts": N_('Dice «%(value)s» y debe ser una lista de textos, como ["Red Voto Chilango"].'),
    "value_table": N_("Dice «%(value)s» y debe ser una tabla: su nombre entre corchetes y sus llaves debajo."),
    "value_tables": N_("Dice «%(value)s» y deben ser tablas: cada una con su nombre entre dobles corchetes."),
    "value_whole": N_("Dice «%(value)s» y debe ser un número entero, como 5."),
    "value_wholes": N_("Dice «%(value)s» y debe ser una lista de números enteros, como [10, 25]."),
    "value_flag": N_("Dice «%(value)s» y debe ser true o false, sin comillas."),
    "table_unused": N_("La campaña no sale por «%(channel)s»: agréguelo a «canales» o quite [%(value)s]."),
    "choice_unknown": N_("Dice «%(value)s» y debe ser una de estas palabras: %(allowed)s."),
    "moment_hour": N_('Al día «%(value)s» le falta la hora. Escriba 2025-04-09T10:00, o agregue hora = "10:00".'),
    "moment_twice": N_("Dice cuándo de varias maneras (%(value)s); deje una."),
    "hour_form": N_('«%(value)s» no es una hora. Escriba una como "10:00", de 00:00 a 23:59.'),
    "day_form": N_("«%(value)s» no es un día. Escriba uno como 2025-04-09."),
    "day_order": N_("El último día, «%(value)s», es anterior al primero, %(begin)s."),
    "beside_missing": N_("No existe «%(value)s» en la carpeta %(folder)s."),
    "beside_outside": N_("«%(value)s» está fuera de la carpeta %(folder)s: ponga el archivo en ella."),
    "beside_encoding": N_("El archivo «%(value)s» no está en UTF-8. Guárdelo como UTF-8."),
    "beside_twice": N_("Están las dos: %(value)s. Deje una."),
    "template_sid": N_("«%(value)s» no es el identificador de una plantilla: HX y 32 cifras o letras de la a a la f."),
    "rehearsal_day": N_("Falta %(where)s: el plan no dice sus días. Escriba uno como 2025-04-01."),
    "rehearsal_folder": N_("«%(value)s» ya existe y no está vacía: dé una carpeta nueva."),
    "demo_folder": N_("«%(value)s» no es de la demostración y no se borra: dé otra carpeta o muévala."),
    "demo_busy": N_("La demostración ya corre en «%(value)s»: termínela con Ctrl-C."),
}
