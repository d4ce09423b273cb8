"""Policies in sentences, for people who do not read the policy language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from fabric_protos.common.policies_pb2 import ImplicitMetaPolicy, SignaturePolicyEnvelope

from fabric_sdk.errors import PolicyError
from fabric_sdk.policy.options import Combination
from fabric_sdk.policy.principals import MAX_DEPTH, envelope_of, principal_at, principal_name

Language = Literal["zh", "en"]

_ROLES: dict[Language, dict[str, str]] = {
    "zh": {"member": "成员", "admin": "管理员", "client": "客户端", "peer": "节点", "orderer": "排序节点"},
    "en": {"member": "member", "admin": "administrator", "client": "client", "peer": "peer", "orderer": "orderer"},
}


def explain(
    policy: SignaturePolicyEnvelope | ImplicitMetaPolicy | bytes,
    language: Language = "zh",
    titles: Mapping[str, str] | None = None,
) -> str:
    """One sentence that says who must sign; `titles` gives organisations' names for their MSP ids."""
    titles = titles or {}
    if isinstance(policy, ImplicitMetaPolicy):
        return _explain_implicit(policy, language)
    envelope = envelope_of(policy)
    names = [principal_name(p) for p in envelope.identities]
    text = _rule(envelope.rule, names, language, titles, 0)
    if language == "en":
        return f"Needs the signature of {text}."
    return _tidy(f"需要{text}签名。")


def explain_missing(
    options: Sequence[Combination], language: Language = "zh", titles: Mapping[str, str] | None = None
) -> str:
    """One sentence from `missing`: who has still to sign; empty if nobody."""
    if not options:
        return ""
    titles = titles or {}
    choices = [
        _joined([_counted(_principal(n, language, titles), c, language) for n, c in sorted(o.items())], "and", language)
        for o in options[:3]
    ]
    text = _joined(choices, "or", language)
    if language == "zh":
        return _tidy(f"还缺{text}的签名{'（另有其他组合）' if len(options) > 3 else ''}。")
    return f"Still missing: the signature of {text}{' (there are other combinations)' if len(options) > 3 else ''}."


def _explain_implicit(policy: ImplicitMetaPolicy, language: Language) -> str:
    name = policy.sub_policy
    if language == "zh":
        who = {0: "任意一个组织", 1: "所有组织", 2: "过半数组织"}[policy.rule]
        return f"需要{who}各自满足其 {name} 策略。" if policy.rule else f"需要{who}满足其 {name} 策略。"
    who = {0: "any one organisation", 1: "every organisation", 2: "a majority of the organisations"}[policy.rule]
    return f"Needs {who} to satisfy its {name} policy."


def _rule(rule: Any, names: list[str], language: Language, titles: Mapping[str, str], depth: int) -> str:
    if depth > MAX_DEPTH:
        raise PolicyError(f"the policy is nested deeper than {MAX_DEPTH}")
    kind = rule.WhichOneof("Type")
    if kind == "signed_by":
        return _principal(principal_at(names, rule.signed_by), language, titles)
    if kind != "n_out_of":
        raise PolicyError("the policy has an empty rule")
    parts = [_rule(r, names, language, titles, depth + 1) for r in rule.n_out_of.rules]
    needed, count = rule.n_out_of.n, len(parts)
    if needed <= 0:
        return "（无需任何人）" if language == "zh" else "nobody"
    if needed > count:
        return "（无人能满足）" if language == "zh" else "nobody (it cannot be satisfied)"
    if needed == count:
        text = _joined(parts, "and", language)
    elif needed == 1:
        text = _joined(parts, "or", language)
    elif language == "zh":
        text = f"{_joined(parts, 'list', language)}这 {count} 方中的任意 {needed} 方"
    else:
        text = f"any {needed} of: {_joined(parts, 'list', language)}"
    if depth == 0 or count == 1:
        return text
    return f"（{text}）" if language == "zh" else f"({text})"


def _joined(parts: Sequence[str], how: Literal["and", "or", "list"], language: Language) -> str:
    if len(parts) == 1:
        return parts[0]
    words = {"zh": {"and": "和", "or": "或", "list": "、"}, "en": {"and": " and ", "or": " or ", "list": ", "}}
    last = words[language][how]
    between = last if how == "or" else ("、" if language == "zh" else ", ")
    return between.join(parts[:-1]) + last + parts[-1]


def _tidy(text: str) -> str:
    return text.replace("（ ", "（").replace("、 ", "、")


def _principal(name: str, language: Language, titles: Mapping[str, str]) -> str:
    msp_id, dot, role = name.rpartition(".")
    word = _ROLES[language].get(role)
    if not dot or word is None:
        return name
    title = titles.get(msp_id, msp_id)
    if language == "zh":
        return f"{title}的{word}" if msp_id in titles else f" {title} 的{word}"
    return f"{'an' if word[0] in 'ao' else 'a'} {word} of {title}"


def _counted(text: str, count: int, language: Language) -> str:
    if count == 1:
        return text
    return f"{text}（{count} 个）" if language == "zh" else f"{text} ({count} of them)"
