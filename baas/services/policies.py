"""Endorsement policies in sentences, with organisations' names as the topology gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from baas.errors import Text, UserError
from baas.services.definitions import members, policy_envelope
from baas.services.lifecycle_model import PolicyExplanation, PolicyOption

if TYPE_CHECKING:
    from baas.services.chain import ChainReader
    from baas.services.networks import NetworkService


def explain_text(policy: Any, titles: Mapping[str, Text]) -> Text:
    """One sentence that says who must sign."""
    from fabric_sdk.policy import explain

    return _both(explain(policy, "zh", _titles(titles, "zh")), explain(policy, "en", _titles(titles, "en")))


def explain_missing_text(options: Sequence[Any], titles: Mapping[str, Text]) -> Text:
    """One sentence that says who has still to sign."""
    from fabric_sdk.policy import explain_missing

    return _both(
        explain_missing(options, "zh", _titles(titles, "zh")), explain_missing(options, "en", _titles(titles, "en"))
    )


def _titles(titles: Mapping[str, Text], lang: Any) -> dict[str, str]:
    return {msp_id: title.render(lang) for msp_id, title in titles.items()}


def _both(zh: str, en: str) -> Text:
    # As parameters, because the sentences may hold braces.
    return Text("{chinese}", "{english}", chinese=zh, english=en)


def explain_policy(
    networks: NetworkService, chain: ChainReader, network: str, channel: str, policy: str
) -> PolicyExplanation:
    """A policy (text form, or a channel policy's path) in plain words, and who can satisfy it now."""
    from fabric_sdk.errors import PolicyError
    from fabric_sdk.policy import format as write
    from fabric_sdk.policy import minimal_sets, parse

    titles = {o.msp_id: o.title for o in networks.spec(network).organizations}
    try:
        if policy.startswith("/"):
            envelope = policy_envelope(policy, chain.authority(network, channel))
        else:
            envelope = parse(policy)
        sets = minimal_sets(envelope)
    except PolicyError as error:
        raise UserError(
            Text("背书策略无法读懂：{t}", "The endorsement policy cannot be read: {t}", t=str(error)),
            code="bad_policy",
        ) from error
    running = _running_peers(networks, network)
    options = tuple(
        PolicyOption(tuple(sorted(members(one))), all(running.get(m, 0) > 0 for m in members(one))) for one in sets
    )
    handle = networks.handle(network)
    peers = {msp_id: len(handle.peers(msp_id)) for msp_id in titles}
    return PolicyExplanation(
        write(envelope), explain_text(envelope, titles), options, _policy_warnings(options, peers, titles)
    )


def _running_peers(networks: NetworkService, network: str) -> dict[str, int]:
    running: dict[str, int] = {}
    for node in networks.status(network).nodes:
        if node.kind == "peer" and node.state == "running":
            running[node.msp_id] = running.get(node.msp_id, 0) + 1
    return running


def _policy_warnings(
    options: tuple[PolicyOption, ...], peers: Mapping[str, int], titles: Mapping[str, Text]
) -> tuple[Text, ...]:
    """What a policy makes fragile: an organisation that every option needs and that has a single peer."""
    warnings: list[Text] = []
    if not options:
        return (Text("没有任何签名能满足这条策略。", "No signatures can satisfy this policy."),)
    always = frozenset.intersection(*(frozenset(option.msp_ids) for option in options))
    for msp_id in sorted(always):
        title = titles.get(msp_id, Text("{m}", "{m}", m=msp_id))
        if msp_id not in titles:
            warnings.append(Text("组织 {m} 不在这个网络里。", "{m} is not in this network.", m=msp_id))
        elif peers.get(msp_id, 0) <= 1:
            warnings.append(
                Text(
                    "{o}只有一个节点，它停止时任何交易都无法完成。",
                    "{o} has a single peer; when it stops no transaction can be completed.",
                    o=title,
                )
            )
    if any(len(option.msp_ids) == 1 for option in options):
        warnings.append(Text("单独一个组织就能满足这条策略。", "One organisation alone can satisfy this policy."))
    return tuple(warnings)
