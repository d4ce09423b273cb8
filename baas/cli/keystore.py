"""`citychain keystore`: what protects the private keys."""

from __future__ import annotations

import click

from baas.cli.kit import Cli, group, option, pass_cli
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
