"""Deploying a contract that an application ships, and bringing one to another version or policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.i18n import tr
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, area_field, text_field
from network.text import Text

if TYPE_CHECKING:
    from baas.services.lifecycle_model import Definition
    from console.pages.contracts.page import ContractLine, ContractsPage


def ask_template(page: ContractsPage, line: ContractLine) -> None:
    """Deploy a contract with its application's policy and collections."""
    platform, network = page.context.platform, page.context.network
    template = platform.applications.contract(line.name)
    policy = template.endorsement_policy(platform.networks.spec(network))
    dialog = Dialog(
        page,
        tr("部署 {title}").format(title=line.title),
        tr("会打包合约，安装到每个节点，由各组织批准并提交到通道。"),
        accept=tr("部署"),
        width=600,
    )
    form = Form()
    form.add("version", text_field(tr("版本"), required=True)).set_value(template.version)
    form.add("policy", area_field(tr("背书策略"), rows=3, required=True)).set_value(policy)
    dialog.body.addWidget(form)
    dialog.watch(form)
    if dialog.exec():
        _deploy(page, line, form["version"], form["policy"])


def ask_deploy(page: ContractsPage, line: ContractLine, definition: Definition, policy: str) -> None:
    """Agree on the next sequence with another version or policy."""
    dialog = Dialog(
        page,
        tr("升级 {title}").format(title=line.title),
        tr("会产生序号 {s} 的新定义，由各组织批准并提交。改版本会重新打包安装；只改策略不会。").format(
            s=definition.sequence + 1
        ),
        accept=tr("升级"),
        width=600,
    )
    form = Form()
    form.add("version", text_field(tr("版本"), required=True)).set_value(definition.version)
    form.add("policy", area_field(tr("背书策略"), rows=3, required=True)).set_value(policy)
    dialog.body.addWidget(form)
    dialog.watch(form)
    if dialog.exec():
        _deploy(page, line, form["version"], form["policy"])


def _deploy(page: ContractsPage, line: ContractLine, version: str, policy: str) -> None:
    context = page.context
    network = context.network

    def done(found: Any) -> None:
        words = tr("{title} {v}（序号 {s}）已生效") if found.changed else tr("{title} 已经是这个定义")
        context.notice(words.format(title=line.title, v=found.definition.version, s=found.definition.sequence))
        page.refresh()

    context.job(
        context.platform.contracts.deploy,
        network,
        line.name,
        version=version,
        policy=policy,
        title=Text("部署 {c} {v}", "Deploy {c} {v}", c=line.name, v=version),
        network=network,
        done=done,
        failed=lambda error: page.banner.show_error(error, page.refresh),
    )
