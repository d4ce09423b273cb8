"""Growing a running network: another organisation, peer or ordering node; the same plan, the same job."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from baas.services.growth import Kind
from console.apart import bring_up
from console.i18n import say, tr
from console.pages.network.draft import short_name
from console.pages.network.joining import add_defined, take_certificates
from console.pages.network.view import NetworkView
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, choice_field, number_field, text_field
from network.errors import CityChainError
from network.text import Text

if TYPE_CHECKING:
    from console.pages.network.page import NetworkPage
    from network.topology import TopologySpec


def grow_actions(page: NetworkPage, view: NetworkView) -> list[tuple[str, Callable[[], object]]]:
    """Return what can be added to this network."""
    return [
        (tr("添加记账节点…"), partial(add_node, page, view, "peer")),
        (tr("添加排序节点…"), partial(add_node, page, view, "orderer")),
        (tr("添加组织…"), partial(add_organization, page, view)),
        (tr("加入有自己 CA 的组织…"), partial(add_defined, page, view)),
        (tr("导入节点证书…"), partial(take_certificates, page, view)),
    ]


def propose_actions(page: NetworkPage, view: NetworkView) -> list[tuple[str, Callable[[], object]]]:
    """Return what can be proposed of a network that others plan."""
    return [
        (tr("出块参数…"), page.config.ask_batch),
        (tr("加入有自己 CA 的组织…"), partial(add_defined, page, view)),
    ]


def add_node(page: NetworkPage, view: NetworkView, kind: Kind, msp_id: str = "") -> None:
    """Ask which organisation gets another node, then grow."""
    dialog = Dialog(
        page,
        tr("添加记账节点") if kind == "peer" else tr("添加排序节点"),
        tr("新节点会加入组织所在的通道，并从其他节点追平账本。"),
        accept=tr("添加"),
    )
    form = Form()
    form.add(
        "msp", choice_field(tr("组织"), [(o.msp_id, f"{say(o.title)} · {o.msp_id}") for o in view.spec.organizations])
    )
    if msp_id:
        form.fields["msp"].set_value(msp_id)
    dialog.body.addWidget(form)

    def accept() -> None:
        from baas.services.growth import add_node as grown

        _grow(page, dialog, lambda: grown(view.spec, kind, form["msp"]))

    _ask(dialog, accept)


def add_organization(page: NetworkPage, view: NetworkView) -> None:
    """Ask for an organisation, then grow; the channel's members sign the change with the keys of this workspace."""
    dialog = Dialog(
        page,
        tr("添加组织"),
        tr("CA 的私钥会留在本机，由本机代管：只适合试用。正式加入的组织请用它自己的定义。"),
        accept=tr("添加"),
        signs=page.signs_with(),
    )
    form = Form(2)
    form.add("title", text_field(tr("名称"), required=True))
    form.add("msp", text_field(tr("MSP 标识"), placeholder="HospitalBMSP", required=True))
    form.add("peers", number_field(tr("记账节点数"), 1, 1, 20))
    dialog.body.addWidget(form)
    dialog.watch(form)

    def accept() -> None:
        from baas.services.growth import add_organization as grown

        msp, title = form["msp"], Text("{t}", "{t}", t=form["title"])
        try:
            name = short_name(msp)
        except CityChainError as error:
            form.fields["msp"].set_error(say(error.message))
            return
        _grow(page, dialog, lambda: grown(view.spec, name, msp, title, peers=form["peers"]))

    _ask(dialog, accept)


def _ask(dialog: Dialog, accept: Callable[[], None]) -> None:
    dialog.accept_button.clicked.disconnect()
    dialog.accept_button.clicked.connect(accept)
    dialog.exec()


def _grow(page: NetworkPage, dialog: Dialog, wanted: Callable[[], TopologySpec]) -> None:
    """Check the new topology, close the dialog and start the job."""
    try:
        spec = wanted()
    except CityChainError as error:
        dialog.show_error(error)
        return
    dialog.accept()
    platform, set_up = page.context.platform, bring_up(page.context)

    def grow(*, ctx: Any) -> tuple[Text, ...]:
        from baas.services.following import follow

        set_up(spec, ctx=ctx)
        return follow(platform, spec.name, ctx=ctx)

    page.context.job(
        grow,
        title=Text("扩展网络 {n}", "Grow network {n}", n=spec.name),
        network=spec.name,
        done=page.grown,
        failed=page.change_failed,
    )
