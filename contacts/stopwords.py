"""Whether a reply asks us to stop. The answer closes a channel at once: a miss and a false alarm are both grave."""

import re

from contacts.folding import fold_words

#: The message is one of these, and nothing but greetings and thanks beside it: «Baja California» is no opt-out.
WORDS = re.compile(
    "bajas?|alto|stop|stopall|cancelar?|cancel|detener|detengan|unsubscribe|desuscribir|desuscribirme|end|quit|remove"
)
#: The message begins with one of these.
PHRASES = (
    "no quiero recibir",
    "no quiero que me escriban",
    "no quiero que me manden",
    "no quiero que me envien",
    "no quiero mas mensajes",
    "no quiero mas correos",
    "no deseo recibir",
    "no me interesa recibir",
    "no me escriban",
    "no me escriba mas",
    "no me manden",
    "no me mande mas",
    "no me envien",
    "no me envie mas",
    "no enviar mas",
    "no mas mensajes",
    "dejen de escribirme",
    "dejen de mandarme",
    "dejen de enviarme",
    "deje de escribirme",
    "deje de enviarme",
    "quiero darme de baja",
    "quiero la baja",
    "quiero mi baja",
    "deseo darme de baja",
    "solicito mi baja",
    "solicito la baja",
    "solicito baja",
    "darme de baja",
    "darse de baja",
    "dar de baja",
    "denme de baja",
    "deme de baja",
    "dame de baja",
    "cancelar suscripcion",
    "cancelar mi suscripcion",
    "cancelar la suscripcion",
    "cancelar mensajes",
    "quitenme de la lista",
    "saquenme de la lista",
    "borrenme de la lista",
    "eliminenme de la lista",
    "stop sending",
    "stop messaging",
    "stop texting",
    "unsubscribe me",
    "remove me",
    "do not contact me",
    "don t contact me",
    "do not send me",
    "don t send me",
    "i do not want to receive",
    "i don t want to receive",
)
_COURTESY = re.compile(
    "hola|buen|buen[oa]s|dias?|tardes|noches|disculpen?|perdon|por|favor|porfa|porfavor|muchas|gracias|"
    "please|thanks?|you|hello|hi|ya|ahora"
)


def stop_word(text: str) -> str:
    """Return the stop word or phrase of a message, in capitals and without accents; "" when it does not ask to stop."""
    tokens = fold_words(text).split()
    asked = [token for token in tokens if not _COURTESY.fullmatch(token)]
    if asked and all(WORDS.fullmatch(token) for token in asked):
        return asked[0].upper()
    while tokens and _COURTESY.fullmatch(tokens[0]):
        tokens.pop(0)
    message = " ".join(tokens) + " "
    return next((phrase.upper() for phrase in PHRASES if message.startswith(f"{phrase} ")), "")
