"""Issuing and importing identities."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from baas.roles import IDENTITY_ISSUE, ROLE_TITLES
from console.i18n import say, tr
from console.pages.identities.advice import RoleAdvice
from console.widgets.basic import Button, hbox
from console.widgets.dialogs import Dialog
from console.widgets.forms import DropZone, Form, area_field, choice_field, number_field, text_field

if TYPE_CHECKING:
    from console.pages.identities.page import IdentitiesPage
    from network.errors import CityChainError


def ask_issue(page: IdentitiesPage) -> None:
    """Ask who gets an identity, then issue it."""
    view = page.view
    if view is None:
        return
    session = page.context.platform.session
    own = [o for o in view.organizations if o.has_ca and session.allows(IDENTITY_ISSUE, o.msp_id)]
    dialog = Dialog(
        page,
        tr("签发身份"),
        tr("由所选组织的 CA 签发证书，私钥加密存入密钥库。角色写入证书，各项服务和合约据此判断权限。"),
        accept=tr("签发身份"),
        width=560,
    )
    form = Form(2)
    organization = choice_field(tr("组织"), [(o.msp_id, f"{say(o.title)} · {o.msp_id}") for o in own])
    organization.edited.connect(lambda: dialog.sign_as(page.signs_with([organization.value])))
    dialog.sign_as(page.signs_with([own[0].msp_id] if own else []))
    form.add("msp", organization, wide=True)
    form.add("name", text_field(tr("名称"), placeholder="li.ming", hint=tr("字母、数字、点和短横"), required=True))
    options = [("client", tr("普通成员"))] + [(role.value, say(title)) for role, title in ROLE_TITLES.items()]
    form.add("role", choice_field(tr("角色", "one"), options))
    form.add("days", number_field(tr("有效期"), 365, 1, 3650, unit=tr("天")))
    form.add("attributes", area_field(tr("其他属性"), rows=2, hint=tr("每行一个，写作 名称=值，可留空")), wide=True)
    dialog.body.addWidget(form)
    dialog.watch(form)
    platform, network = page.context.platform, page.context.network
    dialog.body.addWidget(RoleAdvice(page, form))

    def attempt() -> None:
        attributes = {}
        for entry in form["attributes"].splitlines():
            key, equals, value = entry.partition("=")
            if entry.strip() and not (equals and key.strip()):
                form.fields["attributes"].set_error(tr("请写作 名称=值：{line}").format(line=entry))
                return
            if key.strip():
                attributes[key.strip()] = value.strip()
        dialog.accept_button.setEnabled(False)
        msp, name, role, days = form["msp"], form["name"], form["role"], form["days"]

        def done(label: str) -> None:
            dialog.accept()
            page.context.notice(tr("已签发 {label}").format(label=label))
            page.hand_over = label
            page.context.go(f"identities/{label}")

        def failed(error: CityChainError) -> None:
            dialog.accept_button.setEnabled(True)
            dialog.show_error(error)

        page.context.tasks.fetch(
            lambda: platform.identities.issue(msp, name, role, attributes, days=days, network=network),
            done,
            failed,
            owner=dialog,
        )

    dialog.accept_button.clicked.disconnect()
    dialog.accept_button.clicked.connect(attempt)
    form.fields["name"].editor.setFocus()
    dialog.exec()


def suggestion(path: Path, msp_ids: list[str]) -> tuple[str, str]:
    """The organisation and the name that a file's or folder's own name suggests (MSP-name, as our exports are)."""
    stem = path.name if path.is_dir() else path.stem
    for msp_id in msp_ids:
        if stem.startswith(f"{msp_id}-"):
            return msp_id, stem[len(msp_id) + 1 :]
    return "", path.parent.name if stem == "msp" else stem


def ask_import(page: IdentitiesPage) -> None:
    """Take in a PKCS#12 file or an MSP folder."""
    view = page.view
    if view is None:
        return
    dialog = Dialog(
        page,
        tr("导入身份"),
        tr("拖入 PKCS#12 文件（.p12、.pfx），或 MSP 文件夹。"),
        accept=tr("导入"),
        width=560,
    )
    chosen: dict[str, Path] = {}
    zone = DropZone(tr("拖到这里，或点此选择文件"), pattern="PKCS#12 (*.p12 *.pfx);;* (*)")
    dialog.body.addWidget(zone)
    row = hbox()
    folder_button = Button(tr("选择 MSP 文件夹…"), icon="folder", small=True)
    row.addWidget(folder_button)
    row.addStretch(1)
    dialog.body.addLayout(row)
    form = Form(2)
    form.add(
        "msp",
        choice_field(tr("组织"), [(o.msp_id, f"{say(o.title)} · {o.msp_id}") for o in view.organizations]),
        wide=True,
    )
    form.add("name", text_field(tr("名称"), required=True))
    form.add("password", text_field(tr("文件口令"), secret=True))
    dialog.body.addWidget(form)
    dialog.watch(form)
    dialog.accept_button.setEnabled(False)

    def took(paths: list[str]) -> None:
        path = chosen["path"] = Path(paths[0])
        dialog.banner.hide()
        form.fields["password"].setVisible(not path.is_dir())
        found = suggestion(path, [o.msp_id for o in view.organizations])
        if found[0]:
            form.fields["msp"].set_value(found[0])
        form.fields["name"].set_value(form["name"] or found[1])
        dialog.reason.setText(path.name)

    def choose_folder() -> None:
        folder = QFileDialog.getExistingDirectory(dialog, tr("选择 MSP 文件夹"))
        if folder:
            took([folder])

    folder_button.clicked.connect(choose_folder)

    zone.dropped.connect(took)
    platform, network = page.context.platform, page.context.network

    def attempt() -> None:
        path = chosen.get("path")
        if path is None:
            dialog.reason.setText(tr("还没有选择文件"))
            return
        msp, name, password = form["msp"], form["name"], form["password"]

        def take() -> str:
            if path.is_dir():
                return platform.identities.import_msp(msp, name, path, network)
            return platform.identities.import_pkcs12(msp, name, path.read_bytes(), password, network)

        def done(label: str) -> None:
            dialog.accept()
            page.context.notice(tr("已导入 {label}").format(label=label))
            page.refresh()

        page.context.tasks.fetch(take, done, dialog.show_error, owner=dialog)

    dialog.accept_button.clicked.disconnect()
    dialog.accept_button.clicked.connect(attempt)
    dialog.exec()
