"""What a restart makes of the journal: the same keys, messages and counts, and what is still to be told."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from outreach.simulator.journal import Journal, Record
from outreach.simulator.signing import EventKey
from outreach.simulator.templates import Template

if TYPE_CHECKING:
    from outreach.simulator.simulator import Simulator


def replay(simulator: "Simulator", journal: Journal) -> None:
    """Take everything that the journal holds, as if it came again at its own moment; nothing is written meanwhile.

    The journal's keys win over made ones; those that were given to the simulator win over the journal's.
    """
    simulator.core.journal = None
    known, told = False, None
    try:
        for record in journal.read():
            if record.kind == "keys":
                known = True
                _keys(simulator, record.values)
            elif record.kind == "told":
                told = _at(record.values["until"])
            else:
                _happen(simulator, record)
    finally:
        simulator.core.journal = journal
    if told:
        simulator.core.agenda.drop_before(told)
    if not known:
        simulator.note_keys()


def _keys(simulator: "Simulator", values: dict[str, Any]) -> None:
    simulator.core.seed = values["seed"]
    if not simulator.key_given:
        simulator.postman.key = EventKey(values["private_key"])
    if not simulator.sendgrid.strict:
        simulator.sendgrid.key = values["sendgrid_api_key"]
    if not simulator.twilio.strict:
        account = simulator.whatsapp.account
        account.sid, account.token = values["twilio_sid"], values["twilio_token"]


def _happen(simulator: "Simulator", record: Record) -> None:
    kind, values, body = record
    if kind == "mail":
        simulator.sendgrid.accept(json.loads(body), body, _at(values["at"]))
    elif kind == "text":
        simulator.whatsapp.accept(values["form"], _at(values["at"]), values["media"])
    elif kind == "reply":
        simulator.whatsapp.heard(values["fields"], _at(values["at"]))
    elif kind == "template":
        moments = {name: values[name] and _at(values[name]) for name in ("made", "submitted")}
        simulator.templates.add(Template(**(values | moments)))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
