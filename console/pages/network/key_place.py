"""Where a new network's organisations keep their keys: in the keystore, or in a hardware token behind PKCS#11."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Signal

from console.context import Context
from console.i18n import say, tr
from console.pages.network.draft import Draft
from console.widgets.basic import Button, Label, hbox
from console.widgets.card import Card
from console.widgets.forms import Form, choice_field, pick_files, text_field
from network.errors import CityChainError, UserError
from network.text import Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QComboBox

    from network.tokens.device import FoundToken

KEYSTORE, TOKEN = "keystore", "token"


def tokens_usable() -> bool:
    """Whether this program can speak to tokens: packages may come without the library for it."""
    return importlib.util.find_spec("pkcs11") is not None


class KeyPlaceCard(Card):
    """The choice, the token and its PIN, which goes to the token when the network is built. Signals: `changed`."""

    changed = Signal()

    def __init__(self, draft: Draft, context: Context) -> None:
        super().__init__(tr("私钥放在哪里"), icon="key")
        self.draft, self._context = draft, context
        self.choice = Form(2)
        self.choice.add(
            "place",
            choice_field(
                tr("CA 与人员的私钥"),
                [(KEYSTORE, tr("本机密钥库")), (TOKEN, tr("硬件令牌（PKCS#11）"))],
                hint=tr("节点的私钥仍是文件，因为官方程序只读文件"),
            ),
        )
        self.choice.edited.connect(self._chosen)
        self.add(self.choice)
        self.library = Form()
        self.library.add(
            "library", text_field(tr("令牌的 PKCS#11 库"), hint=tr("令牌厂商提供的动态库文件的完整路径"), required=True)
        )
        self.library.edited.connect(self._edited)
        self.add(self.library)
        row = hbox()
        self.pick_button = Button(tr("选择文件…"), self._pick, small=True)
        self.find_button = Button(tr("查找令牌"), self.look, icon="search", small=True)
        for button in (self.pick_button, self.find_button):
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)
        self.token = Form(2)
        self.token.add("token", choice_field(tr("令牌"), [], empty=tr("先查找令牌"), required=True))
        self.token.add(
            "pin", text_field("PIN", required=True, secret=True, hint=tr("只留在内存里；多次输错会锁住令牌"))
        )
        self.token.edited.connect(self._edited)
        self.add(self.token)
        self.remark = Label(
            tr("各组织用不同的令牌时，请用命令 citychain network up --keys MSP=地址。"), "caption", "text2", wrap=True
        )
        self.add(self.remark)
        self._shown()

    def _shown(self) -> None:
        for widget in (self.library, self.token, self.pick_button, self.find_button, self.remark):
            widget.setVisible(self.choice["place"] == TOKEN)

    def _chosen(self) -> None:
        self._shown()
        self._edited()

    def _edited(self) -> None:
        self.draft.keys = self._address()
        self.draft.pin = self.token["pin"] if self.draft.keys else ""
        self.changed.emit()

    def _address(self) -> str:
        """The token's address as text, "" for the keystore or as long as there is none."""
        from network.tokens.address import TokenAddress

        found: FoundToken | None = self.token["token"] or None
        if self.choice["place"] != TOKEN or found is None:
            return ""
        return str(TokenAddress(found.token, found.serial, module=self._library()))

    def _library(self) -> str:
        return str(Path(self.library["library"].strip()).absolute())

    def _pick(self) -> None:
        for path in pick_files(self, tr("令牌的 PKCS#11 库")):
            self.library.fields["library"].set_value(path)
            self.look()

    def look(self) -> None:
        """Ask the library which tokens are there."""
        from network.tokens.address import TokenAddress

        if not self.library["library"].strip():
            self.library.fields["library"].set_error(tr("请先选择令牌的 PKCS#11 库。"))
            return
        self.library.fields["library"].set_error("")
        platform, text = self._context.platform, str(TokenAddress("any", module=self._library()))
        self._context.tasks.fetch(lambda: platform.token_keys.present(text), self._found, self._failed, owner=self)

    def _failed(self, error: CityChainError) -> None:
        self.library.fields["library"].set_error(say(error.message))

    def _found(self, found: Sequence[FoundToken]) -> None:
        editor = cast("QComboBox", self.token.fields["token"].editor)
        editor.clear()
        for one in found:
            editor.addItem(f"{one.token} · {one.serial}", one)
        if not found:
            editor.addItem(tr("没有令牌"), "")
            self.library.fields["library"].set_error(tr("这个库没有看到令牌。请插好令牌后再查找。"))
        self._edited()

    def check(self) -> None:
        """Raise `UserError` when the token's answers are not complete; the field in question says so, too."""
        if self.choice["place"] != TOKEN:
            return
        for form, name, words in (
            (self.library, "library", Text("请先选择令牌的 PKCS#11 库。", "Choose the token's PKCS#11 library first.")),
            (self.token, "token", Text("请先查找并选择令牌。", "Look for tokens and choose one first.")),
            (self.token, "pin", Text("请填写令牌的 PIN。", "Fill in the token's PIN.")),
        ):
            if not form[name]:
                form.fields[name].set_error(say(words))
                raise UserError(words)


def open_token(draft: Draft, context: Context) -> Callable[[], None]:
    """Opens the token that was chosen and says that the organisations' keys are made there; for a worker."""
    from network.tokens.address import TokenAddress

    keys, spec, address, pin = context.platform.token_keys, draft.spec(), draft.keys, draft.pin

    def work() -> None:
        keys.enter(TokenAddress.parse(address), pin)
        keys.choose(spec, [address])

    return work
