"""The demonstration of 数字版权: register every file of a folder, certify the first; goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright.demo_life import live
from apps.copyright.model import Deposit, Registration, WorkForm
from apps.copyright.service import CopyrightService
from baas.applications import DemoTold
from baas.errors import Text, UserError
from baas.jobs import JobContext

if TYPE_CHECKING:
    from baas.applications import DemoOptions
    from baas.platform import Platform

_AUTHOR = "样例创作者"
_RESIDENT = "11010519491231002X"  # the example in GB 11643-1999
_APPLICATION = {
    "acquisition": "original",
    "attribution": "individual",
    "rights": "all",
    "statement": {"purpose": "城链演示作品", "process": "为演示制作或取自公有领域", "originality": "见作品来源说明"},
}


def run(platform: Platform, network: str, options: DemoOptions, ctx: JobContext) -> dict[str, Any]:
    """Deposit and register every file of the works' folder; issue a certificate for the first.

    Answers `{"works": [{"id", "title", "cid", "block", "tx_id", "number"}], "certificate": path}`.
    """
    with CopyrightService(platform, network) as service:
        files = list(works_in(options.get("works") or samples()))
        receipts: list[Deposit] = []
        for number, path in enumerate(files):
            ctx.check_cancelled()
            ctx.progress(number, len(files), path.name)
            receipts.append(service.deposit(path, _form(path, options.get("works") is None), ctx=ctx))
        ctx.step("register", Text("登记 {n} 件作品", "Register {n} works", n=len(files)))
        with ThreadPoolExecutor(max_workers=8, thread_name_prefix="register") as pool:
            cases = list(pool.map(lambda receipt: _register(service, receipt), receipts))
        certified = service.certify(cases[0].id, ctx=ctx)
        _finish(service, cases[0].id)
        if options.get("works") is None:
            live(service, receipts, ctx)
        return {
            "works": [
                {
                    "id": receipt.work.id,
                    "title": receipt.work.title,
                    "cid": receipt.work.cid,
                    "block": receipt.block,
                    "tx_id": receipt.tx_id,
                    "registration": case.id,
                }
                for receipt, case in zip(receipts, cases, strict=True)
            ],
            "certificate": str(certified.path),
        }


def told(result: Mapping[str, Any]) -> DemoTold:
    """What the demonstration did, for people."""
    works = result.get("works", ())
    columns = {
        "title": Text("作品", "Work"),
        "id": Text("登记号", "Id"),
        "block": Text("区块", "Block"),
        "cid": Text("内容标识 CID", "CID"),
    }
    lines = [(Text("证书", "Certificate"), str(result["certificate"]))] if result.get("certificate") else []
    said = Text("登记了 {n} 件作品", "works registered: {n}", n=len(works))
    return DemoTold(said, works, columns, lines)


def samples() -> Path:
    """The folder of sample works that comes with the package."""
    return Path(str(resources.files("apps.copyright") / "samples"))


def works_in(folder: Path) -> Iterator[Path]:
    """Every file of a folder that may be a work, by name; hidden files, notes and data beside them are not."""
    if not folder.is_dir():
        raise UserError(
            Text("{f} 不是文件夹。", "{f} is not a folder.", f=str(folder)),
            Text("请用 --works 指定装有作品的文件夹。", "Name a folder of works with --works."),
        )
    found = False
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith(".") and path.name not in ("SOURCES.md", "__init__.py"):
            found = True
            yield path
    if not found:
        raise UserError(Text("文件夹 {f} 中没有作品。", "The folder {f} holds no works.", f=str(folder)))


def _form(path: Path, is_sample: bool) -> WorkForm:
    return WorkForm(
        title=path.stem,
        authors=({"name": _AUTHOR},),
        completed={"date": "2026-01-01"},
        note="见 SOURCES.md" if is_sample else "",
    )


def _register(service: CopyrightService, receipt: Deposit) -> Registration:
    """Apply for registration and let the office accept it; a case that exists goes on from where it stands."""
    work = service.work(receipt.work.id)
    if not work.registration:
        party = service.ledger.party("creator")
        person = {"party": party, "name": _AUTHOR, "kind": "natural"}
        documents: Mapping[str, str] = person | {"document_type": "resident_id", "document_number": _RESIDENT}
        service.put_owner_documents(work.id, [documents])
        case = service.apply(work.id, _APPLICATION | {"owners": [person]}).value
    else:
        case = service.registration(work.registration)
    following = {"SUBMITTED": "verify", "VERIFYING": "accept", "ACCEPTED": "examine"}
    while case.state in following:
        case = service.review(case.id, following[case.state]).value
    if case.state == "EXAMINING":
        case = service.examination.compare(case.id).value
        for one in case.record["comparison"]["found"]:
            if not one["own"] and not one["decision"]:
                case = service.examination.opine(case.id, one["work_id"], "different", "演示：已对照，并不相近").value
        case = service.review(case.id, "pass", "符合登记要求").value
    if case.state == "EXAMINED":
        case = service.review(case.id, "approve", "同意").value
    return case


def _finish(service: CopyrightService, case_id: str) -> None:
    if service.registration(case_id).state == "CERTIFIED":
        service.review(case_id, "publish")
