"""作品登记证书: a PDF/A-2b with embedded CJK glyphs and a QR code, signed by the office as PAdES (ETSI EN 319 142).

With a time-stamp authority named: B-LTA; otherwise B-T by the office's own stamp, and the paper says so. It counts only
while its SHA-256 stands on the ledger: a signature alone proves no registration.

The QR code carries what an offline checker needs: number, work, content hash or commitment, ledger position.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.copyright.model import Registration, Work
from apps.copyright.seal import OfficeSeal
from apps.copyright.stamps import Authority
from apps.documents import pdfa
from apps.documents.pdfa import A4, Colour, Page
from apps.documents.typeface import Faces
from fabric_sdk import clock

_RED: Colour = (0.72, 0.11, 0.11)
_GOLD: Colour = (0.62, 0.50, 0.24)
_GRAY: Colour = (0.42, 0.42, 0.42)
_ARC = 4.1
"""Radians that the office's name takes on its seal."""


def make(
    work: Work,
    case: Registration,
    *,
    office: OfficeSeal,
    policy: Mapping[str, Any],
    issued: datetime,
    authority: Authority | None = None,
    replaces: str = "",
) -> bytes:
    """The signed certificate of a registration; `replaces` is the SHA-256 of the one that it takes the place of."""
    faces = Faces()
    page = Page(faces)
    _draw(page, work, case, office, policy, issued, _notes(authority, replaces))
    title = f"作品登记证书 {case.number}"
    body = pdfa.document([page], title=title, author=office.name, created=issued)
    return sign(body, office, authority)


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


def _notes(authority: Authority | None, replaces: str) -> list[str]:
    """What the foot of the paper says of its time-stamp, of the ledger, and of an earlier certificate."""
    stamp = "时间戳由外部时间戳机构签发" if authority else "时间戳由登记机构自有时钟签发（未接入外部时间戳机构）"
    notes = [f"{stamp}；本证书以其 SHA-256 记入账本为准，凭签名不足以证明登记。"]
    return [f"本证书取代 SHA-256 为 {replaces} 的证书。", *notes] if replaces else notes


def _draw(
    page: Page,
    work: Work,
    case: Registration,
    office: OfficeSeal,
    policy: Mapping[str, Any],
    issued: datetime,
    notes: list[str],
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
    page.text(216, 122, f"{office.name}　经办：{office.officer}", 10)
    for number, note in enumerate(notes):
        page.text(84, 73 + 10 * number, note, 6.5, colour=_GRAY)
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


def sign(body: bytes, office: OfficeSeal, authority: Authority | None = None) -> bytes:
    """Sign a PDF as PAdES: B-LTA with the authority's time-stamps, B-T with the office's own where there is none."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter

    from apps.copyright.pades import own_stamper, signer, stamper, trust

    metadata = PdfSignatureMetadata(
        field_name="OfficeSeal",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=f"{office.name} {office.officer}",
        reason="作品登记发证",
        embed_validation_info=authority is not None,
        use_pades_lta=authority is not None,
        validation_context=trust(office, authority) if authority else None,
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(body))
    out = io.BytesIO()
    PdfSigner(
        metadata,
        signer=signer(office),
        timestamper=stamper(authority) if authority else own_stamper(office),
        new_field_spec=SigFieldSpec(sig_field_name="OfficeSeal"),
    ).sign_pdf(writer, output=out)
    return out.getvalue()
