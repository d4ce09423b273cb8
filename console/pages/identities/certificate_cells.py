"""Words and table columns for certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baas.roles import ROLE_TITLES
from console.i18n import say, tr
from console.i18n.formats import day, fingerprint
from console.models.cells import Cell, Column
from console.widgets.basic import STATE_ICONS

if TYPE_CHECKING:
    from console.context import Context


def kind_title(kind: str) -> str:
    """What kind of certificate it is, in a word that fits a tag."""
    return {
        "ca": "CA",
        "tlsca": "TLS CA",
        "person": tr("个人"),
        "peer": tr("签名"),
        "orderer": tr("签名"),
        "tls": "TLS",
    }.get(kind, kind)


def state_words(record: Any) -> tuple[str, str]:
    """The state of a certificate in words with its sign."""
    return {
        "valid": (tr("有效"), "ok"),
        "expiring": (tr("{n} 天后到期").format(n=record.days_left), "warn"),
        "expired": (tr("已过期"), "bad"),
        "revoked": (tr("已吊销"), "none"),
        "not_yet": (tr("尚未生效"), "wait"),
    }[record.state]


def roles_text(record: Any) -> str:
    """The platform's roles of a person."""
    return tr("、").join(say(ROLE_TITLES[role]) for role in sorted(record.roles)) or "—"


def identity_columns() -> list[Column]:
    return [
        Column(tr("名称")),
        Column(tr("组织"), 160),
        Column(tr("类型"), 86),
        Column(tr("角色"), 150),
        Column(tr("到期"), 110),
        Column(tr("状态"), 150),
        Column(tr("指纹"), 160),
    ]


def identity_cells(context: Context, record: Any) -> list[Cell]:
    words, sign = state_words(record)
    icon, tone = STATE_ICONS[sign]
    return [
        Cell(record.name, icon="key" if record.has_key else "identity", bold=True, struck=record.state == "revoked"),
        Cell(context.organization(record.msp_id), tip=record.msp_id),
        Cell(kind_title(record.kind), tag=True),
        Cell(roles_text(record), word_tone="text2"),
        Cell(day(record.not_after.astimezone().date())),
        Cell(words, icon=icon, tone=tone, word_tone=sign if sign in {"warn", "bad"} else "text2"),
        Cell(fingerprint(record.fingerprint), mono=True, copy=record.fingerprint),
    ]
