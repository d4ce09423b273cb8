"""What a channel's configuration would be after an update: for people who are asked to sign it, not to judge it."""

from __future__ import annotations

from typing import Any

from fabric_sdk.configtx.edit import copy_config
from fabric_sdk.configtx.groups import ConfigError

MAX_DEPTH = 12


def preview(config: Any, update: Any) -> Any:
    """Return a copy of the `common.Config` with the `common.ConfigUpdate`'s write set laid over it.

    Elements count as changed when their version is above the present one, as in Fabric; a group whose own version rises
    keeps only the members that the write set names. ConfigError for an update that is nested deeper than any channel.
    """
    result = copy_config(config)
    _lay_over(result.channel_group, update.write_set, 0)
    return result


def _lay_over(present: Any, write: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ConfigError("the update is nested too deeply")
    if write.version > present.version:
        for kind in ("groups", "values", "policies"):
            there, wanted = getattr(present, kind), getattr(write, kind)
            for name in [n for n in there if n not in wanted]:
                del there[name]
        present.version = write.version
        present.mod_policy = write.mod_policy
    for kind in ("values", "policies"):
        there, wanted = getattr(present, kind), getattr(write, kind)
        for name in wanted:
            if name not in there or wanted[name].version > there[name].version:
                there[name].CopyFrom(wanted[name])
    for name in write.groups:
        if name in present.groups:
            _lay_over(present.groups[name], write.groups[name], depth + 1)
        else:
            present.groups[name].CopyFrom(write.groups[name])
