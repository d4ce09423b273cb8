"""The office's comparison: found over the whole network, both works beside each other, an opinion of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from apps.copyright.model import Similar, Work
from apps.copyright.regions import Region, region
from apps.copyright.ui.compare import ScoreList, SideBySide, detail_words, method_words
from apps.copyright.ui.preview import read_work
from apps.copyright.ui.terms import label, term, terms, tr
from apps.copyright.ui.thumbnails import decoded
from apps.kit.service import OpenAct
from chaincode.copyright.kinds import Registration
from console.appkit.act_dialog import ActDialog
from console.widgets.basic import Button, Label, vbox
from console.widgets.facts import Section
from console.widgets.forms import Form, area_field, choice_field
from console.widgets.states import Note
from fabric_sdk.kinds import Record
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage


def compare(page: CopyrightPage, _one: OpenAct, record: Record) -> Callable[[Any], Any]:
    """What compares the case's work with every deposit of the network."""
    service, case_id = page.service, str(record["id"])
    return lambda ctx: service.examination.compare(case_id, ctx=ctx)


def opine(page: CopyrightPage, one: OpenAct, record: Record) -> ActDialog:
    """Write an opinion: of the first work that has none yet, or of another one chosen in the list."""
    return OpinionDialog(page, one, record)


def matches(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The works of others that a comparison found, those without an opinion first."""
    found = [dict(one) for one in (record.get("comparison") or {}).get("found", ()) if not one["own"]]
    return sorted(found, key=lambda one: (bool(one["decision"]), -one["score"], one["work_id"]))


class OpinionDialog(ActDialog):
    """Both works beside each other, the works that were found below, and what the office thinks of the chosen one."""

    def __init__(self, page: CopyrightPage, one: OpenAct, record: Record, chosen: str = "") -> None:
        service, kit = page.service, page.kit
        self._page_of = page
        self._record = record
        found = matches(record)
        found.sort(key=lambda entry: entry["work_id"] != chosen)
        self._known = {entry["work_id"]: entry for entry in found}
        self.work_id = found[0]["work_id"] if found else ""
        extra = QWidget()
        self._column = vbox(extra, spacing=10)
        self.pair = SideBySide(kit.called(dict(record)), QImage(), "", mine=tr("申请登记的作品"), height=300)
        self._column.addWidget(self.pair)
        self.scores = ScoreList([_similar(entry) for entry in found])
        self.scores.chosen.connect(lambda entry: self.show_work(entry.work_id))
        self._column.addWidget(self.scores)
        form = Form(1)
        form.add(
            "decision", choice_field(label(Registration.decision), terms("opinions"), empty=tr("请选择"), required=True)
        )
        form.add("view", area_field(tr("意见"), rows=3, required=True))
        case_id = str(record["id"])

        def run(values: Mapping[str, Any], *, ctx: Any) -> Any:
            ctx.step("opinion", Text("写入账本", "Write to the ledger"))
            given = {"alike": values["alike"], "decision": values["decision"], "view": values["view"]}
            return kit.do(one.act, given, on=case_id, signer=one.signer)

        super().__init__(
            page,
            tr("比对意见：{title}").format(title=kit.called(dict(record))),
            tr("“疑似”只表示相近。对照两件作品，写明认定和理由；意见写入账本。"),
            accept=tr("写入意见"),
            run=run,
            said=tr("意见已写入账本"),
            collect=lambda: {"alike": self.work_id, "decision": form["decision"], "view": form["view"]},
            signs=page.signed_by(one.signer),
            form=form,
            extra=extra,
            extra_first=True,
            width=960,
            job=Text("写比对意见", "Write an opinion"),
        )
        work_id = str(record["work_id"])

        def mine() -> tuple[Work, QImage]:
            work = service.work(work_id)
            return work, read_work(service, work)

        page.read(mine, lambda got: self.pair.show_mine(got[0], got[1]))
        self.show_work(self.work_id)

    def show_work(self, work_id: str) -> None:
        """Show another of the works that were found; what the office wrote of it stands in the form."""
        if not work_id:
            return
        self.work_id = work_id
        entry, service, form = self._known[work_id], self._page_of.service, self.form
        assert form is not None
        if entry["decision"]:
            form.fields["decision"].set_value(entry["decision"])
            form.fields["view"].set_value(entry["opinion"])

        mine, case, go = str(self._record["work_id"]), str(self._record["id"]), self._page_of.context.go

        def read() -> tuple[Work, QImage, Region | None]:
            work = service.work(work_id)
            right = service.views.large(work, case)
            left = service.views.large(service.work(mine)) if right else b""
            return work, decoded(right), region(left, right) if left else None

        def show(got: tuple[Work, QImage, Region | None]) -> None:
            if self.work_id == work_id:  # another one may have been chosen meanwhile
                self.pair.show_earlier(got[0], got[1], go)
                self.pair.show_region(got[2])

        self._page_of.read(read, show)


def _similar(entry: Mapping[str, Any]) -> Similar:
    title = f"{entry['work_id']}"
    if entry["decision"]:
        title = f"{title} · {term('opinions', entry['decision'])}"
    return Similar(entry["work_id"], title, entry["method"], entry["score"] / 100, entry["detail"])


def comparison(page: CopyrightPage, record: Mapping[str, Any]) -> Section | None:
    """What a comparison found, in a case's panel."""
    done = record.get("comparison")
    if not done:
        return None
    found = matches(record)
    section = Section(tr("全网查重"), tr("共比对 {n} 件作品").format(n=done["works"]))
    if done["basis"] != "content":
        words = {
            "prints": tr("只用公开指纹比对，没有打开作品文件，不能通过。"),
            "differs": tr("作品文件与存证的散列不符，不能通过。"),
            "cut": tr("在先的相近作品过多，未能全部列出，不能通过。"),
        }
        section.add(Note(words.get(done["basis"], tr("未能打开作品，没有比对。")), "warn"))
    if not found:
        section.text(tr("没有查到他人的相近作品。"), tone="text2")
    for one in found:
        go = partial(page.context.go, f"copyright/work/{one['work_id']}")
        section.body.addWidget(Button(one["work_id"], go, kind="link", small=True), 0, Qt.AlignmentFlag.AlignLeft)
        done_with = one["decision"] or one.get("later")
        section.add(Label(_line(one), "caption", "text2" if done_with else "warn", wrap=True))
    return section


def _line(one: Mapping[str, Any]) -> str:
    parts: Sequence[str] = [method_words(one["method"])]
    if one["score"] and one["method"] != "exact":
        parts = [*parts, f"{one['score']} %", detail_words(one["detail"])]
    open_ = tr("存证在后，不要求意见") if one.get("later") else tr("还没有意见")
    said = f"{term('opinions', one['decision'])}：{one['opinion']}" if one["decision"] else open_
    return " · ".join(part for part in (*parts, said) if part)
