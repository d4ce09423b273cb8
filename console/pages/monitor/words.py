"""What a network's growth is in words, and what it means for the disk."""

from __future__ import annotations

from baas.monitoring.cost import days_left
from console.i18n import tr
from console.i18n.formats import number, size

YEAR = 365
FAR = 10 * YEAR
SOON = 30


def growth_words(growth: float | None, measured_s: float) -> str:
    """How much more of the disk is used every day (bytes), and from how long a measurement that is known."""
    if growth is None:
        return tr("还未知：监控满 1 小时后给出")
    hours = measured_s / 3_600
    over = (
        tr("最近 {n} 天").format(n=number(hours / 24)) if hours >= 48 else tr("最近 {n} 小时").format(n=number(hours))
    )
    if growth <= 0:
        return tr("没有增长（{over}）").format(over=over)
    return tr("每天 {size}（{over}）").format(size=size(growth), over=over)


def meaning(free: int, growth: float | None) -> str:
    """How long the free bytes of the disk last at this growth (bytes a day)."""
    days = days_left(free, growth)
    if days is None:
        return tr("还不能估计") if growth is None else tr("按目前的情况，磁盘不会写满")
    if days >= FAR:
        return tr("按此增长，磁盘 10 年内不会写满")
    if days >= 2 * YEAR:
        return tr("按此增长，磁盘还能用约 {n} 年").format(n=number(days / YEAR))
    return tr("按此增长，磁盘还能用约 {n} 天").format(n=number(days))


def urgency(free: int, growth: float | None) -> str:
    """How pressing that is: warn where the disk is full within a month, else ok."""
    days = days_left(free, growth)
    return "warn" if days is not None and days < SOON else "ok"
