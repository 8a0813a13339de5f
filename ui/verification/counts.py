"""How many checks passed, warn, failed and stay unknown: a mark and a number each, unknown as plain as the rest."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ui.widgets.labels import label
from ui.widgets.marks import Mark, word
from workstation.kernel.i18n import _
from workstation.verification.model import Panel, Verdict

_ORDER = (Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.UNKNOWN)


class Counts(QWidget):
    """ "5 ✓ 1 ! 1 ?" in drawn marks; zero is left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._pairs: dict[Verdict, tuple[QLabel, Mark]] = {}
        for verdict in _ORDER:
            number, mark = label(), Mark(verdict.value)
            layout.addWidget(number)
            layout.addWidget(mark)
            layout.addSpacing(4)
            self._pairs[verdict] = number, mark
        self.show_panel(None)

    def show_panel(self, panel: Panel | None) -> None:
        words = []
        for verdict, (number, mark) in self._pairs.items():
            count = panel.count(verdict) if panel else 0
            number.setText(str(count))
            number.setVisible(count > 0)
            mark.setVisible(count > 0)
            if count:
                words.append(f"{count} {word(verdict.value)}")
        self.setAccessibleName(_("Checks: {counts}").format(counts=", ".join(words) or _("none")))

    @property
    def text(self) -> str:
        return self.accessibleName()
