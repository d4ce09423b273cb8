"""What a lab's checks look at, and the table of the checks by name.

A check is told nothing of what somebody typed. It looks at the blocks of the lab's channel, and, where `here` is asked
for, at the lab's own workspace. It returns None where all is right, else what is wrong and where to look; a hint names
the page or the command that shows it, never the words that would solve it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from apps.labs.chain import Chain
from baas.errors import CityChainError, NotFound, Text

if TYPE_CHECKING:
    from apps.labs.lab import Lab
    from baas.platform import Platform


@dataclass(frozen=True)
class Wrong:
    """What is wrong, and a hint."""

    what: Text
    hint: Text


@dataclass(frozen=True)
class Seen:
    """What there is to look at. `here` and `files` are the lab's own workspace and folder; None where a desk looks
    that has only what was handed in."""

    lab: Lab
    code: str
    answers: Mapping[str, str] = field(default_factory=dict)
    here: Platform | None = None
    files: Path | None = None
    given: Chain | None = None

    @property
    def network(self) -> str:
        """The name of the lab's network."""
        return self.lab.network.replace("CODE", self.code)

    @property
    def platform(self) -> Platform:
        assert self.here is not None, "a check of the channel alone asked for the workspace"
        return self.here

    @property
    def folder(self) -> Path:
        assert self.files is not None
        return self.files

    @cached_property
    def chain(self) -> Chain:
        """The lab's channel; `CityChainError` where its network does not answer."""
        if self.given is not None:
            return self.given
        chain, network = self.platform.chain, self.network
        return Chain(chain.blocks(network, chain.channel(network)))

    def answer(self, question: str) -> str:
        """What was answered, without blanks around it; "" before anything was."""
        return self.answers.get(question, "").strip()


Look = Callable[[Seen], Wrong | None]


@dataclass(frozen=True)
class Check:
    """A check: `chain` says that it needs nothing but blocks and answers, so that others can do it again."""

    look: Look
    chain: bool


CHECKS: dict[str, Check] = {}


def check(name: str, *, chain: bool = True) -> Callable[[Look], Look]:
    """Declare the check `name`."""

    def keep(look: Look) -> Look:
        if name in CHECKS:
            raise ValueError(f"there are two checks {name}")
        CHECKS[name] = Check(look, chain)
        return look

    return keep


def checks() -> Mapping[str, Check]:
    """All checks, loaded."""
    import apps.labs.checks  # noqa: F401 - declares them

    return CHECKS


def look(name: str, seen: Seen) -> Wrong | None:
    """Do one check; what a network or file refuses is what is wrong with it."""
    try:
        return checks()[name].look(seen)
    except CityChainError as error:
        return Wrong(
            _text(error.message), _text(error.hint or Text("处理后再检查一次。", "Mend that and check again."))
        )


def _text(words: Text | str) -> Text:
    return words if isinstance(words, Text) else Text("{w}", "{w}", w=words)


def own_network(platform: Platform, name: str, room: Path) -> Wrong | None:
    """None where the network `name` was made in this lab's own workspace and runs nothing of anybody else's."""
    names = platform.networks.names()
    if name not in names:
        listed = ", ".join(names) or "—"
        return Wrong(
            Text(
                "实训工作区里没有网络 {n}，有：{l}。",
                "The lab's workspace has no network {n}; it has: {l}.",
                n=name,
                l=listed,
            ),
            Text("网络名见步骤说明。", "The steps name the network."),
        )
    folder = platform.networks.folder(name)
    strange = Wrong(
        Text("网络 {n} 不是在这次实训中建立的。", "Network {n} was not made in this lab.", n=name),
        Text(
            "检查只认实训自己的网络。重新开始：citychain lab reset",
            "A check takes the lab's own network only. Begin anew: citychain lab reset",
        ),
    )
    if name in platform.networks.attached() or platform.networks.spec(name).runtime != "embedded":
        return strange
    if not all(part.is_relative_to(room.resolve()) for part in _real(folder)):
        return strange
    return None


def _real(folder: Path) -> Iterator[Path]:
    """Where a network's folder and what lies in it really is."""
    yield folder.resolve()
    with suppress(OSError):
        yield from (one.resolve() for one in folder.iterdir())


def own_chain(chain: Chain, seen: Seen) -> Wrong | None:
    """None where the channel carries this learner's code: labs with a network of ours give it to the channel."""
    if seen.lab.topology == "none" or chain.channel == channel_of(seen.code):
        return None
    return Wrong(
        Text("通道 {c} 不是您这次实训的通道。", "Channel {c} is not that of your lab.", c=chain.channel),
        Text(
            "每人每次实训的通道不同，别人的结果不能使用。",
            "Everybody's lab has a channel of its own; others' results do not count.",
        ),
    )


def channel_of(code: str) -> str:
    """The name of the channel of a lab's network."""
    return f"lab-{code}"


def missing(what: Text, hint: Text) -> NotFound:
    """For checks: what has to be there first is not."""
    return NotFound(what, hint, code="lab_missing")
