"""`citychain chaincode new`, and the options that deploy a contract of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from baas.cli.kit import Cli, TextGroup, argument, network_option, option, pass_cli
from baas.errors import Text, UserError

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.own_contracts import OwnContract


def source_options(function: Any) -> Any:
    """`--source`, `--package`, `--address`: what a contract of one's own is made from."""
    for decorate in (
        option(
            "--address",
            default="",
            metavar="HOST:PORT",
            help=Text(
                "合约服务的地址（CCaaS，任何语言）。", "The address of the contract's service (CCaaS, any language)."
            ),
        ),
        option(
            "--package",
            "package_file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help=Text("现成的 CCaaS 合约包。", "A CCaaS package as it is."),
        ),
        option(
            "--source",
            type=click.Path(exists=True, path_type=Path),
            help=Text("Python 合约的文件夹或文件。", "The folder or file of a Python contract."),
        ),
    ):
        function = decorate(function)
    return function


def given(
    platform: Platform,
    network: str,
    name: str,
    version: str | None,
    source: Path | None,
    package: Path | None,
    address: str,
) -> OwnContract | None:
    """What the options name; None when none was given. `UserError` for more than one."""
    if sum(map(bool, (source, package, address))) > 1:
        raise UserError(
            Text("--source、--package、--address 只能给一个。", "Give one of --source, --package and --address."),
            code="usage",
        )
    from baas.services.own_contracts import OwnContract, look_at

    if source is not None:
        return OwnContract(name, version or look_at(source).version, "python", str(source.absolute()))
    if package is None and not address:
        return None
    before = platform.contracts.own(network).get(name)
    wanted = version or (before.version if before else "1.0.0")
    if package is not None:
        return OwnContract(name, wanted, "package", str(package.absolute()))
    return OwnContract(name, wanted, "address", address=address)


def add_to(group: TextGroup) -> None:
    """Hang the commands in `chaincode`."""

    @group.command(
        "new",
        help=Text(
            "生成一个可以部署的 Python 合约，以模板为起点。",
            "Write a Python contract to begin with; it can be deployed.",
        ),
    )
    @argument("name")
    @option(
        "--folder",
        type=click.Path(path_type=Path),
        default=None,
        help=Text("写到哪个文件夹（默认以合约名为名）。", "The folder to write (named like the contract by default)."),
    )
    @pass_cli
    def new(cli: Cli, name: str, folder: Path | None) -> None:
        """Write a contract to begin with."""
        from baas.services.contract_template import write_contract

        target = write_contract(name, folder or Path(name))
        steps = Text(
            "接下来：citychain chaincode deploy {n} --source {f}",
            "Next: citychain chaincode deploy {n} --source {f}",
            n=name,
            f=str(target),
        )
        if cli.json:
            cli.show({"name": name, "folder": str(target), "next": steps})
        else:
            cli.say(steps)

    @group.command(
        "package-id",
        help=Text(
            "合约服务启动时要登记的合约包编号（CHAINCODE_ID）。",
            "The package id with which a contract's service has to register (CHAINCODE_ID).",
        ),
    )
    @argument("name")
    @argument("address")
    @option("--contract-version", "version", default="1.0.0", help=Text("合约版本。", "The contract's version."))
    @network_option()
    @pass_cli
    def identifier(cli: Cli, name: str, address: str, version: str, network: str) -> None:
        """Tell the id of a service's package."""
        from baas.services.own_contracts import OwnContract

        with cli.platform(write=False, create=False) as platform:
            own = OwnContract(name, version, "address", address=address)
            cli.show({"package_id": platform.contracts.own_package_id(network, own), "address": address})
