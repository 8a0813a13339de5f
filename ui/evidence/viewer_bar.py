"""The line above a record: where it is among its case's, how close it is looked at, and what can be done with it."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui import a11y
from ui.conversation.buttons import flat_button
from ui.conversation.pieces import StateLine
from ui.evidence.viewer_presenter import Seen
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import label
from workstation.kernel.i18n import _


class ViewerBar(QWidget):
    """Buttons of the viewer; the window knows what they do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.before = flat_button("‹", _("Record before (Page up)"))
        self.after = flat_button("›", _("Next record (Page down)"))
        self.away = flat_button("−", _("Farther away (−)"))
        self.closer = flat_button("+", _("Closer (+)"))
        self.fit = flat_button(_("Fit"), _("Fit the window (0)"))
        self.actual = flat_button("100 %", _("A pixel is a pixel (1)"))
        self.double = flat_button("200 %", _("A pixel is two by two (2)"))
        self.beside = flat_button(_("Compare (D)"), _("Compare with another picture"))
        self.mark = flat_button(_("Mark, redact (E)"), _("Mark or redact; kept as a copy"))
        self.copy = flat_button(_("Copy picture"), _("Copy the picture to the clipboard (Ctrl+C)"))
        self.source = flat_button(_("As sealed (U)"), _("The text byte for byte, or as it reads"))
        self.hash = flat_button(_("Copy hash (H)"), _("Copy the file's SHA-256"))
        self.facts = flat_button(_("What it says (I)"), _("Show what the record says of itself"))
        self.facts.setCheckable(True)
        self.facts.setChecked(True)
        self._place, self._zoom = label(role="quiet"), label(role="quiet")
        for part in (self._place, self._zoom):
            part.setMinimumHeight(self.fit.sizeHint().height())   # a line of words and buttons stands on one base
        self._state = StateLine()
        self._kept: tuple[str, str] | None = None
        self._lay_out()

    @property
    def said(self) -> str:
        return self._state.text

    def stops(self) -> list[QPushButton]:
        return [*self._walk, *self._pictures, self.source, self.hash, self.facts]

    def say(self, state: str, sentence: str) -> None:
        """A line below the buttons, spoken too."""
        self._state.say(state, sentence)
        a11y.announce(self, sentence)

    def keep(self, state: str, sentence: str) -> None:
        """Say it, and say it of the record that is shown next."""
        self._kept = (state, sentence)
        self.say(state, sentence)

    def clear(self) -> None:
        self._state.say("pass", "")

    def show_place(self, at: int, count: int) -> None:
        """Which record of how many."""
        known = at >= 0 and count > 1
        self._place.setText(_("{n} of {all}").format(n=at + 1, all=count) if known else "")
        for button in self._walk:
            button.setEnabled(count > 1)

    def show_record(self, seen: Seen) -> None:
        """The buttons that a record of this kind has."""
        picture = bool(seen.levels)
        for part in (*self._pictures, self._zoom):
            part.setVisible(picture)
        self.source.setVisible(seen.look is not None and bool(seen.look.text))
        if self._kept is not None:
            self._state.say(*self._kept)
            self._kept = None

    def show_zoom(self, zoom: float) -> None:
        """0: nothing that could be zoomed."""
        self._zoom.setText(_("{n} %").format(n=round(zoom * 100)) if zoom else "")

    def set_tools(self, on: bool) -> None:
        """While two are compared the picture's own buttons rest."""
        for part in (*self._pictures, self._zoom, self.facts):
            part.setVisible(on)

    def _lay_out(self) -> None:
        self._walk = (self.before, self.after)
        self._pictures = (self.away, self.closer, self.fit, self.actual, self.double, self.beside, self.mark, self.copy)
        row = FlowLayout()
        for part in (*self._walk, self._place, self.away, self.closer, self._zoom, *self._pictures[2:], self.source,
                     self.hash, self.facts):
            if isinstance(part, QPushButton):
                part.setAutoDefault(False)
            row.addWidget(part)
        self.source.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 4)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self._state)
