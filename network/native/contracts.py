"""Contract servers of a native network: which port slot each contract has, and one server process per peer.

Every peer owns a hundred ports (`NodeAddress.contract_prefix` and two digits). A contract version gets one slot, the
same two digits at every peer, so that one package with the address `{{.contract_host}}:{{.contract_prefix}}07` fits all
peers: Fabric's CCaaS builder fills in each peer's own host and prefix.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from network.addresses import CONTRACT_PORTS, LOOPBACK, AddressBook, NodeAddress
from network.contract_keys import keys_folder
from network.drivers.base import PER_PEER, ContractService
from network.errors import Conflict, Unavailable, UserError
from network.native.contract_tls import ContractTls
from network.ports import port_is_free
from network.supervisor.spec import ProcessSpec
from network.text import Text
from network.topology import NodeRef
from network.vault import write_public

FILE_NAME = "contracts.json"
PROCESS_PREFIX = "contract/"


@dataclass(frozen=True)
class ContractSlot:
    """A contract version's place: two digits, and the service once it is installed."""

    name: str
    version: str
    slot: str
    service: ContractService | None = None
    tls: bool = False
    """Whether its servers speak TLS with their peers alone; versions of before this was done go on without."""


class ContractSlots:
    """The slots of a network folder."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME
        self.slots: list[ContractSlot] = []
        if self._path.exists():
            for entry in json.loads(self._path.read_bytes())["slots"]:
                service = ContractService(**entry["service"]) if entry["service"] else None
                slot = ContractSlot(entry["name"], entry["version"], entry["slot"], service, entry.get("tls", False))
                self.slots.append(slot)

    def allocate(
        self, name: str, version: str, book: AddressBook, peers: Iterable[NodeRef], *, tls: bool = False
    ) -> str:
        """Return the slot of a contract version; a new one has `tls` and ports that are free at all peers."""
        for slot in self.slots:
            if (slot.name, slot.version) == (name, version):
                return slot.slot
        taken = {slot.slot for slot in self.slots}
        prefixes = [book[peer.name].contract_prefix for peer in peers]
        for number in range(CONTRACT_PORTS):
            digits = f"{number:02d}"
            if digits not in taken and all(port_is_free(int(p + digits)) for p in prefixes):
                self.slots.append(ContractSlot(name, version, digits, tls=tls))
                self._save()
                return digits
        raise Unavailable(Text("没有空闲的合约端口。", "There is no free port for another contract."))

    def adopt(self, service: ContractService) -> None:
        """Take over the slot that a package of another machine names; `Conflict` when something else has it here."""
        if not service.address.startswith(PER_PEER):
            return
        digits = service.address.removeprefix(PER_PEER)
        if len(digits) != 2 or not digits.isdigit() or not digits.isascii():
            raise UserError(Text("合约包的地址不可用。", "The package's address cannot be used."), code="bad_package")
        known = (service.name, service.version)
        others = [s for s in self.slots if s.slot == digits and (s.name, s.version) != known]
        if others:
            raise Conflict(
                Text(
                    "端口位 {d} 在本机已用于合约 {c} {v}。",
                    "Slot {d} is used here by contract {c} {v}.",
                    d=digits,
                    c=others[0].name,
                    v=others[0].version,
                ),
                Text("请提出方换一个版本号重新部署。", "Have it deployed anew under another version."),
                code="slot_taken",
            )
        self.slots = [s for s in self.slots if (s.name, s.version) != known]
        self.slots.append(ContractSlot(*known, digits, tls=service.tls))
        self._save()

    def assign(self, service: ContractService) -> str:
        """Record the service that runs in a slot and return the slot."""
        for index, slot in enumerate(self.slots):
            if (slot.name, slot.version) == (service.name, service.version):
                self.slots[index] = replace(slot, service=replace(service, tls=slot.tls))
                self._save()
                return slot.slot
        raise Unavailable(
            Text(
                "合约 {n} {v} 还没有端口，请重新部署。",
                "Contract {n} {v} has no port yet; deploy it again.",
                n=service.name,
                v=service.version,
            )
        )

    def tls(self, name: str, version: str) -> bool:
        """Whether a contract version's servers speak TLS."""
        return any(s.tls for s in self.slots if (s.name, s.version) == (name, version))

    def services(self) -> list[tuple[str, ContractService]]:
        """Return the slots in use with their services."""
        return [(slot.slot, slot.service) for slot in self.slots if slot.service is not None]

    def release(self, package_id: str) -> None:
        """Free the slot of a package."""
        self.slots = [s for s in self.slots if s.service is None or s.service.package_id != package_id]
        self._save()

    def _save(self) -> None:
        document = {"version": 1, "slots": [asdict(slot) for slot in self.slots]}
        write_public(self._path, json.dumps(document, indent=1).encode())


def server_process(
    directory: Path, service: ContractService, slot: str, peer: NodeRef, book: AddressBook, tls: ContractTls | None
) -> ProcessSpec:
    """Return the process that serves a contract to one peer, with `tls` to that peer alone."""
    address = book[peer.name]
    name = process_name(service.label, peer)
    files = (("key", tls.server_key), ("cert", tls.server_certificate), ("client-ca", tls.root)) if tls else ()
    return ProcessSpec(
        name=name,
        argv=(
            sys.executable,
            "-m",
            "fabric_sdk.chaincode.server",
            service.module,
            "--address",
            f"{server_host(peer, address)}:{address.contract_prefix}{slot}",
            "--package-id",
            service.package_id,
            "--msp-id",
            peer.organization.msp_id,
            "--sealing-keys",
            str(keys_folder(directory, peer.organization.name)),
            *(part for option, path in files for part in (f"--tls-{option}", str(path))),
        ),
        log=str(directory / "nodes" / peer.name / "log" / f"contract-{service.label}.log"),
        cwd=str(directory),
        env={"PYTHONUNBUFFERED": "1"},
        stop_seconds=3.0,
    )


def server_host(peer: NodeRef, address: NodeAddress) -> str:
    """Where a peer's contract servers listen: beside the peer, on this machine alone where others reach the peer."""
    return LOOPBACK if peer.host else address.host


def process_name(label: str, peer: NodeRef) -> str:
    """Return the supervisor's name of a contract server."""
    return f"{PROCESS_PREFIX}{label}@{peer.name}"
