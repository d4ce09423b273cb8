"""A resident's own signing key, in a file that the resident keeps: made, opened, never stored by this program."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.health_slots.ui.phrases import tr
from baas.errors import Text, UserError, translating
from console.appkit.editors import Invalid, file_field, path_of
from console.appkit.forms import Beside
from console.i18n import say
from console.widgets.forms import Field, Form, save_file, text_field
from network.errors import CityChainError

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

PATTERN = "PEM (*.pem)"
MAX_KEY_BYTES = 16 * 1024


def write_key(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """Make a key and write it encrypted (PKCS #8), readable by its owner only; returns the key."""
    key = Ed25519PrivateKey.generate()
    data = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    with translating(), os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    return key


def read_key(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """Open a resident's key; UserError for another file, a wrong passphrase, another kind of key."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_KEY_BYTES)
        key = serialization.load_pem_private_key(data, passphrase.encode() or None)
    except (OSError, ValueError, TypeError) as error:
        raise UserError(
            Text("打不开密钥文件，或口令不对。", "The key file cannot be opened, or the passphrase is wrong."),
            Text("请居民再输入一次口令。", "Let the resident type the passphrase again."),
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UserError(Text("这不是居民的签名密钥。", "This is no resident's signing key."))
    return key


def signing(above: Mapping[str, Field] | None = None) -> Beside:
    """What an act asks for that the resident signs: key file and passphrase, below other fields."""
    fields = {
        **(above or {}),
        "key": file_field(
            tr("居民的密钥文件"),
            hint=tr("密钥由居民自己保管，签完即忘，不留在本机。"),
            pattern=PATTERN,
            required=True,
        ),
        "passphrase": text_field(tr("密钥口令，由居民输入"), secret=True, required=True),
    }

    def read(form: Form) -> dict[str, Any]:
        path = path_of(form.fields["key"])
        try:
            key = read_key(path, form["passphrase"])
        except CityChainError as error:
            raise Invalid(form.fields["passphrase"], say(error.message)) from error
        return {name: form[name] for name in above or ()} | {"key": key}

    return Beside(fields, read, lambda values, ctx: values)


def making(page: SlotsPage) -> Beside:
    """A passphrase for a resident's new key, which is made in a file of the resident's when the act is done."""
    fields = {
        "one": text_field(tr("口令，至少 8 个字符"), secret=True, required=True),
        "two": text_field(tr("再输入一次"), secret=True, required=True),
    }

    def read(form: Form) -> dict[str, Any]:
        if len(form["one"]) < 8:
            raise Invalid(form.fields["one"], tr("至少 8 个字符"))
        if form["one"] != form["two"]:
            raise Invalid(form.fields["two"], tr("两次输入不同"))
        path = save_file(page, tr("存到居民自己的设备"), "resident-key.pem", PATTERN)
        if not path:
            raise Invalid(form.fields["two"], tr("还没有选存放的位置"))
        try:
            key = write_key(Path(path), form["one"])
        except CityChainError as error:
            raise Invalid(form.fields["two"], say(error.message)) from error
        return {"public": key.public_key().public_bytes_raw()}

    return Beside(fields, read, lambda values, ctx: values)
