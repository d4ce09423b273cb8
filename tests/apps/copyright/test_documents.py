"""Certificates, tables, time-stamps, web captures."""

from __future__ import annotations

import datetime as dt
import hashlib
import http.server
import io
import json
import os
import re
import shutil
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from apps.copyright import capture, certificate, timestamps
from apps.copyright.model import Registration, Work, WorkForm
from apps.copyright.proof import load_roots
from apps.copyright.seal import OfficeSeal
from apps.copyright.seal_certificates import issue, issue_stamp, make_root
from apps.copyright.stamps import Authority
from apps.copyright.table import read_forms, write_works
from apps.documents.typeface import Faces
from baas.content import LocalStore
from baas.errors import Unavailable, UserError
from chaincode.copyright import policy
from fabric_sdk import clock
from fabric_sdk.proof.timestamps import check_token
from tests.apps.copyright.tsa import StampAuthority
from tests.proof.tokens import made_token

NOW = clock.now().replace(microsecond=0)


def certified(common_name: str, key: Any, issuer: Any = None, extra: Any = None) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    issuer_name, issuer_key = (issuer[0].subject, issuer[1]) if issuer else (name, key)
    builder = x509.CertificateBuilder(issuer_name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(NOW - dt.timedelta(days=9)).not_valid_after(NOW + dt.timedelta(days=900))
    builder = builder.add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    if extra is not None:
        builder = builder.add_extension(extra, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def pem(item: Any) -> bytes:
    if isinstance(item, x509.Certificate):
        return item.public_bytes(serialization.Encoding.PEM)
    form = serialization.PrivateFormat.PKCS8
    found: bytes = item.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return found


@pytest.fixture(scope="module")
def office() -> OfficeSeal:
    return office_of("样例市版权登记中心", "登记员甲")


def office_of(name: str, officer: str) -> OfficeSeal:
    root = make_root(f"{name} 电子印章根", "CopyrightMSP", ec.generate_private_key(ec.SECP256R1()))
    own = issue(name, officer, root, ec.generate_private_key(ec.SECP256R1()))
    return OfficeSeal(name, officer, own.key, own.certificate_pem, root.certificate_pem, issue_stamp(name, root))


def case_of(title: str) -> tuple[Work, Registration]:
    owner = {"party": "CopyrightMSP/alice", "share": 10_000}
    work = Work.of(
        {
            "id": "CZ20261123-0a1b2c3d4e5f",
            "title": title,
            "category": "art",
            "creation_kind": "original",
            "sources": [],
            "authors": [{"name": "样例甲", "signature": "莞山客"}],
            "completed": {"date": "2026-01-01", "place": "东莞"},
            "published": None,
            "content": {"cid": "bafk", "sha256": "0" * 64, "size": 1, "media_type": "image/png", "encrypted": False},
            "owners": [owner],
            "created": "2026-11-23T01:00:00Z",
            "state": "ACTIVE",
            "number": "样例登字-2026-F-00000001",
            "registration": "DJ20261123-0a1b2c3d4e5f",
        }
    )
    case = Registration.of(
        {
            "id": "DJ20261123-0a1b2c3d4e5f",
            "work_id": work.id,
            "applicant": owner["party"],
            "state": "CERTIFIED",
            "number": work.number,
            "deadlines": {},
            "created": work.created,
            "owners": [{"party": owner["party"], "name": "样例甲", "kind": "natural"}],
            "acquisition": "original",
            "attribution": "individual",
            "rights": ["all"],
            "registered": "2026-11-23",
        }
    )
    return work, case


def text_of(body: bytes) -> str:
    """What the paper says, as poppler reads it."""
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler's pdftotext is not installed")
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=body, capture_output=True, check=True)
    return done.stdout.decode().replace("\n", "")


def made(office: OfficeSeal, title: str = "莞邑春晓") -> bytes:
    work, case = case_of(title)
    return certificate.make(work, case, office=office, policy=policy.load().data, issued=NOW)


class TestCertificate:
    def test_it_is_signed_by_the_office_and_covers_everything(self, office: OfficeSeal) -> None:
        from asn1crypto import pem as armour
        from asn1crypto import x509 as asn1
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign.validation import validate_pdf_signature
        from pyhanko_certvalidator import ValidationContext

        body = made(office)
        signature = PdfFileReader(io.BytesIO(body)).embedded_signatures[0]
        root = asn1.Certificate.load(armour.unarmor(office.issuer_pem)[2])
        context = ValidationContext(trust_roots=[root], allow_fetching=False)
        status = validate_pdf_signature(signature, context, skip_diff=False)
        assert status.intact
        assert status.valid
        assert status.trusted
        assert str(signature.sig_object["/SubFilter"]) == "/ETSI.CAdES.detached"
        changed = body.replace(b"/MediaBox", b"/MediaBax", 1)
        status = validate_pdf_signature(PdfFileReader(io.BytesIO(changed)).embedded_signatures[0], context)
        assert not status.intact

    def test_it_is_stamped_by_the_offices_own_clock_and_says_so(self, office: OfficeSeal) -> None:
        from asn1crypto import pem as armour
        from asn1crypto import x509 as asn1
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign.validation import validate_pdf_signature
        from pyhanko_certvalidator import ValidationContext

        signature = PdfFileReader(io.BytesIO(made(office))).embedded_signatures[0]
        root = asn1.Certificate.load(armour.unarmor(office.issuer_pem)[2])
        context = ValidationContext(trust_roots=[root], allow_fetching=False)
        status = validate_pdf_signature(signature, context, ts_validation_context=context)
        assert status.timestamp_validity is not None
        assert status.timestamp_validity.trusted
        assert "自有时间戳" in status.timestamp_validity.signing_cert.subject.native["common_name"]
        own = status.signing_cert.subject.native
        assert (own["organization_name"], own["common_name"]) == ("样例市版权登记中心", "登记员甲")
        assert "自有时钟" in text_of(made(office))

    def test_with_an_authority_it_lasts_and_names_the_one_before(self, office: OfficeSeal, tmp_path: Path) -> None:
        from pyhanko.pdf_utils.reader import PdfFileReader

        stamps = StampAuthority(tmp_path / "tsa")
        work, case = case_of("莞邑春晓")
        with stamps.serving() as url:
            authority = Authority(url, tuple(load_roots(stamps.roots)), (stamps.roots.read_bytes(),))
            body = certificate.make(
                work,
                case,
                office=office,
                policy=policy.load().data,
                issued=NOW,
                authority=authority,
                replaces="ab" * 32,
            )
        reader = PdfFileReader(io.BytesIO(body))
        assert [str(one.sig_object["/Type"]) for one in reader.embedded_signatures] == ["/Sig", "/DocTimeStamp"]
        assert "/DSS" in reader.root
        assert "ab" * 32 in text_of(body)
        assert "外部时间戳机构" in text_of(body)

    @pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler's pdfsig is not installed")
    def test_poppler_sees_the_signature(self, office: OfficeSeal, tmp_path: Path) -> None:
        path = tmp_path / "certificate.pdf"
        path.write_bytes(made(office))
        said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
        assert "Signature is Valid" in said
        assert "Total document signed" in said
        assert "ETSI.CAdES.detached" in said

    def test_it_says_pdfa_and_embeds_every_font(self, office: OfficeSeal) -> None:
        from pyhanko.pdf_utils.reader import PdfFileReader

        reader = PdfFileReader(io.BytesIO(made(office)))
        xmp = reader.root["/Metadata"].data.decode()
        assert re.search(r"pdfaid:part\W+2\W", xmp)
        assert re.search(r"pdfaid:conformance\W+B\W", xmp)
        assert reader.root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
        fonts = reader.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]
        assert len(fonts)
        for name in fonts:
            font = fonts[name]
            descriptor = font["/DescendantFonts"][0]["/FontDescriptor"]
            assert "/FontFile3" in descriptor or "/FontFile2" in descriptor
            assert "/ToUnicode" in font

    @pytest.mark.e2e
    @pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed")
    def test_verapdf_calls_it_pdfa_2b(self, office: OfficeSeal, tmp_path: Path) -> None:
        """`CITYCHAIN_VERAPDF` names a folder with the jars of org.verapdf.apps:greenfield-apps (Maven Central)."""
        folder = os.environ.get("CITYCHAIN_VERAPDF", "")
        if not folder:
            pytest.skip("CITYCHAIN_VERAPDF names no folder with veraPDF's jars")
        titles = ("莞邑春晓", "长" * 200, "𫭟𠮷 mixed 混排 ✿ 𝄞 㐀\u200b\u202e", "A" * 200)
        paths = [tmp_path / f"{number}.pdf" for number in range(len(titles))]
        for path, title in zip(paths, titles, strict=True):
            path.write_bytes(made(office, title))
        command = ["java", "-cp", f"{folder}/*", "org.verapdf.apps.GreenfieldCliWrapper", "--flavour", "2b"]
        done = subprocess.run(
            [*command, "--format", "text", *map(str, paths)], capture_output=True, text=True, timeout=240, check=False
        )
        assert done.stdout.split("\n")[: len(paths)] == [f"PASS {path} 2b" for path in paths], done.stdout + done.stderr

    def test_its_code_says_what_an_offline_check_needs(self, office: OfficeSeal) -> None:
        work, case = case_of("x")
        lines = certificate.qr_text(work, case).split("\n")
        assert lines == ["CITYCHAIN-CERT 1", case.number, work.id, case.id, work.cid, work.sha256]

    def test_rare_characters_are_never_lost_silently(self) -> None:
        faces = Faces(system=False)
        assert "".join(run for _, run in faces.runs("春𫭟")) == "春〔U+2BB5F〕"
        assert faces.missing == ["𫭟"]
        assert "".join(run for _, run in faces.runs("plain 春晓")) == "plain 春晓"

    def test_titles_of_any_kind_make_a_certificate(self, office: OfficeSeal) -> None:
        for title in ("长" * 200, "𫭟𠮷 mixed 混排 ✿ 𝄞 㐀\u200b\u202e", "A" * 200):
            assert made(office, title).startswith(b"%PDF")

    def test_lines_break_within_their_width(self) -> None:
        faces = Faces(system=False)
        lines = faces.wrap("可园" * 40 + " with some words and averyveryverylongword" + "x" * 90, 12, 200)
        assert all(faces.width(line, 12) <= 200.5 for line in lines)
        assert "".join(lines).replace(" ", "").count("可园") == 40


class TestTables:
    def test_chinese_headings_in_any_usual_encoding(self, tmp_path: Path) -> None:
        body = (
            "文件,作品名称,作品类别,创作性质,作者,创作完成日期\n"
            "a/1.jpg,春晓,美术作品,原创,甲、乙,2026-01-01\n"
            "2.txt,,文字,改编,,\n"
        )
        for encoding in ("utf-8", "utf-8-sig", "gb18030"):
            path = tmp_path / f"{encoding}.csv"
            path.write_bytes(body.encode(encoding))
            forms = read_forms(path)
            assert forms["a/1.jpg"] == WorkForm(
                "春晓", "art", "original", (), ({"name": "甲"}, {"name": "乙"}), {"date": "2026-01-01", "place": ""}
            )
            assert forms["2.txt"].title == "2"

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"", "table_empty"),
            ("作品名称\nx\n".encode(), "table_columns"),
            ("文件,作品类别\nx,唱歌\n".encode(), "table_value"),
            (b"\xff\xfe\x81\xff\xff", "table_encoding"),
        ],
    )
    def test_wrong_tables_name_the_place(self, tmp_path: Path, body: bytes, code: str) -> None:
        path = tmp_path / "table.csv"
        path.write_bytes(body)
        with pytest.raises(UserError) as caught:
            read_forms(path)
        assert caught.value.code == code

    def test_works_go_out_without_formulas(self, tmp_path: Path) -> None:
        work, _ = case_of("=HYPERLINK(1)")
        assert write_works([work], tmp_path / "out.csv") == 1
        assert ",'=HYPERLINK(1)," in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


def authority(change: str = "") -> httpx.MockTransport:
    """A time-stamp authority of our own (RSA, as most are)."""
    from asn1crypto import cms, tsp

    def answer(request: httpx.Request) -> httpx.Response:
        if change == "http":
            return httpx.Response(503)
        if change == "junk":
            return httpx.Response(200, content=b"<html>")
        if change == "endless":
            return httpx.Response(200, content=bytes(1 << 20))
        if change == "refused":
            return httpx.Response(200, content=bytes.fromhex("30053003020102"))  # PKIStatus rejection, no token
        asked = tsp.TimeStampReq.load(request.content)
        digest = bytes(32) if change == "other" else asked["message_imprint"]["hashed_message"].native
        flags = {"old": {"days": (-90, -30)}, "usage": {"critical": False}, "unnamed": {"names_signer": False}}
        token = made_token(digest, nonce=asked["nonce"].native + (change == "nonce"), **flags.get(change, {}))
        loaded = cms.ContentInfo.load(token)
        reply = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": loaded})
        return httpx.Response(200, content=reply.dump())

    return httpx.MockTransport(answer)


class TestTimestamps:
    DIGEST = hashlib.sha256(b"a block's header").digest()

    def ask(self, change: str = "") -> bytes:
        client = httpx.Client(transport=authority(change))
        return timestamps.request_token("https://tsa.example/", self.DIGEST, client=client)[0]

    def test_a_token_is_checked_as_the_stand_alone_verifier_does(self) -> None:
        stamp = check_token(self.ask(), self.DIGEST, [])
        assert stamp.authority == "Made stamps"
        assert stamp.root == ""

    @pytest.mark.parametrize(
        "change", ["http", "junk", "endless", "refused", "other", "nonce", "old", "usage", "unnamed"]
    )
    def test_bad_replies_are_refused(self, change: str) -> None:
        with pytest.raises(Unavailable):
            self.ask(change)

    def test_only_web_addresses(self) -> None:
        with pytest.raises(UserError):
            timestamps.request_token("ftp://x", self.DIGEST)


class _Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path in ("/endless", "/slow"):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"<p>more</p>" * (10_000 if self.path == "/endless" else 2_000))
                    time.sleep(0.0 if self.path == "/endless" else 0.02)
            except OSError:
                return
        body = "<html><title>抄袭页</title><body>未经许可的作品</body></html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


class TestCapture:
    def test_a_page_with_its_circumstances(self, site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(capture, "find_browser", lambda _given=None: None)
        store = LocalStore(tmp_path)
        with pytest.raises(UserError) as refused:
            capture.capture_page(f"{site}/copy", store)
        assert refused.value.code == "no_browser" and store.pins() == [], "nothing is kept without a word"
        found = capture.capture_page(f"{site}/copy", store, source_only=True)
        assert not found.complete and found.evidence()["kind"] == "web_source"
        body = b"".join(store.cat(found.cid))  # type: ignore[arg-type]
        assert hashlib.sha256(body).hexdigest() == found.sha256
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            for name, digest in manifest["sha256"].items():
                assert hashlib.sha256(archive.read(name)).hexdigest() == digest
            assert "未经许可" in archive.read("page.bin").decode()
            answer = json.loads(archive.read("answer.json"))
            assert answer["status"] == 200
            assert json.loads(archive.read("environment.json"))["fresh_browser_profile"]
        store.close()

    def test_a_page_that_never_ends_is_cut_and_says_so(
        self, site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(capture, "MAX_PAGE", 1 << 20)
        store = LocalStore(tmp_path)
        found = capture.capture_page(f"{site}/endless", store, source_only=True)
        assert not found.complete
        assert found.size < 3 << 20
        store.close()

    @pytest.mark.parametrize("url", ["", "file:///etc/passwd", "javascript:alert(1)", "http://"])
    def test_what_is_no_web_address(self, url: str, tmp_path: Path) -> None:
        store = LocalStore(tmp_path)
        with pytest.raises(UserError):
            capture.capture_page(url, store, source_only=True)
        assert store.pins() == []
        store.close()

    def test_an_absent_site(self, tmp_path: Path) -> None:
        store = LocalStore(tmp_path)
        with pytest.raises(Unavailable):
            capture.capture_page("http://127.0.0.1:9/", store, source_only=True)
        assert store.pins() == []
        store.close()

    @pytest.mark.e2e
    def test_a_screenshot_by_a_real_browser(self, site: str, tmp_path: Path) -> None:
        if capture.find_browser() is None:
            pytest.skip("no Chromium here")
        store = LocalStore(tmp_path)
        found = capture.capture_page(f"{site}/copy", store)
        assert found.complete
        with zipfile.ZipFile(io.BytesIO(b"".join(store.cat(found.cid)))) as archive:  # type: ignore[arg-type]
            assert archive.read("screenshot.png").startswith(b"\x89PNG")
            assert "未经许可" in archive.read("dom.html").decode()
        store.close()

    @pytest.mark.e2e
    def test_a_page_that_never_ends_is_shown_as_far_as_it_came(
        self, site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if capture.find_browser() is None:
            pytest.skip("no Chromium here")
        monkeypatch.setattr(capture, "STOP_LOADING_MS", 3_000)
        monkeypatch.setattr(capture, "MAX_PAGE", 1 << 20)
        store = LocalStore(tmp_path)
        found = capture.capture_page(f"{site}/slow", store)
        assert not found.complete
        with zipfile.ZipFile(io.BytesIO(b"".join(store.cat(found.cid)))) as archive:  # type: ignore[arg-type]
            assert archive.read("screenshot.png").startswith(b"\x89PNG")
            assert "more" in archive.read("dom.html").decode()
            assert "cut" in json.loads(archive.read("answer.json"))
        store.close()
