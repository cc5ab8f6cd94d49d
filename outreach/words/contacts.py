"""The words for the codes of the area `contacts`: files, addresses, people, networks, consent."""

from contacts.models import AddressKind, AddressState, Decision, EvidenceKind, OrganizationKind, Purpose
from contacts.rights import Right, Standing
from outreach.words import N_

FAULTS: dict[str, str] = {
    # Files, whoever reads them
    "file_missing": N_(
        "No se encuentra el archivo «%(value)s». Revise la carpeta y el nombre, por ejemplo contactos.csv."
    ),
    "file_unreadable": N_("No se puede leer el archivo «%(value)s»: %(reason)s."),
    "file_kind": N_(
        "El archivo «%(value)s» no es una hoja de cálculo: se espera CSV o XLSX; para contactos también vCard."
    ),
    "file_old": N_(
        "El archivo «%(value)s» es de un Excel anterior a 2007 o tiene contraseña. Guárdelo como .xlsx sin contraseña."
    ),
    "file_damaged": N_(
        "El archivo «%(value)s» está dañado. Ábralo en su hoja de cálculo y guárdelo otra vez como .xlsx."
    ),
    "file_large": N_(
        "El archivo «%(value)s» ocupa demasiado al abrirse. Quite las celdas sueltas lejos de la tabla o divídalo."
    ),
    "file_encoding": N_("Hay letras que no se pueden leer en «%(value)s». Guárdelo como «CSV UTF-8»."),
    "file_empty": N_("El archivo «%(value)s» está vacío: se espera un renglón de encabezados y debajo los datos."),
    "header_missing": N_("Falta la columna «%(where)s». El archivo tiene: %(found)s."),
    "header_twice": N_("La columna «%(value)s» está dos veces. Deje una, o cambie el nombre de la otra."),
    "quote_open": N_('Hay comillas sin cerrar, o cerradas a media celda. Dentro de una celda se escriben dobles: "".'),
    "cell_long": N_("La celda tiene más de %(most)s letras; quizá le faltan unas comillas de cierre."),
    "vcard_open": N_(
        "A la tarjeta que empieza aquí le falta END:VCARD: el archivo está cortado. Expórtelo otra vez de su libreta."
    ),
    "cell_nul": N_("La celda dice «%(value)s» y tiene caracteres nulos. Escríbala de nuevo."),
    # Addresses
    "email_missing": N_("Escriba el correo."),
    "email_form": N_("«%(value)s» no es un correo: se espera algo como nombre@ejemplo.org."),
    "email_accent": N_("El correo «%(value)s» tiene acentos o eñes antes de la arroba, y así no se puede entregar."),
    "email_domain": N_("En «%(value)s», lo que sigue a la arroba no es un dominio: se espera algo como ejemplo.org."),
    "phone_form": N_("«%(value)s» no es un número de teléfono: se espera algo como +52 55 5555 0100."),
    "phone_rounded": N_(
        "La hoja de cálculo redondeó el número: «%(value)s». Dé formato de texto a la columna y escríbalo de nuevo."
    ),
    "phone_short": N_("Al número «%(value)s» le faltan cifras: se esperan diez, o + con la clave del país."),
    "phone_long": N_("Al número «%(value)s» le sobran cifras: se esperan diez, o + con la clave del país."),
    "phone_unassigned": N_(
        "El número «%(value)s» no existe. Si es de fuera de México escríbalo con + y la clave del país, "
        "por ejemplo +1 212 555 0142."
    ),
    # Places
    "country_unknown": N_(
        "No se conoce el país «%(value)s»: escriba su nombre, como Estados Unidos, o su clave, como US."
    ),
    "timezone_unknown": N_("No se conoce la zona horaria «%(value)s»: se espera una como America/Chicago."),
    "language_other": N_(
        "El idioma «%(value)s» no es ninguno de los dos en que se escribe: es (español) o en (inglés)."
    ),
    # Consent
    "consent_channel": N_(
        "«%(value)s» no es una vía que escriba a una persona: se espera correo, whatsapp o * (ambas)."
    ),
    "consent_purpose": N_(
        "«%(value)s» no es una finalidad: se espera avisos, simulacros, eventos, boletines, observacion o * (todas)."
    ),
    "consent_source": N_("Falta decir dónde dio su consentimiento, por ejemplo «formulario del 13 de mayo»."),
    "consent_until": N_(
        "El consentimiento no puede terminar el %(value)s: el fin va después del día en que se dio y una baja no tiene."
    ),
    "consent_future": N_("El %(value)s todavía no llega. Escriba cuándo lo dijo la persona."),
    "consent_form": N_("«%(value)s» no es un día con su hora. Escriba, por ejemplo, 2025-06-20 11:40."),
    "confirm_asked": N_("Ya se le preguntó por correo. Se le puede preguntar otra vez desde el %(until)s."),
    "confirm_needless": N_("Ya aceptó todo eso: no hay nada que confirmar."),
    "confirm_refused": N_("%(gate)s Por eso no se le pregunta por correo."),
    "confirm_unknown": N_("El enlace no es de una solicitud para confirmar: «%(value)s»."),
    "confirm_used": N_("Ya lo había confirmado."),
    "confirm_late": N_("El plazo para confirmar terminó."),
    "confirm_withdrawn": N_("Después de la pregunta pidió no recibir mensajes."),
    "confirm_gone": N_("Sus datos se suprimieron: no hay nada que confirmar."),
    "link_recent": N_("Ya se le envió un enlace hace poco."),
    "consent_date": N_("La fecha del consentimiento, %(value)s, todavía no llega: hoy es %(today)s."),
    "notice_version": N_("Falta la versión del aviso de privacidad, por ejemplo 2025-06."),
    "notice_text": N_("El aviso de privacidad «%(value)s» no tiene texto."),
    "notice_unknown": N_("No hay un aviso de privacidad «%(value)s»."),
    "notice_language": N_(
        "El aviso «%(version)s» no se puede publicar en «%(value)s»: primero va el texto en español (es), después en."
    ),
    "notice_taken": N_(
        "El aviso de privacidad «%(value)s» ya está publicado con otro texto, y hay personas que aceptaron aquel. "
        "Publique este con otra versión."
    ),
    "notice_unpublished": N_(
        "El aviso de privacidad «%(value)s» no tiene texto aquí. Agréguelo con: outreach contacts notice publish "
        "%(value)s ARCHIVO"
    ),
    "consent_kept": N_("«%(value)s» pidió no recibir mensajes (%(ways)s): el archivo no cambia eso."),
    # People
    "name_missing": N_("Falta el nombre: se espera algo como Ana López."),
    "name_strange": N_("«%(value)s» tiene signos que un nombre no lleva. Escríbalo sin enlaces ni símbolos."),
    "field_long": N_("Hay más de %(most)s letras: «%(value)s…». Escriba un texto más corto."),
    "person_no_address": N_("Falta una dirección: se espera un correo, un teléfono o un WhatsApp."),
    "person_known": N_("«%(value)s» ya está, con esa dirección y ese nombre (ficha %(id)s)."),
    "address_known": N_("La persona ya tiene «%(value)s»."),
    "address_unknown": N_("Nadie tiene la dirección «%(value)s»."),
    "address_one": N_("«%(value)s» son varias direcciones: agréguelas de una en una."),
    "address_gone": N_(
        "La dirección %(value)s ya no está en esa ficha: quizá alguien la quitó. Vea la ficha de nuevo."
    ),
    "address_same": N_("«%(value)s» es la misma dirección. Escriba la corregida."),
    "address_state": N_("La dirección no admite ese cambio desde su estado de ahora. Vea en su página qué se puede."),
    "address_last_word": N_(
        "Con esa dirección la persona pidió no recibir más: no se corrige, ni se cierra, ni se quita. "
        "Vuelve a usarse cuando ella acepte de nuevo; si tiene otra, agréguela."
    ),
    "address_mark": N_("Una dirección no se marca así: se dice que rebotó, que no se alcanza o que se dio de baja."),
    "why_missing": N_("Falta el motivo: escriba en pocas palabras por qué."),
    "tag_unknown": N_("No hay ninguna etiqueta «%(value)s». Vea las que hay con outreach contacts tags list."),
    "tag_name": N_("Una etiqueta tiene de 1 a %(most)s letras, sin punto y coma: «%(value)s»."),
    "tags_many": N_("Son %(value)s etiquetas y una persona lleva hasta %(most)s."),
    "tag_taken": N_("Ya hay una etiqueta «%(value)s». Si son la misma, únalas."),
    "tag_same": N_("«%(value)s» es la misma etiqueta: elija otra con la que unirla."),
    "tag_used": N_("La etiqueta «%(value)s» no se elimina: preguntan por ella los segmentos %(holders)s."),
    "field_unknown": N_("«%(value)s» no es un dato de una persona. Los que hay son: %(known)s."),
    "whatsapp_same": N_("Dice «%(value)s», pero no hay un teléfono bueno al que se refiera. Escriba el número."),
    "person_erased": N_("Los datos de la persona %(value)s ya se suprimieron, a petición suya."),
    "address_suppressed": N_(
        "«%(value)s» fue suprimida a petición de la persona y no se agrega otra vez. Si ahora ella pide volver, use "
        "outreach contacts rights readmit."
    ),
    "address_not_suppressed": N_("«%(value)s» no está suprimida: puede agregarse sin más."),
    # Requests about personal data
    "right_kind": N_("«%(value)s» no es un derecho ARCO: se espera acceso, rectificacion, cancelacion u oposicion."),
    "request_unknown": N_("No hay ninguna solicitud «%(value)s». Vea las que hay con outreach contacts rights list."),
    "request_future": N_("La solicitud se recibió el %(value)s, y ese día todavía no llega: hoy es %(today)s."),
    "request_state": N_("La solicitud %(value)s ya se contestó, o ya se prorrogó una vez."),
    "request_kind": N_("Eso no es lo que pide la solicitud %(value)s."),
    "request_nobody": N_(
        "La solicitud %(value)s no es de una persona de la base: no hay nada que hacer con sus datos."
    ),
    "request_executed": N_("Lo que pide la solicitud %(value)s ya se hizo; lo hizo %(by)s."),
    "requester_missing": N_(
        "Falta quién la pide: elija a la persona, o escriba el nombre de quien no está en la base."
    ),
    "identity_missing": N_("Falta decir cómo se comprobó la identidad, por ejemplo «credencial para votar»."),
    "identity_unchecked": N_("Antes de hacerlo, anote cómo se comprobó que la solicitud %(value)s es de esa persona."),
    "extension_days": N_("Una prórroga es de 1 a %(most)s días hábiles, y aquí dice %(value)s."),
    "extension_late": N_("El plazo terminó el %(value)s: ya no se puede prorrogar. Conteste la solicitud."),
    "extension_reason": N_("Falta el motivo de la prórroga."),
    "answer_missing": N_("Falta la respuesta que se envió."),
    # People who are there twice
    "merge_alone": N_("Falta decir con quién se une la persona %(value)s."),
    "merge_many": N_("Son %(value)s personas: se unen hasta %(most)s a la vez."),
    "merge_same": N_("La persona %(value)s está dos veces: nadie se une consigo misma. Elija a otra."),
    "merge_erased": N_("La persona %(value)s pidió que se borraran sus datos: su ficha ya no se une ni se separa."),
    "merge_done": N_("La ficha %(value)s ya está unida a la ficha %(into)s. Una esa, o deshaga antes aquella unión."),
    "merge_choice": N_("El dato «%(where)s» no puede tomarse de la persona %(value)s: no es de las que se unen."),
    "merge_unknown": N_("No hay una unión %(value)s."),
    "merge_undone": N_("La unión %(value)s ya se deshizo, o ya no puede deshacerse."),
    "merge_later": N_("Después de la unión %(value)s hubo otra. Deshaga antes la unión %(id)s."),
    "keep_form": N_("«%(value)s» no se entiende: se espera algo como --keep nombre=48."),
    "dismissed_not": N_("Nadie anotó que %(value)s y %(other)s no sean la misma persona."),
    "person_merged": N_("La ficha %(value)s está unida a la ficha %(into)s: los cambios se hacen en esa."),
    # Networks
    "network_name": N_("El nombre de la red, «%(value)s», debe tener entre 1 y %(most)s letras."),
    "network_taken": N_("Ya hay una red que se llama «%(value)s». Elija otro nombre."),
    "network_kind": N_("«%(value)s» no es un tipo de red. Los que hay: %(allowed)s."),
    "network_closed": N_("La red «%(value)s» está cerrada: nadie puede entrar. Reábrala antes."),
    "network_open": N_("La red «%(value)s» no está cerrada."),
    "member_overlap": N_(
        "El %(value)s ya estaba en la red: salió el %(until)s. Escriba un día posterior a esa salida."
    ),
    "left_order": N_("No puede salir el %(value)s: entró, o tomó el liderazgo, el %(since)s."),
    "led_order": N_("El %(value)s es anterior al %(since)s, cuando entró a la red o cambió de papel por última vez."),
    "day_future": N_("El %(value)s todavía no llega: hoy es %(today)s."),
    "days_order": N_("El último día, %(value)s, es anterior al primero, %(since)s."),
    "chosen_unknown": N_(
        "No se encuentra a «%(value)s». Escriba su nombre completo, su correo, su número con + o su identificador."
    ),
    "chosen_several": N_("Hay varias personas que son «%(value)s». Escriba su correo, su número o su identificador."),
    "member_unknown": N_("La persona %(value)s no está en esa red."),
    "role_unknown": N_("No se conoce el rol «%(value)s»: se espera liderazgo o integrante."),
    "brought_self": N_("«%(value)s» es la misma persona: nadie se trae a sí misma a una red."),
    "brought_circle": N_(
        "«%(value)s» no puede haber invitado a «%(person)s»: llegó por ella, directa o indirectamente."
    ),
    "brought_round": N_(
        "«%(value)s» llegó por esta misma persona, directa o indirectamente: no pudo invitarla. Queda sin anotar."
    ),
    "brought_unknown": N_(
        "No se encuentra a «%(value)s», de quien se dice que trajo a esta persona. Queda sin anotar."
    ),
    "brought_several": N_("Hay varias personas que son «%(value)s». Escriba su correo o su número para saber cuál."),
    "left_before": N_(
        "«%(value)s» salió de la red «%(network)s» el %(day)s y un archivo no la regresa. Si volvió, agréguela a mano."
    ),
    # Organizations
    "organization_name": N_("El nombre de la organización, «%(value)s», debe tener entre 1 y %(most)s letras."),
    "organization_taken": N_("Ya hay una organización que se llama «%(value)s». Elija otro nombre."),
    "organization_kind": N_("«%(value)s» no es un tipo de organización. Los que hay: %(allowed)s."),
    "web_form": N_("«%(value)s» no es la dirección de una página: se espera algo como https://www.ejemplo.org."),
    "affiliated_already": N_("«%(value)s» ya está en «%(organization)s»."),
    "affiliation_unknown": N_("La persona %(value)s no está en esa organización."),
    "main_left": N_("Quien ya se fue (%(value)s) no puede ser el contacto principal."),
    # Columns of a file of people
    "map_header": N_("El archivo no tiene la columna «%(value)s». Tiene: %(found)s."),
    "map_field": N_("«%(value)s» no es un dato de una persona. Los que hay son: %(known)s."),
    "map_form": N_('«%(value)s» no se entiende: se espera algo como --map "Nombre completo=nombre".'),
    "column_twice": N_("Las columnas «%(first)s» y «%(value)s» dicen lo mismo (%(field)s). Deje una."),
    "row_long": N_("El renglón tiene más celdas que el encabezado: sobra «%(value)s». Quizá falten unas comillas."),
    "option_needs": N_("%(value)s va junto con %(needed)s."),
}

ADDRESS_KINDS: dict[str, str] = {
    AddressKind.EMAIL: N_("Correo"),
    AddressKind.PHONE: N_("Teléfono"),
    AddressKind.WHATSAPP: N_("WhatsApp"),
    AddressKind.SCOPED: N_("Identificador de WhatsApp"),
}

ADDRESS_STATES: dict[str, str] = {
    AddressState.NEW: N_("sin comprobar"),
    AddressState.VERIFIED: N_("comprobada"),
    AddressState.BOUNCED: N_("rebotó"),
    AddressState.UNREACHABLE: N_("inalcanzable"),
    AddressState.COMPLAINED: N_("se quejó"),
    AddressState.OPTED_OUT: N_("dada de baja"),
    AddressState.CLOSED: N_("cerrada"),
}

RIGHTS: dict[str, str] = {
    Right.ACCESS: N_("Acceso"),
    Right.RECTIFICATION: N_("Rectificación"),
    Right.CANCELLATION: N_("Cancelación"),
    Right.OPPOSITION: N_("Oposición"),
}

STANDINGS: dict[str, str] = {
    Standing.OPEN: N_("Abierta"),
    Standing.EXTENDED: N_("Prorrogada"),
    Standing.ANSWERED: N_("Contestada"),
    Standing.OVERDUE: N_("Vencida"),
}

ORGANIZATION_KINDS: dict[str, str] = {
    OrganizationKind.CONSULATE: N_("Consulado"),
    OrganizationKind.OSC: N_("Organización de la sociedad civil"),
    OrganizationKind.UNIVERSITY: N_("Universidad"),
    OrganizationKind.ELECTORAL: N_("Organismo electoral"),
    OrganizationKind.ALLY: N_("Aliado"),
    OrganizationKind.OTHER: N_("Otro tipo"),
}

DECISIONS: dict[str, str] = {
    Decision.GRANTED: N_("Alta"),
    Decision.WITHDRAWN: N_("Baja"),
    Decision.ASKED: N_("Se le preguntó"),
}

PURPOSES: dict[str, str] = {
    Purpose.NOTICES: N_("Avisos de la Consulta"),
    Purpose.SIMULACROS: N_("Simulacros del SEI"),
    Purpose.EVENTS: N_("Eventos"),
    Purpose.BULLETINS: N_("Boletines"),
    Purpose.OBSERVATION: N_("Observación"),
}

EVIDENCE_KINDS: dict[str, str] = {
    EvidenceKind.FORM: N_("Entrada de un formulario"),
    EvidenceKind.REPLY: N_("Lo que escribió"),
    EvidenceKind.FILE: N_("Renglón de un archivo"),
    EvidenceKind.PAPER: N_("Papel firmado"),
    EvidenceKind.LINK: N_("Enlace que abrió"),
    EvidenceKind.NOTE: N_("Nota de quien lo anotó"),
}
