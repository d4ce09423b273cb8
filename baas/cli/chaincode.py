"""`citychain chaincode`: contracts on a channel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from baas.cli import contract_work, own_contracts, refusing
from baas.cli import recording as calls
from baas.cli.contract_keys import keys
from baas.cli.kit import Cli, argument, channel_option, columns, group, network_option, option, pass_cli
from baas.cli.recording import recording
from baas.errors import Text, UserError, translating
from fabric_sdk.chaincode.intent import submits
from network.encodings import read_text

if TYPE_CHECKING:
    from baas.services.lifecycle_model import Definition, InvokeResult


@group("chaincode", help=Text("部署和调用合约。", "Deploy and call contracts."))
def chaincode() -> None:
    """Contracts."""


def _definition_options(function: Any) -> Any:
    for decorate in (
        option(
            "--collections",
            "collections_file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help=Text("私有集合文件（Fabric 的 JSON）。", "Private collections file (Fabric's JSON)."),
        ),
        option("--policy", help=Text("背书策略。", "The endorsement policy.")),
        option("--sequence", type=click.IntRange(1), help=Text("定义的序号。", "The definition's sequence.")),
        option("--contract-version", "version", help=Text("合约版本。", "The contract's version.")),
    ):
        function = decorate(function)
    return function


def _collections(path: Path | None) -> list[dict[str, Any]] | None:
    if path is None:
        return None
    try:
        with translating():
            found = json.loads(read_text(path))
    except ValueError as error:
        raise UserError(Text("{f} 不是 JSON。", "{f} is not JSON.", f=path.name), code="bad_json") from error
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise UserError(Text("集合文件应是对象的列表。", "A collections file is a list of objects."), code="bad_json")
    return found


def _definition(
    name: str, version: str | None, sequence: int | None, policy: str | None, collections_file: Path | None
) -> Definition:
    from baas.services.definitions import DEFAULT_POLICY
    from baas.services.lifecycle_model import Definition

    if version is None or sequence is None:
        raise UserError(
            Text("请给出 --contract-version 和 --sequence。", "Give --contract-version and --sequence."), code="usage"
        )
    collections = tuple(_collections(collections_file) or ())
    return Definition(name, version, sequence, policy or DEFAULT_POLICY, collections)


@chaincode.command(
    "deploy",
    help=Text(
        "部署或升级合约，直到可以背书：应用自带的，或自己的（--source、--package、--address）。",
        "Deploy or upgrade a contract until it endorses: an application's, or yours (--source, --package, --address).",
    ),
)
@argument("name")
@network_option()
@channel_option()
@_definition_options
@own_contracts.source_options
@pass_cli
def deploy(
    cli: Cli,
    name: str,
    network: str,
    channel: str,
    version: str | None,
    sequence: int | None,
    policy: str | None,
    collections_file: Path | None,
    source: Path | None,
    package_file: Path | None,
    address: str,
) -> None:
    """Deploy or upgrade a contract."""
    with cli.platform(create=False) as platform:
        title = Text("部署 {c}", "Deploy {c}", c=name)
        asked: dict[str, Any] = {"policy": policy, "collections": _collections(collections_file), "channel": channel}
        own = own_contracts.given(platform, network, name, version, source, package_file, address)
        if own is not None:
            result = cli.run(platform, platform.contracts.deploy_own, network, own, title=title, **asked)
        else:
            asked |= {"version": version, "sequence": sequence, "title": title}
            result = cli.run(platform, platform.contracts.deploy, network, name, **asked)
        if cli.json:
            cli.show(result)
            return
        done = Text(
            "已部署 {c} {v}，序号 {s}。",
            "Deployed {c} {v}, sequence {s}.",
            c=name,
            v=result.definition.version,
            s=result.definition.sequence,
        )
        same = Text("{c} 已是所要的版本，没有更改。", "{c} is as wanted already; nothing was changed.", c=name)
        cli.say(done if result.changed else same)


@chaincode.command("package", help=Text("生成合约包文件。", "Write a contract's package file."))
@argument("name")
@argument("target", type=click.Path(dir_okay=False, path_type=Path))
@network_option()
@option("--contract-version", "version", help=Text("合约版本。", "The contract's version."))
@pass_cli
def package(cli: Cli, name: str, target: Path, network: str, version: str | None) -> None:
    """Write a contract's package file."""
    with cli.platform(write=False, create=False) as platform:
        package_id, data = platform.contracts.build_package(network, name, version)
        with translating():
            target.write_bytes(data)
        cli.show({"package_id": package_id, "file": target, "bytes": len(data)})


@chaincode.command("install", help=Text("把合约包安装到节点。", "Install a package on peers."))
@argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@network_option()
@channel_option()
@option("--msp", "msp_id", default="", help=Text("只安装到这个组织。", "Only this organisation."))
@pass_cli
def install(cli: Cli, file: Path, network: str, channel: str, msp_id: str) -> None:
    """Install a package on peers."""
    with translating():
        data = file.read_bytes()
    with cli.platform(write=False, create=False) as platform:
        package_id = cli.run(platform, platform.contracts.install, network, data, msp_id=msp_id, channel=channel)
        cli.show({"package_id": package_id})


@chaincode.command("approve", help=Text("为一个组织批准合约定义。", "Approve a definition for one organisation."))
@argument("name")
@network_option()
@channel_option()
@option("--msp", "msp_id", required=True, help=Text("哪个组织。", "Which organisation."))
@option("--package-id", default="", help=Text("已安装的合约包编号。", "The installed package's id."))
@_definition_options
@pass_cli
def approve(
    cli: Cli,
    name: str,
    network: str,
    channel: str,
    msp_id: str,
    package_id: str,
    version: str | None,
    sequence: int | None,
    policy: str | None,
    collections_file: Path | None,
) -> None:
    """Approve a definition for one organisation."""
    definition = _definition(name, version, sequence, policy, collections_file)
    with cli.platform(write=False, create=False) as platform:
        platform.contracts.approve(network, definition, msp_id=msp_id, package_id=package_id, channel=channel)
        cli.show({"approved": name, "msp_id": msp_id, "sequence": definition.sequence})


@chaincode.command("commit", help=Text("提交已批准的合约定义。", "Commit an approved definition."))
@argument("name")
@network_option()
@channel_option()
@_definition_options
@pass_cli
def commit(
    cli: Cli,
    name: str,
    network: str,
    channel: str,
    version: str | None,
    sequence: int | None,
    policy: str | None,
    collections_file: Path | None,
) -> None:
    """Commit an approved definition."""
    definition = _definition(name, version, sequence, policy, collections_file)
    with cli.platform(write=False, create=False) as platform:
        cli.run(platform, platform.contracts.commit, network, definition, channel=channel)
        cli.show({"committed": name, "sequence": definition.sequence})


@chaincode.command(
    "status", help=Text("合约在各组织的安装、批准与提交情况。", "Install, approve and commit, by organisation.")
)
@argument("name", required=False, default="")
@network_option()
@channel_option()
@pass_cli
def status(cli: Cli, name: str, network: str, channel: str) -> None:
    """Install, approve and commit, by organisation."""
    with cli.platform(write=False, create=False) as platform:
        if not name:
            cli.show(
                platform.contracts.list(network, channel),
                columns(
                    name=("合约", "Contract"),
                    version=("版本", "Version"),
                    sequence=("序号", "Sequence"),
                    endorsement_policy=("背书策略", "Endorsement policy"),
                ),
                empty=Text("通道上还没有合约。", "No contract on the channel yet."),
            )
            return
        board = platform.contracts.board(network, name, channel)
        if cli.json:
            cli.show(board)
            return
        cli.show(
            [
                {
                    "title": row.title,
                    "msp_id": row.msp_id,
                    "installed": f"{sum(1 for v in row.installed.values() if v)}/{len(row.installed)}",
                    "approved": row.approved,
                    "differences": row.differences,
                }
                for row in board.rows
            ],
            columns(
                title=("组织", "Organisation"),
                msp_id=("MSP", "MSP"),
                installed=("已安装", "Installed"),
                approved=("已批准", "Approved"),
                differences=("不同之处", "Differs in"),
            ),
        )
        if board.committed:
            cli.say(
                Text(
                    "生效：{v}，序号 {s}。",
                    "In force: {v}, sequence {s}.",
                    v=board.committed.version,
                    s=board.committed.sequence,
                )
            )


@chaincode.command("explain", help=Text("用白话解释一条背书策略。", "Explain an endorsement policy in plain words."))
@argument("policy")
@network_option()
@channel_option()
@pass_cli
def explain(cli: Cli, policy: str, network: str, channel: str) -> None:
    """Explain an endorsement policy."""
    with cli.platform(write=False, create=False) as platform:
        found = platform.contracts.explain(network, policy, channel)
        if cli.json:
            cli.show(found)
            return
        cli.say(found.meaning)
        for option_ in found.options:
            mark = Text("现在可以", "possible now") if option_.online else Text("现在不行", "not now")
            cli.say(Text("  {who}（{mark}）", "  {who} ({mark})", who=" + ".join(option_.msp_ids), mark=mark))
        for warning in found.warnings:
            cli.say(warning)


@chaincode.command("metadata", help=Text("合约的方法和参数。", "A contract's functions and parameters."))
@argument("name")
@network_option()
@channel_option()
@pass_cli
def metadata(cli: Cli, name: str, network: str, channel: str) -> None:
    """A contract's functions and parameters."""
    with cli.platform(write=False, create=False) as platform:
        found = platform.contracts.metadata(network, name, channel)
        if cli.json:
            cli.show(found)
            return
        rows = []
        for contract in found.get("contracts", {}).values():
            for function in contract.get("transactions", []):
                parameters = ", ".join(p.get("name", "") for p in function.get("parameters", []))
                rows.append({"name": function.get("name"), "parameters": parameters, "submits": submits(function)})
        cli.show(
            rows, columns(name=("方法", "Function"), parameters=("参数", "Parameters"), submits=("写账本", "Writes"))
        )


def _call_options(function: Any) -> Any:
    for decorate in (
        channel_option(),
        network_option(),
        option("--identity", default="", metavar="LABEL", help=Text("签名的身份。", "The identity that signs.")),
        option(
            "--record",
            "record_file",
            type=click.Path(dir_okay=False, path_type=Path),
            help=Text("把调用和返回录进文件，供重放。", "Record the call and its answer in a file, for replay."),
        ),
        option(
            "--transient",
            "transient_file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help=Text("临时数据文件（JSON 对象，值为字符串）。", "Transient data file (a JSON object of strings)."),
        ),
        argument("arguments", nargs=-1),
        argument("function"),
        argument("name"),
    ):
        function = decorate(function)
    return function


def _transient(path: Path | None) -> dict[str, bytes]:
    if path is None:
        return {}
    try:
        with translating():
            found = json.loads(read_text(path))
    except ValueError as error:
        raise UserError(Text("{f} 不是 JSON。", "{f} is not JSON.", f=path.name), code="bad_json") from error
    if not isinstance(found, dict):
        raise UserError(Text("临时数据应是 JSON 对象。", "Transient data is a JSON object."), code="bad_json")
    return {str(k): (v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)).encode() for k, v in found.items()}


@chaincode.command("query", help=Text("调用合约方法，不写账本。", "Call a function without writing."))
@_call_options
@pass_cli
def query(
    cli: Cli,
    name: str,
    function: str,
    arguments: tuple[str, ...],
    transient_file: Path | None,
    record_file: Path | None,
    identity: str,
    network: str,
    channel: str,
) -> None:
    """Call a function without writing."""
    with cli.platform(write=False, create=False) as platform:
        transient = _transient(transient_file)
        with recording(
            platform, record_file, network, name, ("query", function, arguments, identity), transient
        ) as keep:
            result = platform.contracts.query(
                network, name, function, arguments, transient=transient, identity=identity, channel=channel
            )
            keep(result)
        _show_result(cli, result)


@chaincode.command("invoke", help=Text("提交交易并等待写入。", "Submit a transaction and wait for its commit."))
@_call_options
@option("--endorsers", default="", help=Text("背书组织的 MSP，逗号分隔。", "Endorsing MSP ids, comma-separated."))
@pass_cli
def invoke(
    cli: Cli,
    name: str,
    function: str,
    arguments: tuple[str, ...],
    transient_file: Path | None,
    record_file: Path | None,
    identity: str,
    network: str,
    channel: str,
    endorsers: str,
) -> None:
    """Submit a transaction and wait for its commit."""
    from baas.cli.kit import sequence_of

    with cli.platform(write=False, create=False) as platform:
        transient = _transient(transient_file)
        with recording(
            platform, record_file, network, name, ("invoke", function, arguments, identity), transient
        ) as keep:
            result = platform.contracts.invoke(
                network,
                name,
                function,
                arguments,
                transient=transient,
                endorsers=sequence_of(endorsers),
                identity=identity,
                channel=channel,
            )
            keep(result)
        _show_result(cli, result)


def _show_result(cli: Cli, result: InvokeResult) -> None:
    if cli.json:
        cli.show(result)
        return
    text = result.payload.decode("utf-8", "replace")
    if text:
        click.echo(text)
    if result.tx_id:
        cli.say(Text("交易 {t}，区块 {b}。", "Transaction {t}, block {b}.", t=result.tx_id, b=result.block))


calls.add_to(chaincode)
contract_work.add_to(chaincode)
refusing.add_to_chaincode(chaincode)
own_contracts.add_to(chaincode)
chaincode.add_command(keys)
