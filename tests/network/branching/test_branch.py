"""A branch holds what its origin holds, goes on by itself, and can neither write to it nor be taken for it."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fabric_protos.common.common_pb2 import Block, BlockMetadataIndex, Envelope

from fabric_sdk.blocks import verify_chain
from fabric_sdk.configtx.orderer import OrderingClient, OrderingRefused
from fabric_sdk.errors import BlockError, EvaluateError, FabricError
from fabric_sdk.gateway import connect
from fabric_sdk.proof.blocks import Block as ProvedBlock
from fabric_sdk.proof.configuration import Chain
from fabric_sdk.proof.wire import Broken
from network.attached.folder import attach
from network.branching.committer import Committer, ForeignBlock
from network.branching.making import Source
from network.branching.record import FILE_NAME, BranchRecord, is_branch, refuse_branch
from network.drivers.base import Silent
from network.embedded.check import check_state
from network.errors import Conflict, UserError
from network.handle import NetworkHandle
from network.plan import NetworkState
from network.promotion.stored import StoredChannel, ledger_file
from network.text import Text
from network.vault import MemoryVault
from tests.network.branching.conftest import CHANNEL, Branch
from tests.network.embedded.city import City


@contextlib.contextmanager
def opened(city: City) -> Iterator[StoredChannel]:
    with StoredChannel(ledger_file(city.directory, CHANNEL), CHANNEL) as channel:
        yield channel


def blocks(city: City, first: int = 0) -> list[Block]:
    with opened(city) as channel:
        return [Block.FromString(channel.body(number)) for number in range(first, channel.height)]


def test_it_holds_what_its_origin_holds(origin: City, branch: Branch) -> None:
    record = BranchRecord.load(branch.directory)
    assert record is not None and (record.phase, record.origin, record.otherwise) == ("ready", "city", 0)
    theirs, ours = blocks(origin), blocks(branch)
    assert record.last_block == len(theirs) - 1
    assert [b.SerializeToString() for b in ours[: len(theirs)]] == [b.SerializeToString() for b in theirs]
    assert branch.contract().evaluate("Get", "count") == b"6"
    assert branch.contract().evaluate("History", "k2") == origin.contract().evaluate("History", "k2")
    assert not list(check_state(branch.directory, CHANNEL))
    with opened(origin) as stored:
        assert record.commit_hash == (stored.view.meta("commit_hash") or b"").hex()


def test_it_goes_on_by_itself(origin: City, branch: Branch) -> None:
    height = len(blocks(origin))
    assert branch.contract().submit("Put", "only-here", "1") == b"1"
    assert branch.contract(msp_id="HospitalMSP").evaluate("Get", "only-here") == b"1"
    assert origin.contract().evaluate("Get", "only-here") == b""
    assert len(blocks(origin)) == height
    assert not list(check_state(branch.directory, CHANNEL))


def test_private_data_stay_where_they_are(branch: Branch) -> None:
    with pytest.raises(EvaluateError, match="private data matching public hash version is not available"):
        branch.contract().evaluate("GetPrivate", "open", "sent")
    assert b"geheim" not in ledger_file(branch.directory, CHANNEL).read_bytes()


@pytest.mark.slow
def test_an_organisation_takes_its_own_private_data_along_and_no_others(origin: City, tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        for msp_id, held in (("CopyrightMSP", True), ("HospitalMSP", False)):
            made = Branch(tmp_path / msp_id, origin, msp_id=msp_id, name=f"{msp_id.lower()}-branch")
            stack.callback(made.down)
            done = made.make(private=True)
            assert done.record.private_of == msp_id
            contract = made.contract(msp_id="CopyrightMSP")
            if held:
                assert contract.evaluate("GetPrivate", "open", "sent") == b"geheim"
                assert contract.evaluate("GetPrivate", "open", "copied") == b"geheim"
            else:
                with pytest.raises(EvaluateError, match="is not available"):
                    contract.evaluate("GetPrivate", "open", "sent")
                assert b"geheim" not in ledger_file(made.directory, CHANNEL).read_bytes()
            assert not list(check_state(made.directory, CHANNEL))


def test_people_have_the_same_names_and_other_keys(origin: City, branch: Branch) -> None:
    theirs, ours = origin.handle.admin("CopyrightMSP"), branch.handle.admin("CopyrightMSP")
    assert ours.certificate.subject == theirs.certificate.subject
    assert ours.certificate.issuer == theirs.certificate.issuer
    assert ours.certificate.public_key() != theirs.certificate.public_key()
    origins = {p.read_bytes() for p in origin.directory.rglob("*.key")} | {
        origin.vault.get(n) for n in origin.vault.names()
    }
    branches = {p.read_bytes() for p in branch.directory.rglob("*.key")} | {
        branch.vault.get(n) for n in branch.vault.names()
    }
    assert origins and branches and not origins & branches


def newest(city: City) -> Envelope:
    return Envelope.FromString(blocks(city)[-1].data.data[0])


def test_neither_takes_the_others_transactions(origin: City, branch: Branch) -> None:
    """Same channel id, MSP ids and contract: only the keys tell them apart, and they do."""
    branch.contract().submit("Put", "crossing", "from the branch")
    origin.contract().submit("Put", "crossing", "from the origin")
    made_there, made_here = newest(origin), newest(branch)
    for city, envelope in ((origin, made_here), (branch, made_there)):
        node = city.handle.orderers()[0]
        with (
            OrderingClient(city.handle.node_endpoint(node), city.handle.admin("DataBureauMSP")) as orderer,
            pytest.raises(OrderingRefused, match="FORBIDDEN"),
        ):
            orderer.broadcast(envelope)


def test_neither_lets_the_others_people_in(origin: City, branch: Branch) -> None:
    for city, other in ((origin, branch), (branch, origin)):
        with (
            connect(city.handle.endpoint("DataBureauMSP"), other.handle.admin("DataBureauMSP")) as gateway,
            pytest.raises(FabricError, match="access denied"),
        ):
            gateway.get_network(CHANNEL).get_contract("ledger").evaluate("Get", "count")
        mixed = city.handle.endpoint("DataBureauMSP")
        other_root = other.handle.endpoint("DataBureauMSP").tls_root_pem
        wrong = replace(mixed, tls_root_pem=other_root)
        with pytest.raises(FabricError), connect(wrong, other.handle.admin("DataBureauMSP")) as gateway:
            gateway.get_network(CHANNEL).get_contract("ledger").evaluate("Get", "count")


def test_its_blocks_prove_nothing_about_the_origin(origin: City, branch: Branch) -> None:
    """Whoever checks signatures from block 0 on stops at the branch's first block, and so does a proof's reader."""
    record = BranchRecord.load(branch.directory)
    assert record is not None
    chain = blocks(branch)
    with pytest.raises(BlockError, match=f"block {record.last_block + 1}: the orderers' signatures"):
        verify_chain(chain, first_number=0)
    assert verify_chain(chain[: record.last_block + 1], first_number=0).height == record.last_block + 1
    proof = Chain()
    for block in chain[: record.last_block + 2]:
        read = ProvedBlock(block.SerializeToString())
        try:
            channel, config = read.configuration()
        except Broken:
            continue
        if read.number <= record.last_block:
            proof.add(read.number, read.hash, channel, config, read.header, read.signatures)
            continue
        with pytest.raises(Broken) as caught:
            proof.add(read.number, read.hash, channel, config, read.header, read.signatures)
        assert caught.value.code == "block-not-signed"
        return
    pytest.fail("the branch has no first block")


def test_the_mark_cannot_be_taken_off(origin: City, branch: Branch, tmp_path: Path) -> None:
    """Without its record a branch is still told by its chain."""
    copy = tmp_path / "copy"
    shutil.copytree(branch.directory, copy, ignore=shutil.ignore_patterns("*.sock"))
    (copy / FILE_NAME).unlink()
    assert is_branch(copy) and is_branch(branch.directory) and not is_branch(origin.directory)
    with pytest.raises(Conflict) as caught:
        refuse_branch(copy, "copy", Text("不能迁移", "it cannot be promoted"))
    assert caught.value.code == "branch"
    assert "branch" in branch.spec.title.en and "分支" in branch.spec.title.zh


def test_false_blocks_are_not_taken(origin: City, tmp_path: Path) -> None:
    """A peer that lies about a judgement, leaves a signature out, or changes a transaction."""
    chain = blocks(origin)
    filter_at, signed_at = BlockMetadataIndex.TRANSACTIONS_FILTER, BlockMetadataIndex.SIGNATURES

    def lie(number: int, what: str) -> Block:
        block = Block.FromString(chain[number].SerializeToString())
        if what == "judgement":
            block.metadata.metadata[filter_at] = bytes([11])
        elif what == "signature":
            block.metadata.metadata[signed_at] = chain[number - 1].metadata.metadata[signed_at]
        else:
            block.data.data[0] = chain[number - 1].data.data[0]
        return block

    target = len(chain) - 2
    for what, words in (("judgement", "commit hash"), ("signature", "not signed"), ("contents", "other contents")):
        with Committer(tmp_path / what, chain[0]) as committer:
            for block in chain[1:target]:
                committer.take(Block.FromString(block.SerializeToString()))
            with pytest.raises(ForeignBlock, match=words):
                committer.take(lie(target, what))


@pytest.mark.slow
def test_up_to_an_earlier_block_and_not_beyond_the_newest(origin: City, tmp_path: Path) -> None:
    made = Branch(tmp_path / "early", origin, name="early-branch")
    try:
        with pytest.raises(UserError) as caught:
            made.make(last=10_000)
        assert caught.value.code == "no_block"
        assert not NetworkState.load(made.directory).wanted
        done = made.make(last=9)
        assert done.record.last_block == 9
        assert not list(check_state(made.directory, CHANNEL))
        assert made.contract().evaluate("Get", "count") < b"6"
        with pytest.raises(Conflict):
            made.make()
    finally:
        made.down()


@pytest.mark.slow
def test_what_was_begun_is_thrown_away(origin: City, tmp_path: Path) -> None:
    """A branch that fails at its very end leaves no network, no keys and no process, and can be made again."""
    made = Branch(tmp_path / "b", origin, name="again-branch")

    def fails(_name: str, _version: str) -> tuple[str, bytes | None]:
        raise UserError(Text("失败", "failed"))

    with pytest.raises(UserError, match="failed"):
        made.make(fails)
    assert not (made.directory / "state.json").exists() and not list(made.vault.names())
    try:
        assert made.make().contracts == ("ledger",)
        assert made.contract().evaluate("Get", "count") == b"6"
    finally:
        made.down()


def test_a_branch_starts_again_as_it_was(branch: Branch) -> None:
    from network import plan

    branch.down()
    plan.run(branch.driver, branch.spec, branch.directory, Silent())
    assert branch.contract().submit("Put", "again", "1") == b"1"


def profile_of(city: City, msp_id: str, folder: Path) -> Path:
    """What an operator hands out: one organisation's peer."""
    node = city.handle.peers(msp_id)[0]
    peer = {
        "url": f"grpcs://{city.handle.addresses[node.name].address}",
        "tlsCACerts": {"pem": city.handle.authority(msp_id).tls_certificate_pem.decode()},
        "grpcOptions": {"ssl-target-name-override": node.name},
    }
    organizations = {"Own": {"mspid": msp_id, "peers": [node.name]}}
    document = {"name": "theirs", "client": {"organization": "Own"}, "organizations": organizations}
    path = folder / "profile.json"
    path.write_text(json.dumps({**document, "peers": {node.name: peer}}))
    return path


@pytest.mark.slow
def test_a_branch_of_a_network_that_others_run(origin: City, tmp_path: Path) -> None:
    """From a desk that holds one identity of one organisation, and nothing else of the network."""
    own = "CopyrightMSP"
    issued, vault, seen = origin.handle.authority(own).person("admin"), MemoryVault(), tmp_path / "seen"
    attach(
        profile_of(origin, own, tmp_path), seen, vault, name="theirs", msp_id="",
        certificate_pem=issued.certificate_pem, private_key_pem=issued.private_key_pem,
    )  # fmt: skip
    handle = NetworkHandle(seen, vault)
    assert handle.runtime == "attached"
    made = Branch(tmp_path / "b", origin, name="theirs-branch")
    made.source = Source(handle, CHANNEL, handle.peers(own)[0], handle.identity(f"{own}/admin"))
    try:
        done = made.make(private=True)
        assert (done.record.origin, done.record.private_of, done.record.otherwise) == ("theirs", own, 0)
        assert done.people == (f"{own}/admin",) and done.contracts == ("ledger",)
        # Every organisation's administrator acts on the branch; none of their keys was here.
        assert made.contract(msp_id="HospitalMSP").evaluate("Get", "count") == b"6"
        assert made.contract(msp_id=own).submit("Put", "tried", "1") == b"1"
        assert made.contract(msp_id=own).evaluate("GetPrivate", "open", "sent") == b"geheim"
        mine = made.handle.identity(f"{own}/admin").certificate
        assert (mine.subject, mine.issuer) == (issued.certificate.subject, issued.certificate.issuer)
        assert not list(check_state(made.directory, CHANNEL))
    finally:
        made.down()
