"""`citychain keystore`: what protects the private keys."""

from __future__ import annotations

from pathlib import Path

import click

from baas.cli.kit import Cli, argument, columns, group, network_option, option, pass_cli
from baas.errors import Text


@group("keystore", help=Text("密钥库的口令。", "The keystore's passphrase."))
def keystore() -> None:
    """The keystore."""


@keystore.command(
    "status", help=Text("密钥库如何保护、有多少私钥。", "How the keystore is protected, and how many keys it has.")
)
@pass_cli
def status(cli: Cli) -> None:
    """How the keystore is protected."""
    from baas.platform import Platform

    with Platform.open(cli.workspace, create=False, read_only=True) as platform:
        store = platform.keystore
        cli.show(
            {
                "protection": "passphrase" if store.has_passphrase else "device",
                "keys": len(store.names()),
                "idle_lock_seconds": store.idle_seconds,
            }
        )


@keystore.command(
    "places", help=Text("每把私钥在哪里：密钥库或令牌。", "Where each key lives: the keystore or a token.")
)
@network_option()
@pass_cli
def places(cli: Cli, network: str) -> None:
    """Where each key lives."""
    with cli.platform(write=False, create=False) as platform:
        cli.show(
            [
                {"msp_id": one.msp_id, "name": one.name, "place": one.place or "keystore"}
                for one in platform.token_keys.places(network)
            ],
            columns(msp_id=("MSP", "MSP"), name=("名称", "Name"), place=("位置", "Place")),
        )


@keystore.command("tokens", help=Text("令牌库现在能看到哪些令牌。", "Which tokens a PKCS#11 library sees now."))
@argument("module", type=click.Path(dir_okay=False, path_type=Path))
@pass_cli
def tokens(cli: Cli, module: Path) -> None:
    """Which tokens a library sees."""
    from network.tokens.address import TokenAddress

    with cli.platform(write=False, create=False) as platform:
        cli.show(
            platform.token_keys.present(str(TokenAddress("any", module=str(module.absolute())))),
            columns(
                token=("令牌", "Token"),
                serial=("序列号", "Serial"),
                model=("型号", "Model"),
                manufacturer=("厂商", "Manufacturer"),
            ),
            empty=Text("没有令牌。", "No token is there."),
        )


@keystore.command("passphrase", help=Text("设置、更换或取消口令。", "Set, change or remove the passphrase."))
@option(
    "--new-passphrase-file",
    type=click.Path(dir_okay=False, allow_dash=True),
    help=Text(
        "新口令所在文件，- 为标准输入；不给则询问。",
        "File with the new passphrase; - is standard input; asked for otherwise.",
    ),
)
@option(
    "--remove", is_flag=True, help=Text("取消口令，改由本机设备密钥保护。", "Remove it; the device key protects again.")
)
@pass_cli
def passphrase(cli: Cli, new_passphrase_file: str | None, remove: bool) -> None:
    """Set, change or remove the passphrase."""
    with cli.platform() as platform:
        platform.set_passphrase(
            None
            if remove
            else Cli(cli.lang, cli.json, passphrase_file=new_passphrase_file or "").read_passphrase(confirm=True)
        )
        cli.show({"protection": "passphrase" if platform.keystore.has_passphrase else "device"})


@keystore.command(
    "lock", help=Text("立即锁定：本人的签名到处停止。", "Lock it now: the person's signatures stop everywhere.")
)
@pass_cli
def lock(cli: Cli) -> None:
    """Lock the keystore in every program that has it open; services with identities of their own go on."""
    from baas.platform import Platform

    with Platform.open(cli.workspace, create=False, read_only=True) as platform:
        platform.keystore.lock()
        cli.show({"locked": platform.keystore.has_passphrase})


@keystore.command("idle-lock", help=Text("空闲多久后锁定。", "After how much idle time it locks."))
@option(
    "--seconds", type=click.FloatRange(0, 86_400), required=True, help=Text("秒，0 为不锁定。", "Seconds; 0 is never.")
)
@pass_cli
def idle_lock(cli: Cli, seconds: float) -> None:
    """After how much idle time the keystore locks."""
    with cli.platform() as platform:
        platform.set_idle_lock(seconds)
        cli.show({"idle_lock_seconds": seconds})
