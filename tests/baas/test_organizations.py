"""Organisations with an authority of their own, and agreement over desks: each a workspace of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from baas.applications import Applications
from baas.cli.root import run
from baas.errors import CityChainError, NotFound, Text, Unavailable, UserError
from baas.platform import Platform
from baas.services import growth
from baas.services.proposing import Proposal
from fabric_sdk.configtx import SignedUpdate
from fabric_sdk.identity import SigningIdentity
from network.certificates import CertificateAuthority
from network.config_updates import ChannelUpdater, read_update
from network.founding import parse_definition
from network.profile import export_profile
from network.topology import template

CHANNEL = "citychannel"
REFUSED = r"access denied|creator|not valid|revoked"
AWAY = ("CopyrightMSP", "HealthMSP")


@dataclass
class Desks:
    """The host's workspace, which has lost two administrators to desks of their own, and those desks."""

    host: Platform
    copyright: Platform
    health: Platform
    folder: Path

    def rule(self) -> str:
        """The channel's policy of endorsement in force."""
        policies = ChannelUpdater(self.host.networks.handle("city"), CHANNEL).read().policies
        return policies["/Channel/Application/Endorsement"]


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    folder = tmp_path_factory.mktemp("desks")
    none = Applications({})
    with (
        Platform.open(folder / "host", applications=none) as host,
        Platform.open(folder / "copyright", applications=none) as copyright,
        Platform.open(folder / "health", applications=none) as health,
    ):
        host.networks.up(template("city", network_name="city"))
        try:
            for msp_id, desk in zip(AWAY, (copyright, health), strict=True):
                handle = host.networks.handle("city")
                person = handle.authority(msp_id).person("admin")
                export_profile(handle, msp_id, folder / f"{msp_id}.json")
                certificate, key = person.certificate_pem, person.private_key_pem
                desk.exchange.attach(folder / f"{msp_id}.json", "city", certificate, key, msp_id=msp_id)
                host.keystore.remove(f"city/{msp_id}/admin")
            yield Desks(host, copyright, health, folder)
        finally:
            host.networks.destroy("city")


def rule(number: int) -> str:
    return f"OutOf({number}, 'DataBureauMSP.peer', 'CopyrightMSP.peer', 'HealthMSP.peer')"


def waiting(desks: Desks, number: int) -> Path:
    """A change of the endorsement policy that the host alone cannot make, exported for the others."""
    wanted = growth.set_policy(desks.host.networks.spec("city"), CHANNEL, "endorsement", rule(number))
    with pytest.raises(Unavailable) as refused:
        desks.host.networks.bring_up(wanted)
    assert refused.value.code == "signatures_missing"
    file = desks.folder / f"rule-{number}.update"
    desks.host.changes.export(file, "city")
    return file


def refused(code: str, call: object, *arguments: object) -> CityChainError:
    with pytest.raises(CityChainError) as error:
        call(*arguments)  # type: ignore[operator]
    assert error.value.code == code
    return error.value


def test_a_change_is_read_signed_and_finished_over_three_desks(desks: Desks) -> None:
    before = desks.rule()
    file = waiting(desks, 1)
    found = desks.copyright.changes.describe(file, "city")
    # Nobody waits for those who run no peer, nor counts them.
    assert found.signers == ("DataBureauMSP", "HospitalMSP")
    assert found.missing == AWAY
    (change,) = found.changes
    assert "Endorsement" in change.title.en
    assert "HealthMSP" in change.after
    signed = desks.folder / "signed.update"
    assert "CopyrightMSP" in desks.copyright.changes.sign(file, signed, "CopyrightMSP/admin", "city")
    again = desks.folder / "twice.update"
    refused("signed_already", desks.copyright.changes.sign, signed, again, "CopyrightMSP/admin", "city")
    assert not again.exists()
    assert desks.rule() == before
    assert desks.host.changes.take_in([signed, signed], "city").signers.count("CopyrightMSP") == 1
    # The command without a topology goes on with what waits; it used to say "ready" and do nothing.
    assert run(["--json", "--workspace", str(desks.host.workspace.folder), "network", "up"]) == 0
    assert desks.rule() != before
    assert desks.host.networks.spec("city").channel(CHANNEL).policies.endorsement == rule(1)
    assert desks.host.changes.pending("city") == ()


def test_who_may_not_sign_is_told_before_anybody_counts_on_it(desks: Desks) -> None:
    file = waiting(desks, 2)
    try:
        out = desks.folder / "refused.update"
        desks.host.identities.issue("HospitalMSP", "nurse", "client", network="city")
        refused("not_administrator", desks.host.changes.sign, file, out, "HospitalMSP/nurse", "city")
        assert not out.exists()
        # files that somebody made by other means
        update = read_update(file)
        nurse = desks.host.networks.handle("city").identity("HospitalMSP/nurse")
        authority, _ = CertificateAuthority.create("ca.foreign", "foreign")
        issued = authority.issue("admin", role="admin", organization="foreign")
        foreign = SigningIdentity.from_pem("CopyrightMSP", issued.certificate_pem, issued.private_key_pem)
        stranger = SigningIdentity.from_pem("NobodyMSP", issued.certificate_pem, issued.private_key_pem)
        copyright = desks.copyright.networks.handle("city").identity("CopyrightMSP/admin")
        elsewhere = SignedUpdate(CHANNEL, b"another").signed(copyright).signatures
        moved = SignedUpdate(update.channel_id, update.update, elsewhere)
        for made, words in (
            (update.signed(nurse), "no administrator"),
            (update.signed(foreign), "not of CopyrightMSP's authority"),
            (update.signed(stranger), "no organisation of this channel"),
            (moved, "not for this change"),
        ):
            bad = desks.folder / "bad.update"
            bad.write_bytes(made.to_file())
            error = refused("signature_refused", desks.host.changes.take_in, [bad], "city")
            assert words in str(error.message)
            assert "CopyrightMSP" not in desks.host.changes.pending("city")[0].signers
            assert made is not moved or "CopyrightMSP" not in desks.copyright.changes.describe(bad, "city").signers
        bad.write_bytes(b"\x00 no update")
        refused("user_error", desks.copyright.changes.describe, bad, "city")
        bad.write_bytes(file.read_bytes()[:-10])
        with pytest.raises(UserError):
            desks.copyright.changes.describe(bad, "city")
    finally:
        desks.host.changes.withdraw("city")


def test_a_desk_refuses_a_change_and_says_why(desks: Desks) -> None:
    """Before, whoever would not sign could only stay silent, and nobody knew whether they had looked."""
    file, out = waiting(desks, 2), desks.folder / "no.json"
    health, host = desks.health.changes, desks.host.changes
    try:
        for reason in ("", "x" * 301, "line\u202e"):
            refused("bad_reason", health.refuse, file, out, "HealthMSP/admin", reason, "city")
        assert not out.exists()
        health.refuse(file, out, "HealthMSP/admin", "  背书策略\n不能只要两家 ", "city")
        told = host.take_refusal(out, "city")
        assert told.refused == ("HealthMSP/admin: 背书策略 不能只要两家",) == host.pending("city")[0].refused
        assert "HealthMSP" in told.others
        # Words in another's mouth, another's certificate, a refusal of another change: none is kept.
        said, bad = json.loads(out.read_text("utf-8")), desks.folder / "bad.json"
        for change in ({"reason": "好"}, {"at": said["at"] + 1}, {"signature": "AAAA"}):
            bad.write_text(json.dumps(said | change), encoding="utf-8")
            refused("refusal_refused", host.take_refusal, bad, "city")
        bad.write_text(json.dumps(said | {"update": "00" * 32}), encoding="utf-8")
        refused("other_update", host.take_refusal, bad, "city")
        for text in ("", "[]", "{}", json.dumps(said | {"more": 1}), json.dumps(said | {"at": "1"})):
            bad.write_text(text, encoding="utf-8")
            refused("no_refusal", host.take_refusal, bad, "city")
        desks.host.identities.issue("HospitalMSP", "clerk", "client", network="city")
        refused("not_administrator", host.refuse, file, bad, "HospitalMSP/clerk", "不", "city")
        # Whoever signs after all has changed their mind.
        signed = desks.folder / "after-all.update"
        health.sign(file, signed, "HealthMSP/admin", "city")
        assert host.take_in([signed], "city").refused == ()
    finally:
        host.withdraw("city")
    waiting(desks, 3)  # another change: nobody has refused this one
    try:
        assert host.pending("city")[0].refused == ()
    finally:
        host.withdraw("city")


def test_a_proposal_over_an_older_configuration_is_refused(desks: Desks) -> None:
    old = waiting(desks, 2)
    desks.host.changes.withdraw("city")
    newer = waiting(desks, 3)
    signed = desks.folder / "newer.update"
    desks.health.changes.sign(newer, signed, "HealthMSP/admin", "city")
    desks.host.changes.take_in([signed], "city")
    desks.host.changes.finish("city")
    assert desks.host.networks.spec("city").channel(CHANNEL).policies.endorsement == rule(3)
    out = desks.folder / "old-signed.update"
    refused("older_configuration", desks.copyright.changes.sign, old, out, "CopyrightMSP/admin", "city")
    refused("older_configuration", desks.copyright.changes.describe, old, "city")
    assert not out.exists()


def test_a_desk_proposes_others_sign_and_the_host_does_not_take_it_back(desks: Desks) -> None:
    before = desks.rule()
    proposed = desks.copyright.changes.propose("city", Proposal(policies={"endorsement": rule(2)}))
    assert proposed is not None
    assert proposed.signers == ("CopyrightMSP",)
    file = desks.folder / "proposed.update"
    desks.copyright.changes.export(file, "city")
    assert len(desks.health.changes.describe(file, "city").changes) == 1
    one, two = desks.folder / "one.update", desks.folder / "two.update"
    desks.health.changes.sign(file, one, "HealthMSP/admin", "city")
    desks.copyright.changes.take_in([one], "city")
    refused("signatures_missing", desks.copyright.changes.finish, "city")
    assert desks.rule() == before
    desks.host.changes.sign(file, two, "HospitalMSP/admin", "city")
    desks.copyright.changes.take_in([two], "city")
    desks.copyright.changes.finish("city")
    agreed = desks.rule()
    assert agreed != before
    assert desks.copyright.changes.pending("city") == ()
    assert desks.host.networks.bring_up(desks.host.networks.spec("city")).steps == ()
    assert desks.rule() == agreed
    assert desks.host.networks.bring_up(desks.host.networks.spec("city")).steps == ()
    refused("nothing_to_change", desks.copyright.changes.propose, "city", Proposal())
    refused("not_found", desks.copyright.changes.propose, "city", Proposal(policies={"none": "ANY Readers"}))


def test_the_host_follows_a_batch_that_the_orderers_agreed_on(desks: Desks) -> None:
    """Only the ordering organisation signs for it; another's proposal waits for that one."""
    proposed = desks.health.changes.propose("city", Proposal(max_messages=75))
    assert proposed is not None
    file, signed = desks.folder / "batch.update", desks.folder / "batch-signed.update"
    desks.health.changes.export(file, "city")
    desks.host.changes.sign(file, signed, "DataBureauMSP/admin", "city")
    desks.health.changes.take_in([signed], "city")
    desks.health.changes.finish("city")
    desks.host.networks.bring_up(desks.host.networks.spec("city"))
    assert desks.host.networks.spec("city").channel(CHANNEL).batch.max_messages == 75
    assert desks.host.networks.bring_up(desks.host.networks.spec("city")).steps == ()


def test_an_organisation_with_its_own_authority_joins_and_keeps_it(desks: Desks, tmp_path: Path) -> None:
    words = Text("作家协会", "Writers")
    with Platform.open(tmp_path / "writers", applications=Applications({})) as desk:
        founded = desk.organizations.new("writers", "WritersMSP", words)
        refused("organization_exists", desk.organizations.new, "writers", "OtherMSP", words)
        definition = tmp_path / "writers.json"
        desk.organizations.export(definition)
        assert founded.fingerprint == desk.organizations.list()[0].fingerprint
        assert "PRIVATE" not in definition.read_text()

        host = desks.host
        wanted = host.organizations.take_in(host.networks.spec("city"), definition)
        with pytest.raises(Unavailable):
            host.networks.bring_up(wanted)
        file, signed = tmp_path / "join.update", tmp_path / "signed.update"
        host.changes.export(file, "city")
        change = desks.copyright.changes.describe(file, "city")
        assert any("WritersMSP" in f"{c.title.en} {c.after}" for c in change.changes)
        desks.copyright.changes.sign(file, signed, "CopyrightMSP/admin", "city")
        host.changes.take_in([signed], "city")
        host.changes.finish("city")
        assert not [name for name in host.keystore.names() if "WritersMSP" in name]
        policies = ChannelUpdater(host.networks.handle("city"), CHANNEL).read().policies
        for name in ("Endorsement", "LifecycleEndorsement", "Admins"):
            assert "WritersMSP" not in policies[f"/Channel/Application/{name}"]
        with pytest.raises(CityChainError):
            host.identities.issue("WritersMSP", "spy", "client", network="city")

        profile = tmp_path / "profile.json"
        export_profile(host.networks.handle("city"), "WritersMSP", profile)
        desk.organizations.join(profile, "city")
        assert desk.organizations.list()[0].networks == ("city",)
        label = desk.identities.issue("WritersMSP", "lin", "client", network="city")
        member = desk.networks.connect("city", label)
        info = member.get_contract("qscc").evaluate("GetChainInfo", CHANNEL)
        assert info
        desk.identities.revoke(label, network="city")
        with pytest.raises(Exception, match=REFUSED):
            desk.networks.connect("city", label).get_contract("qscc").evaluate("GetChainInfo", CHANNEL)
        # the host's next plan leaves the organisation's own list alone
        assert host.networks.bring_up(host.networks.spec("city")).steps == ()
        with pytest.raises(Exception, match=REFUSED):
            desk.networks.connect("city", label).get_contract("qscc").evaluate("GetChainInfo", CHANNEL)


def test_a_member_that_desks_have_taken_in_is_not_put_out_by_the_host(desks: Desks, tmp_path: Path) -> None:
    with Platform.open(tmp_path / "poets", applications=Applications({})) as desk:
        desk.organizations.new("poets", "PoetsMSP", Text("诗社", "Poets"))
        definition = tmp_path / "poets.json"
        desk.organizations.export(definition)
    proposed = desks.copyright.changes.propose("city", Proposal(definitions=(definition,)))
    assert proposed is not None
    file, one, two = (tmp_path / f"{n}.update" for n in ("join", "one", "two"))
    desks.copyright.changes.export(file, "city")
    desks.health.changes.sign(file, one, "HealthMSP/admin", "city")
    desks.host.changes.sign(file, two, "HospitalMSP/admin", "city")
    desks.copyright.changes.take_in([one, two], "city")
    desks.copyright.changes.finish("city")
    desks.host.networks.bring_up(desks.host.networks.spec("city"))
    members = [o.msp_id for o in ChannelUpdater(desks.host.networks.handle("city"), CHANNEL).read().organizations]
    assert "PoetsMSP" in members
    assert "PoetsMSP" in [o.msp_id for o in desks.host.networks.spec("city").organizations]


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[tuple[Platform, Platform, Path]]:
    """A host with all its administrators, an organisation at its own desk, and what the host asks it to certify."""
    none = Applications({})
    with (
        Platform.open(tmp_path / "host", applications=none) as host,
        Platform.open(tmp_path / "desk", applications=none) as desk,
    ):
        try:
            host.networks.up(template("single", network_name="city"))
            desk.organizations.new("writers", "WritersMSP", Text("作家协会", "Writers"))
            desk.organizations.export(tmp_path / "writers.json")
            spec = host.organizations.take_in(host.networks.spec("city"), tmp_path / "writers.json")
            with pytest.raises(Unavailable) as missing:
                host.networks.bring_up(growth.add_node(spec, "peer", "WritersMSP"))
            assert missing.value.code == "certificates_missing"
            yield host, desk, Path(missing.value.details["file"])
        finally:
            host.networks.destroy("city")


def test_a_node_hosted_for_an_organisation_is_certified_by_it(
    hosted: tuple[Platform, Platform, Path], tmp_path: Path
) -> None:
    host, desk, request = hosted
    assert "PRIVATE" not in request.read_text()
    answer = tmp_path / "answer.json"
    (name,) = desk.organizations.certify(request, answer)
    assert name == "peer0.writers.internal"
    assert "PRIVATE" not in answer.read_text()
    assert host.organizations.take_certificates(answer, "city") == (name,)
    host.changes.finish("city")
    status = {node.name: node for node in host.networks.status("city").nodes}
    assert status[name].state == "running"
    assert not [key for key in host.keystore.names() if "WritersMSP" in key]

    export_profile(host.networks.handle("city"), "WritersMSP", tmp_path / "profile.json")
    desk.organizations.join(tmp_path / "profile.json", "city")
    label = desk.identities.issue("WritersMSP", "lin", "client", network="city")
    channel = desk.networks.spec("city").channels[0].name
    assert desk.networks.connect("city", label).get_contract("qscc").evaluate("GetChainInfo", channel)
    assert desk.networks.handle("city").peers("WritersMSP")
    assert host.networks.bring_up(host.networks.spec("city")).steps == ()


def test_a_hosted_nodes_certificates_are_renewed_by_its_organisation(
    hosted: tuple[Platform, Platform, Path], tmp_path: Path
) -> None:
    """The host's own renewal used to break at such a node, and stayed in the way of every later `up`."""
    host, desk, request = hosted
    answer = tmp_path / "answer.json"
    (name,) = desk.organizations.certify(request, answer)
    host.organizations.take_certificates(answer, "city")
    host.changes.finish("city")
    handle = host.networks.handle("city")
    node = handle.spec.node(name)
    ours = next(n for n in handle.spec.peers() if n.organization.msp_id == "DataBureauMSP")
    before = {n.name: handle.authority(n.organization.msp_id).nodes.certificate(n) for n in (node, ours)}

    asked = refused("certificates_missing", host.changes.renew_nodes, "city")
    after = handle.authority("DataBureauMSP").nodes.certificate(ours)
    assert after != before[ours.name]
    assert handle.authority("WritersMSP").nodes.certificate(node) == before[name]
    assert host.networks.bring_up(host.networks.spec("city")).steps == ()
    renewed = tmp_path / "renewed.json"
    assert desk.organizations.certify(Path(asked.details["file"]), renewed) == (name,)
    assert host.organizations.take_certificates(renewed, "city") == (name,)
    steps = host.networks.bring_up(host.networks.spec("city")).steps
    assert len(steps) == 1 and "renew-node" in steps[0].id
    assert handle.authority("WritersMSP").nodes.certificate(node) != before[name]
    status = {one.name: one.state for one in host.networks.status("city").nodes}
    assert status[name] == "running"
    assert host.networks.bring_up(host.networks.spec("city")).steps == ()


def test_a_request_for_strange_nodes_or_names_is_not_certified(
    hosted: tuple[Platform, Platform, Path], tmp_path: Path
) -> None:
    host, desk, request = hosted
    asked = json.loads(request.read_text())
    answer = tmp_path / "answer.json"

    def changed(**changes: object) -> Path:
        file = tmp_path / "changed.json"
        file.write_text(json.dumps({**asked, "nodes": [{**asked["nodes"][0], **changes}]}))
        return file

    certify = desk.organizations.certify
    refused("foreign_node", certify, changed(name="peer0.other.internal"), answer)
    refused("foreign_node", certify, changed(kind="admin"), answer)
    refused("name_not_agreed", certify, changed(names=["peer0.writers.internal", "bank.example"]), answer)
    refused("bad_request", certify, changed(identity="x"), answer)
    other = tmp_path / "other.request"
    other.write_text(json.dumps({**asked, "msp_id": "HospitalMSP"}))
    refused("no_organization", certify, other, answer)
    refused("other_organization", certify, other, answer, (), "WritersMSP")
    refused("bad_request", certify, tmp_path / "writers.json", answer)
    assert not answer.exists()
    assert certify(changed(names=["peer0.writers.internal", "ledger.example"]), answer, ("ledger.example",))

    # an answer by another authority, or for other keys
    with Platform.open(tmp_path / "other", applications=Applications({})) as other:
        other.organizations.new("writers", "WritersMSP", Text("冒名", "Impostor"))
        other.organizations.certify(request, tmp_path / "forged.json")
    refused("foreign_certificate", host.organizations.take_certificates, tmp_path / "forged.json", "city")
    certify(request, answer)
    made = json.loads(answer.read_text())
    made["nodes"][0]["identity"] = made["nodes"][0]["tls"]
    (tmp_path / "mixed.json").write_text(json.dumps(made))
    refused("foreign_certificate", host.organizations.take_certificates, tmp_path / "mixed.json", "city")
    refused("bad_request", host.organizations.take_certificates, request, "city")
    node = next(n for n in host.networks.wanted("city").peers() if n.organization.msp_id == "WritersMSP")
    authority = host.networks.folder("city") / "organizations" / "writers" / "nodes" / node.name
    assert not list(authority.rglob("*.crt"))


@pytest.mark.parametrize("change", ["msp_id", "domain", "ca", "signature", "format", "title"])
def test_a_definition_that_was_changed_is_refused(tmp_path: Path, change: str) -> None:
    with Platform.open(tmp_path / "w", applications=Applications({})) as desk:
        for name in ("one", "two"):
            desk.organizations.new(name, f"{name.title()}MSP", Text("一", "One"))
            desk.organizations.export(tmp_path / f"{name}.json", f"{name.title()}MSP")
    document, other = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("one", "two"))
    if change in {"msp_id", "domain"}:
        document["organization"][change] = other["organization"][change]
    elif change == "title":
        document["organization"]["title"]["zh"] = "别人"
    else:
        document[change] = "x" if change == "format" else other[change]
    with pytest.raises(UserError) as error:
        parse_definition(json.dumps(document).encode(), "one.json")
    assert error.value.code == "bad_definition"


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"format": 1}', b"[" * 100_000])
def test_what_is_no_definition_is_said(data: bytes) -> None:
    with pytest.raises(UserError) as error:
        parse_definition(data, "file")
    assert error.value.code == "bad_definition"


def test_without_an_own_organisation_the_next_step_is_said(platform: Platform, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as error:
        platform.organizations.export(tmp_path / "d.json")
    assert "organization new" in str(error.value.hint)
    for name, msp_id in (("Bad Name", "XMSP"), ("good", "bad msp"), ("a" * 40, "XMSP")):
        with pytest.raises(UserError):
            platform.organizations.new(name, msp_id, Text("一", "One"))
    assert platform.organizations.list() == ()
    assert not list(platform.workspace.folder.glob("founded/**/*.crt"))
