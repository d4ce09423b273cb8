"""Role × action: each role is refused exactly what it has no permission for, by services and command line alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from apps.kit.options import CodeType
from baas import roles
from baas.applications import Applications
from baas.cli.root import root, run
from baas.errors import CityChainError, PermissionDenied
from baas.platform import Platform
from baas.roles import PERMISSION_TITLES, ROLE_TITLES, Role, permissions_of
from baas.services.backup import back_up

MSP = "HospitalMSP"
FILE = Path(__file__)


@dataclass(frozen=True)
class Action:
    """One thing that somebody may try; `arguments` is the same from the command line."""

    permission: str
    call: Callable[[Platform, Path], Any]
    arguments: str


# Where somebody may do it, the attempt ends soon after the permission: no node runs, names are unknown.
ACTIONS = (
    Action(roles.NETWORK_READ, lambda p, _: p.networks.list(), "network list"),
    Action(roles.NETWORK_READ, lambda p, _: p.networks.status("nowhere"), "network status nowhere"),
    Action(roles.NETWORK_READ, lambda p, _: p.networks.logs("nowhere", "x"), "network logs x --network nowhere"),
    Action(roles.NETWORK_READ, lambda p, _: p.changes.pending("nowhere"), "network pending --network nowhere"),
    Action(
        roles.NETWORK_PROPOSE,
        lambda p, t: p.changes.take_in([t / "secret"], "nowhere"),
        "network sign {tmp}/secret --import --network nowhere",
    ),
    Action(
        roles.NETWORK_PROPOSE,
        lambda p, t: p.changes.take_refusal(t / "secret", "nowhere"),
        "network refuse {tmp}/secret --import --network nowhere",
    ),
    Action(
        roles.NETWORK_PROPOSE,
        lambda p, t: p.changes.refuse(t / "secret", t / "no", "CopyrightMSP/admin", "no", "nowhere"),
        "network refuse {tmp}/secret --identity CopyrightMSP/admin --reason no --output {tmp}/no --network nowhere",
    ),
    Action(roles.NETWORK_CHANGE, lambda p, _: p.networks.start("nowhere"), "network start nowhere"),
    Action(
        roles.NETWORK_CHANGE, lambda p, _: p.operations.listen("x", "nowhere"), "network listen x --network nowhere"
    ),
    Action(roles.NETWORK_CHANGE, lambda p, _: p.networks.stop("nowhere"), "network stop nowhere"),
    Action(roles.NETWORK_ATTACH, lambda p, _: p.networks.set_default("nowhere"), "network default nowhere"),
    Action(roles.NETWORK_CHANGE, lambda p, _: p.changes.renew_nodes("nowhere"), "network renew --network nowhere"),
    Action(roles.NETWORK_ATTACH, lambda p, _: p.exchange.refresh("nowhere"), "network refresh nowhere"),
    Action(
        roles.NETWORK_CHANGE,
        lambda p, t: p.operations.export_share("nowhere", "host1", t / "out", "secret secret"),
        "network share export host1 {tmp}/out --network nowhere --share-passphrase-file {tmp}/secret",
    ),
    Action(
        roles.NETWORK_CHANGE,
        lambda p, t: p.operations.import_share(t / "secret", "secret secret"),
        "network share import {tmp}/secret --share-passphrase-file {tmp}/secret",
    ),
    Action(roles.CONTRACT_READ, lambda p, _: p.contracts.list("nowhere"), "chaincode status --network nowhere"),
    Action(
        roles.CONTRACT_CHANGE,
        lambda p, _: p.contracts.deploy("nowhere", "copyright"),
        "chaincode deploy copyright --network nowhere",
    ),
    Action(
        roles.CONTRACT_INVOKE,
        lambda p, _: p.contracts.invoke("nowhere", "copyright", "F"),
        "chaincode invoke copyright F --network nowhere",
    ),
    Action(
        roles.CONTRACT_INVOKE,
        lambda p, _: p.contracts.query("nowhere", "copyright", "F"),
        "chaincode query copyright F --network nowhere",
    ),
    Action(roles.IDENTITY_READ, lambda p, _: p.identities.list(), "identity list"),
    Action(roles.IDENTITY_READ, lambda p, _: p.identities.get(f"{MSP}/nobody"), f"identity show {MSP}/nobody"),
    Action(roles.IDENTITY_READ, lambda p, _: p.identities.expiring(), "identity expiring"),
    Action(
        roles.IDENTITY_ISSUE,
        lambda p, _: p.identities.issue(MSP, "x", "king"),
        f"identity issue {MSP}/x --role king",
    ),
    Action(
        roles.IDENTITY_ISSUE,
        lambda p, t: p.identity_refusals.refuse(t / "secret", t / "no", "no"),
        "identity refuse {tmp}/secret --reason no --output {tmp}/no",
    ),
    Action(roles.IDENTITY_READ, lambda p, _: p.entrance.asked(), "identity status"),
    Action(
        roles.CONTRACT_CHANGE,
        lambda p, t: p.definition_refusals.refuse(t / "secret", t / "no", "CopyrightMSP/admin", "no", "nowhere"),
        "chaincode refuse {tmp}/secret --identity CopyrightMSP/admin --reason no --output {tmp}/no --network nowhere",
    ),
    Action(
        roles.CONTRACT_CHANGE,
        lambda p, t: p.definition_refusals.take_in(t / "secret", "nowhere"),
        "chaincode refuse {tmp}/secret --import --network nowhere",
    ),
    Action(roles.IDENTITY_ISSUE, lambda p, _: p.identities.renew(f"{MSP}/nobody"), f"identity renew {MSP}/nobody"),
    Action(
        roles.IDENTITY_REVOKE,
        lambda p, _: p.identities.revoke(f"{MSP}/nobody"),
        f"identity revoke {MSP}/nobody --yes",
    ),
    Action(
        roles.IDENTITY_EXPORT,
        lambda p, t: p.identities.export_msp(f"{MSP}/nobody", t / "out"),
        f"identity export {MSP}/nobody {{tmp}}/out --msp-folder",
    ),
    Action(
        roles.IDENTITY_EXPORT,
        lambda p, t: p.identities.import_msp(MSP, "x", t),
        f"identity import {MSP}/x {{tmp}}",
    ),
    Action(roles.KEYSTORE_CHANGE, lambda p, _: p.set_idle_lock(900), "keystore idle-lock --seconds 900"),
    Action(roles.KEYSTORE_CHANGE, lambda p, _: p.set_passphrase(None), "keystore passphrase --remove"),
    Action(roles.LEDGER_READ, lambda p, _: p.explorer.blocks("nowhere"), "ledger blocks --network nowhere"),
    Action(roles.LEDGER_READ, lambda p, _: p.explorer.search("nowhere", "x"), "ledger search x --network nowhere"),
    Action(roles.LEDGER_READ, lambda p, _: p.ledger.verify("nowhere"), "ledger verify --network nowhere"),
    Action(
        roles.LEDGER_EXPORT,
        lambda p, t: p.ledger.export(t / "out", "nowhere"),
        "ledger export {tmp}/out --network nowhere",
    ),
    Action(roles.AUDIT_READ, lambda p, _: p.audit.entries(), "audit list"),
    Action(roles.AUDIT_READ, lambda p, t: p.audit.export(t / "audit"), "audit export {tmp}/audit2"),
    Action(roles.API_MANAGE, lambda p, _: p.tokens.list(), "api token list"),
    Action(roles.API_MANAGE, lambda p, _: p.tokens.publish("nowhere"), "api publish nowhere"),
    Action(roles.WORKSPACE_BACKUP, lambda p, t: back_up(p, t / "b.zip"), "backup {tmp}/b.zip"),
)

# The content store is a plain engine without a session: its commands ask.
COMMANDS_ONLY = (
    (roles.CONTENT_READ, "store ls"),
    (roles.CONTENT_READ, "store stat"),
    (roles.CONTENT_READ, "store verify"),
    (roles.CONTENT_WRITE, f"store add {FILE}"),
    (roles.CONTENT_WRITE, f"store import {FILE}"),
    (roles.CONTENT_CHANGE, "store gc --yes"),
    (roles.WORKSPACE_CHANGE, "store swarm new --agree"),
    (roles.CONTENT_CHANGE, "store swarm invite {tmp}/swarm"),
    (roles.WORKSPACE_CHANGE, f"store swarm join {FILE} --agree"),
    (roles.WORKSPACE_CHANGE, "store swarm leave"),
    (roles.CONTENT_READ, "store swarm peers"),
    (roles.CONTENT_CHANGE, "store pin bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"),
    (roles.CONTENT_CHANGE, "store unpin bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"),
)


@pytest.fixture
def staffed(paper: Platform) -> Platform:
    """The network on paper with one person of every role."""
    for role in ROLE_TITLES:
        paper.identities.issue(MSP, role.value, role.value)
    return paper


def refusal(act: Callable[[], Any]) -> PermissionDenied | None:
    """What `act` is refused with; None when it is not for want of a permission."""
    try:
        act()
    except PermissionDenied as refused:
        return refused
    except CityChainError:
        return None
    return None


def refused_by_command(folder: Path, label: str, arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The refusal's sentence from the command line; "" when it is not for want of a permission."""
    capsys.readouterr()
    code = run(["--json", "--lang", "en", "--workspace", str(folder), "--as", label, *arguments.split()])
    printed = capsys.readouterr()
    if code == 0:
        return ""
    error = json.loads(printed.err.splitlines()[-1])["error"]
    return str(error["message"]) if error["code"] == "permission_denied" else ""


def _every_role() -> list[Role]:
    """The platform's roles and those of the installed applications."""
    Applications().all()
    return sorted(ROLE_TITLES)


@pytest.mark.parametrize("role", _every_role())
def test_services_and_commands_refuse_the_same(
    staffed: Platform, role: Role, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    label = f"{MSP}/{role.value}"
    granted = permissions_of([role])
    (tmp_path / "secret").write_text("secret secret")
    said: dict[str, str] = {}
    staffed.act_as(label)
    for action in ACTIONS:
        refused = refusal(lambda action=action: action.call(staffed, tmp_path))
        assert (refused is None) == (action.permission in granted), (role, action)
        if refused is not None:
            assert refused.details["permission"] == action.permission
            said[action.arguments] = refused.message.render("en")
    staffed.close()
    folder = staffed.workspace.folder
    for action in ACTIONS:
        arguments = action.arguments.format(tmp=tmp_path)
        assert refused_by_command(folder, label, arguments, capsys) == said.get(action.arguments, ""), (role, action)
    for permission, arguments in COMMANDS_ONLY:
        assert bool(refused_by_command(folder, label, arguments, capsys)) == (permission not in granted), arguments


HARMLESS = {
    # They look at this machine or at a file that the caller has, or open a workspace of their own.
    "doctor", "console", "restore", "network templates", "network plan", "chaincode package", "keystore status",
    "keystore lock", "api document",
    "bench console", "bench explorer", "bench finance", "bench flood", "bench gateway", "bench growth", "bench ledger",
    "bench portals", "bench schedules", "bench similarity",
    "bench slots", "bench soak", "bench store", "bench trace", "application list", "application new", "chaincode new",
    "lab answer", "lab check", "lab hand-in", "lab list", "lab reset", "lab show", "lab start",
    "copyright verify", "copyright credentials", "slots sample", "slots preview", "slots key new", "slots key code",
    "slots consent draft", "organization show", "trace qr",
}  # fmt: skip


READABLE = {
    # A recording of a call, and a resident's identity: what some commands read before they ask the services.
    "format": "citychain-recording/1",
    "contract": "copyright",
    "version": "1",
    "network": "city",
    "recorded": 0,
    "calls": [{"kind": "query", "function": "F", "arguments": [], "payload": ""}],
    "name": "x",
    "document_type": "id-card",
    "document": "x",
    "phone": "x",
}
MORE = {
    # What a command wants besides what it declares as required.
    "chaincode approve": "--contract-version 1 --sequence 1",
    "network upgrade": "3.1.5",
    "chaincode commit": "--contract-version 1 --sequence 1",
    "identity export": "--msp-folder",
    "identity issue": "HospitalMSP/x",
    "identity renew": "HospitalMSP/nobody",
    "identity import": "--password-file {tmp}/file.json",
    "keystore passphrase": "--remove",
    "network grow": "--add-peer HospitalMSP",
    "network sign": "--import",
    "network refuse": "--import",
    "chaincode refuse": "--import",
    "copyright register": "--owner-name x --document-file {tmp}/file.json",
    "copyright tsa": "--off",
    "slots conduct": "RAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "slots book": "--resident RAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "slots hold": "--resident RAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "slots wait": "--resident RAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "slots consent give": "--id x --signature 00",
    "slots draw verify": "x",
    "slots referrals": "--clinic x",
}


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from leaves(found, (*path, name))
        else:
            yield " ".join((*path, name)), found


def plausible(command: click.Command, folder: Path) -> list[str]:
    """Arguments that the command line takes, whatever they may mean."""
    file = folder / "file.json"
    file.write_text(json.dumps(READABLE))
    words: list[str] = []
    for parameter in command.params:
        kind = parameter.type
        confirms = isinstance(parameter, click.Option) and "--yes" in parameter.opts
        if confirms:
            words.append("--yes")
        if confirms or not parameter.required:
            continue
        if isinstance(kind, click.Path):
            new = folder / "new" if parameter.name == "target" else None
            value = str(new or (file if kind.file_okay else folder))
        elif isinstance(kind, click.Choice):
            value = str(next(iter(kind.choices)))
        elif isinstance(kind, CodeType):
            value = next(iter(kind.table()))
        elif isinstance(kind, click.types.IntRange | click.types.FloatRange):
            value = str(kind.min or 1)
        elif isinstance(kind, click.DateTime):
            value = "2026-11-23"
        elif kind is click.INT or kind is click.FLOAT:
            value = "1"
        else:
            value = GUESSES.get(parameter.name or "", "x")
        words += [parameter.opts[0], value] if isinstance(parameter, click.Option) else [value]
    return words


GUESSES = {
    "label": f"{MSP}/nobody",
    "time": "08:30",
    "url": "http://127.0.0.1:9/",
    "application": "{}",
    "changes": "{}",
    "ground": "owner_request",
    "outcome": "removed",
    "since": "2026-01-01",
    "until": "2099-12-31",
    "public": "00" * 32,
    "version": "3.1.5",
}


def test_somebody_without_a_role_can_do_nothing(
    paper: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command there is, the applications' too: whatever is new asks for a permission or is named above."""
    label = paper.identities.issue(MSP, "stranger", "client")
    paper.close()
    free = set()
    for name, command in leaves(root):
        if name in HARMLESS:
            continue
        arguments = " ".join([name, *plausible(command, tmp_path), MORE.get(name, "").format(tmp=tmp_path)])
        if not refused_by_command(paper.workspace.folder, label, arguments, capsys):
            free.add((name, arguments))
    assert not free


def test_every_permission_of_the_platform_is_tried() -> None:
    tried = {action.permission for action in ACTIONS} | {permission for permission, _ in COMMANDS_ONLY}
    assert set(PERMISSION_TITLES) - tried == {roles.GRANT_PLATFORM_ADMIN}


def test_an_organisation_administrator_makes_no_platform_administrator(staffed: Platform, tmp_path: Path) -> None:
    made = staffed.identities.export_msp(f"{MSP}/platform_admin", tmp_path / "admin")
    staffed.act_as(f"{MSP}/organization_admin")
    for attempt in (
        lambda: staffed.identities.issue(MSP, "king", "platform_admin"),
        lambda: staffed.identities.issue(MSP, "king", "auditor,platform_admin"),
        lambda: staffed.identities.ensure(MSP, "king", "platform_admin"),
        lambda: staffed.identities.renew(f"{MSP}/platform_admin"),
        lambda: staffed.identities.import_msp(MSP, "king", made),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    for name in ("role", "hf.Type"):
        with pytest.raises(CityChainError) as refused:
            staffed.identities.issue(MSP, "king", "client", {name: "platform_admin"})
        assert refused.value.code == "reserved_attribute"
    assert f"{MSP}/king" not in {record.label for record in staffed.identities.list()}


def test_an_organisation_administrator_keeps_to_the_own_organisation(staffed: Platform, tmp_path: Path) -> None:
    staffed.act_as(f"{MSP}/organization_admin")
    for attempt in (
        lambda: staffed.identities.issue("CopyrightMSP", "x"),
        lambda: staffed.identities.renew("CopyrightMSP/admin"),
        lambda: staffed.identities.revoke("CopyrightMSP/admin"),
        lambda: staffed.identities.export_pkcs12("CopyrightMSP/admin", "long password"),
        lambda: staffed.identities.import_msp("CopyrightMSP", "x", tmp_path),
        lambda: staffed.identities.signing("CopyrightMSP/admin"),
        lambda: staffed.networks.connect("city", "CopyrightMSP/admin"),
    ):
        assert refusal(attempt) is not None


def test_applications_name_their_permissions_in_the_refusal() -> None:
    for manifest in Applications().all():
        granted = {word for words in manifest.grants.values() for word in words}
        assert granted == set(manifest.permission_titles)
