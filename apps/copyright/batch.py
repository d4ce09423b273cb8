"""Depositing a folder of works: progress, resume after any interruption, a report; no duplicate, no loss.

What makes it resumable is the ledger, not a state file: content that this creator has deposited is refused a second
time by the contract, and found again here by its hash. Files are fingerprinted one after another while the previous
group's transaction is on its way.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from apps.copyright import intake, permissions
from apps.copyright.likeness import public_prints
from apps.copyright.model import WorkForm
from apps.copyright.service import CopyrightService
from baas.csv_cells import harmless
from baas.errors import CityChainError, NotFound, Text, UserError, render
from baas.jobs import NULL_CONTEXT, JobContext

if TYPE_CHECKING:
    from baas.errors import Lang

GROUP = 50
"""Works a transaction; the contract takes up to 100."""
GROUP_CHARACTERS = 400_000
"""Prints a transaction: works with large ones go in smaller groups."""
State = Literal["deposited", "known", "refused"]


@dataclass(frozen=True)
class BatchLine:
    """What became of one file. `work_id` is empty where it was refused, `reason` says why."""

    path: Path
    state: State
    work_id: str = ""
    cid: str = ""
    sha256: str = ""
    tx_id: str = ""
    block: int = 0
    reason: Text | str = ""


@dataclass
class BatchReport:
    """Every file of a batch, in order of the folder."""

    lines: list[BatchLine] = field(default_factory=list)

    def count(self, state: State) -> int:
        return sum(line.state == state for line in self.lines)

    def write_csv(self, target: Path, lang: Lang = "zh") -> None:
        """Write the report as CSV (UTF-8 with BOM, so that spreadsheets read it)."""
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "state", "work_id", "cid", "sha256", "tx_id", "block", "reason"])
            for one in self.lines:
                row = (
                    _shown(one.path, whole=True),
                    one.state,
                    one.work_id,
                    one.cid,
                    one.sha256,
                    one.tx_id,
                    one.block or "",
                )
                writer.writerow([*(harmless(str(value)) for value in row), harmless(render(one.reason, lang))])


@dataclass(frozen=True)
class _Prepared:
    path: Path
    sha256: str
    cid: str
    record: Mapping[str, Any]

    @property
    def size(self) -> int:
        """How many characters of prints it brings into a transaction."""
        return sum(map(len, self.record["prints"].values()))


def files_in(folder: Path) -> Iterator[Path]:
    """Every file below a folder, in order; hidden ones, links and what leads outside are left out."""
    if not folder.is_dir():
        raise UserError(Text("{f} 不是文件夹。", "{f} is not a folder.", f=str(folder)))
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and not path.is_symlink():
            yield path


def deposit_folder(
    service: CopyrightService,
    folder: Path,
    *,
    forms: Mapping[str, WorkForm] | None = None,
    defaults: WorkForm | None = None,
    ctx: JobContext = NULL_CONTEXT,
) -> BatchReport:
    """Deposit every file below `folder`; whoever is stopped calls it again.

    `forms` are by relative path (see `table.read_forms`); others get their name as title and `defaults` for the rest.
    """
    service.platform.session.require(permissions.DEPOSIT)
    paths = list(files_in(folder))
    report = BatchReport()
    service.examination.sync(ctx)
    waiting: list[_Prepared] = []
    met: set[str] = set()
    ctx.step("batch", Text("存证 {n} 个文件", "Deposit {n} files", n=len(paths)))
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="batch") as sender:
        sending: Future[list[BatchLine]] | None = None
        for number, path in enumerate(paths):
            ctx.check_cancelled()
            ctx.progress(number, len(paths), _shown(path))
            form = (forms or {}).get(path.relative_to(folder).as_posix())
            form = form or replace(defaults or WorkForm(title=""), title=path.stem[:200] or path.name)
            one = _prepare(service, path, form, met)
            if isinstance(one, BatchLine):
                report.lines.append(one)
                continue
            waiting.append(one)
            if len(waiting) == GROUP or sum(each.size for each in waiting) > GROUP_CHARACTERS:
                if sending is not None:
                    report.lines += sending.result()
                group, waiting = waiting, []
                sending = sender.submit(_send, service, group)
        if sending is not None:
            report.lines += sending.result()
        if waiting:
            report.lines += _send(service, waiting)
    service.files.try_now(ctx)
    ctx.progress(len(paths), len(paths), "")
    order = {path: number for number, path in enumerate(paths)}
    report.lines.sort(key=lambda line: order[line.path])
    return report


def _prepare(service: CopyrightService, path: Path, form: WorkForm, met: set[str]) -> _Prepared | BatchLine:
    """Hash, look up, fingerprint and store one file; a line for the report if that is already all."""
    if not _is_text(path.name):
        why = Text(
            "文件名不是有效文字（常见于解压的 Windows 压缩包），请改名后再存证",
            "its name is no text, as in an unpacked Windows archive; rename it first",
        )
        return BatchLine(path, "refused", reason=why)
    try:
        digest = intake.hash_file(path, NULL_CONTEXT)
        party = service.ledger.party("creator")
        known = service.index.known(digest, party)  # the index was brought up to the ledger as the batch began
        if known is not None:
            return BatchLine(path, "known", known.work_id, known.cid, digest, known.tx_id, known.block)
        if digest in met:
            return BatchLine(
                path, "known", sha256=digest, reason=Text("同批中的重复文件", "the same file is in this batch")
            )
        prints = service.fingerprints(path)
        service.examination.before_deposit(prints, digest, party, form)
        cid = intake.keep(service.content, path, b"", prints.media.size, NULL_CONTEXT)
    except CityChainError as error:
        if not isinstance(error, UserError):
            raise  # a full disk or a stopped network concerns the batch, not the file
        return BatchLine(path, "refused", reason=error.message)
    met.add(digest)
    content = {"cid": cid, "size": prints.media.size, "media_type": prints.media.media_type, "encrypted": False}
    record = intake.form_record(form, prints) | {
        "content": content | {"sha256": digest},
        "fingerprints": prints.public(),
        "prints": public_prints(prints),
    }
    return _Prepared(path, digest, cid, record)


def _send(service: CopyrightService, group: Sequence[_Prepared]) -> list[BatchLine]:
    """Commit a group in one transaction and remember it; a group with a wrong form is sent one by one."""
    try:
        done = service.ledger.submit("creator", "DepositMany", [dict(one.record) for one in group])
    except CityChainError as error:
        if not hasattr(error, "stage"):
            raise
        if len(group) == 1:
            service.drop_content(group[0].cid)  # type: ignore[arg-type]
            return [BatchLine(group[0].path, "refused", sha256=group[0].sha256, reason=error.message)]
        return [line for one in group for line in _send(service, [one])]
    service.stamp(done.block)
    lines = []
    for one, answer in zip(group, done.value, strict=True):
        work_id, tx_id, block = answer["id"], done.tx_id, done.block
        if answer["duplicate"]:
            tx_id, block = _committed_before(service, work_id)
        service.files.had(one.cid)
        if not answer["duplicate"] or service.work(work_id).cid == one.cid:  # a record may name another's file
            service.local.note(work_id, one.sha256, service.ledger.party("creator"))
        state: State = "known" if answer["duplicate"] else "deposited"
        lines.append(BatchLine(one.path, state, work_id, one.cid, one.sha256, tx_id, block))
    signer = service.ledger.label("creator")
    service.files.queue.add_all(
        (line.work_id, line.cid, signer, str(one.record["title"])[:200], int(one.record["content"]["size"]))
        for one, line in zip(group, lines, strict=True)
    )
    return lines


def _is_text(name: str) -> bool:
    """Whether a file's name can be written as UTF-8; Python keeps the bytes of others as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(path: Path, *, whole: bool = False) -> str:
    """A file's name as it can be printed."""
    return (str(path) if whole else path.name).encode("utf-8", "backslashreplace").decode()


def _committed_before(service: CopyrightService, work_id: str) -> tuple[str, int]:
    """The transaction and block of a work that a stopped run had committed but not reported."""
    if not work_id:
        raise NotFound(Text("账本上没有这条记录。", "There is no such record on the ledger."))
    first = service.history(work_id)[-1]
    return first["tx_id"], service.block_of(first["tx_id"])
