"""A backup is one file: a zip with the database as an SQLite file, the secret, the evidence, and a list of it all.

The database is an SQLite file whatever it came from, so that a backup of one kind is restored into the other, and
anybody can look into it with `sqlite3`. The list (`manifest.json`) says of every file its length and SHA-256, of every
table its rows and fingerprint, and which installation it was, when, and in which version of the schema.
"""

import hashlib
import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self

from contacts.errors import refuse
from outreach.safekeeping.rows import Told

MANIFEST, DATABASE, SECRET = "manifest.json", "outreach.sqlite3", "secret"
PICTURES = "evidence"  # a folder of the data folder, and of a backup
KIND, FORMAT = "voto-chilango-outreach", 1
EVIDENCE = re.compile(rf"{PICTURES}/[0-9a-f]{{32}}\.(png|jpg|webp)")
LARGEST_MANIFEST = 1 << 20
LARGEST_SECRET = 1 << 12
LARGEST_PICTURE = 16 << 20
MOST_FILES = 200_000
MOST_FOLD = 250  # a database of ours never shrinks to less than a hundredth: more is a trap
LONGEST_NAME = 100
PIECE = 1 << 20
#: What `zipfile` may raise for a file that is cut off or was changed.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    KeyError,
    OverflowError,
)
#: How the files of a backup are packed, here and by any tool that packs them anew.
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a backup."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    made_at: datetime
    installation: str
    schema: str
    origin: str  # sqlite or postgresql
    program: str
    tables: Mapping[str, Told]
    files: Mapping[str, File]

    def as_json(self) -> dict[str, Any]:
        """Return it for writing and for programs."""
        return {
            "kind": KIND,
            "format": FORMAT,
            "made_at": self.made_at.isoformat(),
            "installation": self.installation,
            "schema": self.schema,
            "origin": self.origin,
            "program": self.program,
            "tables": {name: asdict(told) for name, told in self.tables.items()},
            "files": {name: asdict(file) for name, file in self.files.items()},
        }


def as_text(manifest: Manifest) -> str:
    """Return the list as it is written into a backup."""
    return json.dumps(manifest.as_json(), ensure_ascii=False, indent=1)


def put(into: zipfile.ZipFile, name: str, source: IO[bytes], tell: Callable[[int], None] = lambda _bytes: None) -> File:
    """Write one file into a backup, piece by piece, and return what the list says of it."""
    digest, length = hashlib.sha256(), 0
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    with into.open(entry, "w", force_zip64=True) as target:
        while piece := source.read(PIECE):
            target.write(piece)
            digest.update(piece)
            length += len(piece)
            tell(len(piece))
    return File(length, digest.hexdigest())


class Archive:
    """A backup that somebody brings: nothing of it is believed before it was looked at."""

    def __init__(self, path: Path) -> None:
        """Read the list. Refuses `backup_kind`, `backup_damaged`, `backup_format`, `backup_large`."""
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            whole = path.stat().st_size and _first(path, 4) != b"PK\x03\x04"
            raise refuse("backup_kind" if whole else "backup_damaged", "", path) from error
        try:
            self.manifest = self._manifest()
            self._look_at_names()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @property
    def size(self) -> int:
        """How many bytes it holds when everything is taken out."""
        return sum(file.bytes for file in self.manifest.files.values())

    def take(self, name: str, target: Path, tell: Callable[[int], None] = lambda _bytes: None) -> None:
        """Write one file of it to a place, readable by its owner alone; it is as the list says or nothing is left.

        Refuses `backup_damaged`, and `disk_room` before a byte is written when there is no room for it.
        """
        told = self.manifest.files[name]
        free = shutil.disk_usage(target.parent).free
        if told.bytes > free:
            raise refuse("disk_room", "", target.parent, needed=told.bytes >> 20, free=free >> 20)
        target.touch(mode=0o600, exist_ok=False)
        try:
            with target.open("r+b") as out:
                taken = self._unfold(name, out, told.bytes, tell)
        except BaseException:
            target.unlink()
            raise
        if taken != told:
            target.unlink()
            raise refuse("backup_damaged", "", self.path)

    def _unfold(self, name: str, out: IO[bytes], most: int, tell: Callable[[int], None]) -> File:
        """Write out what a file unfolds to, and not a piece more than it was said to be."""
        digest, length = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as source:
                while length <= most and (piece := source.read(PIECE)):
                    length += len(piece)
                    digest.update(piece)
                    out.write(piece[: most - length] if length > most else piece)
                    tell(len(piece))
        except _BROKEN as error:
            raise refuse("backup_damaged", "", self.path) from error
        return File(length, digest.hexdigest())

    def _manifest(self) -> Manifest:
        names = set(self._zip.namelist())
        if MANIFEST not in names:
            raise refuse("backup_kind", "", self.path)
        if any(entry.compress_type not in _PACKED for entry in self._zip.infolist()):
            raise refuse("backup_damaged", "", self.path)
        if self._zip.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
            raise refuse("backup_large", "", self.path)
        try:
            with self._zip.open(MANIFEST) as source:
                told = json.loads(source.read(LARGEST_MANIFEST + 1))
            kind, written = str(told["kind"]), int(told["format"])
        except (TypeError, AttributeError, *_BROKEN) as error:
            raise refuse("backup_damaged", "", self.path) from error
        if kind != KIND:
            raise refuse("backup_kind", "", self.path)
        if written != FORMAT:
            raise refuse("backup_format", "", self.path, version=written, ours=FORMAT)
        try:
            return _read(told)
        except (TypeError, AttributeError, *_BROKEN) as error:
            raise refuse("backup_damaged", "", self.path) from error

    def _look_at_names(self) -> None:
        """Refuse what is not in the list, what leads elsewhere, and what unfolds to more than a backup would."""
        entries = self._zip.infolist()
        listed = self.manifest.files
        names = [entry.filename for entry in entries]
        known = {DATABASE, SECRET}
        strange = [name for name in listed if name not in known and not EVIDENCE.fullmatch(name)]
        if strange or not known <= set(listed) or sorted(names) != sorted([MANIFEST, *listed]):
            raise refuse("backup_damaged", "", self.path)
        most = {SECRET: LARGEST_SECRET, MANIFEST: LARGEST_MANIFEST}
        for entry in entries:
            limit = most.get(entry.filename, LARGEST_PICTURE)
            if entry.filename == DATABASE:
                limit = max(LARGEST_PICTURE, entry.compress_size * MOST_FOLD)
            if entry.file_size > limit or len(entries) > MOST_FILES:
                raise refuse("backup_large", "", self.path)
            if entry.filename != MANIFEST and entry.file_size != listed[entry.filename].bytes:
                raise refuse("backup_damaged", "", self.path)


def _read(told: dict[str, Any]) -> Manifest:
    return Manifest(
        made_at=_moment(told["made_at"]),
        installation=_name(told["installation"]),
        schema=_name(told["schema"]),
        origin=_name(told["origin"]),
        program=_name(told["program"]),
        tables={str(name): Told(int(t["rows"]), str(t["fingerprint"])) for name, t in told["tables"].items()},
        files={str(name): File(int(f["bytes"]), str(f["sha256"])) for name, f in told["files"].items()},
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a backup's moment has its zone")
    return moment.astimezone(UTC)


def _name(value: object) -> str:
    """Return a short text that can be shown; ValueError for another."""
    name = str(value)
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise ValueError("a name that nobody can read")
    return name


def _first(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        return file.read(length)
