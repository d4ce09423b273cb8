"""A resident's own signing key, in a file that the resident keeps: made, opened, never stored by this program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.health_slots.ui.phrases import tr
from baas.errors import Text, UserError, translating
from console.i18n import say
from console.widgets.basic import Label
from console.widgets.dialogs import Dialog
from console.widgets.forms import DropZone, Form, save_file, text_field
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


class KeyDialog(Dialog):
    """A dialog in which the resident signs: key file and passphrase below the other fields."""

    def __init__(self, page: SlotsPage, title: str, text: str, accept: str) -> None:
        super().__init__(page, title, text, accept=accept, width=540)
        self.page = page
        self.path: Path | None = None
        self.form = Form(2)
        self.body.addWidget(self.form)
        zone = DropZone(tr("拖入居民的密钥文件，或点此选择"), pattern=PATTERN, height=64)
        zone.dropped.connect(lambda paths: self.take(Path(paths[0])))
        self.body.addWidget(zone)
        self._file = Label(tr("密钥由居民自己保管，签完即忘，不留在本机。"), "caption", "text2", wrap=True)
        self.body.addWidget(self._file)
        self.passphrase = text_field(tr("密钥口令，由居民输入"), secret=True, required=True)
        self.body.addWidget(self.passphrase)
        self.passphrase.edited.connect(self._check)
        self.key: Ed25519PrivateKey | None = None
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self._attempt)
        self._check()

    @property
    def opened(self) -> Ed25519PrivateKey:
        """The resident's key, opened when the dialog was accepted."""
        assert self.key is not None
        return self.key

    def take(self, path: Path) -> None:
        """Take a key file."""
        self.path = path
        self._file.setText(path.name)
        self._check()

    def _check(self) -> None:
        missing = tr("还没有密钥文件") if self.path is None else ""
        missing = missing or ("" if self.passphrase.value else tr("还没有口令"))
        self.accept_button.setEnabled(not missing)
        self.reason.setText(missing)

    def _attempt(self) -> None:
        if self.path is None:
            return
        try:
            self.key = read_key(self.path, self.passphrase.value)
        except CityChainError as error:
            self.passphrase.set_error(say(error.message))
            return
        self.accept()


class NewKeyDialog(Dialog):
    """Where the resident's new key goes, and its passphrase."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(
            page,
            tr("登记签名公钥"),
            tr(
                "为居民生成一把签名密钥，存进他自己的存储设备；账本只登记公钥。授权和撤回都要用它签名，丢了要由主管部门作废。"
            ),
            accept=tr("生成并登记"),
            width=540,
        )
        self.path: Path | None = None
        self.key: Ed25519PrivateKey | None = None
        self.form = Form(2)
        self.form.add("one", text_field(tr("口令，至少 8 个字符"), secret=True, required=True))
        self.again = self.form.add("two", text_field(tr("再输入一次"), secret=True, required=True))
        self.body.addWidget(self.form)
        self.watch(self.form)
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self._attempt)

    def _attempt(self) -> None:
        if len(self.form["one"]) < 8:
            self.form.fields["one"].set_error(tr("至少 8 个字符"))
            return
        if self.form["one"] != self.form["two"]:
            self.again.set_error(tr("两次输入不同"))
            return
        path = save_file(self, tr("存到居民自己的设备"), "resident-key.pem", PATTERN)
        if not path:
            return
        try:
            self.key = write_key(Path(path), self.form["one"])
        except CityChainError as error:
            self.show_error(error)
            return
        self.path = Path(path)
        self.accept()
