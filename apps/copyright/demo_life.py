"""The demonstration's second part: the sample works' rights begin to live, and some matters wait for somebody.

Everything here is a sample: licences, a pledge before the office, an offered transfer, a dispute, a suspected
infringement with evidence, works made from other works, an encrypted one. A ledger that has them is left alone.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright.model import Deposit, Work, WorkForm
from baas.errors import Text
from baas.jobs import JobContext
from chaincode.copyright.kinds import Change, Dispute, Infringement, Licence, Pledge, Transfer, Usage
from fabric_sdk import clock

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService

_AUTHOR = "样例创作者"
_MANUSCRIPT = (
    "样例手稿：可园晨雾\n\n雾从水面升起，先遮住桥，再遮住亭子。\n"
    "这份手稿加密存放，只有权利人和拿到密钥的被许可人能解开。\n"
)


def live(service: CopyrightService, receipts: Sequence[Deposit], ctx: JobContext) -> None:
    """Let the rights of the sample works live; `receipts` are theirs, the first one's is certified."""
    works = [service.work(one.work.id) for one in receipts]
    if len(works) < 4 or service.dossier(works[0].id)["licences"]:
        return
    ctx.step("life", Text("样例许可、质押、异议和案件", "Sample licences, a pledge, a dispute, a case"))
    _licences(service, works[0])
    _conveyances(service, works)
    _cases(service, works)
    _family(service, works, ctx)
    _sealed(service, ctx)


def _days(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def _terms(service: CopyrightService, **changes: Any) -> dict[str, Any]:
    terms = {
        "licensee": service.ledger.party("licensee"),
        "kind": "ordinary",
        "rights": ["network"],
        "territory": "CN",
        "from": _days(0),
        "until": _days(364),
    }
    return terms | changes


def _licences(service: CopyrightService, work: Work) -> None:
    kit = service.kit
    terms = _terms(service, fee_fen=300_000, royalty_bp=800, sublicensing=True)
    granted = kit.do(Licence.offer, terms, on=work.id).value
    kit.do(Licence.accept, on=granted["id"])
    usage = {"from": _days(0), "until": _days(0), "unit": "次", "quantity": 1200, "revenue_fen": 860_000}
    kit.do(Usage.record, usage, on=granted["id"])
    offer = _terms(service, rights=["reproduction", "distribution"], territory="CN-GD", fee_fen=120_000, unit_fen=50)
    kit.do(Licence.offer, offer, on=work.id)


def _conveyances(service: CopyrightService, works: Sequence[Work]) -> None:
    kit, buyer = service.kit, service.ledger.party("licensee")
    contract = hashlib.sha256("样例质权合同".encode()).hexdigest()
    terms: Mapping[str, Any] = {
        "pledgee": buyer,
        "debt_fen": 20_000_000,
        "debt_from": _days(0),
        "debt_until": _days(365),
        "rights": "all",
        "contract_sha256": contract,
    }
    pledge = kit.do(Pledge.propose, terms, on=works[0].id).value
    kit.do(Pledge.accept, on=pledge["id"])
    kit.do(Transfer.propose, {"to": buyer, "share": 4000, "price_fen": 880_000}, on=works[1].id)
    change = {"changes": {"note": "补充：首次展出于样例展览"}, "reason": "补充首次展出的情况"}
    kit.do(Change.request, change, on=works[0].id)


def _cases(service: CopyrightService, works: Sequence[Work]) -> None:
    kit = service.kit
    report = {
        "where": "http://example.com/shop/cup",
        "description": "网店商品图疑似使用了这件作品，裁去了四周。",
        "suspect": "某网店（样例）",
    }
    case = kit.do(Infringement.report, report, on=works[0].id).value
    page = "样例网页：商品页面快照\n".encode()
    cid = service.content.add(io.BytesIO(page), name="sample page")
    service.files.had(cid)
    evidence = {"kind": "screenshot", "cid": cid, "sha256": hashlib.sha256(page).hexdigest()}
    kit.do(Infringement.add, {"evidence": [evidence]}, on=case["id"])
    statement = "样例异议：我方持有更早的底稿，请登记机构核对创作过程。"
    draft = "样例底稿：早于存证的草稿\n".encode()
    cid = service.content.add(io.BytesIO(draft), name="sample draft")
    service.files.had(cid)
    evidence = {"kind": "file", "cid": cid, "sha256": hashlib.sha256(draft).hexdigest()}
    claim = {"ground": "ownership", "statement": statement, "evidence": [evidence]}
    kit.do(Dispute.open, claim, on=works[3].id)


def _family(service: CopyrightService, works: Sequence[Work], ctx: JobContext) -> None:
    """A postcard made of the first work, and a collection of the postcard and another photograph."""
    from PIL import Image, ImageOps

    first = works[0]
    other = next((one for one in reversed(works) if one.media_type == "image/jpeg" and one.id != first.id), None)
    if first.media_type != "image/jpeg" or other is None:
        return
    pictures = [Image.open(io.BytesIO(b"".join(service.read_content(one)))).convert("RGB") for one in (first, other)]
    card = ImageOps.mirror(pictures[0])
    width, height = card.size
    card = card.crop((width // 12, height // 12, width - width // 12, height - height // 12))
    sheet = Image.new("RGB", (960, 340), "#f4efe4")
    for at, picture in enumerate((card, pictures[1])):
        sheet.paste(ImageOps.contain(picture, (440, 300)), (20 + at * 480, 20))
    with tempfile.TemporaryDirectory(prefix="citychain-demo-") as folder:
        postcard = _saved(Path(folder) / f"{first.title}明信片.jpg", card)
        made = service.deposit(postcard, _form(postcard, "adaptation", first.id), ctx=ctx).work
        collection = _saved(Path(folder) / "样例图册.jpg", sheet)
        service.deposit(collection, _form(collection, "compilation", made.id, other.id), ctx=ctx)


def _saved(path: Path, image: Any) -> Path:
    image.save(path, "JPEG", quality=88)
    return path


def _form(path: Path, kind: str, *sources: str) -> WorkForm:
    return WorkForm(
        title=path.stem,
        creation_kind=kind,
        sources=tuple({"work_id": one} for one in sources),
        authors=({"name": _AUTHOR},),
        completed={"date": "2026-02-01"},
    )


def _sealed(service: CopyrightService, ctx: JobContext) -> None:
    """An encrypted manuscript with a licence in force, so that its key can be handed over."""
    with tempfile.TemporaryDirectory(prefix="citychain-demo-") as folder:
        path = Path(folder) / "可园晨雾（手稿）.txt"
        path.write_text(_MANUSCRIPT, encoding="utf-8")
        form = WorkForm(title=path.stem, authors=({"name": _AUTHOR},), completed={"date": "2026-02-10"})
        work = service.deposit(path, form, encrypt=True, ctx=ctx).work
    offer = service.kit.do(Licence.offer, _terms(service, rights=["reproduction"]), on=work.id).value
    service.kit.do(Licence.accept, on=offer["id"])
