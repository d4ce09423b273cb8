"""A new deposit: drop a file, see its fingerprints and what looks alike, fill in, deposit at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from apps.copyright import intake
from apps.copyright.model import Deposit, Similar, WorkForm
from apps.copyright.regions import Region
from apps.copyright.ui.columns import TwoColumns
from apps.copyright.ui.compare import ScoreList, SideBySide, beside
from apps.copyright.ui.credentials import credentials_words
from apps.copyright.ui.preview import Preview, read_file
from apps.copyright.ui.relation import RelationChoice
from apps.copyright.ui.steps import Steps
from apps.copyright.ui.terms import label, terms, tr, work_icon
from apps.copyright.ui.view import View
from chaincode.copyright.kinds import Registration
from console.i18n import say
from console.i18n.formats import number, size
from console.page import Action
from console.pages.identities.letters import offer_recovery_file
from console.theme import tokens
from console.widgets.basic import Button, Chip, HashLabel, Label, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.facts import Facts
from console.widgets.forms import (
    DropZone,
    Form,
    area_field,
    check_field,
    choice_field,
    date_field,
    mark_field,
    text_field,
)
from console.widgets.states import Note
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.fingerprints.pool import Fingerprints
    from apps.copyright.model import Work
    from apps.copyright.ui.page import CopyrightPage
    from network.errors import CityChainError


CLEARED = ("title", "signature", "sources", "place", "published", "published_place", "note")
TOLD = ("source", "independent", "version", "licensed", "different")
"""Relations to an earlier work that want a word of explanation."""


@dataclass(frozen=True)
class Examined:
    """A file as it was looked at before its deposit."""

    path: Path
    prints: Fingerprints
    similar: tuple[Similar, ...]
    image: QImage
    earlier: Work | None
    earlier_image: QImage
    earlier_region: Region | None
    indexed: int
    mine: frozenset[str] = frozenset()
    """Works found that are the depositor's own: nothing is asked about them."""

    @property
    def others(self) -> list[Similar]:
        """What was found of others, one entry a work."""
        found: dict[str, Similar] = {}
        for one in self.similar:
            if one.work_id not in self.mine:
                found.setdefault(one.work_id, one)
        return list(found.values())


class DepositView(View):
    """Left: file and form. Right: what looks alike."""

    live = False

    def __init__(self, page: CopyrightPage) -> None:
        super().__init__(page)
        self.examined: Examined | None = None
        self.relation: RelationChoice | None = None
        self.said: dict[str, str] = {}
        self._shown: Work | None = None
        self._busy = False
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 4, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        titles = (tr("拖入文件"), tr("查重与填写"), tr("存证"), tr("提交登记"), tr("审查与发证"))
        self.steps = Steps(titles, later=2)
        scroll.column.addWidget(self.steps)
        columns = TwoColumns((5, 6))
        left, right = columns.left, columns.right
        self.file_card = Card(tr("文件"))
        left.addWidget(self.file_card)
        self.form_card = Card(tr("作品信息"))
        self.form = self._form()
        self.form_card.add(self.form)
        left.addWidget(self.form_card)
        left.addStretch(1)
        self.similar_card = Card(label(Registration.similar), " ")
        right.addWidget(self.similar_card)
        self.relation_card = Card(tr("两件作品是什么关系"))
        right.addWidget(self.relation_card)
        right.addStretch(1)
        scroll.column.addWidget(columns)
        scroll.column.addStretch(1)
        self._reset()

    def _form(self) -> Form:
        form = Form(2)
        form.add("title", text_field(tr("作品名称"), required=True), wide=True)
        form.add("category", choice_field(tr("作品类别"), terms("categories")))
        form.add(
            "kind",
            choice_field(tr("创作性质"), terms("creation_kinds"), empty=tr("请选择"), required=True),
        )
        form.add("author", text_field(tr("作者"), hint=tr("多位作者用顿号分开"), required=True))
        form.add("signature", text_field(tr("署名")))
        form.add("completed", date_field(tr("创作完成"), required=True))
        form.add("place", text_field(tr("完成地点")))
        form.add("published", text_field(tr("首次发表日期"), placeholder="2026-01-31", hint=tr("未发表则留空")))
        form.add("published_place", text_field(tr("首次发表地点")))
        form.add(
            "sources",
            text_field(
                tr("在先作品"),
                hint=tr("改编、翻译、汇编等须写明：登记号、作品编号，或作品名称；用顿号分开"),
            ),
            wide=True,
        )
        form.add("note", area_field(tr("备注"), rows=2), wide=True)
        form.add("encrypt", check_field(tr("加密存入，只有您能解开")), wide=True)
        form.places |= {"creation_kind": "kind", "authors": "author"}
        form.edited.connect(self._header)
        return form

    def _reset(self) -> None:
        self.examined = None
        body = self.file_card.reset()
        zone = DropZone(
            tr("拖入作品文件，或点此选择"),
            pattern=tr("所有文件 (*)"),
            height=120,
        )
        zone.dropped.connect(lambda paths: self.take(Path(paths[0])))
        self.zone = zone
        body.addWidget(zone)
        body.addWidget(
            Label(
                tr("图片、文字、声音、影像、软件，任意大小。拖入后先在本机计算指纹，不上传。"),
                "caption",
                "text2",
                wrap=True,
            )
        )
        self._show_similar(None)

    def enter(self, rest: str) -> None:
        self._header()

    # -- header --------------------------------------------------------------------------------------
    def _header(self) -> None:
        if not self.shown:
            return
        reason = self.missing()
        self.page.set_header(
            tr("新作品"),
            tr("数字版权 · 存证"),
            [
                Action("discard", tr("放弃"), self.discard),
                Action(
                    "deposit",
                    tr("存证"),
                    self.deposit,
                    "stamp",
                    "primary",
                    enabled=not reason and not self._busy,
                    reason=reason,
                    signs=self.page.signs_as("creator"),
                ),
            ],
            tabs=[],
            reason=reason,
        )

    def missing(self) -> str:
        """Why the deposit cannot be made yet, "" when it can."""
        if self.examined is None:
            return tr("还没有选择文件")
        missing = self.form.missing()
        if missing:
            return tr("还需填写{what}").format(what=missing[0])
        if self._derived() and not self.form["sources"]:
            return tr("还需写明在先作品")
        return self._unclear()

    def _unclear(self) -> str:
        """What does not fit together yet: the days, and the relation to an earlier work."""
        published = self.form["published"]
        if published and not _is_day(published):
            return tr("首次发表日期应写作 2026-01-31")
        if published and published < self.form["completed"]:
            return tr("首次发表早于创作完成")
        unsaid = [one for one in self.examined.others if one.work_id not in self.said] if self.examined else []
        if unsaid and not self.form["encrypt"]:
            return tr("还需说明与《{t}》的关系").format(t=unsaid[0].title)
        if any(code in TOLD for code in self.said.values()) and not self.form["note"]:
            return tr("还需在备注中说明两件作品的关系")
        return ""

    def _derived(self) -> bool:
        from chaincode.copyright.policy import load

        kind = self.form["kind"]
        return bool(kind) and bool(load().entry("creation_kinds", kind)["derived"])

    def discard(self) -> None:
        self._reset()
        for key in CLEARED:
            self.form.fields[key].set_value("")
        self.page.context.go("copyright/works")

    # -- looking at the file -------------------------------------------------------------------------
    def take(self, path: Path) -> None:
        """Fingerprint a file and look for what is alike; nothing is stored yet."""
        service = self.page.service
        if service is None:
            return
        self.page.banner.hide()

        def examine(*, ctx: Any) -> Examined:
            ctx.step("fingerprint", Text("计算指纹：{n}", "Fingerprint {n}", n=path.name))
            prints = service.fingerprints(path)
            ctx.check_cancelled()
            ctx.step("compare", Text("与已有作品比对", "Compare with earlier works"))
            party = service.ledger.party("creator")
            same = service.examination.same(intake.hash_file(path, ctx))
            met = {one.work_id for one in same}
            alike = [one for one in service.examination.alike(prints, ctx) if one.work_id not in met]
            similar = (*same, *alike)
            mine = frozenset(one.work_id for one in similar if party in one.owners)
            earlier = service.work(similar[0].work_id) if similar else None
            image = read_file(path)
            picture, common = beside(service, image, earlier) if earlier is not None else (QImage(), None)
            return Examined(path, prints, similar, image, earlier, picture, common, len(service.index), mine)

        self.page.context.job(
            examine,
            title=Text("查看 {n}", "Examine {n}", n=path.name),
            done=self._show,
            failed=self.page.banner.show_error,
        )

    def _show(self, examined: Examined) -> None:
        self.examined = examined
        prints, media = examined.prints, examined.prints.media
        body = self.file_card.reset()
        row = hbox(spacing=14)
        preview = Preview(work_icon(media.media_type), examined.path.name, height=92)
        preview.setFixedWidth(130)
        preview.set_image(examined.image)
        row.addWidget(preview)
        words = vbox(spacing=4)
        words.addWidget(Label(examined.path.name, "card", wrap=True))
        parts = [size(media.size), media.media_type]
        if media.width:
            parts.append(f"{number(media.width)} × {number(media.height)}")
        words.addWidget(Label(" · ".join(parts), "caption", "text2"))
        if not media.doubts:
            words.addWidget(Chip(tr("指纹已在本机算好"), "ok", "ok"))
        for doubt in media.doubts:
            words.addWidget(Label(say(doubt), "caption", "warn", wrap=True))
        words.addStretch(1)
        row.addLayout(words, 1)
        change = Button(tr("更换…"), self._reset_file, kind="link", small=True)
        row.addWidget(change, 0, Qt.AlignmentFlag.AlignTop)
        body.addLayout(row)
        facts = Facts(78)
        for name, value in (("ISCC", prints.iscc), ("PDQ", prints.pdq), ("pHash", prints.phash)):
            if value:
                facts.add(name, HashLabel(value, f"{value[:10]}…{value[-8:]}", what=name))
        body.addWidget(facts)
        body.addWidget(Label(credentials_words(prints.credentials), "caption", "text2", wrap=True))
        if not self.form["title"]:
            self.form.fields["title"].set_value(examined.path.stem)
        from apps.copyright.media import CATEGORY_OF

        self.form.fields["category"].set_value(CATEGORY_OF[media.kind])
        self._show_similar(examined)
        self._header()

    def _reset_file(self) -> None:
        self._reset()
        self._header()

    def _show_similar(self, examined: Examined | None) -> None:
        body = self.similar_card.reset()
        self.similar_card.note.setText("")
        self.relation = None
        self.said, self._shown = {}, None
        self.relation_card.hide()
        self.steps.set_at(0 if examined is None else 1)
        if examined is None:
            body.addWidget(Label(tr("选择文件后，在这里与已有作品比对。"), "body", "text2"))
            return
        self.similar_card.note.setText(tr("在 {n} 件存证中比对").format(n=number(examined.indexed)))
        if not examined.similar or examined.earlier is None:
            body.addWidget(Label(tr("没有疑似相近的作品。"), "body"))
            return
        pair = SideBySide(examined.path.name, examined.image, examined.prints.media.media_type)
        pair.show_earlier(examined.earlier, examined.earlier_image, self.page.context.go)
        pair.show_region(examined.earlier_region)
        body.addWidget(pair)
        scores = ScoreList(examined.similar[:8])
        scores.chosen.connect(lambda one: self._compare(pair, one))
        body.addWidget(scores)
        if not examined.others:
            body.addWidget(Label(tr("查到的都是您自己的作品。"), "caption", "text2", wrap=True))
            return
        body.addWidget(Label(tr("查到他人的疑似相近作品，请逐件如实说明关系。"), "caption", "warn", wrap=True))
        if examined.similar[0].method == "exact":
            words = tr("他人已存证同一文件。若您才是作者，请选“它取自我的作品”，存证后对在先存证提出异议并附证据。")
            body.addWidget(Note(words, "warn"))
        self.relation = RelationChoice()
        self.relation.chosen.connect(lambda code: self._relate(code, examined))
        self.relation_card.reset().addWidget(self.relation)
        self.relation_card.show()
        self._ask_about(examined.earlier)

    def _relate(self, code: str, examined: Examined) -> None:
        """Fill in what follows from the relation to the earlier work."""
        earlier = self._shown
        if earlier is None:
            return
        self.said[earlier.id] = code
        sources, kind = self.form.fields["sources"], self.form.fields["kind"]
        if code == "adapted":
            if not self._derived():
                kind.set_value("adaptation")
            if not sources.value:
                sources.set_value(earlier.number or earlier.id)
        elif sources.value in (earlier.number, earlier.id):
            sources.set_value("")
            kind.set_value("original")
        self._header()

    def _compare(self, pair: SideBySide, one: Similar) -> None:
        """Show another of the works that look alike beside the file."""
        service, mine = self.service, self.examined.image if self.examined is not None else QImage()

        def read() -> tuple[Work, QImage, Region | None]:
            work = service.work(one.work_id)
            return work, *beside(service, mine, work)

        def show(found: tuple[Work, QImage, Region | None]) -> None:
            pair.show_earlier(found[0], found[1], self.page.context.go)
            pair.show_region(found[2])
            self._ask_about(found[0])

        self.page.read(read, show)

    def _ask_about(self, work: Work) -> None:
        """The statement below is about the work that is shown beside the file; own works are not asked about."""
        self._shown = work
        if self.relation is not None and self.examined is not None:
            self.relation.set_value(self.said.get(work.id, ""))
            self.relation.setEnabled(work.id not in self.examined.mine)

    # -- depositing ----------------------------------------------------------------------------------
    def deposit(self) -> None:
        """Deposit as a job; the receipt opens the work."""
        service, examined = self.page.service, self.examined
        if service is None or examined is None or self.missing():
            return
        names = [n.strip() for n in self.form["sources"].replace("、", ",").replace("，", ",").split(",") if n.strip()]
        authors = [n.strip() for n in re.split("[、,，]", self.form["author"]) if n.strip()]
        signatures = [self.form["signature"] or authors[0], *authors[1:]]
        note, published = self.form["note"], self.form["published"]
        form = WorkForm(
            self.form["title"],
            category=self.form["category"],
            creation_kind=self.form["kind"],
            sources=tuple(source_of(name) for name in names),
            authors=tuple({"name": n, "signature": s} for n, s in zip(authors, signatures, strict=True)),
            completed={"date": self.form["completed"], "place": self.form["place"]},
            published={"date": published, "place": self.form["published_place"]} if published else None,
            note=note,
            relations=tuple(
                {"work_id": work_id, "relation": code, "words": note if code in TOLD else ""}
                for work_id, code in sorted(self.said.items())
                if not self.form["encrypt"]
            ),
        )
        self._busy = True
        for field in self.form.fields.values():
            field.set_error("")
        self._header()
        view = self.page.context.job(
            service.deposit,
            examined.path,
            form,
            encrypt=self.form["encrypt"],
            title=Text("存证 {n}", "Deposit {n}", n=form.title),
            network=self.page.context.network,
            done=self._done,
            failed=self._refused,
        )
        view.finished.connect(self._over)

    def _refused(self, error: CityChainError) -> None:
        if mark_field(self, error) is None:
            self.page.banner.show_error(error)

    def _over(self) -> None:
        self._busy = False
        self._header()

    def _done(self, receipt: Deposit) -> None:
        if receipt.duplicate:
            self.page.context.notice(tr("这份内容以前已存证，打开原来的记录"), "info")
        else:
            words = tr("已存证，写入区块 {n}")
            self.page.context.notice(words.format(n=number(receipt.block)))
            if receipt.waits is not None:
                self.page.context.notice(tr("文件等待上交：{w}").format(w=say(receipt.waits)), "warn")
        self._reset()
        for key in CLEARED:
            self.form.fields[key].set_value("")
        self.page.context.go(f"copyright/work/{receipt.work.id}")
        if receipt.work.encrypted:
            offer_recovery_file(self.page.context)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def source_of(text: str) -> Mapping[str, str]:
    """An earlier work as the contract takes it: by its id here, by its registration number, else by description."""
    if re.fullmatch(r"CZ\d{8}-[0-9a-f]{12}", text):
        return {"work_id": text}
    if re.fullmatch(r"\S+-\d{4}-[A-Z]-\d{8}", text):
        return {"number": text}
    return {"description": text}
