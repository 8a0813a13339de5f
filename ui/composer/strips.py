"""The small rows of the composer: what was kept, which files go along, what stops the send, whose draft is newer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from ui.conversation.buttons import ElidedButton, flat_button
from ui.widgets.labels import ElidedLabel, label, plain_tip
from ui.widgets.marks import Mark
from ui.widgets.timetext import size
from workstation.drafts.model import DraftFile
from workstation.kernel.i18n import _, ngettext

ROW = 24
"""Height of a row in pixels. Rows never change height, so that the text above them never moves."""


class KeptLine(QFrame):
    """ "✓ 3 of 3 items kept", or what was lost and whether it may go out so."""

    accepted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(ROW)
        self._mark = Mark("pass")
        self._text = ElidedLabel()
        self._accept = QCheckBox(_("Send anyway"))
        self._accept.setAccessibleName(_("Send although these items were lost"))
        self._accept.toggled.connect(self.accepted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._mark)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._accept)
        self.show_items((), (), False)

    @property
    def text(self) -> str:
        return self._text.full_text

    def show_items(self, items: Sequence[str], lost: Sequence[str], accepted: bool) -> None:
        """`items` had to survive, `lost` did not."""
        known = bool(items or lost)
        for widget in (self._mark, self._text):
            widget.setVisible(known)
        self._mark.set_state("fail" if lost else "pass")
        self._text.set_full_text(_lost(lost) if lost else _kept(len(items)))
        self._text.setToolTip(plain_tip("\n".join(items)))
        self._accept.setVisible(bool(lost))
        self._accept.blockSignals(True)
        self._accept.setChecked(accepted)
        self._accept.blockSignals(False)

    def focus_toggle(self) -> None:
        self._accept.setFocus(Qt.FocusReason.ShortcutFocusReason)


class FilesRow(QFrame):
    """The files that go along, each with its size and a way to leave it out."""

    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[DraftFile, ...] = ()
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addStretch(1)
        self.setFixedHeight(ROW)
        self.hide()

    def show_files(self, files: tuple[DraftFile, ...]) -> None:
        if files == self._shown:
            return
        self._shown = files
        while self._layout.count() > 1:
            item = self._layout.takeAt(0)
            if item and (widget := item.widget()):
                widget.hide()
                widget.deleteLater()
        for position, file in enumerate(files):
            self._layout.insertWidget(position, self._chip(file))
        self.setVisible(bool(files))

    def _chip(self, file: DraftFile) -> QPushButton:
        kind = _("exhibit") if file.record_id else size(file.size)
        text = f"{_short(file.name)} · {kind}  ✕"
        button = flat_button(text, _("Leave out {name}").format(name=file.name))
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        button.clicked.connect(partial(self.removed.emit, file.id))
        return button


class BlockersLine(QFrame):
    """What stops the send, as a button that jumps to its place, and on to the next reason each time it is used."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reasons: tuple[str, ...] = ()
        self._at = 0
        self._key = ""
        self._mark = Mark("warn")
        self._button = ElidedButton()
        self._button.setAccessibleName(_("What stops the send"))
        self._button.clicked.connect(self._on_clicked)
        self._state = ElidedLabel(role="caption")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._mark)
        layout.addWidget(self._button)
        layout.addWidget(self._state, 1)
        layout.addStretch(0)
        self.show_reasons((), "")

    @property
    def text(self) -> str:
        return self._button.full_text if self.reasons else self._state.full_text

    def show_reasons(self, reasons: tuple[str, ...], state: str, key: str = "") -> None:
        """`state` ("Saved") is shown when nothing stops the send."""
        if reasons != self.reasons:
            self._at = 0
        self.reasons, self._key = reasons, key
        blocked = bool(reasons)
        self._mark.setVisible(blocked)
        self._button.setVisible(blocked)
        self._state.setVisible(not blocked)
        self._state.set_full_text(state)
        self._name()

    def jump(self) -> None:
        """Go to what stops the send; again: to the next such thing."""
        if self.reasons:
            reason = self.reasons[self._at]
            self._at = (self._at + 1) % len(self.reasons)
            self.chosen.emit(reason)
            self._name(reason)

    def _name(self, reason: str = "") -> None:
        if not self.reasons:
            return
        more = len(self.reasons) - 1
        suffix = ngettext("  (and {n} more)", "  (and {n} more)", more).format(n=more) if more else ""
        self._button.set_full_text((reason or self.reasons[self._at]) + suffix)
        self._button.setAccessibleName(" ".join(self.reasons))
        self._button.setToolTip("\n".join((*self.reasons, self._key) if self._key else self.reasons))

    def _on_clicked(self) -> None:
        self.jump()


class ConflictBar(QFrame):
    """A draft was changed elsewhere: both are kept, a person chooses."""

    theirs = Signal()
    mine = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sunken")
        self._show = flat_button(_("Show that one"))
        self._keep = flat_button(_("Keep mine"))
        self._show.clicked.connect(self.theirs)
        self._keep.clicked.connect(self.mine)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.addWidget(Mark("warn"))
        layout.addWidget(label(_("This draft was changed elsewhere. Yours is untouched."), wrap=True), 1)
        layout.addWidget(self._show)
        layout.addWidget(self._keep)
        self.hide()


def _kept(n: int) -> str:
    return ngettext("{n} of {n} item kept", "{n} of {n} items kept", n).format(n=n)


def _lost(lost: Sequence[str]) -> str:
    return _("Lost: {items}").format(items=", ".join(lost))


def _short(name: str) -> str:
    return name if len(name) <= 28 else f"{name[:18]}…{name[-9:]}"
