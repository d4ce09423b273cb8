"""The choice of a campus above lists: there only for hospitals that have several places."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtWidgets import QComboBox

from apps.health_slots.ui.phrases import tr


class CampusBox(QComboBox):
    """Names of campuses, the first entry all of them; what was chosen stays while it is among them."""

    def __init__(self, changed: Callable[[], object]) -> None:
        super().__init__()
        self.setFixedHeight(28)
        self.setMinimumWidth(104)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setAccessibleName(tr("院区"))
        self.hide()
        self.currentIndexChanged.connect(lambda index: changed())

    @property
    def name(self) -> str:
        """The campus that is chosen, "" for all."""
        return str(self.currentData() or "")

    def offer(self, names: Iterable[str]) -> None:
        """Offer these campuses; without any the choice goes away."""
        offered, chosen = sorted(set(names) - {""}), self.name
        self.blockSignals(True)
        self.clear()
        self.addItem(tr("全部院区"), "")
        for name in offered:
            self.addItem(name, name)
        self.setCurrentIndex(max(0, self.findData(chosen)))
        self.blockSignals(False)
        self.setVisible(bool(offered))
