"""The dialog of every act: what it means, who signs, its fields, and the act itself as a job that reports here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from console.appkit.editors import Invalid
from console.i18n import say, tr
from console.widgets.basic import Label, hbox
from console.widgets.card import Scroll
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form
from network.text import Text

if TYPE_CHECKING:
    from console.page import Page
    from network.errors import CityChainError

CHROME = 330
"""What a dialog's title, sentence, signer and buttons take of the screen's height, in pixels, with some air."""
Run = Callable[..., Any]


class ActDialog(Dialog):
    """`collect()` turns the form into what `run(values, ctx=…)` takes; `Invalid` marks a field instead.

    A refusal by the ledger is shown here with the form still filled in, at its field if it names one; when the act is
    done the dialog closes and the page tells `said`.
    """

    def __init__(
        self,
        page: Page,
        title: str,
        text: str = "",
        *,
        accept: str,
        run: Run,
        said: str,
        collect: Callable[[], Any] = dict,
        signer: str = "",
        form: Form | None = None,
        extra: QWidget | None = None,
        danger: bool = False,
        done: Callable[[Any], object] | None = None,
        width: int = 560,
        job: Text | None = None,
    ) -> None:
        super().__init__(page, title, text, accept=accept, width=width)
        self.page, self.form = page, form
        self._run, self._collect, self._said, self._then = run, collect, said, done
        self._job = job or Text(title, title)
        if danger:
            self.accept_button.set_kind("danger")
        if form is not None:
            room = min(page.window().height() + 80, self.screen().availableGeometry().height()) - CHROME
            if form.sizeHint().height() + (extra.sizeHint().height() + 40 if extra else 0) > 420:
                scroll = Scroll((0, 0, 14, 0), spacing=12)
                scroll.column.addWidget(form)
                if extra is not None:
                    scroll.column.addWidget(extra)
                scroll.column.addStretch(1)
                scroll.setMinimumHeight(max(300, min(room, 540)))
                self.body.addWidget(scroll)
            else:
                self.body.addWidget(form)
                if extra is not None:
                    self.body.addWidget(extra)
            self.watch(form)
        elif extra is not None:
            self.body.addWidget(extra)
        if signer:
            row = hbox(spacing=6)
            row.addWidget(Label(tr("以此身份签名："), "caption", "text2"))
            row.addWidget(Label(signer, "caption"))
            row.addStretch(1)
            self.body.addLayout(row)
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self.submit)

    def submit(self) -> None:
        """Do the act as a job of its network."""
        try:
            values = self._collect()
        except Invalid as wrong:
            wrong.field.set_error(wrong.text)
            wrong.field.editor.setFocus()
            return
        self.banner.hide()
        self.accept_button.setEnabled(False)

        def finished(result: Any) -> None:
            self.done(1)
            self.page.context.notice(self._said)
            if self._then is not None:
                self._then(result)
            self.page.refresh()

        def failed(error: Any) -> None:
            self.accept_button.setEnabled(True)
            self.show_error(error)

        view = self.page.context.job(
            self._run,
            values,
            title=self._job,
            network=self.page.context.network,
            done=finished,
            failed=failed,
        )
        view.cancelled.connect(lambda: self.accept_button.setEnabled(True))

    def show_error(self, error: CityChainError) -> None:
        """Show a refusal at the field that it names, else above the form."""
        name = str(error.details.get("field", ""))
        field = self.form.fields.get(name) if self.form is not None and name else None
        if field is None:
            super().show_error(error)
            return
        field.set_error(say(error.details.get("reason") or error.message))
        field.editor.setFocus()
