"""Training: start a lab, answer its questions, have it checked, begin anew; what was passed is kept."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from apps.labs.lab import Lab, Step, course, filled, lab_of, paths
from apps.labs.learner import Learner, Passed, canonical, fits
from apps.labs.looking import Seen, Wrong, checks, look, own_chain, own_network
from apps.labs.rooms import FOLDER, NOTE, Room, spec_of
from apps.labs.stories import tell
from baas.errors import CityChainError, Conflict, NotFound, Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from fabric_sdk import clock
from network.vault import write_private

if TYPE_CHECKING:
    from baas.platform import Platform

ANSWERS = "answers.json"
LONGEST_ANSWER = 200
State = Literal["new", "begun", "passed"]


@dataclass(frozen=True)
class Standing:
    """How far the learner is with a lab. `unsound` says that a record of it was found that does not hold; `older`
    that the lab has changed since it was passed."""

    lab: Lab
    state: State
    at: float = 0.0
    older: bool = False
    unsound: bool = False


@dataclass(frozen=True)
class Result:
    """What one check found; `wrong` is None where all is right."""

    id: str
    words: Text
    wrong: Wrong | None


@dataclass(frozen=True)
class Checked:
    """What was found in a lab's room."""

    lab: Lab
    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        return all(one.wrong is None for one in self.results)


class Training:
    """The labs of one workspace."""

    def __init__(self, platform: Platform) -> None:
        self.workspace = outer(platform.workspace.folder)
        if self.workspace != platform.workspace.folder:
            raise Conflict(
                Text(
                    "这里是实训工作区，实训从原来的工作区开始和检查。",
                    "This is a lab's own workspace; labs are started and checked from the workspace around it.",
                ),
                Text("请用 --workspace 指定：{p}", "Name it with --workspace: {p}", p=str(self.workspace)),
                code="inside_lab",
            )
        self.learner = Learner(self.workspace, platform.keystore)

    def room(self, id: str) -> Room:
        """The room of a lab, whether it is there or not."""
        return Room(self.workspace, lab_of(id))

    def standings(self) -> tuple[Standing, ...]:
        """Every lab in the order in which they are best done, with how far the learner is."""
        passed, unsound = self.learner.records()
        return tuple(self._standing(lab, passed, unsound) for lab in course().values())

    def standing(self, id: str) -> Standing:
        """How far the learner is with one lab."""
        return self._standing(lab_of(id), *self.learner.records())

    def _standing(self, lab: Lab, passed: Mapping[str, Passed], unsound: tuple[str, ...]) -> Standing:
        record = passed.get(lab.id)
        if record is not None:
            return Standing(lab, "passed", record.at, older=record.edition != lab.edition)
        return Standing(lab, "begun" if self.room(lab.id).there else "new", unsound=lab.id in unsound)

    def finished(self) -> tuple[str, ...]:
        """The paths all of whose labs were passed."""
        passed, _ = self.learner.records()
        return tuple(one.id for one in paths() if all(lab in passed for lab in one.labs))

    def steps(self, id: str) -> tuple[Step, ...]:
        """A lab's steps with the learner's own code in them, once there is one."""
        lab = lab_of(id)
        if not self.learner.known:
            return lab.steps
        code = self.learner.code(id)
        return tuple(
            Step(one.words, tuple(filled(command, code) for command in one.commands), one.page) for one in lab.steps
        )

    # -- doing ---------------------------------------------------------------------------------------
    def start(self, id: str, *, ctx: JobContext = NULL_CONTEXT) -> Room:
        """Make the lab's room and the network that it begins with. `Conflict` where it was started already."""
        room = self.room(id)
        with room.alone():
            if room.there:
                raise Conflict(
                    Text("实训“{t}”已经开始。", "Lab {t} was started already.", t=room.lab.title),
                    Text(
                        "检查：citychain lab check {i}；重来：citychain lab reset {i}",
                        "Check it: citychain lab check {i}; begin anew: citychain lab reset {i}",
                        i=id,
                    ),
                    code="lab_started",
                )
            room.remove()  # what a start that was killed has left
            code = self.learner.code(id)
            ctx.step("room", Text("准备实训工作区", "Prepare the lab's workspace"))
            try:
                with translating():
                    room.lay_out()
                with room.opened(write=True) as platform:
                    self._furnish(platform, room, code, ctx)
                with translating():
                    write_private(room.note, self._note(room, code))
            except BaseException:
                room.remove()
                raise
        return room

    def _furnish(self, platform: Platform, room: Room, code: str, ctx: JobContext) -> None:
        spec = spec_of(room.lab, code)
        if spec is None:
            return
        ctx.step("network", Text("建立实训网络", "Bring the lab's network up"))
        platform.networks.up(spec)
        for contract in room.lab.contracts:
            ctx.step(contract, Text("部署合约 {c}", "Deploy contract {c}", c=contract))
            platform.contracts.deploy(spec.name, contract)
        if room.lab.story:
            ctx.step("story", Text("准备素材", "Prepare what the lab is about"))
            tell(room.lab.story, platform, spec.name, room.files)

    def _note(self, room: Room, code: str) -> bytes:
        body = {"lab": room.lab.id, "edition": room.lab.edition, "code": code, "at": clock.seconds()}
        signature = base64.b64encode(self.learner.sign(canonical(body))).decode()
        return json.dumps({**body, "sig": signature}).encode()

    def _require_own(self, room: Room) -> None:
        """`Conflict` for a room that this learner did not start: somebody else's was copied here."""
        room.require()
        try:
            note = json.loads(room.note.read_bytes())
            signature = base64.b64decode(note.pop("sig"), validate=True)
            own = (
                note["lab"] == room.lab.id
                and note["code"] == self.learner.code(room.lab.id)
                and fits(self.learner.public, signature, canonical(note))
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            own = False
        if not own:
            raise Conflict(
                Text("这个实训工作区不是您开始的。", "It was not you who started this lab's workspace."),
                Text("重新开始：citychain lab reset {i}", "Begin anew: citychain lab reset {i}", i=room.lab.id),
                code="lab_not_own",
            )

    def answer(self, id: str, given: Mapping[str, str]) -> dict[str, str]:
        """Keep answers to a lab's questions; returns all that are kept. `UserError` for what is no question of it."""
        room = self.room(id)
        known = [one.id for one in room.lab.questions]
        for name, value in given.items():
            if name not in known:
                raise UserError(
                    Text("这个实训没有问题“{n}”。", "This lab has no question {n}.", n=name[:40]),
                    Text("问题：{k}", "Its questions: {k}", k=", ".join(known) or "—"),
                    code="no_question",
                )
            if len(value) > LONGEST_ANSWER or not value.isprintable():
                raise UserError(
                    Text(
                        "答案应为一行，不超过 {n} 字。",
                        "An answer is one line of at most {n} characters.",
                        n=LONGEST_ANSWER,
                    ),
                    code="bad_answer",
                )
        with room.alone():
            self._require_own(room)
            kept = {**self.answers(id), **given}
            with translating():
                write_private(room.folder / ANSWERS, json.dumps(kept, ensure_ascii=False).encode())
        return kept

    def answers(self, id: str) -> dict[str, str]:
        """What was answered to a lab's questions so far."""
        room = self.room(id)
        try:
            found = json.loads((room.folder / ANSWERS).read_bytes())
            return {one.id: str(found[one.id]) for one in room.lab.questions if one.id in found}
        except (OSError, ValueError, TypeError):
            return {}

    def check(self, id: str, *, ctx: JobContext = NULL_CONTEXT) -> Checked:
        """Look at what is in the lab's room; a lab whose checks all hold is written down as passed."""
        room = self.room(id)
        with room.alone():
            self._require_own(room)
            ctx.step("look", Text("检查实训工作区", "Look at the lab's workspace"))
            with room.opened() as platform:
                seen = Seen(room.lab, self.learner.code(id), self.answers(id), platform, room.files)
                results = self._look(seen, room)
                found = Checked(room.lab, results)
                if found.passed:
                    ctx.step("keep", Text("记下结果", "Keep the result"))
                    self._keep(seen, room)
        return found

    def _look(self, seen: Seen, room: Room) -> tuple[Result, ...]:
        foreign = own_network(seen.platform, seen.network, room.folder)
        if foreign is None:
            try:
                foreign = own_chain(seen.chain, seen)
            except CityChainError:
                foreign = None  # a network that does not answer: the checks themselves say so
        if foreign is not None:
            first, *rest = seen.lab.checks
            later = Wrong(
                Text("还没有看。", "Not looked at yet."), Text("先处理上一项。", "Mend what stands above first.")
            )
            return (Result(first.id, first.words, foreign), *(Result(one.id, one.words, later) for one in rest))
        return tuple(Result(one.id, one.words, look(one.id, seen)) for one in seen.lab.checks)

    def _keep(self, seen: Seen, room: Room) -> None:
        evidence = self.evidence(room.lab.id)
        platform = seen.platform
        with translating():
            evidence.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        platform.ledger.export(evidence, seen.network)
        digest = hashlib.sha256(evidence.read_bytes()).hexdigest()
        self.learner.keep(
            Passed(
                lab=room.lab.id,
                edition=room.lab.edition,
                code=seen.code,
                at=round(clock.seconds(), 3),
                checks=tuple(one.id for one in room.lab.checks),
                answers=dict(seen.answers),
                evidence=digest,
            )
        )

    def evidence(self, id: str) -> Path:
        """Where the blocks lie that a passed lab was looked at in."""
        return self.learner.folder / f"{lab_of(id).id}.blocks"

    def reset(self, id: str) -> bool:
        """Remove a lab's room with its networks, all of it; whether there was anything. What was passed stays so."""
        room = self.room(id)
        with room.alone():
            was = room.folder.exists() or room.folder.is_symlink()
            room.remove()
            shutil.rmtree(room.folder.with_name(f".{room.lab.id}.gone"), ignore_errors=True)
        return was


def outer(folder: Path) -> Path:
    """The workspace around a lab's own one; `folder` itself where it is none."""
    room = folder.parent
    inside = room.parent.name == FOLDER and (room / NOTE).is_file() and room.name in course()
    return room.parent.parent if inside else folder


def declared() -> Mapping[str, Any]:
    """Every check that labs name, by name; `NotFound` for one that nobody has written."""
    known = checks()
    for lab in course().values():
        for one in lab.checks:
            if one.id not in known:
                raise NotFound(
                    Text(
                        "实训 {l} 的检查 {c} 不存在。",
                        "Lab {l} names the check {c}, which there is not.",
                        l=lab.id,
                        c=one.id,
                    )
                )
    return known
