"""The words for the codes of the area `campaigns`: drafts, contents, schedules, tasks, doubts."""

from outreach.words import N_

FAULTS: dict[str, str] = {
    "field_missing": N_("Falta «%(where)s»."),
    "text_control": N_("«%(where)s» tiene letras que no se ven (%(value)s). Escríbalo de nuevo."),
    "extra_own": N_("«%(value)s» es una columna propia del registro: la llena la campaña con sus otros datos."),
    "mjml_empty": N_("La carta no dice nada: su MJML no tiene texto."),
    "campaign_unknown": N_("No hay ninguna campaña %(value)s. Véalas con: outreach campaigns list"),
    "campaign_twice": N_("Ya existe una campaña con la clave «%(value)s»."),
    "campaign_automatic": N_(
        "Estos mensajes los manda la plataforma a quien tiene que confirmar: no se cambian ni se programan a mano."
    ),
    "campaign_running": N_("La campaña %(value)s ya se está enviando: páusela y cree otra, o espere a que termine."),
    "campaign_held": N_(
        "Un envío de la campaña %(value)s espera su decisión: si también se envía ahora, las personas pueden recibirlo "
        "dos veces. Decida antes, en su página o con: outreach campaigns held %(value)s"
    ),
    "campaign_sending": N_("La campaña %(value)s ya está saliendo: nadie la recibe dos veces. Espere a que termine."),
    "campaign_paused": N_("La campaña %(value)s está en pausa: reanúdela primero."),
    "campaign_ended": N_("La campaña %(value)s ya terminó o se canceló; cree otra para volver a enviar."),
    "transition": N_("La campaña está «%(value)s» y desde ahí no puede pasar a «%(target)s»."),
    "content_missing": N_("Falta el contenido: al menos un idioma con su texto."),
    "language_unknown": N_("El idioma «%(value)s» no está entre los que se envían: %(allowed)s."),
    "language_twice": N_("El idioma «%(value)s» aparece dos veces."),
    "channel_unknown": N_("El canal «%(value)s» no se envía desde aquí. Puede ser: %(allowed)s."),
    "channel_alone": N_(
        "«whatsapp-grupo» va solo: publicar en un grupo es tarea de una persona. Haga otra campaña para %(value)s."
    ),
    "audience_missing": N_("Falta a quién se envía: al menos una red, un segmento o una persona."),
    "network_unknown": N_("No hay ninguna red «%(value)s». Las que hay: %(allowed)s."),
    "network_no_group": N_("La red «%(value)s» no es un grupo de WhatsApp: no se publica en ella."),
    "network_shut": N_("La red «%(value)s» está cerrada y no tiene a nadie: quítela, o reábrala."),
    "group_people": N_("«%(value)s» es una persona y en un grupo se publica para todas: deje sólo redes."),
    "person_unknown": N_("No hay ninguna persona «%(value)s». Escriba su correo, su número con + o su identificador."),
    "zone_unknown": N_("La zona «%(value)s» no existe. Escriba una como America/Mexico_City."),
    "late_unknown": N_("«%(value)s» no es una opción: enviar, omitir o preguntar."),
    "moment_form": N_("«%(value)s» no es una fecha con hora. Escriba una como 2025-04-09T10:00."),
    "moment_zone": N_("«%(value)s» trae su propia zona: escriba la hora local y la zona en «zona»."),
    "recurrence_often": N_(
        "La repetición «%(value)s» enviaría más de una vez al día. Escriba una por día, semana, mes o año, como "
        "FREQ=WEEKLY;BYDAY=FR."
    ),
    "recurrence_form": N_("La repetición «%(value)s» no se entiende. Escriba una como FREQ=WEEKLY;BYDAY=FR."),
    "recurrence_start": N_("La repetición «%(value)s» necesita desde cuándo: una primera fecha con hora."),
    "schedule_empty": N_("La campaña %(value)s no tiene fecha. Póngale una o envíela ya."),
    "schedule_past": N_("Todas las fechas pasaron; la última fue %(value)s."),
    "template_unknown": N_(
        "No hay ninguna plantilla de WhatsApp «%(value)s». Tráigalas con «outreach campaigns templates sync» o "
        "anótela con «outreach campaigns templates add»."
    ),
    "template_value_missing": N_("A la plantilla le falta el valor %(value)s."),
    "template_value_extra": N_("La plantilla no tiene el valor %(value)s."),
    "placeholder_syntax": N_("Un marcador está mal escrito (%(value)s). Se escriben así: {{ nombre }}."),
    "placeholder_unknown": N_("No existe el marcador «%(value)s». Los que hay: %(allowed)s."),
    "filter_unknown": N_("No existe el filtro «%(value)s». Los que hay: %(allowed)s."),
    "placeholder_forbidden": N_(
        "«%(value)s» no se permite en un mensaje: sólo marcadores, condiciones («if») y los filtros de la guía."
    ),
    "placeholder_deep": N_("Hay demasiadas condiciones o paréntesis unos dentro de otros: sepárelos."),
    "text_long": N_("El texto tiene %(value)s caracteres; caben %(most)s."),
    "mjml_form": N_("El MJML no se pudo leer: %(value)s."),
    "task_unknown": N_("No hay ninguna tarea %(value)s. Véalas con: outreach campaigns tasks"),
    "task_done": N_("La tarea %(value)s ya la publicó %(by)s."),
    "members_form": N_("«%(value)s» no es un número de integrantes: escriba un entero, de 0 en adelante."),
    "stop_reason": N_("Falta el motivo: todas las páginas lo dirán."),
    "stop_long": N_("El motivo tiene %(value)s letras; caben %(most)s."),
    "stopped_already": N_("Todo el envío ya está detenido por %(value)s: %(reason)s"),
    "not_stopped": N_("El envío no está detenido."),
    "held_choice": N_("Diga la campaña y qué hacer con su envío: --send o --drop, no los dos."),
    "held_none": N_(
        "La campaña %(value)s no tiene un envío como el que indica que espere su decisión: no se cambió nada. Véalos "
        "con «outreach campaigns held»."
    ),
    "held_several": N_(
        "La campaña %(value)s tiene varios envíos que esperan (corridas %(runs)s). Diga cuál con --run."
    ),
    "doubt_cancelled": N_("La campaña %(value)s está cancelada: nada de ella puede salir ya."),
    "template_sid": N_("«%(value)s» no es el identificador de una plantilla: HX y 32 cifras hexadecimales."),
    "template_language": N_("El idioma «%(value)s» no está entre los de las plantillas: es, en."),
    "twilio_keys_missing": N_("Faltan las llaves de Twilio (%(where)s): sin ellas no hay cuenta a la que preguntar."),
}
