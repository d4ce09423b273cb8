"""An application from outside the tree is found by its entry point, everywhere."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from baas.applications import Applications, DemoOptions
from baas.cli.root import run
from baas.demo import run_demo
from baas.errors import LedgerError, PermissionDenied
from baas.platform import Platform
from baas.roles import Role, parse_roles
from baas.services.doctor import examine

ROOT = Path(__file__).parents[2]
FORM = ("--product", "鲜牛奶", "--producer", "城东乳业", "--taken-on", "2026-01-31")


def cli(platform: Platform, capsys: pytest.CaptureFixture[str], *arguments: str, as_: str = "") -> Any:
    """Run a command on the platform's workspace; its JSON answer."""
    capsys.readouterr()
    who = ["--as", as_] if as_ else []
    code = run(["--json", "--lang", "en", "--workspace", str(platform.workspace.folder), *who, *arguments])
    printed = capsys.readouterr()
    if code:
        raise AssertionError(f"{code}: {printed.err}")
    return json.loads(printed.out)


def test_it_is_found_with_its_roles_and_permissions(outside: Path) -> None:
    found = Applications()
    manifest = found.get("food")
    assert manifest.contract.module == "food.contract"
    assert parse_roles("food_inspector") == {"food_inspector"}
    assert found.grants()[Role("food_analyst")] == {"food.read", "food.act"}
    assert found.permission_titles()["food.act"].en == "take and test samples"
    assert not found.broken


def test_looking_issues_no_identity_and_an_act_its_signers(food_city: Platform) -> None:
    """The owner's person of a role is issued when it first signs, not when somebody opens the page."""

    def people() -> set[str]:
        return {one.label for one in food_city.identities.list("city", kind="person") if "/food-" in one.label}

    assert people() == set()
    service = food_city.applications.get("food").build_service(food_city, "city")
    sample = service.catalogue.kinds["sample"]
    assert (service.all(sample), service.mine(), service.waiting(), service.deployed()) == ([], [], [], True)
    assert [one.signer for one in service.begins()] == ["HealthMSP/food-food_inspector"]
    assert service.parties == {"HealthMSP/food-food_inspector", "DataBureauMSP/food-food_analyst"}
    assert people() == set()
    analyst = "DataBureauMSP/food-food_analyst"
    with pytest.raises(LedgerError):
        service.do(sample.acts["test"], {"result": "passed", "germs": 1}, on="nothing", signer=analyst)
    assert people() == {analyst}


def test_its_commands_and_contract_work(food_city: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    made = cli(food_city, capsys, "food", "sample", "take", "--number", "C-1", *FORM)
    assert made["state"] == "TAKEN" and made["inspector"] == "HealthMSP/food-food_inspector"
    tested = cli(food_city, capsys, "food", "sample", "test", made["id"], "--result", "passed", "--germs", "10")
    assert tested["analyst"] == "DataBureauMSP/food-food_analyst"
    assert [one["id"] for one in cli(food_city, capsys, "food", "sample", "list")] == [made["id"]]
    food_city.identities.ensure("HealthMSP", "second", "food_inspector", network="city")
    assert cli(food_city, capsys, "food", "waiting", as_="HealthMSP/second")[0]["asks"]
    released = cli(food_city, capsys, "food", "sample", "release", made["id"], as_="HealthMSP/second")
    assert released["state"] == "RELEASED"
    assert len(cli(food_city, capsys, "food", "sample", "history", made["id"])) == 3


def test_whoever_looked_before_somebody_was_made_sees_what_is_theirs(food_city: Platform) -> None:
    """A page stays open while another one has the owner's person issued; tab and badge then said two numbers."""
    manifest = food_city.applications.get("food")
    service, before = (manifest.build_service(food_city, "city") for _ in range(2))
    assert service.mine()
    for label in service.signers:  # as they were when it was opened: none of them issued
        before.ledger.made_later(label, lambda: None)
    assert (before.mine(), before.count()) == (service.mine(), service.count())


def test_refusals_come_in_words_and_at_their_field(food_city: Platform) -> None:
    service = food_city.applications.get("food").build_service(food_city, "city")
    sample = service.catalogue.kinds["sample"]
    form = {"number": "C-2", "product": "米", "producer": "粮库", "taken_on": "2026-01-31"}
    made = service.do(sample.acts["take"], form).value
    with pytest.raises(LedgerError) as taken:
        service.do(sample.acts["take"], form)
    assert taken.value.message.zh == "已被占用，不能重复。"  # type: ignore[union-attr]
    with pytest.raises(LedgerError) as wrong:
        service.do(sample.acts["test"], {"result": "passed", "germs": 10**6}, on=made["id"])
    assert wrong.value.details["field"] == "germs"
    assert "菌落总数" in wrong.value.message.zh  # type: ignore[union-attr]
    service.do(sample.acts["test"], {"result": "passed", "germs": 1}, on=made["id"])
    with pytest.raises(LedgerError) as own:
        service.do(sample.acts["release"], on=made["id"])
    assert own.value.message.zh == "抽样人不能自己放行。"  # type: ignore[union-attr]
    assert [one.act.name for one in service.open_acts(service.read(made["id"]))] == ["recall"]
    assert made["id"] not in [one["id"] for one in service.waiting()], "nobody here may do what it waits for"


def test_the_platform_refuses_whoever_has_no_permission(food_city: Platform) -> None:
    food_city.identities.ensure("HospitalMSP", "nurse2", "hospital_staff", network="city")
    service = food_city.applications.get("food").build_service(food_city, "city")
    food_city.act_as("HospitalMSP/nurse2")
    try:
        with pytest.raises(PermissionDenied):
            service.do(service.catalogue.kinds["sample"].acts["take"], {})
        with pytest.raises(PermissionDenied):
            service.all(service.catalogue.kinds["sample"])
    finally:
        food_city.act_as("owner")


def _alone(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a program says in a process of its own, which finds this checkout and the application from outside."""
    return subprocess.run(
        [sys.executable, "-c", program],
        check=False, capture_output=True, text=True, cwd=folder, timeout=60,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
    )  # fmt: skip


def test_the_overview_of_commands_imports_no_contract(outside: Path, tmp_path: Path) -> None:
    program = (
        "import sys\nfrom baas.cli.root import run\nrun(['--help'])\n"
        "heavy = [m for m in sys.modules if m.split('.')[0] in ('grpc', 'cryptography', 'chaincode', 'PySide6')"
        " or m.startswith('food.kinds')]\nprint(heavy, file=sys.stderr)"
    )
    done = _alone(program, tmp_path)
    assert "food" in done.stdout
    assert done.stderr.strip() == "[]"


def test_looking_at_declarations_draws_nothing(outside: Path, tmp_path: Path) -> None:
    """Every command that opens a workspace looks; a server has no Qt, and its applications are sound all the same."""
    program = (
        "import sys\nsys.modules['PySide6'] = None\nfrom baas.applications import Applications\n"
        "found = Applications()\nfound.examine()\nprint([one.id for one in found.all()], found.broken)\n"
        "print([m for m in sys.modules if m.startswith(('console', 'grpc'))])"
    )
    done = _alone(program, tmp_path)
    assert done.returncode == 0, done.stderr
    ids, heavy = done.stdout.splitlines()
    assert "'food'" in ids and "'supply_finance'" in ids and ids.endswith(" {}"), ids
    assert heavy == "[]"


def test_its_demonstration_runs_with_the_citys(
    food_city: Platform, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (outside / "food" / "demo.py").write_text(
        "def run(platform, network, options, ctx):\n"
        "    service = platform.applications.get('food').build_service(platform, network)\n"
        "    form = {'number': 'D-1', 'product': 'fish', 'producer': 'farm', 'taken_on': '2026-01-31'}\n"
        "    made = service.do(service.catalogue.kinds['sample'].acts['take'], form)\n"
        "    return {'food': {'taken': made.value['id']}}\n"
    )
    shown = replace(food_city.applications.get("food"), demo="food.demo:run")
    monkeypatch.setattr(food_city.applications, "all", lambda: [shown])
    result = food_city.jobs.run(run_demo, food_city, DemoOptions())
    service = food_city.applications.get("food").build_service(food_city, "city")
    assert service.read(result["food"]["taken"])["product"] == "fish"
    assert result["ledger"]["verified"]


def test_a_broken_application_is_named_and_the_others_start(
    outside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.kit.conftest import install

    source = tmp_path / "source"
    source.mkdir()
    (source / "__init__.py").write_text("")
    (source / "application.py").write_text("from fabric_sdk.kinds import Role\nX = Role()\n")
    install(tmp_path / "site", "torn", source, "torn.application:APPLICATION")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    install(tmp_path / "site", "lost", source, "lost.nowhere:APPLICATION")
    found = Applications()
    assert "food" in {one.id for one in found.all()}
    assert "no condition" in found.broken["torn"]
    (outside / "food" / "fridge.py").write_text(
        "from baas.errors import Text\nfrom baas.services.doctor import Check\n"
        "def everything(platform):\n    return [Check('food-fridge', Text('冰箱', 'ice'), 'ok', Text('好', 'well'))]\n"
    )
    with Platform.open(tmp_path / "workspace") as platform:
        own = [replace(platform.applications.get("food"), checks="food.fridge:everything")]
        monkeypatch.setattr(platform.applications, "all", lambda: own)
        checks = examine(platform.workspace.folder, platform)
        told = next(one for one in checks if one.id == "applications")
        assert told.state == "bad"
        assert {"torn", "lost"} <= set(re.findall(r"\w+", told.detail.render("zh"))), (
            "each is named, and the platform starts"
        )
        assert "no condition" in told.detail.render("zh")
        assert "food-fridge" in {one.id for one in checks}, "the others are still examined"


TORN = {
    'State("bad", final=True)': ('State("bad")', "torn.kinds.Sample: the state RECALLED is never left"),
    'TESTED = State("wait"), State("busy")': (
        'TESTED, LOST = State("wait"), State("busy"), State()',
        "torn.kinds.Sample: the state LOST is never left|nothing leads to the state LOST",
    ),
    "TESTED >> RELEASED, INSPECTOR,": ("TESTED >> RELEASED, None,", "torn.kinds.Sample: the act release has no role"),
    'Role(held="food_analyst")': ("Role()", "role FORBIDDEN: it has no condition"),
    "result, germs, analyst =": (
        "result, germs, log =",
        "torn.kinds.Sample: the field log has a name that the kit keeps",
    ),
    'unique=["number"]': ('unique=["number"], version=2', "torn.kinds.Sample: version 2 needs an upgrade from each"),
}


@pytest.mark.parametrize("right", TORN)
def test_kinds_that_contradict_themselves_take_nothing_else_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], right: str
) -> None:
    """Its manifest is read all the same: inbox, console and every window of a workspace fell with the kinds."""
    import apps.kit.sample
    from baas.cli.root import root
    from console.catalogue import all_pages
    from tests.kit.conftest import install

    wrong, place = TORN[right]
    source = Path(str(apps.kit.sample.__file__)).parent
    install(tmp_path / "site", "torn", source, "torn.application:APPLICATION")
    path = tmp_path / "site" / "torn" / "kinds.py"
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    application = path.with_name("application.py")
    application.write_text(application.read_text(encoding="utf-8").replace('"food', '"torn'), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    for name in [one for one in sys.modules if one.partition(".")[0] == "torn"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(root.__dict__, "_manifests", raising=False)
    with Platform.open(tmp_path / "workspace") as platform:
        assert "torn" not in {one.id for one in platform.applications.all()}
        assert "torn" not in {page.id for page in all_pages(platform.applications)}
        checks = examine(platform.workspace.folder, platform)
        told = next(one for one in checks if one.id == "applications").detail.render("en")
        assert re.search(place, told), told
    assert run(["--lang", "en", "--workspace", str(tmp_path / "workspace"), "torn", "waiting"]) == 3
    assert re.search(place, capsys.readouterr().err)
    root.__dict__.pop("_manifests", None)


def test_a_role_cannot_be_taken_from_another_application() -> None:
    from baas.errors import Text
    from baas.roles import NETWORK_CHANGE, application_role

    with pytest.raises(ValueError, match="Platform administrator already"):
        application_role("platform_admin", Text("我", "me"))
    with pytest.raises(ValueError, match="may not be given"):
        application_role("sneaky", Text("我", "me"), frozenset({NETWORK_CHANGE}))
    with pytest.raises(ValueError, match="cannot be a role"):
        application_role("admin", Text("我", "me"))


NAMED = re.compile(r"\b(copyright|health_slots|registrar|licensee|hospital_staff|food)\b")
ALLOWED = {
    # Drawings by their look, and organisations' drawings by their names.
    "console/theme/icons.py",
    "console/titles.py",
}


def test_nothing_below_the_applications_names_one() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}: {line.strip()}"
        for package in ("baas", "console", "network")
        for path in (ROOT / package).rglob("*.py")
        if path.relative_to(ROOT).as_posix() not in ALLOWED
        for line in path.read_text(encoding="utf-8").splitlines()
        if NAMED.search(line)
    }
    assert found == set()


@pytest.mark.parametrize("guide", ["application-guide.md", "application-guide.zh-CN.md"])
def test_every_command_of_the_guide_runs(
    food_city: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str], guide: str
) -> None:
    """In their order, ids from what was printed before; pip and the network are the fixture's."""
    block = re.findall(r"^```\n(.*?)^```", (ROOT / "docs" / guide).read_text(encoding="utf-8"), re.S | re.M)[0]
    lines = [shlex.split(line, comments=True) for line in block.splitlines()]
    assert ["pip", "install", "-e", "../food"] in lines and len(lines) >= 10
    number, made = f"G-{guide}"[:40], ""
    for line in lines:
        words = [said for said in line if said != "--as"]
        if words[0] == "pip" or words[1:3] in (["network", "up"], ["chaincode", "deploy"]):
            continue
        if words[1:3] == ["application", "new"]:
            words[3:] = ["another", "--folder", str(tmp_path / "another")]
        said = {"A-1": number, "YP…": made, "HealthMSP/second": f"HealthMSP/{guide.partition('.')[2]}"}
        told = [said.get(one, one) for one in words[1:]]
        as_ = told.pop(0) if "--as" in line else ""
        found = cli(food_city, capsys, *told, as_=as_)
        made = found["id"] if isinstance(found, dict) and str(found.get("id", "")).startswith("YP") else made
    assert food_city.applications.get("food").build_service(food_city, "city").read(made)["state"] == "RELEASED"


def test_the_guides_example_is_what_the_sample_says() -> None:
    """Every block of code in the guide stands in the sample's files, and the sample is short."""
    folder = ROOT / "apps" / "kit" / "sample"
    files = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    for guide in ("application-guide.md", "application-guide.zh-CN.md"):
        blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / guide).read_text(encoding="utf-8"), re.S | re.M)
        assert len(blocks) == 2
        for block in blocks:
            assert any(block.strip() in text for text in files.values()), block
    assert sum(len(text.splitlines()) for text in files.values()) <= 170


def test_a_new_application_is_written_whole_and_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.kit.new import write_application
    from baas.errors import Conflict, UserError
    from fabric_sdk.chaincode.testing import ContractTester, client

    folder = write_application("street_market", tmp_path / "market")
    about = tmp_path / "market" / "street_market-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: street_market\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[citychain.applications]\nstreet_market = street_market.application:APPLICATION\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    found = Applications()
    manifest: Any = found.get("street_market")
    assert not found.broken and manifest.contract.name == "street_market"
    assert set(manifest.permission_titles) == {"street_market.act", "street_market.read"}
    assert list(manifest.catalogue.kinds) == ["sample"]
    contract = __import__("street_market.contract", fromlist=["CONTRACTS"]).CONTRACTS[0]
    tester = ContractTester(type(contract)(clock=lambda: tester.now))
    roles = {"street_market_inspector": ["AMSP"], "street_market_analyst": ["BMSP"]}
    tester.invoke("Configure", {"office_msp": "AMSP", "roles": roles}, as_=client("AMSP", "admin", ou="admin"))
    form = {"number": "1", "product": "鱼", "producer": "渔场", "taken_on": "2026-01-01"}
    inspector = client("AMSP", "ann", role="street_market_inspector")
    assert tester.invoke("TakeSample", form, as_=inspector)["state"] == "TAKEN"
    with pytest.raises(Conflict):
        write_application("street_market", tmp_path / "other")
    for name in ("", "x", "Class", "class", "../out", "a" * 40, "food-x"):
        with pytest.raises(UserError):
            write_application(name, tmp_path / "other")
    assert not (tmp_path / "other").exists()
    with pytest.raises(Conflict):
        write_application("another_one", folder)
    assert not list(tmp_path.glob(".*")), "nothing half-written stays"
