"""Write docs/settings.md and .env.example from the settings themselves: `settings.py`."""

from dataclasses import fields
from pathlib import Path

from outreach import i18n
from outreach.config import Settings

ROOT = Path(__file__).resolve().parents[1]
PAGE, EXAMPLE = ROOT / "docs" / "settings.md", ROOT / ".env.example"
BEGIN = "<!-- The table is written by tools/settings.py from outreach/config.py. -->\n"
END = "<!-- End of the table. -->\n"
SECRET = {True: "sí · yes", False: ""}
COLUMNS = """
| ajuste · setting | si no se dice · default | qué es | what it is | secreto · secret |
|---|---|---|---|---|
"""
HEAD = """# Modelo de ajustes: copie este archivo como .env, quite el # de lo que cambie y escriba su valor.
# A model of settings: copy this file as .env, take the # from what you change and write its value.
# docs/settings.md
"""


def _about(text: str, language: str) -> str:
    with i18n.speaking(language):
        return i18n.gettext(text)


def page() -> str:
    """Return docs/settings.md with its table as the code has it; the rest of the page stays."""
    rows = []
    for item in fields(Settings):
        about = item.metadata
        texts = [_about(about["about"], language) for language in i18n.LANGUAGES]
        cells = [f"`{about['name']}`", about["default"] and f"`{about['default']}`", *texts, SECRET[about["secret"]]]
        rows.append(f"| {' | '.join(cells)} |\n")
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _old, end, after = rest.partition(END)
    return "".join([before, begin, COLUMNS, *rows, "\n", end, after])


def example() -> str:
    """Return .env.example: every setting with its default, commented out."""
    parts = [HEAD]
    for item in fields(Settings):
        texts = "".join(f"# {_about(item.metadata['about'], language)}\n" for language in i18n.LANGUAGES)
        name, value = item.metadata["name"], item.metadata["default"]
        parts.append(f"\n{texts}#{name}={repr(value) if ' ' in value else value}\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    EXAMPLE.write_text(example(), encoding="utf-8")
