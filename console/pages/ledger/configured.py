"""What a configuration transaction changed in the channel, in people's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.i18n import say, tr
from console.i18n.formats import number
from console.titles import consensus_title
from console.widgets.basic import Label, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts

if TYPE_CHECKING:
    from baas.services.explorer.configuration import Configured
    from console.context import Context

CONSENSUS = {"etcdraft": "raft", "BFT": "bft"}
"""How Fabric's configuration calls the kinds of consensus."""
WORDS = 600
"""Characters of a value at most."""


def type_title(kind: str) -> str:
    """What a transaction without a contract is called."""
    return {"CONFIG": tr("通道配置"), "ENDORSER_TRANSACTION": tr("合约调用")}.get(kind, tr("其他交易"))


def configured_card(context: Context, found: Configured) -> Card:
    """The differences one below the other; of a channel's first configuration, what it began with."""
    if found.first:
        card = Card(tr("通道的第一份配置"))
        config = found.config
        facts = Facts(110)
        members = [context.named(one.msp_id) for one in config.organizations]
        facts.add(tr("参加的组织"), tr("、").join(members) or "—")
        facts.add(tr("共识"), consensus_title(CONSENSUS.get(config.consensus, config.consensus)))
        facts.add(tr("每块最多笔数"), number(config.batch.max_messages))
        facts.add(tr("出块等待"), str(config.batch.timeout))
        card.add(facts)
        return card
    card = Card(tr("通道配置的改变"), tr("{n} 项").format(n=number(len(found.changes))))
    if not found.changes:
        card.add(Label(tr("与之前的配置相同。"), "body", "text2"))
    for change in found.changes:
        column = vbox(spacing=2)
        column.addWidget(Label(say(change.title), "caption", "text2"))
        if change.before:
            old = Label(change.before[:WORDS], "caption", "text3", wrap=True)
            font = old.font()
            font.setStrikeOut(True)
            old.setFont(font)
            column.addWidget(old)
        column.addWidget(Label(change.after[:WORDS] or tr("没有了"), "caption", wrap=True))
        card.add(column)
    return card
