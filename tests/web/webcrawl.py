"""Walks through the pages: follows links, reads what a page holds, lists the addresses of the application."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit


class Page(HTMLParser):
    """Gathers what a strict policy forbids, and where a page leads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.links: list[str] = []
        self.forms: list[tuple[str, str]] = []
        self.tokens = 0
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str]] = []
        self.headings: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._judge(tag, found)
        self.links += [found[name] for name in ("src", "href", "hx-get") if found.get(name)]
        if tag == "form":
            self.forms.append((found.get("method", "get"), found.get("action", "")))
        if found.get("name") == "csrf_token":
            self.tokens += 1
        elif tag in {"input", "select", "textarea"} and found.get("type") not in {"hidden", "submit"}:
            self.fields.append(found)
        self.labels |= {found["for"]} if tag == "label" and "for" in found else set()
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.ids += [found["id"]] if "id" in found and tag != "pattern" else []

    def _judge(self, tag: str, found: dict[str, str]) -> None:
        self.bad += [f"<{tag} {name}>" for name in found if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and not found.get("src")):
            self.bad.append(f"inline <{tag}>")
        if found.get("href", "").startswith("javascript:"):
            self.bad.append("javascript:")


def crawl(visitor, each: int = 4) -> dict[str, tuple[int, str, str]]:
    """Follow every link from the first page; some addresses of each shape are enough."""
    seen: dict[str, tuple[int, str, str]] = {}
    shapes: dict[str, int] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop(0)
        shape = re.sub(r"\d+", "N", path)
        if path in seen or shapes.get(shape, 0) >= each:
            continue
        shapes[shape] = shapes.get(shape, 0) + 1
        answer = visitor.get(path)
        text = answer.text if answer.mimetype == "text/html" and "attachment" not in str(answer.headers) else ""
        seen[path] = (answer.status_code, text, answer.headers.get("Content-Security-Policy", ""))
        for link in Page(text).links if text else []:
            target = urljoin(path, link)
            if not urlsplit(target).netloc and not target.startswith("/static/"):
                waiting.append(target.partition("#")[0])
    return seen


def addresses(app) -> list[tuple[str, str, str]]:
    """Every endpoint, method and address of the application, with numbers in their places."""
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:[^>]+>", "1", rule.rule)
        path = path.replace("<any(docx, xlsx, csv, html, json):form>", "json").replace("<name>", "trimestral")
        path = path.replace("<any(enviar, programar, cancelar):act>", "enviar").replace("<path:filename>", "app.css")
        path = re.sub(r"<(path:)?\w+>", "algo", path)
        found += [(rule.endpoint, method, path) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found
