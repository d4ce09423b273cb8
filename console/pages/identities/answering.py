"""The issuing side in a window: invite somebody, answer a request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from baas import letters
from baas.roles import IDENTITY_ISSUE, ROLE_TITLES
from console.i18n import say, tr
from console.widgets.basic import Mono
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, check_field, choice_field, number_field, save_file, text_field
from console.widgets.states import Note
from network.text import Text

if TYPE_CHECKING:
    from baas.services.identity_requests import IdentityRequest
    from baas.services.invitations import Answered
    from console.context import Context
    from console.pages.identities.page import IdentitiesPage
    from network.errors import CityChainError

PATTERN = "CityChain (*.citychain)"


def ask_invite(page: IdentitiesPage) -> None:
    """Ask who is invited as what, write the file, and show its code once."""
    context, view = page.context, page.view
    if view is None:
        return
    own = [o for o in view.organizations if o.has_ca and context.platform.session.allows(IDENTITY_ISSUE, o.msp_id)]
    dialog = Dialog(
        page,
        tr("邀请同事"),
        tr("邀请三天内有效，只能用一次；对方的正式私钥在他自己的电脑上生成。"),
        accept=tr("选择位置…"),
        width=560,
    )
    form = Form(2)
    form.add("msp", choice_field(tr("组织"), [(o.msp_id, f"{say(o.title)} · {o.msp_id}") for o in own]), wide=True)
    form.add("name", text_field(tr("名称"), hint=tr("字母、数字、点和短横"), required=True))
    form.add("role", choice_field(tr("角色", "one"), _roles()))
    dialog.body.addWidget(form)
    dialog.watch(form)
    if not dialog.exec():
        return
    label, role = f"{form['msp']}/{form['name']}", form["role"]
    path = save_file(page, tr("保存邀请"), f"{form['name']}-invitation{letters.SUFFIX}", PATTERN)
    if not path:
        return
    code, network = letters.new_code(), context.network

    def written(file: Path) -> None:
        told = Dialog(
            page, tr("请另行告知口令"), tr("不要把口令和文件放在同一封邮件里。"), accept=tr("已告知"), writes=False
        )
        told.body.addWidget(Mono(code))
        told.cancel_button.hide()
        told.exec()
        context.notice(tr("邀请已写好：{f}").format(f=file))

    page.read(lambda: context.platform.invitations.invite(label, Path(path), code, role, network=network), written)


def ask_answer(context: Context, source: Path) -> None:
    """Show whose request a file is, and certify it."""
    parent = _parent(context)
    context.tasks.fetch(
        lambda: context.platform.invitations.read(source),
        lambda request: _ask(context, source, request),
        context.problem.emit,
        owner=parent,
    )


def _ask(context: Context, source: Path, request: IdentityRequest) -> None:
    platform, network = context.platform, context.network
    organizations = platform.identities.organizations(network) if network else ()
    own = [o for o in organizations if o.has_ca and platform.session.allows(IDENTITY_ISSUE, o.msp_id)]
    dialog = Dialog(
        _parent(context),
        tr("按申请签发：{n}").format(n=request.name),
        tr("私钥留在申请人处。请向申请人核对下面的指纹。"),
        accept=tr("签发并保存…"),
        width=560,
    )
    dialog.body.addWidget(Mono(" ".join(request.digest[i : i + 8] for i in range(0, 64, 8))))
    form = Form(2)
    options = [(o.msp_id, f"{say(o.title)} · {o.msp_id}") for o in own]
    form.add("msp", choice_field(tr("组织"), options), wide=True)
    form.add("role", choice_field(tr("角色", "one"), _roles()))
    form.add("days", number_field(tr("有效期"), 365, 1, 3650, unit=tr("天")))
    form.add("replace", check_field(tr("同一人丢失了密钥：换发并吊销旧证书")), wide=True)
    if request.certificate_pem:
        for key in ("role", "replace"):
            form.fields[key].setVisible(False)
        dialog.body.addWidget(Note(tr("申请由邀请或现有证书签名，角色按其内容。")))
    if request.msp_id in {o.msp_id for o in own}:
        form.fields["msp"].set_value(request.msp_id)
    dialog.body.addWidget(form)
    if not own:
        dialog.accept_button.setEnabled(False)
        dialog.reason.setText(tr("本工作区没有组织的 CA"))
    stem = source.stem.removesuffix("-request")

    def attempt() -> None:
        path = save_file(dialog, tr("保存准入文件"), f"{stem}-entry{letters.SUFFIX}", PATTERN)
        if not path:
            return
        dialog.accept_button.setEnabled(False)
        label, role, days, replace = f"{form['msp']}/{request.name}", form["role"], form["days"], form["replace"]

        def run(*, ctx: Any) -> Answered:
            return platform.invitations.answer(
                source, Path(path), label, role, days=days, network=network, replace=bool(replace), ctx=ctx
            )

        def done(answered: Answered) -> None:
            dialog.accept()
            context.notice(tr("已签发 {l}，请把 {f} 发还给申请人").format(l=answered.label, f=answered.file))

        def failed(error: CityChainError) -> None:
            dialog.accept_button.setEnabled(True)
            dialog.show_error(error)

        title = Text("签发 {l}", "Issue {l}", l=label)
        context.job(run, title=title, network=network, done=done, failed=failed)

    dialog.accept_button.clicked.disconnect()
    dialog.accept_button.clicked.connect(attempt)
    dialog.exec()


def _roles() -> list[tuple[str, str]]:
    return [("client", tr("普通成员"))] + [(role.value, say(title)) for role, title in ROLE_TITLES.items()]


def _parent(context: Context) -> QWidget:
    assert context.dialog_parent is not None
    return context.dialog_parent
