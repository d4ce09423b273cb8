"""What lies in a workspace of several people: a record that names another's file is no right to it."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from apps.copyright.model import WorkForm
from apps.copyright.service import CopyrightService
from baas.content import car, folders, unixfs
from baas.content.cid import DAG_PB, RAW, ParsedCid, of_block, parse
from baas.errors import CityChainError, LedgerError, NotFound, Text
from chaincode.copyright import kinds
from tests.apps.copyright.test_views import deposit

Acting = Callable[[str, str], AbstractContextManager[CopyrightService]]


def refused(look: Callable[[], object]) -> None:
    with pytest.raises(CityChainError) as error:
        look()
    # The second: a content service on the shared ledger is asked whether it gives the file, and is away.
    assert error.value.code in ("content_not_yours", "content_service_away")


@pytest.fixture
def theirs(acting: Acting, tmp_path: Path, photograph: Callable[..., Path]) -> tuple[str, str, str]:
    """A victim's work (id) on the desk, and a thief's label with a work of her own (id)."""
    someone = uuid.uuid4()
    photograph().rename(tmp_path / "victim.jpg")
    (tmp_path / "own.txt").write_text(f"own {someone}")
    with acting(f"PublicMSP/victim-{someone.hex[:8]}", "creator") as service:
        work = deposit(service, tmp_path / "victim.jpg")
        assert service.views.small(work)
    thief = f"PublicMSP/thief-{someone.hex[:8]}"
    with acting(thief, "creator") as service:
        own = service.deposit(tmp_path / "own.txt", WorkForm(title="我的")).work
        assert b"".join(service.read_content(own)) == (tmp_path / "own.txt").read_bytes()
    return work.id, thief, own.id


def test_a_deposit_that_names_anothers_file_opens_it_to_nobody(acting: Acting, theirs: tuple[str, str, str]) -> None:
    victim_id, thief, _ = theirs
    with acting(thief, "creator") as service:
        victim = service.work(victim_id)
        given = {name: victim.record["content"][name] for name in ("cid", "size", "media_type", "encrypted", "sha256")}
        relation = {"work_id": victim_id, "relation": "different", "words": "另一张"}
        form = {"title": "我的", "category": victim.record["category"], "content": given, "relations": [relation]}
        form["creation_kind"] = "original"
        record = service.ledger.submit("creator", "Deposit", form).value
        mine = service.work(str(record["id"]))
        assert mine.cid == victim.cid and service.ledger.evaluate("creator", "MayFetch", mine.id, mine.cid, "HealthMSP")
        refused(lambda: service.read_content(mine))
        assert service.views.small(mine) == service.views.large(mine) == b""
        assert service.files.may_have(victim.cid) is False
        service.files.hand_in(everything=True)
        assert not service.files.queue.lies_under(victim.cid, [mine.id]), "it is not handed in for the thief"
        refused(lambda: service.read_content(mine))


def test_evidence_that_names_anothers_file_opens_it_to_nobody(acting: Acting, theirs: tuple[str, str, str]) -> None:
    victim_id, thief, own_id = theirs
    with acting(thief, "creator") as service:
        victim = service.work(victim_id)
        said = {"where": "http://example.com/", "description": "疑似使用"}
        said |= {"evidence": [{"kind": "other", "cid": victim.cid, "sha256": victim.sha256}]}  # type: ignore[dict-item]
        case = service.kit.do(kinds.Infringement.report, said, on=own_id).value["id"]
        refused(lambda: service.files.read(case, victim.cid))
        refused(lambda: service.read_content(victim))
        assert service.files.may_have(victim.cid) is False
        assert not service.files.queue.lies_under(victim.cid, [case])


def test_no_other_name_and_no_link_leads_to_anothers_file(acting: Acting, theirs: tuple[str, str, str]) -> None:
    victim_id, thief, _ = theirs
    with acting(thief, "creator") as service:
        victim = parse(service.work(victim_id).cid)
        for version, codec in ((1, RAW), (1, DAG_PB), (0, DAG_PB)):
            assert service.files.may_have(ParsedCid(version, codec, victim.digest).text) is False
        block = folders.encode_directory([unixfs.Link(victim, 1, "x")])
        root = of_block(block, DAG_PB)
        service.content.import_car(io.BytesIO(car.header([root]) + car.section(root, block)))
        assert service.files.may_have(root.text) is False
        assert service.files.may_have(service.content.add(io.BytesIO(uuid.uuid4().bytes))) is None


def test_whoever_has_the_same_bytes_in_hand_has_a_file_of_their_own(
    acting: Acting, theirs: tuple[str, str, str], tmp_path: Path
) -> None:
    victim_id, thief, _ = theirs
    with acting(thief, "creator") as service:
        kept = service.store_evidence([f"file={tmp_path / 'victim.jpg'}"])[0]
        assert kept["cid"] == service.work(victim_id).cid and service.files.may_have(kept["cid"]) is True
        assert kept["sha256"] == hashlib.sha256((tmp_path / "victim.jpg").read_bytes()).hexdigest()


def test_a_file_that_is_a_node_opens_nothing_that_it_names(acting: Acting, theirs: tuple[str, str, str]) -> None:
    """Bytes of one's own, had as a file, read as a node: what they link to is somebody else's."""
    victim_id, thief, _ = theirs
    with acting(thief, "creator") as service:
        node = folders.encode_directory([unixfs.Link(parse(service.work(victim_id).cid), 1, "x")])
        as_file = service.content.add(io.BytesIO(node))
        service.files.had(as_file)
        assert service.files.may_have(as_file) is True
        assert parse(as_file).codec == RAW
        assert service.files.may_have(ParsedCid(1, DAG_PB, parse(as_file).digest).text) is False


def test_an_archive_is_its_bringers_only_where_it_holds_everything(
    acting: Acting, theirs: tuple[str, str, str], tmp_path: Path
) -> None:
    """A node that names another's file is completed by the store that keeps it: that is no file in hand."""
    victim_id, thief, _ = theirs
    with acting(thief, "creator") as service:
        block = folders.encode_directory([unixfs.Link(parse(service.work(victim_id).cid), 1, "x")])
        root = of_block(block, DAG_PB)
        archive = car.header([root]) + car.section(root, block)
        assert service.content.import_car(io.BytesIO(archive)) == [root.text]
        assert car.whole_in(io.BytesIO(archive), service.content.block) == []
        own, target = service.content.add(io.BytesIO(uuid.uuid4().bytes * 40_000)), io.BytesIO()
        service.content.export_car(own, target)
        assert car.whole_in(io.BytesIO(target.getvalue()), service.content.block) == [own]


def test_ones_own_file_needs_no_ledger(
    acting: Acting, theirs: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose identity was revoked, or whose network is away, still takes out what they deposited from here."""
    _, thief, own_id = theirs
    with acting(thief, "creator") as service:
        cid = service.work(own_id).cid

        def away(*_: object) -> object:
            raise LedgerError(Text("不认您。", "You are not known."), code="identity_refused")

        monkeypatch.setattr(service, "find", away)
        assert service.files.may_have(cid) is True


def test_a_file_kept_by_a_dialog_is_its_keepers_alone(
    acting: Acting, theirs: tuple[str, str, str], tmp_path: Path
) -> None:
    _, thief, own_id = theirs
    paper = tmp_path / "paper.txt"
    paper.write_text(uuid.uuid4().hex)
    with acting(thief, "creator") as service:
        cid = service.kit.keep(paper)
        said = {"where": "http://example.com/", "description": "疑似使用"}
        said |= {"evidence": [{"kind": "file", "cid": cid, "sha256": "ab" * 32}]}  # type: ignore[dict-item]
        case = service.kit.do(kinds.Infringement.report, said, on=own_id).value["id"]
        assert service.files.queue.lies_under(cid, [case])
    with acting(f"PublicMSP/other-{uuid.uuid4().hex[:8]}", "creator") as service:
        assert service.files.may_have(cid) is False
        with pytest.raises(CityChainError):
            service.files.read(case, cid)


def test_a_watch_is_its_signers_alone(acting: Acting, theirs: tuple[str, str, str]) -> None:
    _, thief, own_id = theirs
    with acting(thief, "creator") as service:
        said = {"where": "http://example.com/", "description": "疑似使用"}
        case = service.kit.do(kinds.Infringement.report, said, on=own_id).value["id"]
        mine = service.captures.watch(case, "http://shop.example/x", 1)
    with acting(f"PublicMSP/other-{uuid.uuid4().hex[:8]}", "creator") as service:
        assert service.captures.watches() == [] and service.captures.watches(case) == []
        assert service.captures.run(everything=True) == []
        with pytest.raises(NotFound):
            service.captures.unwatch(mine.id)
    with acting(thief, "creator") as service:
        assert service.captures.watches() == [mine]
        service.captures.unwatch(mine.id)
        assert service.captures.watches() == []
