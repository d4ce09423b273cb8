"""时间戳机构: which authority stamps deposits, with its root certificates; what it has stamped and still owes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright.ui.terms import tr
from console.widgets.basic import Button, Label
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, pick_files, text_field
from console.widgets.states import Note
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage


class StampDialog(Dialog):
    """The authority's address and roots; an empty address means none."""

    def __init__(self, page: CopyrightPage) -> None:
        super().__init__(
            page,
            tr("时间戳机构"),
            tr("存证时和每天各取一个可信时间戳。"),
            accept=tr("保存"),
            signs=page.context.signs(),
        )
        service = page.service
        assert service is not None
        stamps = service.stamps
        authority = stamps.authority
        self.form = Form(1)
        self.url = self.form.add("url", text_field(tr("地址（RFC 3161，留空则不用）"), placeholder="https://"))
        self.url.set_value(authority.url)
        self.body.addWidget(self.form)
        self.roots: bytes | None = None
        self.said = Label(tr("根证书 {n} 张").format(n=len(authority.roots)), "caption", "text2")
        self.body.addWidget(self.said)
        self.body.addWidget(Button(tr("选择根证书（PEM）…"), self.choose))
        owed = len(stamps.wanted)
        words = tr("已取 {n} 个时间戳，欠 {o} 个。").format(n=len(stamps.blocks), o=owed)
        self.body.addWidget(Note(words))

    def choose(self) -> None:
        """Pick the roots' file; it is looked at before it is kept."""
        from apps.copyright.proof import load_roots

        for name in pick_files(self, tr("选择时间戳机构的根证书（PEM）"), "PEM (*.pem *.crt)"):
            found = load_roots(Path(name))
            self.roots = Path(name).read_bytes()
            self.said.setText(tr("根证书 {n} 张").format(n=len(found)))


def ask_authority(page: CopyrightPage) -> None:
    """Ask for the authority, keep it, and take what is due."""
    dialog = StampDialog(page)
    if not dialog.exec():
        return
    service = page.service
    assert service is not None
    url, roots = str(dialog.form["url"]).strip(), dialog.roots

    def keep(*, ctx: Any) -> int:
        ctx.step("timestamp", Text("申请可信时间戳", "Ask for a time-stamp"))
        service.stamps.choose(url, roots)
        return len(service.stamp_due())

    page.context.job(
        keep,
        title=Text("设置时间戳机构", "Set the time-stamp authority"),
        done=lambda count: page.context.notice(tr("已保存，取得 {n} 个时间戳").format(n=count)),
        failed=page.banner.show_error,
    )
