"""A small plan: three days of May, a handful of people, one of each thing that can happen."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from outreach import plans
from outreach.config import Settings
from outreach.informes import definition
from outreach.plans import Plan
from outreach.rehearsal import Rehearsed, rehearse

PEOPLE = """\
nombre,correo,whatsapp,pais,ciudad,zona
Ana Jacaranda,ana@example.org,+12135550101,US,Los Ángeles,America/Los_Angeles
Beto Nopal,rebota.beto@example.org,+34600000101,ES,Madrid,Europe/Madrid
Dora Mezquite,dora@example.org,+818000000101,JP,Tokio,Asia/Tokyo
Emi Zapote,emi@example.org,+34600000102,ES,Madrid,Europe/Madrid
Fer Copal,fer@example.org,,GB,Londres,Europe/London
"""
STRANGERS = "nombre,correo,whatsapp,pais\nCarla Tule,carla@example.org,+34600000105,ES\n"
ENTRIES = """\
fecha,hora,canal,clase,informacion,organizacion
2025-05-13,12:00,micrositio,noticia,Nota del micrositio,
2025-05,,correo,observacion,Lineamientos,
2025-05-20,,reunion,reunion,Después del ensayo,INE
"""
DEFINITION = """\
title = "Ensayo, {periodo}"
[[table]]
id = "todo"
title = "Todo"
rows = "each"
columns = [
  { header = "Fecha", value = "date" },
  { header = "Vía", value = "canal" },
  { header = "Información", value = "informacion" },
  { header = "Personas", value = "destinatarios" },
]
"""
PLAN = """\
titulo = "Tres días"
desde = 2025-05-12
hasta = 2025-05-14
definicion = "todo.toml"
[aviso]
version = "2025-05"
archivo = "aviso.txt"
[equipo]
publica = "Inés Ahuehuete"
minutos = [20]
[[red]]
nombre = "Red"
tipo = "grupo"
[[contactos]]
archivo = "gente.csv"
red = "Red"
consentimiento = "Formulario"
fecha = 2025-05-01
[[contactos]]
archivo = "otra.csv"
red = "Red"
[[registro]]
archivo = "anotadas.csv"
[[plantilla]]
sid = "HX00000000000000000000000000000001"
nombre = "paso"
cuerpo = "Hola, {{1}}"
[[plantilla]]
sid = "HX00000000000000000000000000000002"
nombre = "promo"
categoria = "MARKETING"
cuerpo = "Venga, {{1}}"
[[respuesta]]
persona = "+34600000102"
cuando = "2025-05-12T11:00"
texto = "baja"
[[baja]]
persona = "fer@example.org"
cuando = "2025-05-12T12:00"

[[campana]]
titulo = "Aviso"
clase = "invitacion"
informacion = "El aviso"
canales = ["correo"]
redes = ["Red"]
fechas = ["2025-05-12T10:00", "2025-05-13T10:00"]
[campana.correo]
asunto = "Aviso para {{ nombre_de_pila }}"
texto = "Vive en {{ ciudad }}."

[[campana]]
titulo = "Paso"
clase = "simulacro"
informacion = "El paso"
canales = ["whatsapp"]
redes = ["Red"]
cuando = "2025-05-12T12:30"
[campana.whatsapp]
plantilla = "paso"
valores = { 1 = "{{ nombre_de_pila }}" }

[[campana]]
titulo = "Promoción"
clase = "recordatorio"
informacion = "La promoción"
canales = ["whatsapp"]
redes = ["Red"]
cuando = "2025-05-13T09:00"
[campana.whatsapp]
plantilla = "promo"
valores = { 1 = "{{ nombre_de_pila }}" }

[[campana]]
titulo = "Cartel"
clase = "difusion"
informacion = "El cartel en grupos"
canales = ["whatsapp-grupo"]
redes = ["Red"]
cuando = "2025-05-14T10:00"
[campana.grupo]
texto = "El cartel"

[[campana]]
titulo = "Abril"
clase = "invitacion"
informacion = "Ya pasó"
canales = ["correo"]
redes = ["Red"]
cuando = "2025-04-01T10:00"
[campana.correo]
asunto = "Abril"
texto = "Abril"

[[campana]]
titulo = "Junio"
clase = "invitacion"
informacion = "Todavía no"
canales = ["correo"]
redes = ["Red"]
cuando = "2025-06-01T10:00"
[campana.correo]
asunto = "Junio"
texto = "Junio"
"""
FIRST, LAST = date(2025, 5, 12), date(2025, 5, 14)


def _write(folder: Path, text: str = PLAN) -> Path:
    files = {
        "plan.toml": text,
        "gente.csv": PEOPLE,
        "otra.csv": STRANGERS,
        "anotadas.csv": ENTRIES,
        "todo.toml": DEFINITION,
        "aviso.txt": "Aviso de muestra",
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder / "plan.toml"


def _read(folder: Path, text: str = PLAN) -> Plan:
    return plans.read(_write(folder, text))


def _play(plan: Plan, data: Path, first: date = FIRST, last: date = LAST) -> Rehearsed:
    settings = Settings.read({"OUTREACH_DATA": str(data)})
    assert plan.definition
    return rehearse(plan, definition.read(plan.definition), first, last, settings)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rehearsed, Path]:
    """The small plan, rehearsed once a module, with the data folder that it left."""
    folder = tmp_path_factory.mktemp("ensayo")
    return _play(_read(folder / "plan"), folder / "datos"), folder / "datos"


@pytest.fixture
def plan_text() -> str:
    return PLAN


@pytest.fixture
def write_plan() -> Callable[..., Path]:
    return _write


@pytest.fixture
def read_plan() -> Callable[..., Plan]:
    return _read


@pytest.fixture
def play() -> Callable[..., Rehearsed]:
    return _play
