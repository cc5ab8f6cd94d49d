"""WhatsApp templates of the account: Twilio's Content API, and what the simulator is told of them."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from outreach.simulator.core import Core
from outreach.simulator.letters import placeholders
from outreach.simulator.server import Request, Response

SID = re.compile(r"HX[0-9a-fA-F]{32}")
HOST = "https://content.twilio.com"
REVIEW = 3600.0  # seconds that Meta takes; one short delay where time is real
CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
REJECTED = "rechaza"  # a template whose name begins so is rejected
SUFFERS = {"rejected": 63040, "paused": 63041, "disabled": 63042}  # what a message with such a template fails with


@dataclass(slots=True)
class Account:
    """Whose messages and templates these are. The token signs what is posted to the platform."""

    sid: str
    token: str


@dataclass(slots=True, kw_only=True)
class Template:
    """One template. `status` is Meta's word for it, `unsubmitted` before anybody asked for approval."""

    sid: str
    name: str
    body: str
    category: str = "UTILITY"
    language: str = "es"
    status: str = "approved"
    types: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    made: datetime
    submitted: datetime | None = None


Lookup = Callable[[str], Template | None]


class Templates:
    """The templates of one account."""

    def __init__(self, core: Core, account: Account, lookup: Lookup | None = None) -> None:
        self.core = core
        self.account = account
        self.lookup = lookup
        self.found: dict[str, Template] = {}

    @property
    def strict(self) -> bool:
        """Whether an unknown SID is refused: only an account that was told of its templates can say so."""
        return self.lookup is not None or bool(self.found)

    def get(self, sid: str) -> Template | None:
        """Return a template, asking whoever keeps them where the simulator does not know it."""
        template = self.found.get(sid) or (self.lookup(sid) if self.lookup else None)
        if template and template.submitted and template.status == "received":
            wait = REVIEW if self.core.delay is None else self.core.delay
            if self.core.clock.now() >= template.submitted + timedelta(seconds=wait):
                template.status = "rejected" if template.name.startswith(REJECTED) else "approved"
        return template

    def add(self, template: Template) -> Template:
        """Take a template, in place of one with the same SID."""
        self.found[template.sid] = template
        self._note(template)
        return template

    def note_all(self) -> None:
        """Write every template down anew."""
        for template in self.found.values():
            self._note(template)

    def _note(self, template: Template) -> None:
        values = asdict(template)
        for name in ("made", "submitted"):
            values[name] = values[name] and values[name].isoformat()
        self.core.note("template", values)

    def new_sid(self, *parts: object) -> str:
        """Return a SID for a template."""
        return "HX" + self.core.digest("template", *parts).hex()

    def answer(self, request: Request) -> Response:  # noqa: PLR0911 — one return a route
        """Answer one request of the Content API; the account is known already."""
        path, method = request.path.rstrip("/"), request.method
        if path == "/v1/Content" and method == "POST":
            return self._create(request)
        if path in {"/v1/Content", "/v1/ContentAndApprovals"} and method == "GET":
            return self._list(path, request.query)
        parts = path.split("/")[3:]
        template = self.get(parts[0]) if parts else None
        if template is None:
            return problem(404, 20404, f"The requested resource {request.path} was not found")
        if len(parts) == 1 and method == "GET":
            return Response.of(self._content(template))
        if len(parts) == 1 and method == "DELETE":
            self.found.pop(template.sid, None)
            return Response(204)
        if parts[1:] == ["ApprovalRequests"] and method == "GET":
            return Response.of(
                {
                    "sid": template.sid,
                    "account_sid": self.account.sid,
                    "whatsapp": {"type": "whatsapp"} | self._approval(template),
                    "url": f"{HOST}/v1/Content/{template.sid}/ApprovalRequests",
                }
            )
        if parts[1:] == ["ApprovalRequests", "whatsapp"] and method == "POST":
            return self._submit(template, request)
        return problem(404, 20404, f"The requested resource {request.path} was not found")

    def _create(self, request: Request) -> Response:
        try:
            asked = request.json
            types = asked["types"]
            name, language = str(asked.get("friendly_name", "")), str(asked["language"])
            bodies = [kind["body"] for kind in types.values() if isinstance(kind, dict) and "body" in kind]
        except (ValueError, KeyError, TypeError, AttributeError):
            return problem(400, 20001, "Bad request: language and types are required")
        now = self.core.clock.now()
        template = Template(
            sid=self.new_sid(len(self.found), name, now.isoformat()),
            name=name,
            body=bodies[0] if bodies else "",
            language=language,
            status="unsubmitted",
            types=types,
            variables=dict(asked.get("variables") or {}),
            made=now,
        )
        return Response.of(self._content(self.add(template)), 201)

    def _submit(self, template: Template, request: Request) -> Response:
        try:
            name, category = str(request.json["name"]), str(request.json["category"])
        except (ValueError, KeyError, TypeError):
            return problem(400, 20001, "Bad request: name and category are required")
        if category not in CATEGORIES or not re.fullmatch(r"[a-z0-9_]{1,512}", name):
            return problem(400, 20001, "Bad request: name in lower case, digits and _; category one of WhatsApp's")
        template.name, template.category = name, category
        template.status, template.submitted = "received", self.core.clock.now()
        self._note(template)
        return Response.of(self._approval(template), 201)

    def _list(self, path: str, query: dict[str, str]) -> Response:
        size = min(max(int(query["PageSize"]), 1), 1000) if query.get("PageSize", "").isdecimal() else 50
        page = int(query["Page"]) if query.get("Page", "").isdecimal() else 0
        known = list(filter(None, map(self.get, list(self.found))))
        shown = known[page * size : (page + 1) * size]

        def url(number: int) -> str:
            return f"{HOST}{path}?PageSize={size}&Page={number}"

        with_approval = path.endswith("Approvals")
        return Response.of(
            {
                "contents": [self._content(one, approval=with_approval) for one in shown],
                "meta": {
                    "page": page,
                    "page_size": size,
                    "first_page_url": url(0),
                    "previous_page_url": url(page - 1) if page else None,
                    "next_page_url": url(page + 1) if (page + 1) * size < len(known) else None,
                    "url": url(page),
                    "key": "contents",
                },
            }
        )

    def _approval(self, template: Template) -> dict[str, object]:
        return {
            "name": template.name,
            "category": template.category,
            "content_type": next(iter(template.types), "twilio/text"),
            "status": template.status,
            "rejection_reason": "TAG_CONTENT_MISMATCH" if template.status == "rejected" else "",
            "allow_category_change": True,
        }

    def _content(self, template: Template, *, approval: bool = False) -> dict[str, object]:
        moment = template.made.strftime("%Y-%m-%dT%H:%M:%SZ")
        names = template.variables or {name: name for name in sorted(placeholders(template.body))}
        content: dict[str, object] = {
            "sid": template.sid,
            "account_sid": self.account.sid,
            "friendly_name": template.name,
            "language": template.language,
            "variables": names,
            "types": template.types or {"twilio/text": {"body": template.body}},
            "date_created": moment,
            "date_updated": moment,
        }
        if approval:
            return content | {"approval_requests": self._approval(template)}
        url = f"{HOST}/v1/Content/{template.sid}"
        links = {
            "approval_create": f"{url}/ApprovalRequests/whatsapp",
            "approval_fetch": f"{url}/ApprovalRequests",
        }
        return content | {"url": url, "links": links}


def problem(status: int, code: int, message: str) -> Response:
    """Return an error in Twilio's shape."""
    return Response.of(
        {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status},
        status,
    )
