"""`citychain chaincode keys`: the key files under which contracts keep private values."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from baas.cli.kit import Cli, argument, first_line, group, network_option, option, pass_cli
from baas.errors import Text

_FILE = click.Path(dir_okay=False, path_type=Path)
_SECRET = option(
    "--passphrase-file",
    "secret",
    required=True,
    type=_FILE,
    help=Text("口令文件（第一行），应与其他备份的口令不同。", "A file with their own passphrase on its first line."),
)


@group("keys", help=Text("合约密钥文件：私有数据以它加密。", "Contract key files: private data are sealed with them."))
def keys() -> None:
    """Key files of contract servers."""


@keys.command("list", help=Text("列出本机的合约密钥文件。", "List the key files on this machine."))
@network_option()
@pass_cli
def keys_list(cli: Cli, network: str) -> None:
    """List the key files on this machine."""
    with cli.platform(write=False, create=False) as platform:
        rows = [
            {
                "msp_id": row.msp_id,
                "id": row.id,
                "made": dt.datetime.fromtimestamp(row.made_at, dt.UTC).date().isoformat(),
                "current": row.current,
                "old": row.old,
            }
            for row in platform.contract_keys.files(network)
        ]
    cli.show(rows)


@keys.command("renew", help=Text("启用新的密钥文件（每年一次）。", "Begin a newer key file (once a year)."))
@argument("msp_id")
@network_option()
@pass_cli
def keys_renew(cli: Cli, msp_id: str, network: str) -> None:
    """Begin a newer key file; the older ones still open what they sealed."""
    with cli.platform(create=False) as platform:
        made = platform.contract_keys.renew(network, msp_id)
    cli.show({"msp_id": msp_id, "id": made})
    cli.say(
        Text(
            "请备份（keys export），并在该组织的其他主机上导入（keys import）。",
            "Back it up (keys export) and import it on the organisation's other hosts (keys import).",
        )
    )


@keys.command(
    "export", help=Text("把密钥文件加密备份，与账本备份分开。", "Back key files up, apart from the ledger's.")
)
@argument("msp_id")
@argument("file", type=_FILE)
@_SECRET
@network_option()
@pass_cli
def keys_export(cli: Cli, msp_id: str, file: Path, secret: Path, network: str) -> None:
    """Write an organisation's key files to one encrypted file."""
    with cli.platform(create=False) as platform:
        ids = platform.contract_keys.write(network, msp_id, file, first_line(secret))
    cli.show({"file": str(file), "keys": list(ids)})


@keys.command("import", help=Text("导入密钥文件。", "Import key files."))
@argument("msp_id")
@argument("file", type=_FILE)
@_SECRET
@network_option()
@pass_cli
def keys_import(cli: Cli, msp_id: str, file: Path, secret: Path, network: str) -> None:
    """Import an organisation's key files."""
    with cli.platform(create=False) as platform:
        ids = platform.contract_keys.take_over(network, msp_id, file, first_line(secret))
    cli.show({"imported": list(ids)})


@keys.command("destroy", help=Text("销毁旧的密钥文件，它加密的数据不可恢复。", "Destroy an old key file for good."))
@argument("msp_id")
@argument("id")
@option("--yes", is_flag=True, help=Text("不再询问。", "Do not ask."))
@network_option()
@pass_cli
def keys_destroy(cli: Cli, msp_id: str, id: str, yes: bool, network: str) -> None:
    """Destroy an old key file on this machine."""
    loss = Text("用它加密的数据将无人能读。", "Nobody will be able to read what it sealed.")
    cli.confirm_by_name(id, loss, yes=yes)
    with cli.platform(create=False) as platform:
        platform.contract_keys.destroy(network, msp_id, id)
    cli.show({"destroyed": id})
