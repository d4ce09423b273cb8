"""The acting person and the keystore: who acts, acting as somebody else, locking and unlocking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from baas.roles import ROLE_TITLES, Role
from baas.session import OWNER
from console.i18n import say, tr
from console.i18n.plain import label as plain_label
from console.signing import of_party
from console.theme import theme
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, text_field
from network.errors import CityChainError

if TYPE_CHECKING:
    from baas.platform import Platform
    from console.shell.window import MainWindow


def describe_actor(platform: Platform) -> tuple[str, str]:
    """Return who acts and on whose behalf, for the rail's foot."""
    actor = platform.session.actor
    if actor.label == OWNER:
        return say(ROLE_TITLES[Role.PLATFORM_ADMIN]), tr("本机")
    titles = [say(ROLE_TITLES[role]) for role in sorted(actor.roles)]
    return tr("、").join(titles) or tr("成员", "a role"), actor.party


def open_account_menu(window: MainWindow) -> None:
    """Show the menu of the account above the rail's foot, once the people are read."""
    context = window.context
    if not context.ready:
        return
    platform, network = context.platform, context.network

    def show(choices: list[tuple[str, frozenset[Role]]]) -> None:
        menu = account_menu(window, choices)
        corner = window.rail.mapToGlobal(window.rail.rect().bottomLeft())
        menu.popup(QPoint(corner.x() + 12, corner.y() - 48 - menu.sizeHint().height()))

    window.tasks.fetch(lambda: acting_choices(platform, network), show, context.problem.emit, owner=window)


def account_menu(window: MainWindow, people: list[tuple[str, frozenset[Role]]]) -> QMenu:
    """Return the menu of the account: act as an identity of this workspace, or as its owner again."""
    menu = QMenu(window)
    theme().dress(menu)
    platform = window.context.platform
    current = platform.session.actor.label
    choices: list[tuple[str, str]] = [(OWNER, say(ROLE_TITLES[Role.PLATFORM_ADMIN]))]
    for label, roles in people:
        choices.append((label, f"{label}  ·  {'、'.join(say(ROLE_TITLES[r]) for r in sorted(roles))}"))
    for label, text in choices:
        action = menu.addAction(plain_label(text))
        action.setCheckable(True)
        action.setChecked(label == current)
        action.triggered.connect(lambda checked=False, who=label: ask_act_as(window, who))
    menu.addSeparator()
    menu.addAction(tr("身份与密钥库…")).triggered.connect(lambda: window.go("identities"))
    return menu


def acting_choices(platform: Platform, network: str) -> list[tuple[str, frozenset[Role]]]:
    """Return people of `network` whose key is here and who have a role of the platform."""
    if not network:
        return []
    try:
        people = platform.identities.list(network, kind="person")
    except CityChainError:
        return []
    desk = platform.networks.visiting()
    return [(r.label, r.roles) for r in people if r.has_key and (r.roles or desk) and r.state in {"valid", "expiring"}]


def ask_act_as(window: MainWindow, label: str) -> None:
    """Say what acting as somebody else means before it is done; going back to oneself needs no question."""
    context = window.context
    session = context.platform.session
    if label == session.actor.label:
        return
    if label == OWNER or session.actor.label != OWNER:
        act_as(window, label)
        return
    try:
        actor = context.platform.identities.actor(label, context.network)
    except CityChainError as error:
        context.problem.emit(error)
        return
    mine = of_party(context.platform, context.network, actor.party, actor.roles, stands_in=False)
    dialog = Dialog(
        window,
        tr("以他人身份操作"),
        tr("之后所做的都以 {who}的身份签署，也只能做其获准的事。窗口上方会一直显示，审计记录写明何时换的人。").format(
            who=mine.who
        ),
        accept=tr("以此身份操作"),
        width=480,
        signs=mine,
    )
    dialog.accepted.connect(lambda: act_as(window, label))
    dialog.open()


def act_as(window: MainWindow, label: str) -> None:
    """Let somebody else act; when the keystore is locked, or the owner does not act, ask for its passphrase first."""
    platform = window.context.platform
    if platform.session.actor.label not in {OWNER, label}:
        platform.keystore.lock()
    if platform.keystore.locked and not unlock(window):
        return
    try:
        platform.act_as(label, remember=True)
    except CityChainError as error:
        window.context.problem.emit(error)
        return
    name, note = describe_actor(platform)
    window.context.notice(tr("现在以{name}（{note}）操作").format(name=name, note=note))


def toggle_lock(window: MainWindow) -> None:
    """Lock the keystore, or ask for the passphrase; without a passphrase offer to set one."""
    keystore = window.context.platform.keystore
    if keystore.locked:
        unlock(window)
    elif keystore.has_passphrase:
        keystore.lock()
        window.context.notice(tr("密钥库已锁定"), "none")
        window.refresh_rail()
    else:
        set_passphrase(window)


def unlock(window: MainWindow) -> bool:
    """Ask for the passphrase until it is right or the person gives up; say whether the keystore is open."""
    dialog = Dialog(
        window,
        tr("解锁密钥库"),
        tr("签名需要密钥库里的私钥。浏览账本不需要解锁。"),
        accept=tr("解锁"),
        width=420,
    )
    form = Form()
    field = form.add("passphrase", text_field(tr("口令"), required=True, secret=True))
    dialog.body.addWidget(form)
    dialog.watch(form)

    def attempt() -> None:
        try:
            window.context.platform.keystore.unlock(form["passphrase"])
        except CityChainError as error:
            field.set_error(say(error.message))
            return
        dialog.done(1)

    dialog.accept_button.clicked.disconnect()
    dialog.accept_button.clicked.connect(attempt)
    field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
    opened = bool(dialog.exec())
    if opened:
        window.banner.hide()
        window.context.notice(tr("密钥库已解锁"))
        window.refresh_rail()
    return opened


def set_passphrase(window: MainWindow) -> None:
    """Protect the keystore by a passphrase from now on."""
    dialog = Dialog(
        window,
        tr("为密钥库设置口令"),
        tr("私钥已加密保存。设置口令后，离开时可以锁定；忘记口令将无法恢复私钥。"),
        accept=tr("设置口令"),
        width=460,
    )
    form = Form()
    form.add("one", text_field(tr("口令，至少 8 个字符"), required=True, secret=True))
    again = form.add("two", text_field(tr("再输入一次"), required=True, secret=True))
    dialog.body.addWidget(form)
    dialog.watch(form)

    def attempt() -> None:
        if form["one"] != form["two"]:
            again.set_error(tr("两次输入不同"))
            return
        try:
            window.context.platform.keystore.set_passphrase(form["one"])
        except CityChainError as error:
            form.fields["one"].set_error(say(error.message))
            return
        dialog.done(1)

    dialog.accept_button.clicked.disconnect()
    dialog.accept_button.clicked.connect(attempt)
    if dialog.exec():
        window.context.notice(tr("已设置口令，按 Ctrl+L 可随时锁定"))
        window.refresh_rail()
