"""What a definition may say. Every fault is collected with its line; nothing is raised before the end.

Codes, besides those of `values`: `definition_key_rows` (a key known, but not for these rows), `definition_rows`,
`definition_id`, `definition_id_twice`, `definition_locale`, `definition_zone`, `definition_placeholder`,
`definition_label`, `definition_column`, `definition_where_value`, `definition_field`, `definition_value` (neither a
field nor one of the special values), and `definition_` with the codes of `patterns.fault`.
"""

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError

from contacts.errors import Fault
from outreach.i18n import LANGUAGES, LOCALES
from outreach.informes import patterns, period
from outreach.informes.dates import DateStyle
from outreach.informes.model import COUNTS, SPECIAL_VALUES, Column, Definition, Rows, Selection, TableDefinition
from outreach.informes.places import KeyPath
from outreach.informes.text import Template
from outreach.informes.values import Group, Values, as_text

TOP_KEYS = ("title", "locale", "timezone", "fields", "table")
COLUMN_KEYS = ("header", "value", "text", "merge")
_ANY = ("id", "title", "intro", "where", "not", "rows", "empty")
_DATED = ("columns", "date", "capitalize", "date_month", "date_end")
TABLE_KEYS: Mapping[Rows, tuple[str, ...]] = {
    Rows.EACH: (*_ANY, *_DATED),
    Rows.MONTH: (*_ANY, *_DATED, "split", "labels", "order"),
    Rows.TOPIC: (*_ANY, *_DATED, "labels", "order"),
    Rows.CROSS: (*_ANY, "down", "across", "down_order", "across_order", "labels"),
}
EVERY_TABLE_KEY = tuple(dict.fromkeys(key for keys in TABLE_KEYS.values() for key in keys))
_DEFAULT_LOCALE = LOCALES["es"]
_DEFAULT_ZONE = "America/Mexico_City"


class Validation(Values):
    """One walk over what one file says."""

    def __init__(self, values: Group, lines: Mapping[KeyPath, int], file: str) -> None:
        super().__init__(lines, file)
        self.values = values
        self.uses: list[tuple[str, Fault]] = []
        self.ids: list[str] = []
        self.locale = _DEFAULT_LOCALE

    def definition(self, name: str, source: str) -> Definition:
        """Return the definition; it is good when `faults` is empty afterwards. `source` is kept for the digest."""
        self.keys(self.values, (), TOP_KEYS)
        self.locale = self._locale()
        tables = self.groups(self.values, (), "table")
        self.ids = [str(table.get("id", "")) for table in tables]
        self.names.update({("table", index): table_id for index, table_id in enumerate(self.ids)})
        return Definition(
            name=name,
            title=self._title(self.values, (), "title", required=True),
            tables=tuple(self._table(table, ("table", index)) for index, table in enumerate(tables)),
            locale=self.locale,
            timezone=self._zone(),
            fields=self.texts(self.values, (), "fields"),
            source=source,
            uses=tuple(self.uses),
        )

    def _locale(self) -> Locale:
        wanted = self.text(self.values, (), "locale")
        if not wanted:
            return _DEFAULT_LOCALE
        try:
            locale = Locale.parse(wanted.replace("-", "_"))
        except (UnknownLocaleError, ValueError, TypeError):
            locale = None
        if locale is None or locale.language not in LANGUAGES:
            self.refuse("definition_locale", ("locale",), wanted, allowed=", ".join(map(str, LOCALES.values())))
            return _DEFAULT_LOCALE
        return locale

    def _zone(self) -> str:
        wanted = self.text(self.values, (), "timezone") or _DEFAULT_ZONE
        try:
            ZoneInfo(wanted)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.refuse("definition_zone", ("timezone",), wanted)
        return wanted

    def _table(self, values: Group, path: KeyPath) -> TableDefinition:
        rows = self._rows(values, path)
        self._table_keys(values, path, rows)
        where, excluded = self._where(values, path)
        return TableDefinition(
            id=self._id(values, path),
            title=self._title(values, path, "title", required=True),
            intro=self._title(values, path, "intro"),
            rows=rows or Rows.EACH,
            columns=() if rows is Rows.CROSS else self._columns(values, path, rows),
            dates=DateStyle(
                self.locale,
                pattern=self._pattern(values, path, "date", patterns.DAY_FIELDS),
                month=self._pattern(values, path, "date_month", patterns.MONTH_FIELDS),
                capitalize=self.flag(values, path, "capitalize"),
                end=self.text(values, path, "date_end"),
            ),
            where=where,
            excluded=excluded,
            split=tuple(self._field(name, (*path, "split")) for name in self.texts(values, path, "split")),
            labels=self._labels(values, path),
            order=self.texts(values, path, "order"),
            down=self._axis(values, path, "down", rows),
            across=self._axis(values, path, "across", rows),
            down_order=self.texts(values, path, "down_order"),
            across_order=self.texts(values, path, "across_order"),
            empty=self._title(values, path, "empty", required=True) if "empty" in values else None,
        )

    def _rows(self, values: Group, path: KeyPath) -> Rows | None:
        if "rows" not in values:
            self.refuse("definition_lacks", path, "rows")
            return None
        try:
            return Rows(values["rows"])  # type: ignore[arg-type]  # whatever it is: what is no kind of rows is refused
        except ValueError:
            self.refuse("definition_rows", (*path, "rows"), values["rows"], allowed=", ".join(Rows))
            return None

    def _table_keys(self, values: Group, path: KeyPath, rows: Rows | None) -> None:
        if rows is None:  # which keys are right cannot be said yet
            self.keys(values, path, EVERY_TABLE_KEY)
            return
        allowed = ", ".join(TABLE_KEYS[rows])
        for key in values:
            if key not in EVERY_TABLE_KEY:
                self.refuse("definition_key", (*path, key), key, allowed=allowed)
            elif key not in TABLE_KEYS[rows]:
                self.refuse("definition_key_rows", (*path, key), key, allowed=allowed, rows=rows)

    def _id(self, values: Group, path: KeyPath) -> str:
        name = self.text(values, path, "id", required=True)
        if name and not re.fullmatch(r"\w[\w-]{0,59}", name):
            self.refuse("definition_id", (*path, "id"), name)
        index = path[-1]
        assert isinstance(index, int)
        if name and name.lower() in {other.lower() for other in self.ids[:index]}:
            self.refuse("definition_id_twice", (*path, "id"), name)
        return name

    def _columns(self, values: Group, path: KeyPath, rows: Rows | None) -> tuple[Column, ...]:
        if rows is None and "columns" not in values:  # perhaps a cross-table: its rows are what is to be mended
            return ()
        return tuple(
            self._column(column, (*path, "columns", index), rows)
            for index, column in enumerate(self.groups(values, path, "columns"))
        )

    def _column(self, values: Group, path: KeyPath, rows: Rows | None) -> Column:
        self.keys(values, path, COLUMN_KEYS)
        if ("value" in values) == ("text" in values):
            self.refuse("definition_column", path, "value, text")
        if "header" not in values:
            self.refuse("definition_lacks", path, "header")
        value = self.text(values, path, "value", required="value" in values)
        text = self.template(values, path, "text") if "text" in values else None
        for key, names in (("value", [value] if value else []), ("text", text.names if text else ())):
            for name in dict.fromkeys(names):
                if name == "label" and rows is Rows.EACH:
                    self.refuse("definition_label", (*path, key), name)
                elif name not in SPECIAL_VALUES:
                    self._field(name, (*path, key), "definition_value")
        return Column(self.text(values, path, "header"), value, text, self.flag(values, path, "merge"))

    def _where(self, values: Group, path: KeyPath) -> tuple[Selection, tuple[Selection, ...]]:
        where = self.group(values, path, "where")
        excluded = [self._selection(self.group(values, path, "not"), (*path, "not"))]
        if isinstance(where.get("not"), dict):  # `where = { …, not = { … } }` says the same
            inner = (*path, "where", "not")
            excluded.append(self._selection(self.group(where, inner[:-1], "not"), inner))
            where = {key: value for key, value in where.items() if key != "not"}
        return self._selection(where, (*path, "where")), tuple(item for item in excluded if item.conditions)

    def _selection(self, values: Group, path: KeyPath) -> Selection:
        conditions = []
        for name, wanted in values.items():
            here = (*path, name)
            items = [as_text(item) for item in (wanted if isinstance(wanted, list) else [wanted])]
            texts = frozenset(item for item in items if item is not None)
            if not items or None in items:
                self.refuse("definition_where_value", here, wanted)
            conditions.append((self._field(name, here), texts))
        return Selection(tuple(conditions))

    def _labels(self, values: Group, path: KeyPath) -> Mapping[str, str]:
        labels = self.group(values, path, "labels")
        return {key: self.text(labels, (*path, "labels"), key) for key in labels}

    def _axis(self, values: Group, path: KeyPath, key: str, rows: Rows | None) -> str:
        name = self.text(values, path, key, required=rows is Rows.CROSS)
        return self._field(name, (*path, key)) if name else ""

    def _pattern(self, values: Group, path: KeyPath, key: str, allowed: str) -> str:
        pattern = self.text(values, path, key)
        code = patterns.fault(pattern, allowed) if isinstance(values.get(key), str) else ""
        if code:
            self.refuse(f"definition_{code}", (*path, key), pattern, allowed=" ".join(allowed))
        return pattern

    def _title(self, values: Group, path: KeyPath, key: str, *, required: bool = False) -> Template:
        template = self.template(values, path, key, required=required)
        allowed = [*period.NAMES, *COUNTS]
        for name in dict.fromkeys(template.names):
            table, dot, count = name.rpartition(".")
            if name not in allowed and not (dot and table in self.ids and count in COUNTS):
                others = [f"{other}.{COUNTS[0]}" for other in dict.fromkeys(self.ids) if other]
                self.refuse("definition_placeholder", (*path, key), name, allowed=", ".join([*allowed, *others]))
        return template

    def _field(self, name: str, path: KeyPath, code: str = "definition_field") -> str:
        """Note the use of a field; whether the register knows it is asked later. Returns the name."""
        self.uses.append((name, self.fault(code, path, name)))
        return name
