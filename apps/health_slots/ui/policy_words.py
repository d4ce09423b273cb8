"""Booking rules in plain language: one sentence for each rule, and what a change of it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.health_slots.ui.phrases import day_of, listed, minute_of_day, span, tr
from console.i18n.formats import number


@dataclass(frozen=True)
class Rule:
    """A rule: its name on the ledger, what it is called, and what a value of it means.

    `kind` says how it is edited: number, seconds, minute (of the day), flag, days (a list of lengths), dates, choice.
    """

    name: str
    label: str
    kind: str
    means: Callable[[Any], str]
    choices: tuple[tuple[str, str], ...] = ()


def groups() -> list[tuple[str, list[Rule]]]:
    """Every rule that people may set, by what it is about."""
    return [
        (tr("何时放号"), _release()),
        (tr("锁定与支付"), _holding()),
        (tr("退号期限"), _cancelling()),
        (tr("限额与爽约"), _limits()),
        (tr("退回的号"), _returned()),
        (tr("取号与积分"), _visit()),
    ]


def rules() -> dict[str, Rule]:
    """Every rule by its name."""
    return {rule.name: rule for _, found in groups() for rule in found}


def describe(name: str, value: Any) -> str:
    """Say what a rule with this value means; a rule that this version does not know is shown as it is."""
    rule = rules().get(name)
    return rule.means(value) if rule is not None else f"{name} = {value}"


def label_of(name: str) -> str:
    rule = rules().get(name)
    return rule.label if rule is not None else name


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return (name, before, after) of every rule that differs; None where a version has no such rule."""
    names = sorted({*old, *new})
    return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def _release() -> list[Rule]:
    modes = (("daily", tr("每天定时")), ("after-commit", tr("承诺后即放")))
    return [
        Rule(
            "release_mode",
            tr("放号方式"),
            "choice",
            lambda v: tr("每天定时放号") if v == "daily" else tr("承诺之后就放号"),
            modes,
        ),
        Rule(
            "window_days",
            tr("提前几天放号"),
            "number",
            lambda v: tr("可提前 {n} 天预约").format(n=number(v)),
        ),
        Rule(
            "release_minute",
            tr("每天几点放号"),
            "minute",
            lambda v: tr("每天 {t} 放号").format(t=minute_of_day(v)),
        ),
        Rule(
            "release_delay_s",
            tr("承诺后多久放号"),
            "seconds",
            lambda v: tr("承诺后 {t}放号").format(t=span(v)) if v else tr("承诺后立即放号"),
        ),
        Rule(
            "referral_hours",
            tr("社区预留到几小时前"),
            "number",
            lambda v: (
                tr("社区号凭转诊预约，开诊前 {n} 小时起向公众开放").format(n=number(v)) if v else tr("社区号不作预留")
            ),
        ),
    ]


def _holding() -> list[Rule]:
    return [
        Rule("hold_s", tr("锁定多久"), "seconds", lambda v: tr("锁定的号保留 {t}").format(t=span(v))),
        Rule(
            "prepay",
            tr("先付款后生效"),
            "flag",
            lambda v: tr("付款后预约才生效") if v else tr("预约即生效，费用可后付"),
        ),
        Rule("pay_s", tr("付款限时"), "seconds", lambda v: tr("确认后 {t}内付款，逾期释放").format(t=span(v))),
    ]


def _cancelling() -> list[Rule]:
    return [
        Rule(
            "cancel_working_days",
            tr("提前几个工作日"),
            "number",
            lambda v: tr("退号须提前 {n} 个工作日").format(n=number(v)) if v else tr("就诊当天也可退号"),
        ),
        Rule(
            "cancel_minute",
            tr("当天几点以前"),
            "minute",
            lambda v: tr("最迟那天 {t} 以前退号").format(t=minute_of_day(v)),
        ),
        Rule(
            "holidays",
            tr("法定假日"),
            "dates",
            lambda v: _dates(v, tr("没有另列的假日"), tr("法定假日 {n} 天，{first} 至 {last}")),
        ),
        Rule(
            "workdays",
            tr("调休上班日"),
            "dates",
            lambda v: _dates(v, tr("没有另列的调休上班日"), tr("调休上班 {n} 天，{first} 至 {last}")),
        ),
    ]


def _limits() -> list[Rule]:
    return [
        Rule(
            "per_department_day",
            tr("同科室每天"),
            "number",
            lambda v: tr("同一科室每人每天最多 {n} 个").format(n=number(v)),
        ),
        Rule("per_day", tr("全市每天"), "number", lambda v: tr("每人每天最多 {n} 个").format(n=number(v))),
        Rule("no_show_count", tr("几次爽约"), "number", lambda v: tr("爽约 {n} 次暂停预约").format(n=number(v))),
        Rule(
            "no_show_within_days",
            tr("在几天之内"),
            "number",
            lambda v: tr("按最近 {n} 天的爽约计").format(n=number(v)),
        ),
        Rule(
            "bar_days",
            tr("暂停几天"),
            "days",
            lambda v: tr("依次暂停 {n} 天").format(n=listed(v)) if v else tr("爽约不暂停预约"),
        ),
    ]


def _returned() -> list[Rule]:
    ways = (("waitlist", tr("给候补")), ("draw", tr("摇号")))
    given = (("returned", tr("当作退回的号")), ("free", tr("直接空出")))
    return [
        Rule(
            "returned",
            tr("退回的号"),
            "choice",
            lambda v: tr("退回的号摇号分配") if v == "draw" else tr("退回的号先给候补，再随机重开"),
            ways,
        ),
        Rule(
            "given_up",
            tr("放弃的锁定"),
            "choice",
            lambda v: tr("放弃或过期的锁定直接空出") if v == "free" else tr("放弃或过期的锁定当作退回的号"),
            given,
        ),
        Rule("offer_s", tr("为候补保留"), "seconds", lambda v: tr("为候补的人保留 {t}").format(t=span(v))),
        Rule("reopen_min_s", tr("重开最早"), "seconds", lambda v: tr("退回后至少 {t}才重新开放").format(t=span(v))),
        Rule("reopen_max_s", tr("重开最晚"), "seconds", lambda v: tr("退回后最迟 {t}重新开放").format(t=span(v))),
    ]


def _visit() -> list[Rule]:
    names = (("check-in", tr("取号时")), ("booking", tr("预约时")))
    return [
        Rule(
            "real_name",
            tr("何时核对证件"),
            "choice",
            lambda v: tr("预约前先核对证件") if v == "booking" else tr("取号前核对证件"),
            names,
        ),
        Rule(
            "check_in_before_minutes",
            tr("提前多久可取号"),
            "number",
            lambda v: tr("就诊前 {n} 分钟起可取号").format(n=number(v)),
        ),
        Rule(
            "check_in_after_minutes",
            tr("过后多久还可取号"),
            "number",
            lambda v: tr("就诊时段结束后 {n} 分钟内还可取号").format(n=number(v)),
        ),
        Rule(
            "points_fulfilled",
            tr("就诊得分"),
            "number",
            lambda v: tr("每次就诊得 {n} 积分").format(n=number(v)) if v else tr("就诊不得积分"),
        ),
        Rule(
            "points_valid_days",
            tr("积分有效"),
            "number",
            lambda v: tr("积分有效 {n} 天").format(n=number(v)),
        ),
    ]


def _dates(days: list[str], none: str, many: str) -> str:
    """`many` takes the place of more than four."""
    if not days:
        return none
    if len(days) <= 4:
        return listed(day_of(one) for one in days)
    return many.format(n=number(len(days)), first=day_of(min(days)), last=day_of(max(days)))


def idle(values: Mapping[str, Any]) -> set[str]:
    """The rules that say nothing beside the other ones: what only the other way of releasing or paying asks about."""
    found = {"window_days", "release_minute"} if values.get("release_mode") == "after-commit" else {"release_delay_s"}
    if not values.get("release_delay_s"):
        found = found | {"release_delay_s"}
    return found if values.get("prepay") else found | {"pay_s"}
