"""The theft by clicks: a published photograph taken by somebody else is stopped at the deposit and at the office; the
author's own way to a certificate leads over two registrars, past the thief's deposit."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PySide6.QtCore import Qt

from console.widgets.basic import Label

RESIDENT = "11010519491231002X"


def photograph(path: Path, seed: int | None = None) -> Path:
    """A picture that no other test has; a chance one, or the one of a `seed` that no other test uses."""
    coarse = np.random.default_rng(uuid.uuid4().int if seed is None else seed).integers(
        0, 256, (6, 8, 3), dtype=np.uint8
    )
    buffer = io.BytesIO()
    Image.fromarray(coarse).resize((960, 720), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=92)
    path.write_bytes(buffer.getvalue())
    return path


def deposit(office: Any, path: Path, title: str, **fields: str) -> Any:
    """Drop a file, fill the form in; the view, so that the test presses the button."""
    office.go("copyright/new")
    view = office.page.deposit
    view.take(path)
    office.settle(30000)
    values = {"title": title, "kind": "original", "author": "某人", "completed": "2026-01-01"} | fields
    for name, value in values.items():
        view.form.fields[name].set_value(value)
    return view


def apply(office: Any, work_id: str) -> None:
    def fill(dialog: Any) -> None:
        dialog.form.fields["number"].set_value(RESIDENT)
        for key in ("purpose", "process", "originality"):
            dialog.form.fields[key].set_value("样例说明")
        office.fill()(dialog)

    office.go(f"copyright/work/{work_id}")
    office.answer(fill)
    office.press_header("apply")
    office.settle(30000)
    office.no_error()


def step(office: Any, case: str, words: str, how: Callable[[Any], None] | None = None) -> None:
    """A registrar chooses a case in the inbox and presses a button."""
    office.go("copyright/inbox")
    office.choose(case)
    if how is None:
        office.press(words, office.panel)
        office.settle(30000)
    else:
        office.do(words, how)


def opinion(office: Any, decision: str, words: str) -> Callable[[Any], None]:
    """An answer to the dialog with both pictures: what is found, and why."""

    def answer(dialog: Any) -> None:
        office.until(lambda: not dialog.pair._right[1]._image.isNull() and not dialog.pair._left[1]._image.isNull())
        office.fill(decision=decision, view=words)(dialog)

    return answer


def test_the_theft_by_clicks(office: Any, ledger: Any, tmp_path: Path) -> None:
    path = photograph(tmp_path / "升空.jpg")
    names = {role: f"{role}-{uuid.uuid4().hex[:6]}" for role in ("li", "thief", "zhao", "qian")}
    li, thief = (f"PublicMSP/{names[one]}" for one in ("li", "thief"))
    zhao, qian = (f"CopyrightMSP/{names[one]}" for one in ("zhao", "qian"))

    office.act_as(li, "creator")
    view = deposit(office, path, "升空")
    assert view.missing() == "", "nobody deposited it before"
    office.press_header("deposit")
    office.settle(30000)
    mine = office.page.work.facts.work.id

    # The thief drops the same file: it is shown whose it is, and the button stays shut until they say something.
    office.act_as(thief, "creator")
    view = deposit(office, path, "我拍的")
    assert [one.method for one in view.examined.others] == ["exact"]
    shown = " ".join(label.text() for label in view.findChildren(Label) if label.isVisible())
    assert "他人已存证同一文件" in shown and "提出异议" in shown, "the honest side reads what to do"
    assert "升空" in view.missing() and not office.window.header.buttons["deposit"].isEnabled()
    view.relation.buttons["independent"].click()
    assert "备注" in view.missing()
    view.form.fields["note"].set_value("我也在现场拍的")
    office.press_header("deposit")
    office.settle(30000)
    office.no_error()
    taken = office.page.work.facts.work
    assert taken.record["relations"][0]["words"] == "我也在现场拍的", "the lie is public"
    apply(office, taken.id)
    case = ledger.work(taken.id).registration

    office.act_as(zhao, "registrar")
    step(office, case, "开始核查")
    step(office, case, "予以受理")
    step(office, case, "开始审查")
    said: list[str] = []
    step(office, case, "初审通过", office.refused(said, opinion="符合"))
    step(office, case, "全网查重")
    office.go("copyright/queue")
    assert "疑似相近" in str([cell.sub for row in office.page.stack.currentWidget().model.rows for cell in _cells(row)])
    step(office, case, "初审通过", office.refused(said, opinion="符合"))
    step(office, case, "写比对意见", opinion(office, "copy", "与在先存证逐字节相同"))
    assert "系复制" in office.said()
    step(office, case, "初审通过", office.refused(said, opinion="符合"))
    assert ["没有与全网" in said[0], "还没有写意见" in said[1], "系复制" in said[2]] == [True] * 3, said
    step(office, case, "不予登记", office.fill(reasons="系他人作品的复制"))
    assert ledger.registration(case).state == "REFUSED"

    # The author applies; the thief's copy is found, called later, and two people pass it.
    office.act_as(li)
    apply(office, mine)
    case = ledger.work(mine).registration
    office.act_as(zhao)
    for words in ("开始核查", "予以受理", "开始审查"):
        step(office, case, words)
    step(office, case, "全网查重")
    step(office, case, "写比对意见", opinion(office, "prior", "本件存证在先"))
    step(office, case, "初审通过", office.fill(opinion="符合登记要求"))
    office.go("copyright/queue")
    assert case not in {one["id"] for one in office.page.kit.waiting()}, "who passed it does not review it"
    office.act_as(qian, "registrar")
    step(office, case, "复审通过", office.fill(opinion="同意"))
    assert ledger.registration(case).state == "APPROVED"


def _cells(row: Any) -> Any:
    from apps.copyright.ui.queue import _cells

    return _cells(row)


def test_an_opinion_is_chosen_by_keyboard_too(office: Any) -> None:
    """The list of works found is one of rows that take Space and Enter, as everywhere."""
    from apps.copyright.model import Similar
    from apps.copyright.ui.compare import ScoreList

    chosen: list[str] = []
    scores = ScoreList([Similar(f"CZ{n}", f"作品 {n}", "image", 0.9, "10/256") for n in range(3)])
    scores.chosen.connect(lambda one: chosen.append(one.work_id))
    office.bot.addWidget(scores)
    scores.show()
    office.bot.keyClick(scores.rows[1], Qt.Key.Key_Space)
    office.bot.keyClick(scores.rows[2], Qt.Key.Key_Return)
    assert chosen == ["CZ1", "CZ2"]
