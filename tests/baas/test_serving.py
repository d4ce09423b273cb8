"""Serving without a desktop: parts, duties, TLS, and identities that are programs' own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from baas.errors import Conflict, NotFound, PermissionDenied, Text, Unavailable, UserError
from baas.jobs import JobContext
from baas.platform import Platform
from baas.services.doctor import examine
from baas.serving import presence
from baas.serving.duties import DutyClock, DutyRecord, keep, records
from baas.serving.nodes import _watch
from baas.serving.parts import Duty, part
from baas.serving.web import WebOptions, WebServer, pinned, secured
from fabric_sdk import clock
from network.certificates import CertificateAuthority
from network.topology import template

APP = Starlette(routes=[Route("/", lambda _request: PlainTextResponse("here"))])


# -- duties ------------------------------------------------------------------------------------------
class Times:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_each_duty_is_done_when_its_time_has_come_and_a_failure_comes_again(paper: Platform) -> None:
    done: list[str] = []

    def often(_platform: Platform, network: str, _ctx: JobContext) -> Text | None:
        done.append(f"often {network}")
        return None

    def fails(_platform: Platform, _network: str, _ctx: JobContext) -> Text | None:
        done.append("fails")
        raise Unavailable(Text("没有回答。", "Nobody answers."))

    def defect(_platform: Platform, _network: str, _ctx: JobContext) -> Text | None:
        raise ZeroDivisionError

    clock = Times()
    duties = [
        Duty("often", Text("常做", "Often"), 10, often),
        Duty("fails", Text("失败", "Fails"), 60, fails),
        Duty("defect", Text("缺陷", "Defect"), 60, defect),
    ]
    turns = DutyClock([(duty, paper) for duty in duties], "city", clock)
    turns.turn()
    assert done == ["often city", "fails"]
    clock.now += 9
    turns.turn()
    assert len(done) == 2
    clock.now += 2
    turns.turn()
    assert done[2:] == ["often city"]
    clock.now += 60
    turns.turn()
    assert done[3:] == ["often city", "fails"]
    clock.now -= 86_400  # a clock put back: nobody waits a day for the next turn
    turns.turn()
    clock.now += 61
    turns.turn()
    assert done[5:] == ["often city", "fails"]
    found = {r.name: r for r in records(paper.workspace)}
    assert (found["often"].failed, found["fails"].failed, found["defect"].failed) == (False, True, True)
    assert found["fails"].en == "Nobody answers."
    assert found["fails"].at == clock.now


def test_the_doctor_lists_duties_and_says_when_nobody_does_them(paper: Platform) -> None:
    now = clock.now().timestamp()
    keep(paper.workspace, DutyRecord("close", "截止", "Close", 60, now - 30, False, "关了 3 个", "closed 3"))
    keep(paper.workspace, DutyRecord("stamp", "时间戳", "Stamp", 60, now - 7200, False))
    paper.workspace.set_setting("duty.broken", "{")
    checks = {c.id: c for c in examine(paper.workspace.folder, paper) if c.id.startswith("duty-")}
    assert (checks["duty-close"].state, checks["duty-stamp"].state) == ("ok", "warn")
    assert "closed 3" in checks["duty-close"].detail.en
    assert "截止" in checks["duty-close"].title.zh
    assert checks["duty-stamp"].hint is not None
    assert len(checks) == 2


# -- parts -------------------------------------------------------------------------------------------
def test_what_cannot_be_served_is_said_with_what_can(platform: Platform) -> None:
    with pytest.raises(NotFound) as refused:
        part(platform.applications, "nothing")
    assert "nodes" in str(refused.value.hint)
    assert part(platform.applications, "nodes").duties[0].name == "nodes"


# -- TLS ---------------------------------------------------------------------------------------------
def test_beyond_loopback_there_is_tls_of_the_network_or_a_refusal(paper: Platform) -> None:
    outside = WebOptions("203.0.113.5")
    assert secured(paper, "city", WebOptions()) is None
    assert secured(paper, "city", WebOptions("localhost")) is None
    assert secured(paper, "city", replace(outside, insecure=True)) is None
    found = secured(paper, "city", outside)
    assert found is not None
    certificate = x509.load_pem_x509_certificate(found[0].read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "203.0.113.5" in [str(a) for a in names.get_values_for_type(x509.IPAddress)]
    certificate.verify_directly_issued_by(
        x509.load_pem_x509_certificate(paper.networks.handle("city").authority("DataBureauMSP").tls_certificate_pem)
    )
    if os.name == "posix":
        assert found[1].stat().st_mode & 0o077 == 0
    before = found[0].read_bytes()
    assert secured(paper, "city", outside) == found
    assert found[0].read_bytes() == before  # the same one, as long as it fits
    secured(paper, "city", WebOptions("ledger.example"))
    assert found[0].read_bytes() != before
    for key in [name for name in paper.keystore.names() if name.endswith("/tlsca")]:
        paper.keystore.remove(key)
    with pytest.raises(UserError) as refused:
        secured(paper, "city", WebOptions("other.example"))
    assert refused.value.code == "tls_needed"
    assert "--insecure" in str(refused.value.hint)


def test_given_files_are_used_and_must_belong_together(paper: Platform, tmp_path: Path) -> None:
    made, _ = CertificateAuthority.create("ca.example", "example")
    one, two = (made.issue("web.example", sans=["localhost"], tls=True) for _ in range(2))
    certificate, key, other = tmp_path / "c.pem", tmp_path / "k.pem", tmp_path / "o.pem"
    certificate.write_bytes(one.certificate_pem)
    key.write_bytes(one.private_key_pem)
    other.write_bytes(two.private_key_pem)
    with pytest.raises(UserError) as refused:
        secured(paper, "city", WebOptions(certificate=certificate))
    assert refused.value.code == "tls_incomplete"
    for wrong in (other, tmp_path / "none.pem"):
        with pytest.raises(UserError) as refused:
            WebServer(APP, tls=(certificate, wrong)).start()
        assert refused.value.code == "tls_unusable"
    tls = secured(paper, "city", WebOptions(certificate=certificate, key=key))
    with WebServer(APP, tls=tls) as server:
        assert server.address.startswith("https://")
        port = int(server.address.split(":")[2].rstrip("/"))
        context = ssl.create_default_context(cadata=made.certificate_pem.decode())
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as stream,
        ):
            stream.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while chunk := stream.recv(4096):
                answer += chunk
        assert answer.endswith(b"here")
        with pytest.raises(Unavailable) as taken:
            WebServer(APP, port=port).start()
        assert taken.value.code == "port_unusable"
    assert not server.running


# -- identities of programs --------------------------------------------------------------------------
def test_a_services_key_is_in_its_file_alone_and_no_lock_stops_it(paper: Platform, tmp_path: Path) -> None:
    file = tmp_path / "fhir.pem"
    label = paper.identities.issue_service("HospitalMSP", "fhir", file, attributes={"slots.role": "portal"})
    assert label == "HospitalMSP/fhir"
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
    assert "city/HospitalMSP/fhir" not in paper.keystore.names()
    paper.keystore.set_passphrase("correct horse")
    folder = paper.workspace.folder
    with Platform.open(folder, applications=paper.applications) as program:
        assert program.keystore.locked
        program.serve_as(label, file, network="city")
        assert program.identities.signing(label, "city").sign(b"x")
        assert program.session.actor.party == "HospitalMSP/fhir"
        assert not program.session.allows("identity.issue", "HospitalMSP")
        assert not program.session.allows("network.change")
        program.keystore.lock()
        assert program.identities.signing(label, "city").sign(b"x")
        assert program.keystore.locked
        with pytest.raises(Unavailable):
            program.keystore.get("city/HospitalMSP/ca")
    assert not list(folder.rglob("*fhir*.key.json"))


def test_a_key_file_that_others_read_or_of_somebody_else_is_refused(paper: Platform, tmp_path: Path) -> None:
    file, other = tmp_path / "fhir.pem", tmp_path / "board.pem"
    label = paper.identities.issue_service("HospitalMSP", "fhir", file)
    paper.identities.issue_service("HospitalMSP", "board", other)
    for wrong, code in ((other, "key_file_foreign"), (tmp_path / "none", "no_key_file")):
        with pytest.raises(UserError) as refused:
            paper.serve_as(label, wrong)
        assert refused.value.code == code
    if os.name == "posix":
        file.chmod(0o640)
        with pytest.raises(PermissionDenied) as open_file:
            paper.serve_as(label, file)
        assert open_file.value.code == "key_file_open"
        file.chmod(0o600)
    with pytest.raises(Conflict):
        paper.identities.issue_service("HospitalMSP", "third", file)  # an existing file is never overwritten
    with pytest.raises(Conflict):
        paper.identities.issue_service("HospitalMSP", "fhir", tmp_path / "again.pem")
    assert not (tmp_path / "again.pem").exists()
    for role in ("admin", "organization_admin"):
        with pytest.raises(UserError) as refused:
            paper.identities.issue_service("HospitalMSP", "boss", tmp_path / "boss.pem", role)
        assert refused.value.code == "service_role"
    paper.serve_as(label, file)
    with pytest.raises(PermissionDenied):
        paper.identities.issue("HospitalMSP", "friend", "client")


# -- as a program ------------------------------------------------------------------------------------
@contextlib.contextmanager
def running(folder: Path, *arguments: str, told: socket.socket | None = None) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, **({"NOTIFY_SOCKET": told.getsockname()} if told else {})}
    program = subprocess.Popen(
        [sys.executable, "-m", "baas.cli", "--json", "--workspace", str(folder), "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        yield program
    finally:
        program.kill()
        program.wait(30)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="systemd's socket is a Unix socket")
def test_nodes_run_as_long_as_the_service_and_stay_stopped_when_somebody_stopped_them(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(tmp_path / "notify"))
    manager.settimeout(60)
    with Platform.open(folder) as platform, contextlib.closing(manager):
        platform.networks.up(template("single", network_name="lone"))
        platform.networks.driver("lone").stop()  # as after a start of the machine
        try:
            with running(folder, "nodes", told=manager) as program:
                assert manager.recv(100) == b"READY=1"
                assert platform.networks.status("lone").state == "running"
                program.send_signal(signal.SIGTERM)
                assert manager.recv(100) == b"STOPPING=1"
                out, err = program.communicate(timeout=60)
                assert (program.returncode, err) == (0, "")
                assert json.loads(out) == {"part": "nodes", "address": ""}
            assert platform.networks.status("lone").state == "stopped"
            assert _watch(platform, "", None) is not None  # type: ignore[arg-type]
            assert _watch(platform, "", None) is None  # type: ignore[arg-type]
            assert platform.networks.status("lone").state == "running"
            platform.networks.stop("lone")
            assert _watch(platform, "", None) is None  # type: ignore[arg-type]
            assert platform.networks.status("lone").state == "stopped"
            assert {"nodes"} <= {r.name for r in records(platform.workspace)} <= {"audit", "nodes"}
        finally:
            platform.networks.destroy("lone")


def test_wrong_use_is_said_before_anything_runs(paper: Platform) -> None:
    folder = paper.workspace.folder
    for arguments, code in (
        (["nothing"], "no_part"),
        (["nodes", "--port", "board=x"], "usage"),
        (["nodes", "--identity", "HospitalMSP/fhir"], "usage"),
        (["nodes", "--identity", "HospitalMSP/none", "--key-file", "none.pem"], "no_identity"),
    ):
        with running(folder, *arguments) as program:
            _, err = program.communicate(timeout=60)
            assert program.returncode == 2
            assert json.loads(err)["error"]["code"] == code


def test_what_a_killed_program_left_behind_is_not_said_to_run(paper: Platform) -> None:
    """The note names the process and when it began: another process with the same number is another one."""
    nodes = part(paper.applications, "nodes")
    with presence.present(paper.workspace, nodes, "paper", ""):
        (found,) = presence.running(paper.workspace)
        assert (found.name, found.pid) == ("nodes", os.getpid())
        key = f"serving.nodes.{os.getpid()}"
        for stale in ({"began": f"{found.began}1"}, {"began": clock.seconds() - 86_400}, {"pid": 2**22 + 7}):
            paper.workspace.set_setting(key, json.dumps({**vars(found), **stale}))
            assert presence.running(paper.workspace) == ()
        paper.workspace.set_setting(key, "{")
        assert presence.running(paper.workspace) == ()


def test_a_door_takes_a_new_certificate_after_its_tls_authority_got_a_new_key(paper: Platform) -> None:
    """Before, it went on showing one of the old key for a year; clients that know the old root still get in."""
    first, _ = pinned(paper, "city", "127.0.0.1", WebOptions())
    old = first.read_bytes()
    assert pinned(paper, "city", "127.0.0.1", WebOptions())[0].read_bytes() == old, "kept while it is good"
    issuer = x509.load_pem_x509_certificate(old).issuer
    handle = paper.networks.handle("city")
    authorities = [handle.authority(o.msp_id) for o in handle.spec.organizations]
    (ca,) = [one for one in authorities if x509.load_pem_x509_certificate(one.tls_certificate_pem).subject == issuer]
    root = x509.load_pem_x509_certificate(ca.tls_certificate_pem)
    ca.announce_authority("tlsca")
    assert pinned(paper, "city", "127.0.0.1", WebOptions())[0].read_bytes() == old, "nothing issues by the new key yet"
    ca.switch_authority("tlsca")
    shown = x509.load_pem_x509_certificates(pinned(paper, "city", "127.0.0.1", WebOptions())[0].read_bytes())
    shown[0].verify_directly_issued_by(x509.load_pem_x509_certificate(ca.tls_certificate_pem))
    shown[1].verify_directly_issued_by(root)
    assert len(shown) == 2 and len(ca.tls_trust.roots) == 2, "the old certificate may be about until it ends"
