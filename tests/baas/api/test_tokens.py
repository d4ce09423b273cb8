"""Tokens: for whom, for what, how long, how they are kept, and that they end at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from baas.api.scopes import SCOPES
from baas.api.tokens import TOKEN, TokenStore
from baas.cli.root import run
from baas.errors import CityChainError, NotFound, PermissionDenied, UserError
from baas.platform import Platform
from baas.roles import PERMISSION_TITLES
from baas.services.backup import back_up
from baas.services.restoring import restore
from baas.session import Actor
from fabric_sdk import clock

MSP = "HospitalMSP"
YEAR = 366 * 86_400.0


def files_with(folder: Path, word: str) -> list[Path]:
    """Files of a folder that hold a word."""
    return [one for one in folder.rglob("*") if one.is_file() and word.encode() in one.read_bytes()]


def test_of_a_token_only_the_hash_is_kept(paper: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    """Made by service and by command, used, listed, revoked: no file of the workspace holds it, nor half of it."""
    made, whole = paper.tokens.create("tool", ["networks.read"])
    assert paper.tokens.store.of_secret(whole) is not None
    paper.tokens.store.note_used(made)
    folder = str(paper.workspace.folder)
    words = ["--lang", "en", "--json", "--workspace", folder, "api", "token"]
    assert run([*words, "new", "by command", "--scope", "ledger.read"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert TOKEN.fullmatch(shown["token"])
    assert run([*words, "list"]) == 0
    listed = capsys.readouterr().out
    # Somebody pastes the whole token where the id belongs: it ends, and is not in the audit log either.
    assert run([*words, "revoke", shown["token"]]) == 0
    capsys.readouterr()
    assert paper.tokens.store.of_secret(shown["token"]) is None
    for secret in (whole, shown["token"]):
        assert secret not in listed
        for half in (secret, secret.rpartition("_")[2][:20] if "_" not in secret[-43:] else secret[-43:-20]):
            assert files_with(paper.workspace.folder, half) == []
    ids = {line.get("on", {}).get("id") for line in map(json.loads, paper.audit_log.path.read_text().splitlines())}
    assert shown["id"] in ids


def test_forged_expired_and_revoked_tokens_are_none(tmp_path: Path) -> None:
    now = [1_000.0]
    store = TokenStore(tmp_path, clock=lambda: now[0])
    assert store.all() == () and store.of_secret("ccat_" + "0" * 12 + "_" + "a" * 43) is None
    made, whole = store.add("a", ["ledger.read"], network="", identity="owner", per_second=1, expires=2_000)
    assert store.of_secret(whole) == made
    for forged in (
        "", "ccat_", whole[:-1], whole + "x", whole[:-1] + ("A" if whole[-1] != "A" else "B"), whole.upper(),
        whole.replace(made.id, "0" * 12), f" {whole}", whole + "\n", "ccat_" + made.id + "_" + "a" * 43,
    ):  # fmt: skip
        assert store.of_secret(forged) is None, forged
    now[0] = 2_000.0
    assert store.of_secret(whole) is None and store.alive(made.id) is None
    now[0] = 1_999.0
    assert store.of_secret(whole) is not None
    other = TokenStore(tmp_path, clock=lambda: now[0])
    assert other.revoke(made.id).revoked == 1_999.0
    assert store.of_secret(whole) is None and store.alive(made.id) is None
    assert other.revoke(made.id).revoked == 1_999.0
    with pytest.raises(NotFound):
        other.revoke("0" * 12)


def test_each_secret_is_its_own(tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    made = [store.add("a", [], network="", identity="owner", per_second=1, expires=1)[1] for _ in range(50)]
    assert len({one.split("_", 2)[2] for one in made}) == 50


def test_nobody_makes_a_token_that_can_do_more_than_they_can(paper: Platform) -> None:
    paper.identities.issue(MSP, "auditor1", "auditor")
    paper.identities.issue(MSP, "chief", "organization_admin")
    owner = paper.tokens
    made, _ = owner.create("watch", ["audit.read", "ledger.read"], identity=f"{MSP}/auditor1", network="city")
    assert (made.identity, made.network) == (f"{MSP}/auditor1", "city")
    with pytest.raises(PermissionDenied) as refused:
        owner.create("too much", ["networks.operate"], identity=f"{MSP}/auditor1", network="city")
    assert refused.value.code == "scope_beyond_identity"
    with pytest.raises(UserError) as needs:
        owner.create("unsigned", ["contracts.submit"])  # the owner is nobody on the ledger
    assert needs.value.code == "identity_needed"
    for bad in (
        {"scopes": []}, {"scopes": ["no.such"]}, {"name": ""}, {"name": "a\nb"}, {"days": 0}, {"days": 4_000},
        {"per_second": 0}, {"contracts": ["../x"]},
    ):  # fmt: skip
        with pytest.raises(CityChainError):
            owner.create(**({"name": "a", "scopes": ["ledger.read"]} | bad))  # type: ignore[arg-type]
    for role in ("auditor1", "chief"):
        paper.act_as(f"{MSP}/{role}")
        for attempt in (
            lambda: paper.tokens.create("mine", ["ledger.read"]),
            paper.tokens.list,
            lambda: paper.tokens.revoke(made.id),
            paper.tokens.publish,
        ):
            with pytest.raises(PermissionDenied):
                attempt()
    assert paper.tokens.store.alive(made.id)


def test_whoever_keeps_a_desk_makes_tokens_for_themselves_alone(paper: Platform) -> None:
    paper.identities.issue(MSP, "chief", "organization_admin")
    paper.identities.issue(MSP, "other", "organization_admin")
    actor = paper.identities.actor(f"{MSP}/chief", "city")
    paper.session.act_as(Actor(actor.label, actor.msp_id, actor.roles, actor.name, "city", desk=True))
    made, _ = paper.tokens.create("mine", ["contracts.submit", "ledger.read"])
    assert (made.identity, made.network) == (f"{MSP}/chief", "city")
    for label in (f"{MSP}/other", "owner"):
        with pytest.raises(PermissionDenied) as refused:
            paper.tokens.create("theirs", ["ledger.read"], identity=label, network="city")
        assert refused.value.code == "not_yourself"


def test_a_token_counts_as_long_as_whom_it_acts_as(paper: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(paper.identities), "_publish_revocations", lambda *_: None)  # no node runs
    label = paper.identities.issue(MSP, "leaves", "auditor")
    made, _ = paper.tokens.create("watch", ["audit.read"], identity=label, network="city")
    assert paper.tokens.actor_of(made).party == f"{MSP}/leaves"
    forged = type(made)(**{**vars(made), "party": f"{MSP}/somebody"})
    with pytest.raises(PermissionDenied):
        paper.tokens.actor_of(forged)  # the label is another person's now: labels decide nothing
    paper.identities.revoke(label)
    with pytest.raises(UserError) as gone:
        paper.tokens.actor_of(made)
    assert gone.value.code == "identity_revoked"


def test_a_network_that_goes_takes_its_tokens_along(paper: Platform) -> None:
    label = paper.identities.issue(MSP, "x", "auditor")
    _of_it, whole = paper.tokens.create("its", ["ledger.read"], identity=label, network="city")
    of_all, _ = paper.tokens.create("all", ["ledger.read"])
    paper.tokens.publish("city")
    paper.networks.destroy("city")
    assert paper.tokens.store.of_secret(whole) is None
    assert [one.id for one in paper.tokens.list() if one.state(clock.seconds()) == "valid"] == [of_all.id]
    assert paper.workspace.setting("api.page.city") == ""


def test_no_revoked_token_comes_back_with_a_backup(paper: Platform, tmp_path: Path) -> None:
    made, whole = paper.tokens.create("old", ["ledger.read"])
    back_up(paper, tmp_path / "b.ccb")
    paper.tokens.revoke(made.id)
    restore(tmp_path / "b.ccb", tmp_path / "again")
    with Platform.open(tmp_path / "again") as again:
        assert again.tokens.store.of_secret(whole) is None
        assert again.tokens.list() == ()


def test_scopes_ask_for_rights_that_there_are() -> None:
    for scope in SCOPES.values():
        assert scope.permissions and scope.permissions <= set(PERMISSION_TITLES)
