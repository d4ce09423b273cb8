"""查重: drop any file and see what is the same (exact) or looks alike (疑似), side by side; nothing is deposited."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QImage

from apps.copyright import media, permissions
from apps.copyright.examination import exact as exact_of
from apps.copyright.model import Similar, Work
from apps.copyright.regions import Region
from apps.copyright.service import CopyrightService
from apps.copyright.ui.columns import TwoColumns
from apps.copyright.ui.compare import ScoreList, SideBySide, beside
from apps.copyright.ui.preview import Preview, read_file
from apps.copyright.ui.terms import tr, work_icon
from apps.copyright.ui.view import View
from console.i18n.formats import duration, number, size
from console.page import Action
from console.theme import tokens
from console.widgets.basic import HashLabel, Label, vbox
from console.widgets.card import Card, Scroll
from console.widgets.facts import Facts
from console.widgets.forms import DropZone
from console.widgets.states import EmptyState, Note
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.fingerprints.pool import Fingerprints
    from apps.copyright.ui.page import CopyrightPage


@dataclass(frozen=True)
class Found:
    """What a search brought: the file's prints, works that are the same or look alike, and the first one's picture."""

    name: str
    prints: Fingerprints
    image: QImage
    results: tuple[Similar, ...]
    exact: int
    first: Work | None
    first_image: QImage
    first_region: Region | None
    compared: int
    seconds: float


def search_file(service: CopyrightService, path: Path, name: str, *, leave_out: str = "", ctx: Any) -> Found:
    """Fingerprint a file and compare; `leave_out` is the work whose own file it is."""
    service.platform.session.require(permissions.READ)
    ctx.step("fingerprint", Text("计算指纹：{n}", "Fingerprint {n}", n=name))
    prints = service.pool.extract(path, media.inspect(path))
    ctx.check_cancelled()
    ctx.step("compare", Text("与已有作品比对", "Compare with earlier works"))
    begun = time.perf_counter()
    same = [work for work in service.find_file(path) if work.id != leave_out]
    known = {work.id for work in same}
    exact = [exact_of(work) for work in same]
    alike = [one for one in service.examination.alike(prints, ctx) if one.work_id not in known | {leave_out}]
    took = time.perf_counter() - begun
    results = (*exact, *alike)
    first = service.work(results[0].work_id) if results else None
    mine = read_file(path)
    picture, common = beside(service, mine, first) if first is not None else (QImage(), None)
    return Found(name, prints, mine, results, len(exact), first, picture, common, len(service.index), took)


class SearchView(View):
    """Addresses `search`, and `search/work/ID` for the copies of a work."""

    live = False

    def __init__(self, page: CopyrightPage) -> None:
        super().__init__(page)
        self.found: Found | None = None
        self._of = ""
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        columns = TwoColumns((5, 8))
        left, right = columns.left, columns.right
        self.file_card = Card(tr("文件"))
        left.addWidget(self.file_card)
        left.addWidget(Note(tr("“疑似”只表示相近，不是侵权结论。请与在先作品对照后自行判断，或提交登记机构。")))
        left.addStretch(1)
        self.result_card = Card(tr("比对结果"), " ")
        right.addWidget(self.result_card)
        right.addStretch(1)
        scroll.column.addWidget(columns)
        scroll.column.addStretch(1)
        self.reset()

    def enter(self, rest: str) -> None:
        self._header()
        which, _, work_id = rest.partition("/")
        if which == "work" and work_id and work_id != self._of:
            self._search_work(work_id)

    def _header(self) -> None:
        actions = []
        if self.found is not None:
            actions.append(Action("again", tr("查另一个文件"), self.reset, "refresh"))
            if self.page.allows(permissions.DEPOSIT):
                actions.append(Action("new", tr("去存证"), lambda: self.page.context.go("copyright/new"), "stamp"))
        self.page.show_tab("search", tr("只在本机计算指纹，不存证，不上传"), actions)

    def reset(self) -> None:
        """Forget the search and wait for another file."""
        self.found, self._of = None, ""
        body = self.file_card.reset()
        self.zone = DropZone(tr("拖入要查的文件，或点此选择"), pattern=tr("所有文件 (*)"), height=140)
        self.zone.dropped.connect(lambda paths: self.take(Path(paths[0])))
        body.addWidget(self.zone)
        body.addWidget(
            Label(
                tr("图片可认出裁剪、镜像、缩放和加字；文字可认出摘录；声音和影像可认出剪辑。"),
                "caption",
                "text2",
                wrap=True,
            )
        )
        body = self.result_card.reset()
        self.result_card.note.setText("")
        body.addWidget(EmptyState("search", tr("还没有比对"), tr("选择一个文件，与已存证的作品逐一比对。")))
        if self.shown:
            self._header()

    def take(self, path: Path) -> None:
        """Search for copies of a file here."""
        service = self.service
        self._of = ""
        self._run(path.name, lambda *, ctx: search_file(service, path, path.name, ctx=ctx))

    def _search_work(self, work_id: str) -> None:
        """Search for copies of a work's own content."""
        service = self.service
        self._of = work_id

        def run(*, ctx: Any) -> Found:
            work = service.work(work_id)
            with tempfile.TemporaryDirectory(prefix="citychain-search-") as folder:
                path = Path(folder) / "work"
                with path.open("wb") as file:
                    for piece in service.read_content(work):
                        ctx.check_cancelled()
                        file.write(piece)
                return search_file(service, path, work.title, leave_out=work_id, ctx=ctx)

        self._run(work_id, run)

    def _run(self, name: str, run: Any) -> None:
        self.page.banner.hide()
        self.page.context.job(
            run,
            title=Text("查重 {n}", "Search copies of {n}", n=name),
            done=self._show,
            failed=self.page.banner.show_error,
        )

    def _show(self, found: Found) -> None:
        self.found = found
        self._show_file(found)
        body = self.result_card.reset()
        note = tr("与 {n} 件作品比对，用时 {t}").format(n=number(found.compared), t=duration(found.seconds))
        self.result_card.note.setText(note)
        if found.first is None:
            words = tr("没有找到相同或疑似相近的作品")
            body.addWidget(EmptyState("ok", words, tr("没有找到，不等于没有：只与本工作区建过指纹的作品比对。")))
        else:
            head = tr("完全相同 {e} 件，疑似相近 {s} 件").format(
                e=number(found.exact), s=number(len(found.results) - found.exact)
            )
            body.addWidget(Label(head, "strong"))
            self.pair = SideBySide(found.name, found.image, found.prints.media.media_type)
            self.pair.show_earlier(found.first, found.first_image, self.page.context.go)
            self.pair.show_region(found.first_region)
            body.addWidget(self.pair)
            self.scores = ScoreList(found.results[:20])
            self.scores.chosen.connect(self._compare)
            body.addWidget(self.scores)
        if self.shown:
            self._header()

    def _show_file(self, found: Found) -> None:
        prints, kind = found.prints, found.prints.media
        body = self.file_card.reset()
        if found.first is None:  # otherwise the picture stands beside the earlier work
            preview = Preview(work_icon(kind.media_type), found.name, height=180)
            preview.set_image(found.image)
            body.addWidget(preview)
        body.addWidget(Label(found.name, "card", wrap=True))
        parts = [size(kind.size), kind.media_type]
        if kind.width:
            parts.append(f"{number(kind.width)} × {number(kind.height)}")
        body.addWidget(Label(" · ".join(parts), "caption", "text2"))
        facts = Facts(60)
        for name, value in (("ISCC", prints.iscc), ("PDQ", prints.pdq), ("pHash", prints.phash)):
            if value:
                facts.add(name, HashLabel(value, f"{value[:10]}…{value[-8:]}", what=name))
        body.addWidget(facts)

    def _compare(self, one: Similar) -> None:
        service, mine = self.service, self.found.image if self.found is not None else QImage()

        def read() -> tuple[Work, QImage, Region | None]:
            work = service.work(one.work_id)
            return work, *beside(service, mine, work)

        def show(got: tuple[Work, QImage, Region | None]) -> None:
            self.pair.show_earlier(got[0], got[1], self.page.context.go)
            self.pair.show_region(got[2])

        self.page.read(read, show)
