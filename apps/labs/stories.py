"""What has happened in a lab's network before its learner comes: people, writes, collisions, really made."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas import audit
from baas.errors import CityChainError, translating
from baas.services.contract_template import write_contract
from baas.services.ledger import MAGIC, read_export
from baas.services.own_contracts import OwnContract
from fabric_sdk import clock
from fabric_sdk.files import replace_file

if TYPE_CHECKING:
    from baas.platform import Platform

THINGS = (("A-1", "自行车", 900), ("A-2", "显微镜", 5200), ("A-3", "投影仪", 3100))
BUREAU = "DataBureauMSP"
_RULE = re.compile(r""" +if thing\["owner"\] != ctx\.client\.id:\n.+\n""")
Story = Callable[["Platform", str, Path], None]


def tell(name: str, platform: Platform, network: str, files: Path) -> None:
    """Let the story `name` happen; it gives its learner files in `files`."""
    STORIES[name](platform, network, files)


def things(platform: Platform, network: str, files: Path) -> None:
    """The contract `things` with three things of the Data Bureau's administrator, and somebody who owns none."""
    _things(platform, network, files, shared=False)


def _things(platform: Platform, network: str, files: Path, *, shared: bool) -> None:
    """`shared` leaves out the rule that owners alone change what is theirs."""
    source = write_contract("things", files / "things") / "contract.py"
    if shared:
        source.write_text(_RULE.sub("", source.read_text("utf-8")), "utf-8")
    own = OwnContract("things", "1.0.0", "python", str(files / "things"))
    platform.contracts.deploy_own(network, own)
    for thing, description, value in THINGS:
        platform.contracts.invoke(network, "things", "Create", (thing, description, str(value)))
    platform.identities.issue(BUREAU, "guest", "client", network=network)


def collision(platform: Platform, network: str, files: Path) -> None:
    """Two people change one thing at once; who of them is first is left to chance."""
    _things(platform, network, files, shared=True)
    people = [platform.identities.issue(BUREAU, name, "client", network=network) for name in ("hua", "ming")]
    secrets.SystemRandom().shuffle(people)
    thing = f"K-{secrets.randbelow(900) + 100}"
    with translating():
        contracts = [platform.networks.connect(network, one).get_contract("things") for one in people]
        contracts[0].submit("Create", thing, "共用车", "100")
        # Both read the same version of the thing; whoever is ordered second has read what is no longer there.
        endorsed = [
            one.new_proposal("Change", thing, str(value)).endorse()
            for one, value in zip(contracts, (120, 150), strict=True)
        ]
        for each in endorsed:
            each.submit().status()
    for _ in range(secrets.randbelow(3) + 1):
        platform.contracts.invoke(network, "things", "Change", ("A-2", str(5200 + secrets.randbelow(500))))


def audited(platform: Platform, network: str, files: Path) -> None:
    """Three people act; one of them exports the ledger, another tries what they may not."""
    things(platform, network, files)
    names = ["zhou", "qian", "sun"]
    secrets.SystemRandom().shuffle(names)
    roles = ("auditor", "auditor", "organization_admin")
    labels = [
        platform.identities.issue(BUREAU, one, role, network=network) for one, role in zip(names, roles, strict=True)
    ]
    export, refused, worker = labels
    acts: list[tuple[str, str, Callable[[], Any]]] = [
        (worker, "identity issue", lambda: platform.identities.issue(BUREAU, "intern", "client", network=network)),
        (export, "ledger export", lambda: platform.ledger.export(files / "export.blocks", network)),
        (refused, *_forbidden(platform, network)),
        (
            worker,
            "chaincode invoke",
            lambda: platform.contracts.invoke(network, "things", "Create", ("D-1", "打印机", "1800"), identity=worker),
        ),
    ]
    for label, what, act in acts:
        _as_somebody(platform, network, label, what, act)
    (files / "export.blocks").unlink(missing_ok=True)


def _forbidden(platform: Platform, network: str) -> tuple[str, Callable[[], Any]]:
    """Something that an auditor may not do."""
    return secrets.choice(
        [
            ("identity revoke", lambda: platform.identities.revoke(f"{BUREAU}/guest", network=network)),
            ("network stop", lambda: platform.networks.stop(network)),
            ("chaincode invoke", lambda: platform.contracts.invoke(network, "things", "Change", ("A-1", "1"))),
        ]
    )


def _as_somebody(platform: Platform, network: str, label: str, what: str, act: Callable[[], Any]) -> None:
    """Do one thing as somebody, as an operation of its own in the audit log; refusals are what is wanted."""
    broken: list[BaseException] = []

    def run() -> None:
        try:
            with audit.operation(what, door="command"):
                act()
        except CityChainError as error:
            if error.code != "permission_denied":
                broken.append(error)

    # A thread of its own, because whoever starts the lab is in the middle of an operation.
    with audit.each_by_itself("command"), platform.session.acting_as(platform.identities.actor(label, network)):
        thread = threading.Thread(target=run, name="story")
        thread.start()
        thread.join()
    if broken:
        raise broken[0]


def exports(platform: Platform, network: str, files: Path) -> None:
    """Two exports of the ledger, one of which somebody has changed in one block."""
    things(platform, network, files)
    for _ in range(4):
        platform.contracts.invoke(network, "things", "Change", ("A-3", str(3000 + secrets.randbelow(900))))
    names = ["one", "two"]
    secrets.SystemRandom().shuffle(names)
    for name in names:
        platform.ledger.export(files / f"{name}.blocks", network)
    _forge(files / f"{names[0]}.blocks")


def _forge(export: Path) -> None:
    """Raise the value of a thing in the newest-but-some block, in the file alone."""
    blocks = list(read_export(export))
    numbers = [at for at, raw in enumerate(blocks) if b"A-3" in raw]
    at = secrets.choice(numbers)
    blocks[at] = blocks[at].replace(b"A-3", b"A-9")
    temporary = export.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(MAGIC)
        for raw in blocks:
            file.write(struct.pack(">Q", len(raw)) + raw)
    replace_file(temporary, export)


def press(platform: Platform, network: str, files: Path) -> None:
    """A press that can take a licence, and the register's settings, which its first user makes."""
    platform.identities.issue("PublicMSP", "press", "licensee", network=network)


def hospital(platform: Platform, network: str, files: Path) -> None:
    """A hospital with rules under which everything can be done at any hour, and its schedule from tomorrow on."""
    from apps.health_slots.demo_life import RULES
    from apps.health_slots.samples import write_schedule
    from apps.health_slots.service import build_service

    service = build_service(platform, network)
    try:
        service.set_up({"H0001": "市第一人民医院"})
        service.rules.set_policy("H0001", RULES, "demand")
    finally:
        service.close()
    write_schedule(files / "schedule.csv", clock.today() + dt.timedelta(days=1))


def receivables(platform: Platform, network: str, files: Path) -> None:
    """Two suppliers, and a table of receivables with its papers; the seller in it is the first of them."""
    from apps.supply_finance.demo import samples

    seller = platform.identities.ensure("PublicMSP", "supply_finance-supplier", "supplier", network=network)
    platform.identities.ensure("PublicMSP", "supplier-2", "supplier", network=network)
    for source in samples().parent.iterdir():
        if source.suffix in {".csv", ".txt"}:
            text = source.read_text("utf-8-sig").replace("DataBureauMSP/supply_finance-supplier", seller)
            (files / source.name).write_text(text, "utf-8")


STORIES: dict[str, Story] = {
    "press": press,
    "hospital": hospital,
    "receivables": receivables,
    "things": things,
    "collision": collision,
    "audited": audited,
    "exports": exports,
}
