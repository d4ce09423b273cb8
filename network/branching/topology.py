"""A branch's topology: its origin's organisations on this machine, one peer each, one ordering node."""

from __future__ import annotations

import re
from dataclasses import replace

from network.embedded.channel_config import ChannelConfig
from network.text import Text
from network.topology import (
    ChannelSpec,
    OrdererSpec,
    OrganizationSpec,
    PeerSpec,
    TopologySpec,
    load_spec,
    spec_to_mapping,
)


def branch_topology(
    name: str, origin: TopologySpec, channel: str, config: ChannelConfig, last_block: int
) -> TopologySpec:
    """Describe a branch called `name`; organisations are those of the configuration, by MSP id.

    What the origin's topology says of an organisation (name, title, domain, which database its peers have) stays.
    """
    members = {msp.msp_id: group for group, msp in config.application_orgs.items()}
    ordering = {msp.msp_id: group for group, msp in config.orderer_orgs.items()}
    known = {o.msp_id: o for o in origin.organizations}
    first = next((m for m in ordering if m in known and known[m].orderers), next(iter(ordering)))
    organizations = []
    for msp_id in dict.fromkeys((*(o.msp_id for o in origin.organizations), *members, *ordering)):
        if msp_id not in members and msp_id not in ordering:
            continue
        found = known.get(msp_id) or _unknown(msp_id, members.get(msp_id) or ordering[msp_id])
        peers = found.peers[:1] if msp_id in members else ()
        orderers = (found.orderers[:1] or (OrdererSpec("orderer0"),)) if msp_id == first else ()
        here = tuple(replace(peer, host="") for peer in peers), tuple(replace(one, host="") for one in orderers)
        organizations.append(replace(found, peers=here[0], orderers=here[1]))
    if not any(o.peers for o in organizations):
        organizations = [replace(o, peers=(PeerSpec("peer0"),)) if o.msp_id in members else o for o in organizations]
    names = {o.msp_id: o.name for o in organizations}
    before = next((c for c in origin.channels if c.name == channel), ChannelSpec(channel, ()))
    spec = TopologySpec(
        name=name,
        title=_title(origin.title, last_block),
        runtime="embedded",
        fabric_version=origin.fabric_version,
        consensus="raft",
        channels=(replace(before, organizations=tuple(names[m] for m in names if m in members)),),
        organizations=tuple(organizations),
        capabilities=origin.capabilities,
    )
    return load_spec(spec_to_mapping(spec))


def _title(title: Text, last_block: int) -> Text:
    return Text(f"{title.zh}（分支，截至区块 {last_block}）", f"{title.en} (branch, up to block {last_block})")


def _unknown(msp_id: str, group: str) -> OrganizationSpec:
    word = re.sub(r"[^a-z0-9]+", "-", (group or msp_id).lower()).strip("-") or "org"
    return OrganizationSpec(word, msp_id, Text(msp_id, msp_id), f"{word}.branch", (), ())
