"""The people of a network's applications, invited at once: an invitation and a code for each part, to hand out.

For trying a network from desks of their own: who plays which part, at which organisation, with which attributes, is
said by the applications; names are the parts'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.applications import load
from baas.errors import CityChainError, Text
from baas.jobs import NULL_CONTEXT, JobContext
from baas.letters import new_code

if TYPE_CHECKING:
    from baas.platform import Platform


@dataclass(frozen=True)
class Played:
    """A part: the label that its person gets, the role, further attributes, and what it is called."""

    label: str
    role: str
    title: Text
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Invited:
    """An invitation that was written: the code goes another way than the file. `file` None says why not in `note`."""

    label: str
    role: str
    title: Text
    file: Path | None
    code: str
    note: Text | str = ""


def cast(platform: Platform, network: str = "") -> list[Played]:
    """Everybody whom the applications of a network know, each label once."""
    platform.session.require(roles.IDENTITY_READ)
    spec = platform.networks.spec(platform.networks.resolve(network))
    found: dict[str, Played] = {}
    for manifest in platform.applications.all():
        if manifest.cast:
            for one in load(manifest.cast)(manifest, spec):
                found.setdefault(one.label, one)
    return list(found.values())


def invite_cast(
    platform: Platform, folder: Path, network: str = "", *, ctx: JobContext = NULL_CONTEXT
) -> list[Invited]:
    """Write an invitation for every part into `folder`; a name that is taken is told and left out."""
    platform.session.require(roles.IDENTITY_ISSUE)
    folder.mkdir(parents=True, exist_ok=True)
    done = []
    for one in cast(platform, network):
        ctx.check_cancelled()
        ctx.step(one.label, Text("邀请 {t}", "Invite: {t}", t=one.title))
        code, file = new_code(), folder / f"{one.label.replace('/', '-')}.citychain"
        try:
            platform.invitations.invite(one.label, file, code, one.role, one.attributes, network=network)
        except CityChainError as error:
            done.append(Invited(one.label, one.role, one.title, None, "", error.message))
            continue
        done.append(Invited(one.label, one.role, one.title, file, code))
    return done
