"""Taking in what others send a network's host: an organisation's definition, its hosted nodes' certificates."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.apart import bring_up
from console.i18n import say, tr
from console.pages.network.view import NetworkView
from console.widgets.basic import Label, Mono
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, number_field, pick_files
from network.text import Text

if TYPE_CHECKING:
    from console.pages.network.page import NetworkPage
    from network.founding import OrganizationDefinition

JSON = "JSON (*.json);;* (*)"


def add_defined(page: NetworkPage, view: NetworkView) -> None:
    """Take an organisation with an authority of its own in, by its definition."""
    from network.founding import read_definition

    paths = pick_files(page, tr("组织的定义文件"), JSON)
    if paths:
        source = Path(paths[0])
        page.read(lambda: read_definition(source), partial(_ask_defined, page, view, source))


def _ask_defined(page: NetworkPage, view: NetworkView, source: Path, found: OrganizationDefinition) -> None:
    hosts = not page.context.platform.networks.planned_elsewhere(view.name)
    dialog = Dialog(
        page,
        tr("加入 {o}").format(o=f"{say(found.organization.title)} · {found.organization.msp_id}"),
        tr("请向该组织核对指纹。它的 CA 在它自己的机器上；没有节点的组织不计入任何策略。"),
        accept=tr("加入"),
        width=600,
        signs=page.signs_with(),
    )
    dialog.body.addWidget(Label(tr("CA 证书指纹"), "caption", "text2"))
    dialog.body.addWidget(Mono(found.fingerprint, wrap=True))
    form = Form()
    if hosts:
        hint = tr("节点的证书由该组织签发：会写出一份申请，交给它。")
        form.add("peers", number_field(tr("在本机代管的记账节点数"), 0, 0, 20, hint=hint))
        dialog.body.addWidget(form)
    if not dialog.exec():
        return
    platform, name = page.context.platform, view.name
    title = Text("加入组织 {m}", "Take {m} in", m=found.organization.msp_id)
    if not hosts:
        from baas.services.proposing import Proposal

        propose(page, view, Proposal(definitions=(source,)), title)
        return
    peers: int = form["peers"]
    set_up = bring_up(page.context)

    def grow(*, ctx: Any) -> tuple[Text, ...]:
        from baas.services.following import follow

        wanted = platform.organizations.take_in(platform.networks.wanted(name), source, peers=peers)
        set_up(wanted, ctx=ctx)
        return follow(platform, name, ctx=ctx)

    page.context.job(grow, title=title, network=name, done=page.grown, failed=partial(certificates_missing, page))


def certificates_missing(page: NetworkPage, error: Any) -> None:
    """Offer the request for hosted nodes' certificates to be saved where it can be sent from."""
    if error.code != "certificates_missing":
        page.change_failed(error)
        return
    from console.widgets.forms import save_file
    from network.vault import write_public

    source = Path(error.details["file"])
    path = save_file(page, tr("保存申请，交给 {m}").format(m=error.details["msp_id"]), source.name)
    if path:
        page.read(
            lambda: write_public(Path(path), source.read_bytes()),
            lambda _: page.context.notice(tr("申请已保存。答复用“导入节点证书…”导入"), "wait"),
        )


def take_certificates(page: NetworkPage, view: NetworkView) -> None:
    """Take in what an organisation has certified for its nodes here, and go on."""
    paths = pick_files(page, tr("组织签发的节点证书"), JSON)
    if not paths:
        return
    platform, name = page.context.platform, view.name

    def go_on(*, ctx: Any) -> tuple[Text, ...]:
        from baas.services.following import follow

        platform.organizations.take_certificates(Path(paths[0]), name)
        platform.changes.finish(name, ctx=ctx)
        return follow(platform, name, ctx=ctx)

    page.context.job(
        go_on,
        title=Text("导入节点证书", "Take in nodes' certificates"),
        network=name,
        done=page.grown,
        failed=page.change_failed,
    )


def propose(page: NetworkPage, view: NetworkView, proposal: Any, title: Text) -> None:
    """Propose a change as a job; what others must sign then waits in the inbox."""

    def done(waiting: object) -> None:
        if waiting is not None:
            page.context.notice(tr("还需要其他组织签名，更改已放进签名收件箱"), "wait")
            page.choose_tab("inbox")
        page.refresh()

    page.context.job(
        page.context.platform.changes.propose,
        view.name,
        proposal,
        title=title,
        network=view.name,
        done=done,
        failed=page.change_failed,
    )
