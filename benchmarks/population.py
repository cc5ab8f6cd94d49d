"""A database with many fictional people who consented, made with bare inserts."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from campaigns import planning
from campaigns.drafts import ContentDraft, Draft
from contacts import notices
from contacts.models import Address, AddressKind, Channel, ConsentEntry, Contact, Decision, Membership, Network
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.platform import Platform

NOW = datetime(2025, 6, 20, 17, 0, tzinfo=UTC)
CHUNK = 20_000
TEXT = (
    "Hola, {{ nombre }}:\n\n" + "La Consulta de Presupuesto Participativo se acerca. " * 60 + "\n\nBaja: {{ baja }}\n"
)


def populated(folder: Path, people: int) -> Platform:
    """Return a platform in a folder with so many people in one network; all consented, all with an e-mail."""
    platform = Platform(Settings.read({"OUTREACH_DATA": str(folder)}), VirtualClock(NOW))
    with platform.transaction() as session:
        version = notices.current(session, NOW).version
        network = Network(name="Red Voto Chilango")
        session.add(network)
        session.flush()
        network_id = network.id
    for start in range(1, people + 1, CHUNK):
        ids = range(start, min(start + CHUNK, people + 1))
        with platform.transaction() as session:
            session.execute(
                insert(Contact),
                [{"id": n, "name": f"Persona {n}", "timezone": "America/Chicago", "created_at": NOW} for n in ids],
            )
            session.execute(
                insert(Address),
                [{"contact_id": n, "kind": AddressKind.EMAIL, "value": f"p{n}@example.org"} for n in ids],
            )
            session.execute(
                insert(Membership), [{"network_id": network_id, "contact_id": n, "since": NOW} for n in ids]
            )
            session.execute(
                insert(ConsentEntry),
                [
                    {
                        "contact_id": n,
                        "channel": "*",
                        "purpose": "*",
                        "decision": Decision.GRANTED,
                        "source": "medida",
                        "notice_version": version,
                        "at": NOW,
                    }
                    for n in ids
                ],
            )
    return platform


def campaign(platform: Platform) -> int:
    """Make one e-mail campaign to everybody and start it; return its run's id."""
    draft = Draft(
        title="Medida",
        clase="difusion",
        informacion="Medida",
        channels=(Channel.EMAIL,),
        networks=("Red Voto Chilango",),
        contents=(ContentDraft(subject="Aviso para {{ nombre }}", text=TEXT),),
    )
    with platform.transaction() as session:
        made = planning.create(session, draft, at=NOW, by="medidas")
        return planning.send_now(session, made, at=NOW).id
