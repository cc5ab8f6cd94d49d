"""Files under a password: AES-256, opened with it and by nobody without it."""

from pathlib import Path
from zipfile import ZipFile

import pytest
import pyzipper

from contacts.errors import Refused
from outreach.exports import sealing

PASSWORD = "caballo pila grapa correcto"


def test_a_sealed_list_opens_with_its_password_alone(take, tmp_path):
    taken, data = take(form="xlsx", password=PASSWORD)
    path = tmp_path / taken.name
    path.write_bytes(data)
    assert taken.name == "personas-2025-06-20.zip"
    assert taken.mimetype == "application/zip"
    assert taken.details["encrypted"] is True
    assert PASSWORD not in str(taken.details)
    with ZipFile(path) as plain:  # a program that knows no AES sees that it cannot
        assert plain.namelist() == ["personas-2025-06-20.xlsx"]
        with pytest.raises((RuntimeError, NotImplementedError)):
            plain.read("personas-2025-06-20.xlsx")
    with pyzipper.AESZipFile(path) as book:
        entry = book.infolist()[0]
        assert (entry.wz_aes_strength, entry.wz_aes_version) == (3, 2)  # AES-256, AE-2
        assert book.read(entry, pwd=PASSWORD.encode())[:2] == b"PK"
    assert sealing.sealed(path)
    assert b"citlali" not in data


def sealed(folder: Path, content: bytes = b"nombre,correo\r\n" * 999) -> Path:
    path = folder / "lista.zip"
    path.write_bytes(b"".join(sealing.seal("lista.csv", [content], PASSWORD)))
    return path


def test_a_wrong_password_and_a_damaged_file_are_told_apart(tmp_path):
    path = sealed(tmp_path)
    for password in ("otra cosa distinta", ""):
        with pytest.raises(Refused) as refused:
            sealing.unseal(path, password, tmp_path, 1 << 20)
        assert refused.value.faults[0].code == "seal_password"
    data = bytearray(path.read_bytes())
    data[90] ^= 0xFF  # within what is encrypted: its seal (HMAC) no longer fits
    path.write_bytes(bytes(data))
    with pytest.raises(Refused) as refused:
        sealing.unseal(path, PASSWORD, tmp_path, 1 << 20)
    assert refused.value.faults[0].code == "seal_damaged"


def test_a_file_that_grows_too_large_is_left_alone(tmp_path):
    path = sealed(tmp_path, b"0" * 1_000_000)
    with pytest.raises(Refused) as refused:
        sealing.unseal(path, PASSWORD, tmp_path, 1000)
    assert refused.value.faults[0].code == "file_large"


def test_a_list_and_a_workbook_are_not_taken_for_sealed(take, tmp_path):
    for form in ("csv", "xlsx"):
        path = tmp_path / f"lista.{form}"
        path.write_bytes(take(form=form)[1])
        assert not sealing.sealed(path)
    assert not sealing.sealed(tmp_path / "nada.zip")
