"""The informe as JSON, for other programs. The form is docs/informe-definition.md, §3."""

import json
from pathlib import Path

from outreach.i18n import speaking
from outreach.informes.report import Report


def content(report: Report) -> dict[str, object]:
    """Return what the file holds. Titles and intros keep their `**bold**` marks; `empty` stands where rows are none."""
    with speaking(report.language):
        return {
            "title": report.title,
            "from": report.start.isoformat(),
            "to": report.end.isoformat(),
            "timezone": report.timezone,
            "as_of": report.as_of.isoformat(timespec="seconds"),
            "digest": report.digest,
            "tables": [
                {
                    "id": table.id,
                    "title": table.title,
                    "intro": table.intro,
                    "columns": list(table.columns),
                    "rows": [list(row) for row in table.rows],
                }
                | ({} if table.rows else {"empty": table.empty})
                for table in report.tables
            ],
            "warnings": warnings(report),
        }


def warnings(report: Report) -> list[dict[str, object]]:
    """Return the warnings, in the language in force; `table` is "" for the whole informe, `row` null for a table."""
    return [
        {"table": remark.table, "row": remark.row, "code": remark.code, "message": remark.message}
        for remark in report.remarks
    ]


def write(report: Report, path: Path) -> list[Path]:
    """Write the report to `path`; returns what was written."""
    path.write_text(json.dumps(content(report), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [path]
