"""Genuine packages of a city of its own, a foreign city with the same names, and the keys that a forger may have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from apps.copyright.evidence.check import CONTRACT, LISTING
from apps.copyright.model import WorkForm
from apps.copyright.proof import LedgerBlocks, export_evidence
from apps.copyright.service import CopyrightService
from apps.documents.chain_parts import ChainParts
from fabric_sdk.attestation import collect, transaction_ids
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.proof.views import Question
from tests.conftest import City, close_city, make_city
from tests.proof.families import Material
from tests.proof.forging import Parts, node_keys, unpack

ORGANIZATIONS = ("CopyrightMSP", "DataBureauMSP", "HealthMSP", "HospitalMSP")


def form(title: str) -> WorkForm:
    return WorkForm(title=title, authors=({"name": "样例作者"},), completed={"date": "2026-01-01"})


def card_of(city: City) -> bytes:
    """The city's channel card as a file has it."""
    made = city.platform.cards.make(city.network, witnesses=["DataBureauMSP"])
    return json.dumps(made.to_dict(), ensure_ascii=False).encode()


@pytest.fixture(scope="session")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[City, City]]:
    """The true city and a foreign one that looks the same."""
    with ExitStack() as stack:
        made = []
        for name in ("true", "foreign"):
            city = make_city(tmp_path_factory.mktemp(name) / "workspace")
            stack.callback(close_city, city)
            made.append(city)
        yield made[0], made[1]


def deposited(service: CopyrightService, folder: Path, text: str) -> str:
    path = folder / f"{text[:4]}.txt"
    path.write_text(text * 50, encoding="utf-8")
    return service.deposit(path, form(text[:4])).work.id


def exported(service: CopyrightService, folder: Path, work_id: str, name: str) -> Parts:
    export_evidence(service, work_id, folder / f"{name}.zip")
    return unpack((folder / f"{name}.zip").read_bytes())


def refused(service: CopyrightService, folder: Path) -> tuple[Parts, str, str]:
    """A deposit that the ledger refused, since one organisation alone endorsed it: parts, work id, transaction."""
    path = folder / "refused.txt"
    path.write_text("账本没有接受的作品", encoding="utf-8")
    prints = service.fingerprints(path)
    from apps.copyright import intake

    record = intake.form_record(form("未被接受"), prints)
    content = {"cid": "b" + "a" * 58, "size": 27, "media_type": "text/plain", "encrypted": False, "sha256": "1" * 64}
    network = service.platform.networks.connect(service.network, service.ledger.label("creator"))
    content["cid"] = str(service.content.add(path.open("rb"), name=path.name))
    content["sha256"] = intake.hash_file(path, _nothing())
    call = network.get_contract("copyright").new_proposal(
        "Deposit",
        json.dumps(record | {"content": content, "fingerprints": prints.public()}, ensure_ascii=False),
        endorsing_organizations=("CopyrightMSP",),
    )
    sent = call.endorse().submit()
    assert sent.status().code == 10
    work_id = str(json.loads(sent.result)["id"])
    source = LedgerBlocks(service)
    answers = collect(source.network, ORGANIZATIONS, Question(CONTRACT, LISTING, work_id), transaction_ids)
    chain = ChainParts(source)
    chain.gather([sent.transaction_id], {one.block: one.block_hash for one in answers.given.values()})
    parts = dict(chain.parts)
    for msp, one in answers.given.items():
        parts[f"attestations/{msp}.pb"] = one.part
    return parts, work_id, sent.transaction_id


def _nothing() -> object:
    from baas.jobs import NULL_CONTEXT

    return NULL_CONTEXT


@pytest.fixture(scope="session")
def material(cities: tuple[City, City], tmp_path_factory: pytest.TempPathFactory) -> Material:
    """All that a forger may have."""
    folder = tmp_path_factory.mktemp("packages")
    true, foreign = cities
    with (
        CopyrightService(true.platform, true.network) as service,
        CopyrightService(foreign.platform, foreign.network) as theirs,
    ):
        work = deposited(service, folder, "晨记可园的清晨，荷叶上有露水。")
        other = deposited(service, folder, "夜话灯下的老城，雨还没有停。")
        stale = exported(service, folder, work, "stale")
        done = service.revoke(work, "误存")
        deposited(service, folder, "后来另一件作品。")
        genuine = exported(service, folder, work, "genuine")
        others = exported(service, folder, other, "other")
        refused_parts, refused_work, refused_tx = refused(service, folder)
        foreign_work = deposited(theirs, folder, "晨记可园的清晨，荷叶上有露水。")
        foreigns = exported(theirs, folder, foreign_work, "foreign")
        client = _signer(true, service.ledger.label("creator"))
    true_folder = true.platform.networks.handle(true.network).directory
    foreign_folder = foreign.platform.networks.handle(foreign.network).directory
    return Material(
        genuine=genuine,
        stale=stale,
        other=others,
        refused=refused_parts,
        refused_work=refused_work,
        refused_tx=refused_tx,
        foreign=foreigns,
        card=card_of(true),
        channel="citychannel",
        client=client,
        admin=_signer(true, "CopyrightMSP/admin"),
        peer=node_keys(true_folder, "peer0.databureau", "DataBureauMSP"),
        outside_peer=node_keys(true_folder, "peer0.hospital", "HospitalMSP"),
        orderer=node_keys(true_folder, "orderer0.databureau", "DataBureauMSP"),
        foreign_peer=node_keys(foreign_folder, "peer0.copyright", "CopyrightMSP"),
        foreign_orderer=node_keys(foreign_folder, "orderer0.databureau", "DataBureauMSP"),
        revoke=done.tx_id,
    )


def _signer(city: City, label: str) -> SigningIdentity:
    return city.platform.networks.handle(city.network).identity(label)
