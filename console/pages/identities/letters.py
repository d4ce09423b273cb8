"""Files that people send each other, opened in a window: invitation, entry, .p12, request, recovery file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QWidget

from baas import letters, roles
from console.i18n import tr
from console.pages.identities.answering import ask_answer
from console.widgets.basic import Mono
from console.widgets.dialogs import Dialog
from console.widgets.forms import DropZone, Form, save_file, text_field
from console.widgets.states import Note
from network.text import Text

if TYPE_CHECKING:
    from baas.letters import Letter
    from baas.services.entrance import Entered
    from console.context import Context
    from network.errors import CityChainError

PATTERN = "CityChain (*.citychain *.p12 *.pfx);;* (*)"
ENDINGS = (letters.SUFFIX, ".p12", ".pfx")


def is_ours(path: str) -> bool:
    """Whether a file dropped on the window is one of these."""
    return path.lower().endswith(ENDINGS)


def open_letter(context: Context, path: Path) -> None:
    """Look at a file and go on as its kind asks."""
    entrance = context.platform.entrance

    def shown(letter: Letter | None) -> None:
        if letter is None:
            _ask_p12(context, path)
        elif letter.kind == letters.REQUEST:
            ask_answer(context, path)
        elif letter.kind == letters.RECOVERY:
            _ask_recovery(context, path)
        elif letter.kind == letters.INVITATION:
            _ask_code(context, path)
        else:
            _enter(context, path, "", None, context.problem.emit)

    context.tasks.fetch(lambda: entrance.look(path), shown, context.problem.emit, owner=_parent(context))


def ask_request(context: Context) -> None:
    """Make a request for an identity: a name, and the folder that the file goes to."""
    dialog = Dialog(
        _parent(context),
        tr("申请身份"),
        tr("私钥在本机生成并留在本机。把申请文件发给您的组织，收到回复后在这里打开。"),
        accept=tr("生成申请"),
        width=480,
    )
    form = Form()
    form.add("name", text_field(tr("姓名或工号"), hint=tr("账本上以它称呼您，之后不能更改"), required=True))
    form.add("folder", text_field(tr("保存到文件夹"), required=True))
    form.fields["folder"].set_value(_documents())
    dialog.body.addWidget(form)
    dialog.watch(form)

    def attempt(failed: Callable[[CityChainError], object]) -> None:
        name = form["name"].strip()
        target = _unused(Path(form["folder"].strip()), name)

        def made(file: Path) -> None:
            dialog.accept()
            context.notice(tr("申请已写好，请发给您的组织：{f}").format(f=file))

        def refused(error: CityChainError) -> None:
            failed(error)

        context.tasks.fetch(lambda: context.platform.entrance.request(target, name), made, refused, owner=dialog)

    _attempt(dialog, attempt)
    dialog.exec()


def _documents() -> str:
    """Where people look for their files."""
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or str(Path.home())


def _unused(folder: Path, name: str) -> Path:
    """A file for somebody's request that is not there yet; a name that no file can have is refused later, by name."""
    plain = "".join(c if c.isalnum() or c in "-_" else "-" for c in name)[:60]
    names = (f"{plain}-request{n}{letters.SUFFIX}" for n in ("", *(f"-{k}" for k in range(2, 1000))))
    return next(path for one in names if not (path := folder / one).exists())


def ask_recovery_file(context: Context) -> None:
    """Write the recovery file and show its code once."""
    path = save_file(_parent(context), tr("恢复文件"), f"recovery{letters.SUFFIX}", PATTERN)
    if not path:
        return
    network = context.network

    def made(found: Any) -> None:
        dialog = Dialog(
            _parent(context),
            tr("请写下恢复码"),
            tr("恢复码只显示这一次，与文件分开保存。丢失电脑时，用文件和恢复码在新电脑上取回。"),
            accept=tr("已写下"),
            writes=False,
        )
        dialog.body.addWidget(Mono(found.code))
        dialog.cancel_button.hide()
        dialog.exec()
        context.notice(tr("恢复文件已保存"))

    context.tasks.fetch(
        lambda: context.platform.recovery.make(Path(path), network),
        made,
        context.problem.emit,
        owner=_parent(context),
    )


def offer_recovery_file(context: Context) -> None:
    """Ask for a recovery file where this desk now has something that nobody else has and no file holds."""
    network = context.network

    def found(unsaved: bool) -> None:
        if not unsaved:
            return
        dialog = Dialog(
            _parent(context),
            tr("制作恢复文件？"),
            tr("现在有内容只有这台电脑能解开。电脑丢失时，只有恢复文件能取回；您的组织也无法代办。"),
            accept=tr("选择位置…"),
            writes=False,
        )
        dialog.cancel_button.setText(tr("以后再说"))
        if dialog.exec():
            ask_recovery_file(context)

    def unsaved() -> bool:
        platform = context.platform
        return network in platform.networks.attached() and platform.recovery.unsaved(network)

    context.tasks.fetch(unsaved, found, context.problem.emit, owner=_parent(context))


def _ask_code(context: Context, path: Path) -> None:
    dialog = Dialog(
        _parent(context), tr("我收到了邀请"), tr("邀请方会用另一种方式告诉您口令，例如打电话。"), accept=tr("进入")
    )
    form = Form()
    form.add("code", text_field(tr("口令"), required=True, secret=True))
    dialog.body.addWidget(form)
    dialog.watch(form)
    _attempt(dialog, lambda failed: _enter(context, path, form["code"], None, failed, dialog))
    dialog.exec()


def _ask_p12(context: Context, path: Path) -> None:
    dialog = Dialog(
        _parent(context),
        tr("用 .p12 进入网络"),
        tr("还需要对方给您的连接配置（.json 或 .yaml）。私钥加密存入本机密钥库。"),
        accept=tr("进入"),
    )
    chosen: list[Path] = []
    zone = DropZone(tr("拖入连接配置，或点此选择"), pattern="*.json *.yaml *.yml")

    def took(paths: list[str]) -> None:
        chosen[:] = [Path(paths[0])]
        dialog.reason.setText(chosen[0].name)

    zone.dropped.connect(took)
    dialog.body.addWidget(zone)
    form = Form()
    form.add("code", text_field(tr("文件口令"), required=True, secret=True))
    dialog.body.addWidget(form)
    dialog.watch(form)

    def attempt(failed: Callable[[CityChainError], object]) -> None:
        _enter(context, path, form["code"], chosen[0] if chosen else None, failed, dialog)

    _attempt(dialog, attempt)
    dialog.exec()


def _ask_recovery(context: Context, path: Path) -> None:
    dialog = Dialog(
        _parent(context), tr("取回恢复文件"), tr("阅读密钥和加密作品的密钥会存入本机密钥库。"), accept=tr("取回")
    )
    form = Form()
    form.add("code", text_field(tr("恢复码"), required=True))
    dialog.body.addWidget(form)
    dialog.watch(form)
    network = context.network

    def attempt(failed: Callable[[CityChainError], object]) -> None:
        code: str = form["code"]

        def done(count: int) -> None:
            dialog.accept()
            context.notice(tr("已取回 {n} 项").format(n=count))

        def refused(error: CityChainError) -> None:
            failed(error)

        context.tasks.fetch(lambda: context.platform.recovery.take(path, code, network), done, refused, owner=dialog)

    _attempt(dialog, attempt)
    dialog.exec()


def _attempt(dialog: Dialog, run: Callable[[Callable[[CityChainError], object]], None]) -> None:
    """Let the dialog stand until what it asked for has worked; an error is shown in it."""

    def failed(error: CityChainError) -> None:
        dialog.accept_button.setEnabled(True)
        dialog.show_error(error)

    def pressed() -> None:
        dialog.accept_button.setEnabled(False)
        run(failed)

    dialog.accept_button.clicked.disconnect()
    dialog.accept_button.clicked.connect(pressed)


def _enter(
    context: Context,
    path: Path,
    code: str,
    profile: Path | None,
    failed: Callable[[CityChainError], object],
    dialog: Dialog | None = None,
) -> None:
    entrance = context.platform.entrance

    def run(*, ctx: Any) -> Entered:
        return entrance.enter(path, code, profile, ctx=ctx)

    def done(entered: Entered) -> None:
        if dialog is not None:
            dialog.accept()
        if entered.request is not None:
            _show_request(context, entered.request)
            return
        context.choose_network(entered.network)
        words = tr("证书已更新：{p}") if entered.renewed else tr("已进入网络 {n}，身份 {p}。请与组织核对 CA 指纹：{f}")
        context.notice(words.format(n=entered.network, p=entered.party, f=entered.authority))
        context.go(home_of(context))

    context.job(run, title=Text("进入网络", "Come into the network"), done=done, failed=failed)


def _show_request(context: Context, request: Path) -> None:
    dialog = Dialog(
        _parent(context),
        tr("邀请有效"),
        tr("正式的私钥已在本机生成。请把下面的文件发还给邀请方，收到回复后在这里打开。"),
        accept=tr("好"),
        writes=False,
    )
    dialog.body.addWidget(Mono(str(request)))
    dialog.body.addWidget(Note(tr("文件里没有私钥。")))
    dialog.cancel_button.hide()
    dialog.exec()


def home_of(context: Context) -> str:
    """Where somebody's work is: the first application that their roles use, else the overview."""
    session = context.platform.session
    if session.allows(roles.NETWORK_CHANGE):
        return "overview"
    for manifest in context.platform.applications.all():
        if any(session.allows(word) for word in manifest.permission_titles) and context.may_go(manifest.id):
            return manifest.id
    return "overview"


def _parent(context: Context) -> QWidget:
    assert context.dialog_parent is not None
    return context.dialog_parent
