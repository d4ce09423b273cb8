"""Open what was committed, finish what was stopped, hand over what one desk kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.health_slots import permissions
from apps.health_slots.commands.root import command, slots
from apps.health_slots.commands.schedule import hospital_option
from baas.cli.kit import Cli, option
from baas.errors import Text

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from baas.platform import Platform


@command(slots, "unfinished", help=Text("查看中断的导入，或只保留已写入的部分。", "Show or accept a stopped import."))
@hospital_option()
@option("--accept", is_flag=True, help=Text("只保留已写入的部分。", "Keep what was written, without the rest."))
def unfinished(cli: Cli, service: HealthSlotsService, hospital: str, accept: bool) -> None:
    run = service.schedules.unfinished(hospital)
    if run is None:
        cli.show([], {}, Text("没有中断的导入。", "No import was stopped."))
        return
    if accept:
        service.schedules.accept_unfinished(hospital)
    cli.show({**vars(run), "accepted": accept})


@command(slots, "release", help=Text("放号：打开到时间的承诺。", "Open every commitment whose time has come."))
@hospital_option()
def release(cli: Cli, service: HealthSlotsService, platform: Platform, hospital: str) -> None:
    done = cli.run(platform, service.schedules.release, hospital, title=Text("放号", "Release"))
    cli.show(done)
    if done.by_others:
        cli.say(Text("另有 {n} 个由同事同时放号。", "A colleague opened {n} others.", n=len(done.by_others)))
    if done.elsewhere:
        cli.say(
            Text(
                "还有 {n} 个的排班只在别的电脑上，请在那里运行 citychain slots hand-over。",
                "The slots of {n} more are known at another desk alone: run `citychain slots hand-over` there.",
                n=len(done.elsewhere),
            )
        )


@command(
    slots,
    "hand-over",
    help=Text(
        "把本机独有的待放号排班、设置和门户登记交给本组织节点。",
        "Give the own organisation's peers the plans, settings and portals kept here alone.",
    ),
)
def hand_over(cli: Cli, service: HealthSlotsService, platform: Platform, network: str) -> Any:
    from apps.health_slots.serving.portals import PlatformPortals

    session = platform.session
    portals = PlatformPortals(platform, network, service.index).registry
    if session.allows(permissions.PORTALS) and (handed := portals.hand_over()):
        cli.say(Text("已移交 {n} 个门户。", "{n} portals are handed over.", n=handed))
    if session.allows(permissions.PORTALS) and not session.allows(permissions.PUBLISH):
        return None
    waiting = service.schedules.unshared()
    if not waiting:
        cli.show([], {}, Text("本机没有要移交的内容。", "There is nothing here to hand over."))
        return None
    return cli.run(platform, service.schedules.hand_over, title=Text("移交", "Hand over"))
