"""Deploying a contract of one's own: a Python folder, a service in any language, or a package as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QPlainTextEdit

from baas.errors import Conflict, Text, UserError
from baas.services.definitions import DEFAULT_POLICY
from baas.services.lifecycle_model import Definition
from baas.services.own_contracts import Kind, OwnContract, SourceLook, look_at
from console.appkit.act_dialog import carry_out
from console.i18n import say, tr
from console.tasks.runner import later
from console.theme import mono_font, tokens
from console.widgets.basic import Button, HashLabel, Label, Mono, Status, clear, hbox, vbox
from console.widgets.choice import Segmented
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, area_field, pick_files, text_field
from network.errors import CityChainError

if TYPE_CHECKING:
    from baas.services.lifecycle_model import DeployedContract
    from console.pages.contracts.page import ContractsPage

PACKAGES = "CCaaS (*.tar.gz *.tgz)"


class OwnContractDialog(Dialog):
    """Where the contract is, what it is called, and what was found there; stays open until it is in force."""

    def __init__(self, page: ContractsPage, own: OwnContract | None = None, before: Definition | None = None) -> None:
        upgrade = before is not None
        super().__init__(
            page,
            tr("升级 {title}").format(title=before.name) if before else tr("部署自己的合约"),
            tr("源码不用改：Python 合约由平台运行；其他语言的合约作为服务（CCaaS）自己运行，平台按地址调用。"),
            accept=tr("升级") if upgrade else tr("部署"),
            width=700,
            signs=page.signs_with(),
        )
        self._page, self._before = page, before
        self._looked: tuple[str, SourceLook | CityChainError] | None = None
        self._package_id = ""
        self._refused = False
        kinds: list[tuple[str, str]] = [
            ("python", tr("Python 文件夹")),
            ("address", tr("服务地址（任何语言）")),
            ("package", tr("合约包文件")),
        ]
        self.kind = Segmented(tr("合约在哪里"), kinds, own.kind if own else "python")
        self.kind.chosen.connect(self._show_kind)
        self.body.addWidget(self.kind)
        self.place = Form()
        self.place.add("source", text_field(tr("合约文件夹"), placeholder=tr("选择，或把路径粘贴到这里")))
        self.place.add("package", text_field(tr("合约包文件"), placeholder="assets.tar.gz"))
        self.place.add(
            "address", text_field(tr("服务地址"), placeholder="127.0.0.1:9999", hint=tr("节点从这个地址调用合约"))
        )
        self.body.addWidget(self.place)
        row = hbox()
        self.folder_button = Button(tr("选择文件夹…"), self._pick_folder, icon="folder", small=True)
        self.template_button = Button(tr("从模板开始…"), self._begin, icon="plus", small=True)
        self.file_button = Button(tr("选择文件…"), self._pick_package, icon="folder", small=True)
        for button in (self.folder_button, self.template_button, self.file_button):
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)
        self._found = vbox(spacing=6)
        self.body.addLayout(self._found)
        self.form = Form(2)
        self.form.add("name", text_field(tr("合约名"), required=True, hint=tr("字母和数字，可用 - 或 _ 连接")))
        self.form.add("version", text_field(tr("版本"), required=True))
        policy = area_field(tr("背书策略"), rows=2, required=True, hint=tr("这样写是：通道里多数组织背书"))
        collections = area_field(tr("私有集合"), rows=2, hint=tr("Fabric 的集合 JSON 列表，可留空"))
        for field in (policy, collections):
            if isinstance(field.editor, QPlainTextEdit):
                field.editor.setFont(mono_font(tokens.SIZE_CAPTION))
        self.form.add("policy", policy, wide=True).set_value(before.endorsement_policy if before else DEFAULT_POLICY)
        self.form.add("collections", collections, wide=True)
        if before is not None and before.collections:
            self.form.fields["collections"].set_value(json.dumps(list(before.collections), ensure_ascii=False))
        self.body.addWidget(self.form)
        self._soon = later(350, self, self._look)
        self.place.edited.connect(self._look_soon)
        self.form.edited.connect(self._edited)
        self.form.fields["name"].edited.connect(self._look_soon)
        self.form.fields["version"].edited.connect(self._look_soon)
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self.submit)
        if own is not None:
            self._fill(own)
        self._show_kind()

    def _fill(self, own: OwnContract) -> None:
        """The next version of a contract that was packaged here."""
        name = self.form.fields["name"]
        name.set_value(own.name)
        name.setEnabled(False)
        self.form.fields["version"].set_value(next_version(own.version))
        self.place.fields["source" if own.kind == "python" else "package"].set_value(own.source)
        if own.kind == "address":
            self.place.fields["address"].set_value(own.address)

    # -- where it is ---------------------------------------------------------------------------------
    def _show_kind(self, _: str = "") -> None:
        kind = self.kind.current
        for key, of in (("source", "python"), ("address", "address"), ("package", "package")):
            self.place.fields[key].setVisible(kind == of)
        self.folder_button.setVisible(kind == "python")
        self.template_button.setVisible(kind == "python" and self._before is None)
        self.file_button.setVisible(kind == "package")
        self._look()

    def _pick_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("选择合约文件夹"))
        if folder:
            self.place.fields["source"].set_value(folder)
            self._look()

    def _pick_package(self) -> None:
        files = pick_files(self, tr("选择合约包"), PACKAGES)
        if files:
            self.place.fields["package"].set_value(files[0])
            self._look()

    def _begin(self) -> None:
        """Write the template into a folder of the person's choice, and go on with it."""
        from baas.services.contract_template import write_contract

        folder = QFileDialog.getExistingDirectory(self, tr("模板写到哪个文件夹"))
        if not folder:
            return
        target = Path(folder)
        name = self.form["name"] or _name_of(target)
        if any(target.iterdir()):
            target = target / name
        try:
            write_contract(name, target)
        except Conflict:
            self.show_error(_taken(target))
            return
        except CityChainError as error:
            self.show_error(error)
            return
        self.place.fields["source"].set_value(str(target))
        self._look()

    def _look_soon(self) -> None:
        """What was told of the place, name or version before holds no longer: a service's id above all."""
        self._package_id, self._refused = "", False
        self._soon.start()
        self._edited()

    # -- what was found ------------------------------------------------------------------------------
    def own(self) -> OwnContract:
        """What is asked for now."""
        kind: Kind = self.kind.current  # type: ignore[assignment]
        source = str(self.place["source" if kind == "python" else "package"]).strip()
        source = source if kind != "address" else ""
        return OwnContract(self.form["name"], self.form["version"], kind, source, str(self.place["address"]))

    def _look(self) -> None:
        """Read what the chosen place holds, in the background."""
        own = self.own()
        if own.kind == "address":
            self._show_service(own)
            return
        self._package_id = ""
        clear(self._found)
        if not own.source:
            self._edited()
            return
        if own.kind == "package":
            self._found.addWidget(Label(tr("会原样安装这个合约包；合约服务由您运行。"), "caption", "text2", wrap=True))
            self._suggest(_name_of(Path(Path(own.source).name.partition(".")[0])), "1.0.0")
            self._edited()
            return
        self._found.addWidget(Label(tr("正在查看…"), "caption", "text2"))
        self._looked = None
        self._edited()
        source = own.source
        self._page.context.tasks.fetch(
            lambda: look_at(Path(source)),
            lambda found: self._show_look(source, found),
            lambda error: self._show_look(source, error),
            owner=self,
        )

    def _show_look(self, source: str, found: SourceLook | CityChainError) -> None:
        if source != self.own().source or self.kind.current != "python":
            return
        self._looked = (source, found)
        clear(self._found)
        if isinstance(found, CityChainError):
            self._found.addWidget(Status(say(found.message), "bad", wrap=True))
            if found.hint:
                self._found.addWidget(Label(say(found.hint), "caption", "text2", wrap=True))
        else:
            words = tr("找到 {n} 个方法：{names}")
            names = ", ".join(found.functions[:12])
            self._found.addWidget(Status(words.format(n=len(found.functions), names=names), "ok", wrap=True))
            self._suggest(found.name, found.version)
        self._edited()

    def _suggest(self, name: str, version: str) -> None:
        """Fill in what the person has not."""
        for key, value in (("name", name), ("version", version)):
            if not self.form[key]:
                self.form.fields[key].set_value(value)

    def _show_service(self, own: OwnContract) -> None:
        """The id under which the service has to register, as soon as it can be told."""
        clear(self._found)
        self._suggest("", "1.0.0")
        self._package_id, self._refused = "", False
        if own.name and own.version and own.address:
            contracts, network = self._page.context.platform.contracts, self._page.context.network
            self._page.context.tasks.fetch(
                lambda: contracts.own_package_id(network, own),
                lambda found: self._show_package_id(own, found),
                lambda error: self._show_package_id(own, error),
                owner=self,
            )
        self._edited()

    def _show_package_id(self, own: OwnContract, found: str | CityChainError) -> None:
        if own != self.own():
            return
        clear(self._found)
        self._refused = isinstance(found, CityChainError)
        if isinstance(found, CityChainError):
            self._found.addWidget(Status(say(found.message), "bad", wrap=True))
            if found.hint:
                self._found.addWidget(Label(say(found.hint), "caption", "text2", wrap=True))
        else:
            self._package_id = found
            self._found.addWidget(Label(tr("先用下面的包标识启动合约服务，再部署："), "caption", "text2", wrap=True))
            self._found.addWidget(Mono(f"CHAINCODE_ID={found}", wrap=True))
            self._found.addWidget(Mono(f"CHAINCODE_SERVER_ADDRESS={own.address}", wrap=True))
            self._found.addWidget(HashLabel(found, tr("复制包标识"), what=tr("包标识")))
        self._edited()

    def _edited(self) -> None:
        own = self.own()
        where = {"python": own.source, "package": own.source, "address": own.address}[own.kind]
        reason = ""
        if not where:
            reason = tr("请先选择合约")
        elif own.kind == "python" and (self._looked is None or not isinstance(self._looked[1], SourceLook)):
            reason = tr("合约还不能载入") if self._looked else tr("正在查看…")
        elif own.kind == "address" and own.name and not self._package_id:
            reason = tr("服务地址不正确") if self._refused else tr("正在查看…")
        elif missing := self.form.missing():
            reason = tr("还需填写{what}").format(what=missing[0])
        self.reason.setText(reason)
        self.accept_button.setEnabled(not reason)

    # -- doing it ------------------------------------------------------------------------------------
    def submit(self) -> None:
        """Deploy as a job; a refusal stands in the dialog."""
        own, policy = self.own(), str(self.form["policy"])
        try:
            collections = _collections(str(self.form["collections"]))
        except CityChainError as error:
            self.form.fields["collections"].set_error(say(error.message))
            return
        page = self._page
        contracts, network = page.context.platform.contracts, page.context.network

        def run(*, ctx: Any) -> Any:
            return contracts.deploy_own(network, own, policy=policy, collections=collections, ctx=ctx)

        def done(found: DeployedContract) -> None:
            words = tr("{title} {v}（序号 {s}）已生效")
            page.context.notice(words.format(title=own.name, v=found.definition.version, s=found.definition.sequence))
            page.collections.forget(own.name)
            page.context.go(f"contracts/{own.name}/call")

        title = Text("部署 {c} {v}", "Deploy {c} {v}", c=own.name, v=own.version)
        carry_out(page, self, run, title, "", done=done)


def next_version(version: str) -> str:
    """The version after this one: its last number is one more."""
    found = re.search(r"(\d+)(?!.*\d)", version)
    return f"{version[: found.start()]}{int(found[1]) + 1}{version[found.end() :]}" if found else f"{version}.1"


def _name_of(folder: Path) -> str:
    """A contract's name after its folder's."""
    words = re.findall(r"[A-Za-z0-9]+", folder.name)
    return "-".join(words).lower() or "my-contract"


def _taken(folder: Path) -> CityChainError:
    return Conflict(
        Text("{f} 里已经有文件，没有改动。", "{f} holds files already; nothing was changed.", f=str(folder)),
        Text("请选一个空文件夹，或直接选择它。", "Choose an empty folder, or choose this one as it is."),
        code="folder_taken",
    )


def _collections(text: str) -> list[dict[str, Any]]:
    if not text:
        return []
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UserError(Text("不是 JSON。", "It is not JSON."), code="bad_json") from error
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise UserError(Text("应是集合对象的列表 [ {…} ]。", "It must be a list of objects [ {…} ]."), code="bad_json")
    return found
