"""Private keys and passphrases are found nowhere but sealed in the keystore (and in what was exported on purpose)."""

from __future__ import annotations

import base64
import io
import logging
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from baas.cli.kit import common_options
from baas.cli.root import root, run
from baas.platform import Platform
from tests.baas.test_cli import every_command

PASSPHRASE = "Xq7-never-to-be-found-in-a-file"


def shapes_of(pem: bytes) -> list[bytes]:
    """A private key in the forms in which it might leak: PEM body, DER, raw scalar, hexadecimal."""
    key = load_pem_private_key(pem, None)
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    scalar = key.private_numbers().private_value.to_bytes(32, "big")  # type: ignore[union-attr]
    body = b"".join(pem.splitlines()[1:-1])
    return [body[40:90], der, scalar, scalar.hex().encode(), base64.b64encode(scalar)]


def everything_under(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_no_key_or_passphrase_lies_open(
    paper: Platform, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baas.keystore.SCRYPT_N", 2**14)
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        label = paper.identities.issue("CopyrightMSP", "alice", "creator")
        paper.identities.signing(label)
        paper.set_passphrase(PASSPHRASE)
        paper.keystore.lock()
        paper.keystore.unlock(PASSPHRASE)
        secrets = [shape for name in paper.keystore.names() for shape in shapes_of(paper.keystore.get(name))]
        secrets.append(PASSPHRASE.encode())
        assert len(secrets) > 60
        folder = paper.workspace.folder
        paper.close()
        secret_file = tmp_path / "pass"
        secret_file.write_text(PASSPHRASE)
        base = ["--workspace", str(folder), "--passphrase-file", str(secret_file)]
        run([*base, "--json", "identity", "list"])
        run([*base, "identity", "show", label])
        run([*base, "identity", "issue", label])
        run([*base, "doctor", "--json"])
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
    captured = capsys.readouterr()
    places = everything_under(folder)
    assert places
    places |= {Path("stdout"): captured.out.encode(), Path("stderr"): captured.err.encode()}
    places |= {Path("log"): log.getvalue().encode()}
    for place, data in places.items():
        for secret in secrets:
            assert secret not in data, place


def test_reprs_and_errors_hold_no_secret(paper: Platform) -> None:
    label = paper.identities.issue("CopyrightMSP", "alice", "creator")
    key = paper.keystore.get("city/CopyrightMSP/alice")
    shown = [repr(paper.identities.signing(label)), repr(paper.identities.get(label)), repr(paper.keystore)]
    with pytest.raises(Exception) as refused:
        paper.keystore.unlock(PASSPHRASE) if paper.keystore.has_passphrase else paper.keystore.get("city/none/none")
    shown.append(repr(refused.value))
    for text in shown:
        assert not any(shape in text.encode() for shape in shapes_of(key))
        assert PASSPHRASE not in text


def test_no_option_takes_a_secret_itself() -> None:
    """Secrets come from a file, standard input or a prompt, so that the process list never shows one."""
    asking = [
        (path, name)
        for path, found in every_command(root)
        for parameter in (*found.params, *common_options())
        for name in parameter.opts
        if not getattr(parameter, "is_flag", False)  # which takes nothing
        and any(word in name for word in ("pass", "secret", "token", "private", "pin-code"))
    ]
    assert len({name for _, name in asking}) >= 3
    allowed = {"--transient"}
    assert not [(path, name) for path, name in asking if not name.endswith("-file") and name not in allowed]
