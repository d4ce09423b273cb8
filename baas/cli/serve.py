"""`citychain serve`: parts that run without a desktop, until Ctrl+C or the service manager ends them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from baas import roles
from baas.cli.kit import Cli, argument, command, network_option, option, pass_cli
from baas.errors import Text, Unavailable, UserError

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.serving.parts import Part, Running
    from baas.serving.web import WebOptions

_FILE = click.Path(dir_okay=False, path_type=Path)
_HOST = Text("监听地址，默认只限本机。", "Address to listen on; this machine only by default.")
_PORT = Text("部件的端口，写作 部件=端口，可多次。", "A part's port as PART=PORT; repeatable.")
_LOOK_S = 0.5
_KEEPERS = {"nodes", "monitor"}
"""Parts that keep networks running and look after them; all others answer people and programs in a network's name."""


def web_options(function: Any) -> Any:
    """The options of everything that listens for browsers and portals."""
    for decorate in (
        option(
            "--insecure",
            is_flag=True,
            help=Text("允许在本机之外使用明文 HTTP。", "Allow plain HTTP beyond this machine."),
        ),
        option("--tls-key", type=_FILE, help=Text("TLS 私钥（PEM）。", "The TLS key (PEM).")),
        option(
            "--tls-cert",
            type=_FILE,
            help=Text(
                "TLS 证书（PEM）；默认由网络的 CA 签发。", "TLS certificate (PEM); by default of the network's CA."
            ),
        ),
        option("--host", default="127.0.0.1", help=_HOST),
    ):
        function = decorate(function)
    return function


@command(
    "serve",
    help=Text(
        "不开桌面地运行：nodes（网络节点）、fhir、board 等，直到 Ctrl+C。定期任务同时进行，doctor 可查。",
        "Run without a desktop: nodes, fhir, board and others, until Ctrl+C; duties recur meanwhile, see doctor.",
    ),
)
@argument("names", nargs=-1, required=True, metavar="PART…")
@network_option()
@option("--port", "ports", multiple=True, metavar="PART=PORT", help=_PORT)
@web_options
@option("--identity", default="", metavar="LABEL", help=Text("以这个服务身份签名。", "Sign as this service identity."))
@option(
    "--key-file",
    type=_FILE,
    help=Text("服务身份的私钥文件（只有属主可读）。", "The service identity's key (readable by its owner only)."),
)
@pass_cli
def serve(
    cli: Cli,
    names: tuple[str, ...],
    network: str,
    ports: tuple[str, ...],
    host: str,
    tls_cert: Path | None,
    tls_key: Path | None,
    insecure: bool,
    identity: str,
    key_file: Path | None,
) -> None:
    """Run parts without a desktop."""
    from baas.serving.parts import part
    from baas.serving.web import WebOptions

    if bool(identity) != (key_file is not None):
        raise UserError(
            Text("--identity 和 --key-file 要一起给出。", "--identity and --key-file go together."), code="usage"
        )
    web = WebOptions(host, _ports(ports), tls_cert, tls_key, insecure)
    with cli.platform(create=False) as platform:
        platform.session.require(roles.LEDGER_READ)
        chosen = [part(platform.applications, name) for name in dict.fromkeys(names)]
        served = network or platform.networks.default()
        if set(names) - _KEEPERS and served in platform.networks.names():
            platform.networks.require_origin(served, Text("不对外提供服务", "nothing is served from it"))
        with _signing(platform, identity, key_file, network) as signing:
            run_parts(cli, platform, network, chosen, web, signing=signing)


@contextlib.contextmanager
def _signing(platform: Platform, identity: str, key_file: Path | None, network: str) -> Iterator[Platform]:
    """Where the service's identity acts: beside the owner's, so that neither has the other's rights."""
    if key_file is None:
        yield platform
        return
    from baas.platform import Platform as Opened

    with Opened.open(platform.workspace.folder, create=False, applications=platform.applications) as signing:
        signing.serve_as(identity, key_file, network=network)
        yield signing


def run_parts(
    cli: Cli, platform: Platform, network: str, chosen: list[Part], web: WebOptions, *, signing: Platform | None = None
) -> None:
    """Open the parts, say where they are, and do their duties until somebody ends the program."""
    from baas.audit import each_by_itself
    from baas.serving.duties import DutyClock
    from baas.serving.parts import Request
    from baas.serving.presence import present

    of = {entry.name: (signing or platform) if entry.signs else platform for entry in chosen}
    for entry in chosen:
        of[entry.name].session.require(entry.permission)
    with _told_to_end() as ending, contextlib.ExitStack() as opened:
        opened.enter_context(each_by_itself("service"))
        running: list[tuple[Part, Running]] = []
        for entry in chosen:
            running.append((entry, opened.enter_context(entry.open(Request(of[entry.name], network, web)))))
            opened.enter_context(present(platform.workspace, entry, network, running[-1][1].address))
            _say(cli, entry, running[-1][1])
        duties = [(duty, of[entry.name]) for entry in chosen for duty in entry.duties]
        opened.enter_context(DutyClock(duties, network))
        _tell_manager("READY=1")
        while not ending.wait(_LOOK_S):
            for entry, state in running:
                if not state.running:
                    raise Unavailable(
                        Text("{n} 已自行结束。", "{n} has ended by itself.", n=entry.title),
                        Text("详情见工作区的日志。", "See the workspace's log."),
                        code="part_ended",
                    )
        _tell_manager("STOPPING=1")


def _say(cli: Cli, entry: Part, state: Running) -> None:
    if cli.json:
        cli.show({"part": entry.name, "address": state.address})
    elif state.address:
        cli.say(Text("{n}：{a}", "{n}: {a}", n=entry.title, a=state.address))
    else:
        cli.say(Text("{n}：运行中", "{n}: running", n=entry.title))
    sys.stdout.flush()


def _ports(given: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in given:
        name, equals, number = text.partition("=")
        if not (name and equals and number.isascii() and number.isdigit() and int(number) <= 65_535):
            raise UserError(
                Text("端口应写作 部件=端口：{t}", "A port is written PART=PORT: {t}", t=text[:80]), code="usage"
            )
        found[name] = int(number)
    return found


@contextlib.contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """An event that Ctrl+C and the service manager's signal set; whoever sets it twice does not wait for the end."""
    ending = threading.Event()
    before: dict[signal.Signals, Any] = {}

    def told(number: int, _frame: object) -> None:
        if ending.is_set():
            raise KeyboardInterrupt
        ending.set()

    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, told)
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell_manager(words: str) -> None:
    """Tell systemd how it stands (sd_notify(3)); without one nobody hears it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(words.encode(), "\0" + address[1:] if address.startswith("@") else address)
