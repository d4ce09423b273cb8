"""`citychain lab`: labs listed, started, checked, reset; answers; what is handed in and assessed."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from apps.labs.lab import CoursePath, course, paths
from baas.cli.kit import Cli, argument, columns, group, network_option, option, pass_cli
from baas.errors import Text, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.labs.rooms import Room
    from apps.labs.service import Checked, Standing, Training
    from baas.platform import Platform

STATES = {
    "new": Text("未开始", "not started"),
    "begun": Text("进行中", "under way"),
    "passed": Text("已通过", "passed"),
}
NOT_PASSED = 1
"""The exit code of a check that found something wrong."""
_FILE = click.Path(path_type=Path, dir_okay=False)


@group(
    "lab",
    help=Text("实训：在自己的小网络里动手，由系统检查。", "Labs: done in a small network of one's own, and checked."),
)
def lab() -> None:
    """Labs."""


def _training(platform: Platform) -> Training:
    from apps.labs.service import Training

    return Training(platform)


def _around(cli: Cli) -> None:
    """From within a lab's own workspace, go on in the workspace around it."""
    from apps.labs.service import outer
    from baas.workspace import default_folder

    cli.workspace = outer((cli.workspace or default_folder()).expanduser().absolute())


@lab.command("list", help=Text("列出实训和进度。", "List the labs and how far you are."))
@pass_cli
def listed(cli: Cli) -> None:
    """List the labs."""
    _around(cli)
    with cli.platform() as platform:
        training = _training(platform)
        rows = [_row(one) for one in training.standings()]
        titles = columns(id=("编号", "Id"), title=("实训", "Lab"), minutes=("分钟", "Minutes"), state=("进度", "State"))
        cli.show(rows, titles)
        finished = training.finished()
        for path in paths() if not cli.json else ():
            done = sum(1 for one in rows if one["id"] in path.labs and one["passed"])
            words = Text("{t}：{d}/{n}", "{t}: {d}/{n}", t=path.title, d=done, n=len(path.labs))
            cli.say(words)
            if path.id in finished:
                cli.say(
                    Text(
                        "可以提交：citychain lab hand-in {p} FILE",
                        "You may hand it in: citychain lab hand-in {p} FILE",
                        p=path.id,
                    )
                )


def _row(one: Standing) -> dict[str, Any]:
    state: Text = STATES[one.state]
    if one.unsound:
        state = Text("记录被改动，不算数；请再检查一次", "its record was changed and does not count; check it again")
    elif one.older:
        state = Text("已通过（实训后来有改动）", "passed (the lab has changed since)")
    return {
        "id": one.lab.id,
        "title": one.lab.title,
        "minutes": one.lab.minutes,
        "state": state,
        "passed": one.state == "passed",
    }


@lab.command("show", help=Text("一个实训的目标、步骤和检查项。", "A lab's goal, its steps and what is checked."))
@argument("name", metavar="LAB")
@pass_cli
def show(cli: Cli, name: str) -> None:
    """Show a lab."""
    _around(cli)
    with cli.platform() as platform:
        training = _training(platform)
        standing = training.standing(name)
        found, steps = standing.lab, training.steps(name)
        if cli.json:
            cli.show(
                {
                    **_row(standing),
                    "goal": found.goal,
                    "after": found.after,
                    "steps": [{"what": one.words, "commands": one.commands, "page": one.page} for one in steps],
                    "questions": {one.id: one.words for one in found.questions},
                    "answers": training.answers(name),
                    "checks": {one.id: one.words for one in found.checks},
                }
            )
            return
        cli.say(
            Text(
                "{t}（约 {m} 分钟，{s}）",
                "{t} (about {m} minutes, {s})",
                t=found.title,
                m=found.minutes,
                s=_row(standing)["state"],
            )
        )
        cli.say(found.goal)
        if found.after:
            before = ", ".join(course()[one].title.render(cli.lang) for one in found.after)
            cli.say(Text("先做：{b}", "Do first: {b}", b=before))
        for number, step in enumerate(steps, 1):
            cli.say(Text("{n}. {w}", "{n}. {w}", n=number, w=step.words))
            for command in step.commands:
                click.echo(f"   {command}")
        for one in found.questions:
            cli.say(Text("问题 {i}：{w}", "Question {i}: {w}", i=one.id, w=one.words))
        cli.say(Text("检查：", "What is checked:"))
        for one in found.checks:
            cli.say(Text("- {w}", "- {w}", w=one.words))
        room = training.room(name)
        if room.there:
            _tell_room(cli, room)


def _tell_room(cli: Cli, room: Room) -> None:
    """Where the lab's commands are run."""
    cli.say(
        Text(
            "在这个终端里运行下面两行，之后的命令就作用于实训工作区：",
            "Run these two lines in this terminal; from then on commands work in the lab's workspace:",
        )
    )
    for line in _lines(room):
        click.echo(f"   {line}")


def _lines(room: Room) -> Iterator[str]:
    if os.name == "nt":
        yield f"$env:CITYCHAIN_WORKSPACE = {_powershell(str(room.desk))}"
        yield f"cd {_powershell(str(room.files))}"
    else:
        yield f"export CITYCHAIN_WORKSPACE={shlex.quote(str(room.desk))}"
        yield f"cd {shlex.quote(str(room.files))}"


def _powershell(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


@lab.command(
    "start", help=Text("开始一个实训：准备自己的工作区和网络。", "Start a lab: its own workspace and network.")
)
@argument("name", metavar="LAB")
@pass_cli
def start(cli: Cli, name: str) -> None:
    """Start a lab."""
    _around(cli)
    with cli.platform() as platform:
        training = _training(platform)
        room = cli.run(platform, training.start, name, title=Text("开始实训", "Start the lab"))
        if cli.json:
            cli.show(
                {
                    "lab": name,
                    "workspace": str(room.desk),
                    "files": str(room.files),
                    "code": training.learner.code(name),
                }
            )
            return
        cli.say(Text("实训“{t}”已准备好。", "Lab {t} is ready.", t=room.lab.title))
        _tell_room(cli, room)
        cli.say(
            Text(
                "步骤：citychain lab show {i}；做完后检查：citychain lab check {i}",
                "Its steps: citychain lab show {i}; when done: citychain lab check {i}",
                i=name,
            )
        )


@lab.command("answer", help=Text("回答实训里的问题。", "Answer a lab's questions."))
@argument("name", metavar="LAB")
@argument("answers", nargs=-1, required=True, metavar="QUESTION=ANSWER")
@pass_cli
def answer(cli: Cli, name: str, answers: tuple[str, ...]) -> None:
    """Answer questions."""
    _around(cli)
    given = {}
    for one in answers:
        question, equals, words = one.partition("=")
        if not equals:
            raise UserError(Text("请写作 问题=答案。", "Write QUESTION=ANSWER."), code="usage")
        given[question.strip()] = words.strip()
    with cli.platform() as platform:
        cli.show(_training(platform).answer(name, given))


@lab.command("check", help=Text("检查做得对不对；不对时说明错在哪里。", "Check what was done, and say what is wrong."))
@argument("name", metavar="LAB")
@pass_cli
def check(cli: Cli, name: str) -> None:
    """Check a lab."""
    _around(cli)
    with cli.platform() as platform:
        training = _training(platform)
        found: Checked = cli.run(platform, training.check, name, title=Text("检查实训", "Check the lab"))
        if cli.json:
            cli.show(
                {
                    "lab": name,
                    "passed": found.passed,
                    "checks": [
                        {
                            "id": one.id,
                            "what": one.words,
                            "right": one.wrong is None,
                            "wrong": one.wrong.what if one.wrong else "",
                            "hint": one.wrong.hint if one.wrong else "",
                        }
                        for one in found.results
                    ],
                }
            )
        for one in found.results if not cli.json else ():
            if one.wrong is None:
                cli.say(Text("✓ {w}", "✓ {w}", w=one.words))
            else:
                cli.say(Text("✗ {w}：{x}", "✗ {w}: {x}", w=one.words, x=one.wrong.what))
                cli.say(Text("   提示：{h}", "   Hint: {h}", h=one.wrong.hint))
        if not found.passed:
            raise click.exceptions.Exit(NOT_PASSED)
        cli.say(Text("通过。", "Passed."))


@lab.command(
    "reset", help=Text("删除实训的工作区和网络，重新来过。", "Remove a lab's workspace and network, to begin anew.")
)
@argument("name", metavar="LAB")
@pass_cli
def reset(cli: Cli, name: str) -> None:
    """Reset a lab."""
    _around(cli)
    with cli.platform(frees=True) as platform:
        was = _training(platform).reset(name)
        if cli.json:
            cli.show({"lab": name, "removed": was})
        elif was:
            cli.say(Text("已删除，可以重新开始。", "Removed; you may begin anew."))
        else:
            cli.say(Text("这个实训没有开始过，没有要删除的。", "This lab was not started; there is nothing to remove."))


def _path(name: str) -> CoursePath:
    from apps.labs.lab import path_of

    return path_of(name)


@lab.command(
    "hand-in", help=Text("把通过的一条路径写成文件，交给考核人。", "Write a finished path to a file for the assessor.")
)
@argument("path", metavar="PATH")
@argument("target", type=_FILE)
@option("--name", required=True, help=Text("您的姓名，写进凭证。", "Your name, for the credential."))
@network_option()
@pass_cli
def hand_in(cli: Cli, path: str, target: Path, name: str, network: str) -> None:
    """Hand a path in."""
    from apps.labs.handing_in import write

    _around(cli)
    with cli.platform() as platform:
        made = cli.run(
            platform,
            write,
            platform,
            _training(platform),
            _path(path),
            name,
            target,
            network=network,
            title=Text("写出提交文件", "Write what is handed in"),
        )
        cli.show({"file": str(made.path), "labs": len(made.labs), "signed": made.party})


@lab.command(
    "assess",
    help=Text("考核：核对提交的文件，签发凭证。", "Assess: check what was handed in, and issue the credential."),
)
@argument("source", type=click.Path(exists=True, path_type=Path, dir_okay=False))
@option(
    "--until",
    default="",
    help=Text(
        "凭证有效期至（2027-12-31）；不写只核对。", "The credential's last day (2027-12-31); without it, only check."
    ),
)
@option("--output", "-o", "target", type=_FILE, help=Text("给持证人的凭证文件。", "The holder's file."))
@network_option()
@pass_cli
def assess(cli: Cli, source: Path, until: str, target: Path | None, network: str) -> None:
    """Assess what was handed in."""
    from apps.labs.handing_in import assess as look

    if bool(until) != (target is not None):
        raise UserError(Text("--until 和 --output 一起用。", "--until and --output go together."), code="usage")
    with cli.platform() as platform:
        found = cli.run(
            platform, look, platform, source, network=network, until=until, target=target, title=Text("考核", "Assess")
        )
        if cli.json:
            cli.show(found)
            return
        cli.say(
            Text(
                "{n}（{p}）：{t}，{l} 项实训核对无误。",
                "{n} ({p}): {t}; {l} labs hold.",
                n=found.name,
                p=found.party,
                t=found.path.title,
                l=len(found.labs),
            )
        )
        if found.credential:
            cli.say(
                Text(
                    "凭证 {c} 已签发，文件 {f}。",
                    "Credential {c} is issued; its file is {f}.",
                    c=found.credential,
                    f=str(target),
                )
            )
