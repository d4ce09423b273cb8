"""The dialog of every act: what it means, who signs, its fields, and the act itself as a job that reports here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from console.appkit.editors import Invalid
from console.widgets.card import Scroll
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form
from network.text import Text

if TYPE_CHECKING:
    from console.page import Page
    from console.signing import Signing
    from network.errors import CityChainError

CHROME = 330
"""What a dialog's title, sentence, signer and buttons take of the screen's height, in pixels, with some air."""
TALLEST = 540
"""What a form that scrolls takes at most, in pixels; one below pictures takes what the screen has."""
Run = Callable[..., Any]


class ActDialog(Dialog):
    """`collect()` turns the form into what `run(values, ctx=…)` takes; `Invalid` marks a field instead.

    `extra` stands below the form, or with `extra_first` above it. A refusal by the ledger is shown here with the form
    still filled in, at its field if it names one; when the act is done the dialog closes and the page tells `said`.
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
        signs: Signing | None = None,
        form: Form | None = None,
        extra: QWidget | None = None,
        extra_first: bool = False,
        danger: bool = False,
        done: Callable[[Any], object] | None = None,
        width: int = 560,
        job: Text | None = None,
        writes: bool = True,
    ) -> None:
        super().__init__(page, title, text, accept=accept, width=width, signs=signs, writes=writes)
        self.page, self.form = page, form
        self._run, self._collect, self._said, self._then = run, collect, said, done
        self._job = job or Text(title, title)
        if danger:
            self.beware()
        if form is not None:
            room = min(page.window().height() + 80, self.screen().availableGeometry().height()) - CHROME
            if form.sizeHint().height() + (extra.sizeHint().height() + 40 if extra else 0) > 420:
                scroll = Scroll((0, 0, 14, 0), spacing=12)
                parts = [form] if extra is None else [extra, form] if extra_first else [form, extra]
                for part in parts:
                    scroll.column.addWidget(part)
                scroll.column.addStretch(1)
                tallest = 820 if extra_first else TALLEST
                scroll.setMinimumHeight(max(300, min(room, tallest)))
                self.body.addWidget(scroll)
            else:
                self.body.addWidget(form)
                if extra is not None:
                    self.body.addWidget(extra)
            self.watch(form)
        elif extra is not None:
            self.body.addWidget(extra)
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self.submit)

    def submit(self) -> None:
        """Do the act as a job of its network."""
        self.clear_error()
        try:
            values = self._collect()
        except Invalid as wrong:
            self._marked = wrong.field
            wrong.field.set_error(wrong.text)
            wrong.field.editor.setFocus()
            return
        carry_out(self.page, self, partial(self._run, values), self._job, self._said, done=self._then)


def carry_out(
    page: Page,
    dialog: Dialog,
    run: Run,
    title: Text,
    said: str,
    *,
    done: Callable[[Any], object] | None = None,
    failed: Callable[[CityChainError], object] | None = None,
) -> None:
    """Do what a dialog asked for as a job of its network: `run(ctx=…)`.

    The dialog closes when it is done, and the page tells `said`; a refusal stands in the dialog, whose form stays
    filled in (above the page if somebody has closed it meanwhile).
    """
    dialog.clear_error()
    dialog.accept_button.setEnabled(False)

    def finished(result: Any) -> None:
        dialog.done(1)
        if said:
            page.context.notice(said)
        if done is not None:
            done(result)
        page.refresh()

    def refused(error: CityChainError) -> None:
        dialog.accept_button.setEnabled(True)
        if failed is not None:
            failed(error)
        if not dialog.isVisible():
            page.banner.show_error(error)
        else:
            dialog.show_error(error)

    view = page.context.job(run, title=title, network=page.context.network, done=finished, failed=refused)
    view.cancelled.connect(lambda: dialog.accept_button.setEnabled(True))
