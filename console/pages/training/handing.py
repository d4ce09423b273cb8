"""Handing a finished path in, and the assessor's look at what was handed in, with the credential that follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.labs import handing_in
from apps.labs.lab import CoursePath, lab_of
from apps.labs.service import Training
from console.appkit.act_dialog import carry_out
from console.i18n import say, tr
from console.widgets.dialogs import Dialog
from console.widgets.facts import Facts
from console.widgets.forms import Form, choice_field, date_field, pick_files, save_file, text_field, today_in_china
from fabric_sdk.files import replace_file
from network.text import Text

if TYPE_CHECKING:
    from console.pages.training.page import TrainingPage

PATTERN = "ZIP (*.zip)"
YEARS = 3
"""How long a credential is valid unless the assessor says otherwise."""


def hand_in(page: TrainingPage, ready: Sequence[CoursePath]) -> Dialog:
    """Ask for the path and the name, then for the file; whoever acts on the network signs it."""
    dialog = Dialog(
        page,
        tr("提交实训"),
        tr("写成一个文件，交给考核人。其中有您的姓名、通过的记录和各项实训的区块。"),
        accept=tr("保存提交文件…"),
    )
    form = Form()
    form.add("path", choice_field(tr("路径"), [(one, say(one.title)) for one in ready]))
    form.add("name", text_field(tr("姓名"), hint=tr("写进凭证"), required=True))
    dialog.body.addWidget(form)
    dialog.watch(form)

    def write() -> None:
        path: CoursePath = form["path"]
        name = form["name"].strip()
        target = save_file(dialog, tr("保存提交文件"), f"{path.id}-{name}.zip", PATTERN)
        if not target:
            return
        platform, network = page.context.platform, page.context.network

        def run(*, ctx: Any) -> None:
            training = Training(platform)
            with _written(target) as file:
                handing_in.write(platform, training, path, name, file, network=network, ctx=ctx)

        said = tr("已写出，请把 {f} 交给考核人").format(f=Path(target).name)
        carry_out(page, dialog, run, Text("写出提交文件", "Write what is handed in"), said)

    dialog.carry = write
    dialog.open()
    return dialog


def assess(page: TrainingPage) -> None:
    """Check a file that a learner handed in, and show what was found."""
    chosen = pick_files(page, tr("选择学员提交的文件"), PATTERN)
    if not chosen:
        return
    source = Path(chosen[0])
    platform, network = page.context.platform, page.context.network

    def run(*, ctx: Any) -> tuple[handing_in.Assessed, str]:
        return handing_in.assess(platform, source, network=network, ctx=ctx), handing_in.assessor(platform, network)

    def done(found: tuple[handing_in.Assessed, str]) -> None:
        issue(page, source, *found)

    page.banner.hide()
    page.context.job(run, title=Text("考核", "Assess"), done=done, failed=page.banner.show_error)


def issue(page: TrainingPage, source: Path, found: handing_in.Assessed, signer: str) -> Dialog:
    """Show what holds, and issue the credential on the assessor's word."""
    dialog = Dialog(
        page,
        tr("考核结果"),
        tr("每一笔交易的签名、每一项检查都在这里重新核对过。坐在键盘前的是不是本人，文件说明不了。"),
        accept=tr("签发凭证…"),
        signs=page.signs(signer),
    )
    facts = Facts(110)
    facts.add(tr("姓名"), found.name)
    facts.add(tr("签名人"), found.party)
    facts.add(tr("路径"), say(found.path.title))
    facts.add(tr("技能"), f"{say(found.path.skill)} · {say(found.path.level)}")
    facts.add(tr("核对无误"), tr("、").join(say(lab_of(one).title) for one in found.labs))
    dialog.body.addWidget(facts)
    form = Form(2)
    until = form.add("until", date_field(tr("凭证有效期至"), required=True))
    until.set_value(today_in_china().addYears(YEARS).toString("yyyy-MM-dd"))
    dialog.body.addWidget(form)
    dialog.watch(form)

    def sign() -> None:
        target = save_file(dialog, tr("保存凭证文件"), f"{found.name}-{tr('凭证')}.json", "JSON (*.json)")
        if not target:
            return
        platform, network, day = page.context.platform, page.context.network, form["until"]

        def run(*, ctx: Any) -> None:
            with _written(target) as file:
                handing_in.assess(platform, source, network=network, until=day, target=file, ctx=ctx)

        said = tr("凭证已签发，请把 {f} 交给 {n}").format(f=Path(target).name, n=found.name)
        carry_out(page, dialog, run, Text("签发凭证", "Issue the credential"), said)

    dialog.carry = sign
    dialog.open()
    return dialog


@contextmanager
def _written(target: str) -> Iterator[Path]:
    """A file that takes the place of `target`, about which the person was asked, when all went well."""
    part = Path(f"{target}.part")
    part.unlink(missing_ok=True)
    try:
        yield part
        replace_file(part, Path(target))
    finally:
        part.unlink(missing_ok=True)
