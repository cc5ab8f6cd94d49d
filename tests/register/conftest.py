"""How the tests of the register write files, fill the register, let runs send, and type commands."""

import io
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from campaigns.models import AudienceRule, Campaign, Delivery, GroupTask, Run
from campaigns.states import DeliveryState, RunState
from contacts.models import Channel, Contact, Network, NetworkKind
from outreach import cli
from outreach.config import Settings
from outreach.platform import Platform
from outreach.register import columns, exporting, importing, reading
from outreach.register.communication import Communication
from outreach.register.importing import Outcome


class Register:
    """A register over a platform, with what a person does to it."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def bring(self, path: Path, *, skip_bad: bool = False) -> Outcome:
        read = importing.read(path)
        with self.platform.transaction() as session:
            return importing.bring(session, read, who="ana", at=self.platform.clock.now(), skip_bad=skip_bad)

    def undo(self, import_id: int) -> None:
        with self.platform.transaction() as session:
            importing.undo(session, import_id, reason="otro trimestre", who="ana", at=self.platform.clock.now())

    def all(self, **options: bool) -> list[Communication]:
        with self.platform.reading() as session:
            return reading.communications(session, None, None, **options)

    def export(self, *, with_annulled: bool = False) -> str:
        text = io.StringIO(newline="")
        with self.platform.reading() as session:
            found = reading.communications(session, None, None, with_annulled=with_annulled)
            exporting.write_csv(text, found, columns.export_columns(session), with_annulled=with_annulled)
        return text.getvalue()


@pytest.fixture
def register(platform: Platform) -> Register:
    return Register(platform)


@pytest.fixture
def elsewhere(tmp_path: Path, platform: Platform) -> Register:
    """The register of another installation, empty."""
    other = Platform(Settings.read({"OUTREACH_DATA": str(tmp_path / "elsewhere")}), platform.clock)
    yield Register(other)  # type: ignore[misc]
    other.close()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write text to a CSV; lines as given."""

    def _write(*lines: str, name: str = "registro.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
        return path

    return _write


class Sender:
    """Makes runs as the sending side leaves them: rows of the real tables."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._networks: dict[str, int] = {}

    def run(
        self,
        due: datetime,
        deliveries: Sequence[tuple[Channel, DeliveryState, int]] = (),
        *,
        networks: Sequence[str] = ("Red Voto Chilango",),
        without: Sequence[str] = (),
        posts: Mapping[str, int | None] | None = None,
        unposted: Sequence[str] = (),
        extra: Mapping[str, str] | None = None,
        **campaign: str,
    ) -> int:
        """One run with so many deliveries in each channel and state; each delivery has a person of its own."""
        with self._platform.transaction() as session:
            ids = {}
            for name in (*networks, *without, *(posts or {}), *unposted):
                if name not in self._networks:
                    network = Network(name=name, kind=NetworkKind.LIST)
                    session.add(network)
                    session.flush()
                    self._networks[name] = network.id
                ids[name] = self._networks[name]
            row = Campaign(
                title="Cartel",
                channels=["correo", "whatsapp"],
                extra=dict(extra or {}),
                created_at=due,
                **(
                    {"clase": "invitacion", "informacion": "Envío de cartel", "cuenta": "votochilango@iecm.mx"}
                    | campaign
                ),
            )
            session.add(row)
            session.flush()
            rules = [(name, False) for name in networks] + [(name, True) for name in without]
            session.add_all(AudienceRule(campaign_id=row.id, network_id=ids[n], excluded=out) for n, out in rules)
            run = Run(campaign_id=row.id, due_at=due, version=1, state=RunState.FINISHED)
            session.add(run)
            session.flush()
            for channel, state, number in deliveries:
                people = [Contact(name="Persona ficticia", created_at=due) for _ in range(number)]
                session.add_all(people)
                session.flush()
                session.add_all(
                    Delivery(run_id=run.id, contact_id=one.id, channel=channel, state=state, due_at=due, changed_at=due)
                    for one in people
                )
            for name, members in (posts or {}).items():
                session.add(GroupTask(run_id=run.id, network_id=ids[name], published_at=due, members=members))
            session.add_all(GroupTask(run_id=run.id, network_id=ids[name]) for name in unposted)
            return run.id


@pytest.fixture
def sender(platform: Platform) -> Sender:
    return Sender(platform)


@dataclass(frozen=True)
class Answer:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def outreach(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Type a command in an empty folder, against the test's data folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("OUTREACH_DATA", str(settings.data))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.delenv("OUTREACH_LANG", raising=False)

    def _outreach(*words: str | Path) -> Answer:
        monkeypatch.setattr(sys, "argv", ["outreach", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return _outreach
