"""The cards of a work's first tab: what it is, how its registration stands, its family, its rights' life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from apps.copyright.model import Registration
from apps.copyright.ui.credentials import credentials_words
from apps.copyright.ui.family import FamilyPicture, FamilyScroll, relatives
from apps.copyright.ui.life import LifePicture, happenings
from apps.copyright.ui.matter_words import day_words, share_words
from apps.copyright.ui.preview import Preview
from apps.copyright.ui.terms import label, state_words, term, tr, work_icon
from chaincode.copyright import kinds
from console.i18n.formats import short_cid, short_hash, size, when
from console.widgets.autopsy import StageBox, StagesView
from console.widgets.basic import STATE_ICONS, Button, Chip, Elided, HashLabel, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts
from console.widgets.states import Note

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage
    from apps.copyright.ui.work import WorkFacts

STEPS = ("SUBMITTED", "VERIFYING", "ACCEPTED", "EXAMINING", "EXAMINED", "APPROVED", "CERTIFIED", "PUBLISHED")


def frozen_note(page: CopyrightPage, facts: WorkFacts) -> QWidget:
    """Say that a dispute freezes the work, and where it is."""
    holder = QWidget()
    row = hbox(holder, spacing=8)
    row.addWidget(Note(tr("有人对这件作品提出异议，处理之前不能许可、转让或质押。"), "warn"), 1)
    dispute = str(facts.work.record["disputes"][0])
    row.addWidget(Button(tr("看异议"), lambda: page.context.go(f"copyright/cases/{dispute}"), icon="arrow"))
    return holder


def head_card(page: CopyrightPage, facts: WorkFacts) -> QWidget:
    """Picture, name, state, owners and identifiers."""
    work, record = facts.work, facts.work.record
    card = Card()
    row = hbox(spacing=18)
    preview = Preview(work_icon(work.media_type), work.title, height=136)
    preview.setFixedWidth(176)
    preview.set_image(facts.image)
    row.addWidget(preview)
    words = vbox(spacing=6)
    head = hbox(spacing=8)
    head.addWidget(Elided(work.title, "section"), 1)
    state, sign = state_words(facts.registration.state if facts.registration else "")
    if work.state == "REVOKED":
        state, sign = tr("存证已撤销"), "bad"
    elif work.cancelled:
        state, sign = tr("登记已撤销：{n}").format(n=work.cancelled), "bad"
    head.addWidget(Chip(state, sign if sign in {"ok", "warn", "bad"} else "text2", STATE_ICONS[sign][0]))
    words.addLayout(head)
    tags = hbox(spacing=6)
    tags.addWidget(Chip(term("categories", work.category), "text2", outline=True))
    tags.addWidget(Chip(term("creation_kinds", work.creation_kind), "accent", outline=True))
    if work.encrypted:
        tags.addWidget(Chip(tr("已加密"), "violet", "lock"))
    if record.get("pledge"):
        tags.addWidget(Chip(tr("质押中"), "violet", "lock"))
    if record.get("disputes"):
        tags.addWidget(Chip(tr("有异议，已冻结"), "warn", "warn"))
    tags.addStretch(1)
    words.addLayout(tags)
    authors = tr("、").join(str(a.get("signature") or a.get("name", "")) for a in record.get("authors", ()))
    parts = [p for p in (work.number, authors, size(work.size), work.media_type) if p]
    words.addWidget(Label(" · ".join(parts), "body", "text2", wrap=True))
    grid = Facts(64)
    owners = tr("、").join(
        page.context.person(party) if share == 10_000 else f"{page.context.person(party)} {share_words(share)}"
        for party, share in work.owners
    )
    grid.add(label(kinds.Registration.owners), owners)
    grid.add("CID", HashLabel(work.cid, short_cid(work.cid), what="CID"))
    if work.sha256:
        grid.add("SHA-256", HashLabel(work.sha256, short_hash(work.sha256, 8), what="SHA-256"))
    grid.add(tr("存证于"), when(work.created))
    if record.get("credentials"):
        grid.add("C2PA", credentials_words(record["credentials"]))
    words.addWidget(grid)
    words.addStretch(1)
    row.addLayout(words, 1)
    card.add(row)
    return card


def progress_card(registration: Registration) -> QWidget:
    """The steps of the registration with their days and deadlines."""
    card = Card(tr("登记进度"), registration.id)
    view = StagesView()
    state = registration.state
    log = {str(entry.get("to")): entry for entry in registration.record.get("log", ())}
    boxes = []
    at = STEPS.index(state) if state in STEPS else max((STEPS.index(s) for s in log if s in STEPS), default=0)
    titles = (tr("提交"), tr("核查"), tr("受理"), tr("审查"), tr("初审"), tr("复审"), tr("发证"), tr("公告"))
    due = registration.deadlines
    for index, step in enumerate(STEPS):
        entry = log.get(step)
        if entry is not None:
            boxes.append(StageBox(titles[index], "ok", when(entry.get("at"))))
        elif state in {"REFUSED", "LAPSED", "CANCELLED", "CORRECTION"} and index == at + 1:
            boxes.append(StageBox(titles[index], "failed", state_words(state)[0]))
        else:
            wanted = {1: "verification", 3: "examination"}.get(index, "")
            words = tr("期限 {d}").format(d=day_words(due[wanted])) if wanted and due.get(wanted) else ""
            boxes.append(StageBox(titles[index], "skipped", words))
    view.set_stages(boxes)
    card.add(view)
    return card


def family_card(page: CopyrightPage, facts: WorkFacts) -> QWidget | None:
    """The family tree; None for a work without relatives."""
    works, links = relatives(facts.tree, facts.work.record)
    if len(works) < 2:
        return None
    picture = FamilyPicture(works, links, facts.work.id, lambda which: page.thumbnails.of_record({"id": which}))
    up, down, count = picture.counts
    note = tr("上溯 {u} 代，下行 {d} 代，共 {n} 件；双击或回车打开").format(u=up, d=down, n=count)
    card = Card(tr("作品谱系"), note)

    def open_work(which: str) -> None:
        if which not in picture.elsewhere:
            page.context.go(f"copyright/work/{which}")

    picture.opened.connect(open_work)
    card.add(FamilyScroll(picture))
    return card


def life_card(page: CopyrightPage, facts: WorkFacts) -> QWidget:
    """The life of the rights; a double click opens the record behind a bar."""
    card = Card(tr("权利一生"), tr("每一段都是账本上的一笔交易；双击或回车打开"))
    picture = LifePicture(happenings(facts.work, facts.registration, facts.records, facts.owners))
    known = {one["id"]: one for one in facts.records}

    def open_record(spot: str) -> None:
        which = picture.record_of(spot)
        if which in known:
            page.context.go(page.place_of(known[which]))

    picture.opened.connect(open_record)
    card.add(picture)
    return card
