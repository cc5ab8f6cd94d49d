"""The words for the codes of the area `informes`: faults of a definition, and warnings of a built informe."""

from outreach.words import N_

FAULTS: dict[str, str] = {
    # ------------------------------------------------------------------------------ a definition that cannot be used
    "definition_missing": N_(
        "No se puede leer el archivo de definición «%(value)s». Escriba la ruta de un archivo .toml, por ejemplo "
        "templates/informes/trimestral.toml."
    ),
    "definition_encoding": N_("El archivo no está en UTF-8. Guárdelo con esa codificación y vuelva a intentarlo."),
    "definition_form": N_(
        "Aquí deja de ser TOML: «%(value)s». Revise comillas, corchetes y comas, y que cada clave esté una sola vez; "
        'una línea se escribe así: title = "Informe, {periodo}".'
    ),
    "definition_key": N_("No existe la clave «%(value)s». Aquí pueden estar: %(allowed)s."),
    "definition_key_rows": N_(
        'La clave «%(value)s» no se usa en una tabla con rows = "%(rows)s". Aquí pueden estar: %(allowed)s.'
    ),
    "definition_lacks": N_("Falta la clave «%(value)s»."),
    "definition_text": N_('Dice «%(value)s» y debe ser un texto entre comillas, por ejemplo "Correos enviados".'),
    "definition_texts": N_('Dice «%(value)s» y debe ser una lista de textos, por ejemplo ["noticia", "invitacion"].'),
    "definition_flag": N_("Dice «%(value)s» y debe ser true o false, sin comillas."),
    "definition_group": N_('Dice «%(value)s» y deben ser claves entre llaves, por ejemplo { canal = "correo" }.'),
    "definition_groups": N_("Dice «%(value)s» y debe ser una lista; cada elemento lleva sus claves entre llaves."),
    "definition_rows": N_("Dice rows = «%(value)s» y debe ser uno de: %(allowed)s."),
    "definition_id": N_(
        "El id «%(value)s» debe tener de 1 a 60 letras, cifras, guiones o guiones bajos, por ejemplo por-mes."
    ),
    "definition_id_twice": N_("El id «%(value)s» ya es de otra tabla. Cada tabla lleva el suyo."),
    "definition_locale": N_("No hay informes en «%(value)s». Use uno de: %(allowed)s."),
    "definition_zone": N_("No existe la zona horaria «%(value)s». Escríbala así: America/Mexico_City."),
    "definition_braces": N_(
        "En «%(value)s» hay una llave sin su par, o algo más que un nombre dentro. Un nombre va así: {rows}; una llave "
        "que debe imprimirse se escribe dos veces: {{ o }}."
    ),
    "definition_placeholder": N_("No existe {%(value)s}. Aquí pueden estar: %(allowed)s."),
    "definition_field": N_(
        "El registro no conoce el campo «%(value)s». Conoce: %(allowed)s. Si un campo todavía no tiene renglones, "
        'declárelo arriba: fields = ["%(value)s"].'
    ),
    "definition_value": N_(
        "No existe «%(value)s», ni como valor ni como campo del registro. Aquí pueden estar: %(allowed)s."
    ),
    "definition_label": N_(
        'El valor «label» es el de un grupo: úselo con rows = "month" o "topic". Con "each" escriba el nombre de un '
        "campo, por ejemplo clase."
    ),
    "definition_column": N_(
        'Una columna lleva value o text, uno de los dos: { header = "Fecha", value = "date" } o '
        '{ header = "Tema", text = "Envío de {informacion}" }.'
    ),
    "definition_where_value": N_(
        'Dice «%(value)s» y debe ser un valor o una lista de valores, por ejemplo "correo" o ["correo", "whatsapp"].'
    ),
    "definition_pattern_empty": N_(
        "El patrón está vacío. Use letras de fecha de CLDR (%(allowed)s), por ejemplo dd 'de' MMMM 'de' y."
    ),
    "definition_pattern_quotes": N_(
        "En el patrón «%(value)s» falta un apóstrofo. El texto va entre dos: dd 'de' MMMM 'de' y."
    ),
    "definition_pattern_letters": N_(
        "En el patrón «%(value)s» hay letras que no son de una fecha. Pueden estar: %(allowed)s; todo otro texto va "
        "entre apóstrofos: dd 'de' MMMM 'de' y."
    ),
    "definition_pattern_words": N_(
        "En el patrón «%(value)s» la palabra «de» se leería como día y día de la semana. Póngala entre apóstrofos: "
        "dd 'de' MMMM 'de' y."
    ),
    "definition_pattern_year": N_(
        "En el patrón «%(value)s», Y es el año de la semana y D el día del año: a fin de año imprimirían otra fecha. "
        "Use y para el año y d para el día."
    ),
    "definition_pattern_length": N_(
        "En el patrón «%(value)s» una letra se repite más veces de las que CLDR conoce: d y dd, M a MMMM, E a EEEE."
    ),
    # --------------------------------------------------------------------------------------------- asking for a build
    "period_order": N_("El periodo empieza el %(value)s y termina antes, el %(end)s."),
    "period_date": N_("%(where)s dice «%(value)s» y debe ser una fecha que exista, como 2025-04-01."),
    "format_unknown": N_("No hay formato «%(value)s». Puede pedir: %(allowed)s."),
    "format_pdf": N_("Esta versión todavía no hace PDF. Puede pedir: %(allowed)s. Word guarda un docx como PDF."),
    "format_none": N_("Falta decir qué formatos. Puede pedir: %(allowed)s, separados con comas."),
    "out_folder": N_("No se puede escribir en «%(value)s»: %(reason)s. Escriba una carpeta suya, nueva o no."),
    # ------------------------------------------------------------------------------------- warnings: see before signing
    "remark_weekday": N_("El texto dice «%(said)s» y ese día es %(weekday)s."),
    "remark_date_absent": N_("El texto dice «%(said)s» y ese día no existe."),
    "remark_count": N_("El texto dice «%(said)s» y la tabla tiene %(true)s. Escriba {rows} y la cuenta saldrá sola."),
    "remark_twice": N_("Repite el renglón %(first)s: mismo día, misma vía y mismo texto («%(text)s»)."),
    "remark_tables_differ": N_(
        "Comunicaciones de esta tabla que no están en la tabla «%(other)s», que tiene las demás: %(n)s de %(all)s. La "
        "primera: %(day)s."
    ),
    "remark_after_cut": N_("Comunicaciones con fecha posterior al corte: %(n)s. La primera: %(day)s."),
    "remark_where_value": N_(
        "Nada en el periodo tiene %(field)s = «%(value)s», pero sí «%(near)s». ¿Es el mismo valor, escrito distinto?"
    ),
    "remark_empty": N_("La tabla no tiene renglones: se imprime una oración en su lugar."),
    "remark_day_unknown": N_(
        "Comunicaciones de este renglón de las que sólo se sabe el mes: %(n)s. Cuentan, y no están en la lista de días."
    ),
    "remark_month_only": N_("Renglones que dicen sólo el mes: %(n)s. Si se conoce el día, corrija el registro."),
    "remark_value_missing": N_("Hay comunicaciones sin el dato que forma los renglones: se leen como «(sin dato)»."),
    "remark_label": N_("«%(value)s» se imprime como está en el registro. Dele un texto en labels."),
    "remark_topic_missing": N_("Comunicaciones sin tema: %(n)s. Cada texto distinto cuenta como un tema."),
    "remark_topics_alike": N_("«%(one)s» y «%(other)s» cuentan como dos temas y sólo difieren en cómo se escribieron."),
    "remark_recipients": N_(
        "Comunicaciones de las que no se sabe cuántas personas las recibieron: %(n)s de %(all)s. Se suman las demás."
    ),
    "remark_people": N_(
        "Comunicaciones de las que no se sabe a qué personas llegaron: %(n)s de %(all)s. Sólo las enviadas por la "
        "plataforma cuentan personas distintas."
    ),
    "remark_cross_several": N_(
        "Comunicaciones de varias redes: %(n)s. Cada una cuenta en todas las suyas, también en los totales."
    ),
    "remark_cell_long": N_("Un texto tiene más de %(most)s letras: en Excel se corta, en los demás formatos no."),
    "remark_weekday_habit": N_(
        "%(day)s es %(weekday)s; %(times)s de las %(all)s fechas de esta serie son %(usual)s. Confirme la fecha."
    ),
    "remark_account": N_("Correos que no dicen de qué cuenta salieron: %(n)s. El primero: %(day)s."),
    "remark_unsettled": N_(
        "Envíos que no habían terminado en el corte, o que están en duda: %(n)s. Los primeros: %(day)s."
    ),
    "remark_month_cut": N_(
        "Comunicaciones de las que sólo se sabe el mes, y el periodo no tiene ese mes completo: %(n)s. Pueden ser de "
        "otro periodo."
    ),
    "remark_left_out": N_(
        "Comunicaciones de clase «%(kind)s» por «%(channel)s» que no están en ninguna tabla: %(n)s. La primera, "
        "%(day)s: «%(text)s»."
    ),
    "remark_quarter": N_("El periodo no es un trimestre del año: {trimestre} se imprime como {periodo}."),
}
