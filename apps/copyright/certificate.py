"""作品登记证书: a PDF/A-2b with embedded CJK glyphs and a QR code, signed by the office as PAdES B-B (ETSI EN 319 142).

The QR code carries what an offline checker needs: number, work, content hash or commitment, ledger position.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from apps.copyright import pdfa
from apps.copyright.model import Registration, Work
from apps.copyright.pdfa import A4, Colour, Page
from apps.copyright.seal import OfficeSeal
from apps.copyright.typeface import Faces
from fabric_sdk import clock

_RED: Colour = (0.72, 0.11, 0.11)
_GOLD: Colour = (0.62, 0.50, 0.24)
_GRAY: Colour = (0.42, 0.42, 0.42)
_ARC = 4.1
"""Radians that the office's name takes on its seal."""


def make(work: Work, case: Registration, *, office: OfficeSeal, policy: Mapping[str, Any], issued: datetime) -> bytes:
    """The signed certificate of a registration."""
    faces = Faces()
    page = Page(faces)
    _draw(page, work, case, office, policy, issued)
    title = f"作品登记证书 {case.number}"
    body = pdfa.document([page], title=title, author=office.name, created=issued)
    return sign(body, office, issued)


def entries(work: Work, case: Registration, policy: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The certificate's lines: (heading, text)."""
    record, application = work.record, case.record
    names = {one["party"]: one["name"] for one in application["owners"]}
    owners = [
        f"{names.get(party, party)}（{share / 100:g}%）" if len(work.owners) > 1 else names.get(party, party)
        for party, share in work.owners
    ]
    authors = [
        f"{one['name']}（署名：{one['signature']}）" if one.get("signature") else one["name"]
        for one in record["authors"]
    ]
    kind = policy["creation_kinds"][work.creation_kind]["zh"]
    if record["sources"]:
        earlier = [one.get("number") or one.get("description") or one.get("work_id", "") for one in record["sources"]]
        kind += f"（在先作品：{'；'.join(earlier)[:120]}）"
    rights = application["rights"]
    held = "全部" if rights == ["all"] else "、".join(policy["rights"][one]["zh"] for one in rights)
    return [
        ("作品名称", work.title),
        ("作品类别", policy["categories"][work.category]["zh"]),
        ("作者", "、".join(authors)),
        ("著作权人", "、".join(owners)),
        ("创作性质", kind),
        ("权利取得", policy["acquisitions"][application["acquisition"]]["zh"]),
        ("权利归属", policy["attributions"][application["attribution"]]["zh"]),
        ("权利范围", held),
        ("创作完成", _place(record["completed"])),
        ("首次发表", _place(record["published"]) if record["published"] else "未发表"),
        ("存证时间", _local(work.created)),
        ("登记日期", str(application.get("registered", ""))),
    ]


def _place(place: Mapping[str, str] | None) -> str:
    return " ".join(part for part in ((place or {}).get("date", ""), (place or {}).get("place", "")) if part)


def _local(instant: str) -> str:
    moment = datetime.fromisoformat(instant.replace("Z", "+00:00")).astimezone(clock.CHINA)
    return f"{moment:%Y-%m-%d %H:%M:%S}（北京时间）"


def qr_text(work: Work, case: Registration) -> str:
    """What the QR code says, one fact a line; checkable against any copy of the ledger or an evidence package."""
    proof = work.sha256 or work.record["content"].get("commitment", "")
    return "\n".join(("CITYCHAIN-CERT 1", case.number, work.id, case.id, work.cid, proof))


def _draw(
    page: Page, work: Work, case: Registration, office: OfficeSeal, policy: Mapping[str, Any], issued: datetime
) -> None:
    width, height = A4
    page.frame(34, 34, width - 68, height - 68, 1.6, _GOLD)
    page.frame(40, 40, width - 80, height - 80, 0.5, _GOLD)
    page.text(width / 2, height - 118, "作品登记证书", 30, align="center", spacing=6)
    page.text(width / 2, height - 146, f"登记号：{case.number}", 12, align="center", colour=_GRAY)
    page.line(80, height - 164, width - 80, height - 164, 0.6, _GOLD)
    y = height - 198.0
    for heading, text in entries(work, case, policy):
        page.text(84, y, heading, 11, colour=_GRAY)
        for line in page.faces.wrap(text, 12, width - 84 - 168)[:4]:
            page.text(164, y, line, 12)
            y -= 18
        y -= 5
    y = min(y, 330.0)
    page.line(80, y, width - 80, y, 0.4, _GOLD)
    for heading, text in (
        ("内容标识", work.cid),
        ("内容散列" if work.sha256 else "加盐散列", work.sha256 or work.record["content"].get("commitment", "")),
        ("账本记录", f"{work.id} / {case.id}"),
    ):
        y -= 15
        page.text(84, y, heading, 8, colour=_GRAY)
        page.text(140, y, text, 8)
    _qr(page, 84, 84, 118, qr_text(work, case))
    page.text(216, 176, "扫码取得登记号、内容标识与散列，", 9, colour=_GRAY)
    page.text(216, 162, "可用证据包与核验程序离线核验。", 9, colour=_GRAY)
    page.text(216, 140, f"发证日期：{issued.astimezone(clock.CHINA):%Y-%m-%d}", 10)
    page.text(216, 122, office.name, 10)
    page.text(84, 62, "本证书证明登记事项与登记时间，不代表对作品独创性的司法认定。", 7.5, colour=_GRAY)
    _seal(page, width - 142, 142, office.name)
    if page.faces.missing:
        codes = "、".join(f"U+{ord(letter):04X}" for letter in page.faces.missing[:8])
        page.text(84, 51, f"注：字库未收录的字以 Unicode 码位表示（{codes}）。", 7.5, colour=_GRAY)


def _qr(page: Page, x: float, y: float, side: float, text: str) -> None:
    import segno

    matrix = segno.make(text, error="m", micro=False).matrix
    cell = side / len(matrix)
    cells = [
        (x + column * cell, y + side - (row + 1) * cell, cell * 1.005)
        for row, line in enumerate(matrix)
        for column, dark in enumerate(line)
        if dark
    ]
    page.squares(cells)


def _seal(page: Page, x: float, y: float, name: str) -> None:
    """The office's round seal, drawn: name on the arc, star, 登记专用章."""
    import math

    radius = 46.0
    page.circle(x, y, radius, 2.2, _RED)
    page.star(x, y + 2, 13, _RED)
    letters = list(name)[:24]
    size = 11.0 if len(letters) <= 14 else 8.5
    step = _ARC / max(1, len(letters) - 1) if len(letters) > 1 else 0.0
    step = min(step, 0.42)
    start = math.pi / 2 + step * (len(letters) - 1) / 2
    reach = radius - size - 2
    for number, letter in enumerate(letters):
        angle = start - number * step
        half = page.faces.width(letter, size) / 2
        turn = angle - math.pi / 2
        px = x + reach * math.cos(angle) - half * math.cos(turn)
        py = y + reach * math.sin(angle) - half * math.sin(turn)
        page.text(px, py, letter, size, colour=_RED, angle=turn)
    page.text(x, y - 30, "登记专用章", 9, colour=_RED, align="center")


def sign(body: bytes, office: OfficeSeal, at: datetime) -> bytes:
    """Sign a PDF as PAdES baseline B-B with the office's seal."""
    from asn1crypto import keys, pem, x509
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    def certificate(text: bytes) -> x509.Certificate:
        return x509.Certificate.load(pem.unarmor(text)[2])

    store = SimpleCertificateStore()
    store.register(certificate(office.issuer_pem))
    private = office.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = SimpleSigner(
        signing_cert=certificate(office.certificate_pem),
        signing_key=keys.PrivateKeyInfo.load(private),
        cert_registry=store,
        embed_roots=True,
    )
    metadata = PdfSignatureMetadata(
        field_name="OfficeSeal",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=office.name,
        reason="作品登记发证",
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(body))
    out = io.BytesIO()
    PdfSigner(metadata, signer=signer, new_field_spec=SigFieldSpec(sig_field_name="OfficeSeal")).sign_pdf(
        writer, output=out
    )
    return out.getvalue()
