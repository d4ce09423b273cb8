"""The group of commands and what they share."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from apps.copyright.manifest import MANIFEST
from apps.copyright.model import Committed, Work
from apps.copyright.policy_tables import table
from apps.copyright.service import CopyrightService
from apps.copyright.states import STATES
from apps.kit.commands import Ways
from apps.kit.options import CodeType
from baas.cli.kit import Cli, columns, group, option
from baas.errors import LedgerError, NotFound, Text, UserError
from network.encodings import read_text


@group(
    "copyright",
    help=Text("数字版权：存证、登记、许可、转让、质押、维权。", "Copyright: deposit, register, license, transfer."),
)
def copyright_group() -> None:
    """数字版权."""


class Target(click.Path):
    """A file to write: its folder is looked at before any work is done, so that nothing is committed for nothing."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            raise UserError(
                Text("没有文件夹 {p}。", "There is no folder {p}.", p=str(path.parent)), code="folder_missing"
            )
        if path.is_dir():
            raise UserError(Text("{p} 是文件夹。", "{p} is a folder.", p=str(path)), code="not_a_file")
        return path


PARTS = click.Choice(["creator", "licensee", "registrar", "auditor"])
PART = option(
    "--part",
    type=PARTS,
    default=None,
    help=Text("以哪个角色办理（所有者代办时）。", "Which part acts, when the owner acts for all."),
)


class Code(CodeType):
    """A code of one of the office's tables, or its Chinese title."""

    def __init__(self, name: str) -> None:
        super().__init__(table(name))


FILE = click.Path(path_type=Path)
TARGET = Target(path_type=Path)
WORKS = columns(
    id=("编号", "Id"),
    title=("名称", "Title"),
    category=("类别", "Category"),
    number=("登记号", "Number"),
    state=("状态", "State"),
    cid=("CID", "CID"),
)


@contextmanager
def opened(cli: Cli, network: str) -> Iterator[CopyrightService]:
    """The service of a network. An id that the ledger does not know is wrong use, as an unknown number is."""
    with cli.platform() as platform, CopyrightService(platform, network) as service:
        try:
            yield service
        except LedgerError as error:
            if error.code != "not_found":
                raise
            raise NotFound(error.message, error.hint, details=error.details) from error


def said(shown: Mapping[str, Any]) -> dict[str, Any]:
    """For a reader: codes in words, owners and moments written out, empty entries left out."""
    return {name: _worded(name, value) for name, value in shown.items() if value not in (None, "", (), [], {})}


def _worded(name: str, value: Any) -> Any:
    from chaincode.copyright import policy

    tables = {"category": "categories", "creation_kind": "creation_kinds"}
    if name in tables and (entry := policy.load().data[tables[name]].get(value)):
        return Text(entry["zh"], entry["en"])
    if name == "state":
        return STATES.get(value, value)
    if name == "owners":
        return ", ".join(f"{one['party']} {one['share'] / 100:g} %" for one in value)
    if name in ("at", "created", "updated"):
        return str(value)[:19].replace("T", " ")
    return value


def row(work: Work) -> dict[str, Any]:
    """A work for tables and JSON."""
    names = ("id", "title", "category", "creation_kind", "number", "state", "cid", "sha256", "size", "media_type")
    shown = {name: getattr(work, name) for name in names}
    owners = [{"party": party, "share": share} for party, share in work.owners]
    shown |= {"owners": owners, "created": work.created, "registration": work.registration}
    return shown | ({"cancelled": work.cancelled} if work.cancelled else {})


def committed(done: Committed[Any]) -> dict[str, Any]:
    """A committed act: the record with its transaction and block."""
    value = getattr(done.value, "record", done.value)
    return {"tx_id": done.tx_id, "block": done.block, **(value if isinstance(value, Mapping) else {"result": value})}


def brief(done: Committed[Any]) -> dict[str, Any]:
    """What a person wants to see of a committed act."""
    full = committed(done)
    names = ("id", "work_id", "state", "number", "deadlines", "royalty_fen", "block", "tx_id")
    return said({name: full[name] for name in names if full.get(name)})


def show(cli: Cli, done: Committed[Any]) -> None:
    """Print a committed act: all of it as JSON, the essentials for people."""
    cli.show(committed(done) if cli.json else brief(done))


def _told(cli: Cli, service: CopyrightService, done: Committed[Any]) -> None:
    """Show an act; who accepted a sealed work's licence or share has a reading key from now on that nobody else has."""
    show(cli, done)
    record = done.value
    if (record.get("type"), record.get("state")) in {("licence", "ACTIVE"), ("transfer", "COMPLETED")}:
        cli.offer_recovery(service.platform, service.network)


WAYS = Ways(
    MANIFEST,
    opened,
    _told,
    kit=lambda service: service.kit,
    resolve=lambda service, record_id: record_id if record_id.startswith("XK") else service.work(record_id).id,
)
"""How commands of acts open the service, find a work by its number and tell what was done."""


def read_json(text: str, kind: type[Any] = dict) -> Any:
    """A JSON object (or list) given directly or as @FILE."""
    try:
        body = read_text(Path(text[1:])) if text.startswith("@") else text
        value = json.loads(body)
    except OSError as error:
        raise UserError(Text("读不了 {f}。", "{f} cannot be read.", f=text[1:]), code="file_unreadable") from error
    except (ValueError, RecursionError) as error:
        raise UserError(
            Text("不是 JSON：{t}", "Not JSON: {t}", t=str(error)[:100]),
            Text('请写成 {"名": "值"} 或 @文件。', 'Write {"name": "value"} or @FILE.'),
        ) from error
    if not isinstance(value, kind):
        wanted = Text("对象", "object") if kind is dict else Text("列表", "list")
        raise UserError(Text("需要一个 JSON {k}。", "A JSON {k} is needed.", k=wanted))
    return value
