"""A branch through the services and commands: made, told apart everywhere, rehearsed on, and evidence of nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from baas.cli.root import run as command
from baas.platform import Platform
from baas.services.contract_template import write_contract
from baas.services.own_contracts import OwnContract
from network.errors import CityChainError, Conflict, UserError

N, B = "own", "own-branch"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_contract("things", tmp_path_factory.mktemp("sources") / "things")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, source: Path) -> Iterator[Platform]:
    """A network with a contract of one's own and a few calls, and a branch of it that has the next version."""
    with Platform.open(tmp_path_factory.mktemp("branches") / "workspace") as opened:
        opened.networks.up(opened.networks.template("single", name=N, runtime="embedded"))
        opened.contracts.deploy_own(N, OwnContract("things", "1.0.0", "python", str(source)))
        for number in range(3):
            opened.contracts.invoke(N, "things", "Create", [f"A-{number}", "a bicycle", "900"])
        made = opened.branches.make(N)
        assert (made.spec.name, made.contracts, made.without, made.record.otherwise) == (B, ("things",), (), 0)
        yield opened
        opened.networks.destroy(B)
        opened.networks.destroy(N)


def run(platform: Platform, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = command(["--workspace", str(platform.workspace.folder), *arguments])
    return code, capsys.readouterr().out


def test_it_is_marked_wherever_networks_are_told(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    listed = {one.name: one for one in platform.networks.list()}
    assert listed[B].branch and not listed[N].branch
    assert "分支" in listed[B].title.zh and "branch" in listed[B].title.en
    assert listed[N].default and not listed[B].default
    code, said = run(platform, capsys, "--lang", "en", "network", "list")
    assert code == 0 and "(branch, up to block" in said
    record = platform.branches.record(B)
    assert record is not None and record.origin == N and platform.branches.record(N) is None


def test_a_branch_alone_is_never_the_default_beside_a_network(platform: Platform) -> None:
    platform.workspace.set_setting("network.default", "")
    assert platform.networks.default() == N
    assert platform.branches.name_for("a") == "a-branch" and platform.branches.name_for(N) == "own-2-branch"
    assert platform.branches.name_for(N, "trial") == "trial-branch"


@pytest.mark.parametrize(
    "act",
    [
        lambda p, _: p.cards.make(B, now=date(2026, 1, 5)),
        lambda p, t: p.ledger.export(t / "chain.blocks", B),
        lambda p, _: p.promotion.plan(B),
        lambda p, _: p.promotion.promote(B),
        lambda p, _: p.promotion.replay(B),
        lambda p, _: p.operations.listen("127.0.0.1", B),
        lambda p, t: p.operations.export_share(B, "here", t / "share", "a long passphrase"),
        lambda p, t: p.invitations.invite("DataBureauMSP/wang", t / "invitation", "a long passphrase", network=B),
        lambda p, _: p.audit.seal(B),
        lambda p, _: p.networks.up(p.networks.spec(B).with_(capabilities="2.5.16")),
    ],
    ids=["card", "export", "plan", "promote", "replay", "listen", "share", "invite", "seal", "grow"],
)
def test_it_can_be_taken_for_no_network(
    platform: Platform, tmp_path: Path, act: Callable[[Platform, Path], object]
) -> None:
    with pytest.raises(Conflict) as caught:
        act(platform, tmp_path)
    assert caught.value.code == "branch"
    assert not list(tmp_path.iterdir())


def test_it_is_no_branch_of_a_branch_and_takes_no_networks_name(platform: Platform) -> None:
    with pytest.raises(CityChainError) as caught:
        platform.branches.make(B)
    assert caught.value.code == "branch"
    with pytest.raises(Conflict) as taken:
        platform.branches.make(N, "own")
    assert taken.value.code == "name_taken"
    for name in ("../outside", "a/b", "Über"):
        with pytest.raises(UserError, match="cannot be a network's name"):
            platform.branches.make(N, name)
    assert not list(platform.workspace.folder.glob("*outside*"))


def test_its_chain_is_verified_in_its_two_parts(platform: Platform) -> None:
    found = platform.ledger.verify(B)
    ours = platform.ledger.verify(N)
    record = platform.branches.record(B)
    assert record is not None
    assert found.verified and found.state_checked and found.genesis == ours.genesis
    assert found.height > record.last_block + 1 and found.blocks == found.height


def test_an_upgrade_is_rehearsed_with_the_ordinary_acts(
    platform: Platform, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The control differs nowhere; the next version is deployed on the branch, and tells what it does otherwise."""
    code, said = run(platform, capsys, "--json", "network", "rehearse", B, "things")
    assert code == 0 and json.loads(said)["counts"] == {"same": 3}
    text = (source / "contract.py").read_text("utf-8")
    assert text.count('"value"') >= 1
    edited = tmp_path / "things"
    edited.mkdir()
    (edited / "contract.py").write_text(text.replace('"value"', '"worth"'), "utf-8")
    done = platform.contracts.deploy_own(B, OwnContract("things", "2.0.0", "python", str(edited)))
    assert (done.definition.sequence, done.definition.version) == (2, "2.0.0")
    report = tmp_path / "report.json"
    code, said = run(platform, capsys, "--lang", "zh", "network", "rehearse", B, "things", "--report", str(report))
    assert code == 4 and "结果不同" in said
    found = json.loads(report.read_text("utf-8"))
    assert (found["before"], found["now"], found["counts"]) == ("1.0.0", "2.0.0", {"different": 3})
    change = found["findings"][0]["changes"][0]
    assert '"value"' in change["before"] and '"worth"' in change["now"]
    # The network itself has the old version, and nothing of this.
    assert platform.contracts.committed(N, "things").version == "1.0.0"  # type: ignore[union-attr]
    assert b"worth" not in platform.contracts.query(N, "things", "Read", ["A-1"]).payload


def test_nothing_is_served_from_it(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    code = command(["--workspace", str(platform.workspace.folder), "--lang", "en", "serve", "fhir", "--network", B])
    assert code == 2 and "is a branch: nothing is served from it" in capsys.readouterr().err


def test_no_evidence_package_comes_from_it(platform: Platform, tmp_path: Path) -> None:
    from apps.copyright.issuing import certify
    from apps.copyright.proof import export_evidence

    service = platform.applications.get("copyright").build_service(platform, B)
    for act in (
        lambda: export_evidence(service, "w-1", tmp_path / "package.zip"),
        lambda: certify(service, "r-1", None),  # type: ignore[arg-type]
    ):
        with pytest.raises(Conflict) as caught:
            act()
        assert caught.value.code == "branch"
    assert not list(tmp_path.iterdir())
