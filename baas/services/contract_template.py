"""A contract to begin with: a folder that can be deployed as it is, and its test that needs no network."""

from __future__ import annotations

import shutil
from pathlib import Path

from baas.errors import Conflict, Text, translating
from baas.services.definition_checks import check_names
from baas.services.lifecycle_model import Definition

CONTRACT = '''\
"""{title}: things with an owner, each changed by its owner alone."""

import json

from fabric_sdk.chaincode import ChaincodeError, Context, Contract, query, transaction


class {camel}(Contract):
    name, version, title = "{name}", "1.0.0", "{title}"

    @transaction
    def Create(self, ctx: Context, thing_id: str, description: str, value: int) -> None:
        """Enter a thing; whoever signs owns it. Example: Create A-1 "a bicycle" 900"""
        if ctx.stub.get_state(thing_id):
            raise ChaincodeError("EXISTS", f"{{thing_id}} exists already", status=409)
        self._write(ctx, thing_id, {{"description": description, "value": value, "owner": ctx.client.id}})

    @transaction
    def Change(self, ctx: Context, thing_id: str, value: int) -> None:
        """Change the value of a thing that you own. Example: Change A-1 850"""
        thing = self.Read(ctx, thing_id)
        if thing["owner"] != ctx.client.id:
            raise ChaincodeError("NOT_OWNER", f"{{thing_id}} is somebody else's", status=403)
        self._write(ctx, thing_id, thing | {{"value": value}})

    @query
    def Read(self, ctx: Context, thing_id: str) -> dict[str, str | int]:
        """What is known of one thing. Example: Read A-1"""
        found = ctx.stub.get_state(thing_id)
        if not found:
            raise ChaincodeError("NOT_FOUND", f"there is no {{thing_id}}", status=404)
        return json.loads(found)

    def _write(self, ctx: Context, thing_id: str, thing: dict[str, str | int]) -> None:
        # Every peer must write the same bytes: keys in order, no clocks, no chance.
        ctx.stub.put_state(thing_id, json.dumps(thing, sort_keys=True, ensure_ascii=False).encode())
'''

TEST = '''\
"""Run with pytest; the ledger is in memory."""

from contract import {camel}

from fabric_sdk.chaincode.testing import ContractTester


def test_what_was_created_is_read() -> None:
    ledger = ContractTester({camel}())
    ledger.invoke("Create", "A-1", "a bicycle", 900)
    assert ledger.evaluate("Read", "A-1")["value"] == 900
'''


def write_contract(name: str, folder: Path) -> Path:
    """Write the contract `name` into `folder`, all of it or nothing; returns the folder.

    `UserError` for a name that Fabric refuses, `Conflict` for a folder that holds something.
    """
    check_names(Definition(name, "1.0.0", 1, ""))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(
            Text("{f} 已经存在，没有改动。", "{f} exists already; nothing was changed.", f=str(folder)),
            Text("请选一个空文件夹。", "Choose an empty folder."),
            code="folder_taken",
        )
    words = name.replace("-", "_").split("_")
    camel = "".join(word[:1].upper() + word[1:] for word in words)
    camel = camel if camel[:1].isalpha() else f"C{camel}"
    title = " ".join(words).capitalize()
    with translating():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            (folder / "contract.py").write_text(CONTRACT.format(name=name, camel=camel, title=title), "utf-8")
            (folder / "test_contract.py").write_text(TEST.format(camel=camel), "utf-8")
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return folder
