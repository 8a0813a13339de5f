"""The first line of a message: who, when, which languages, and how else it can be read."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton

from ui.conversation import words
from ui.theme import fonts, icons
from ui.widgets.labels import ElidedLabel, chip, label
from workstation.domain import wording
from workstation.domain.conversation import Direction
from workstation.inbox.model import MessageView, TranslationView
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _


class Head(QHBoxLayout):
    """A row of a bubble. Its chip and buttons are made when they are needed."""

    swap_chosen = Signal()
    look_chosen = Signal()

    def __init__(self, message: MessageView, clock: Clock) -> None:
        super().__init__()
        self.pair: QLabel | None = None
        self.swap: QToolButton | None = None
        self.look: QToolButton | None = None
        self._note: QLabel | None = None
        self._clock = clock
        self._who = ElidedLabel()
        self._who.setFont(fonts.font(bold=True))
        self._who.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._when = label("", "caption")
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(6)
        self.addWidget(self._who)
        self.addWidget(self._when)
        self.addStretch(1)
        self.show_message(message)

    def show_message(self, message: MessageView) -> None:
        """Who wrote when; another message than before, or the first."""
        who = words.who(message.author, message.direction)
        if self._who.full_text != " ".join(who.split()) or not message.author.shown:
            self._who.set_full_text(who)
            self._who.updateGeometry()
        self._when.setText(words.local_time(message.at, self._clock.now()))
        self._when.setToolTip(words.full_time(message.at))
        note = message.direction is Direction.NOTE
        if note and self._note is None:
            self._note = chip(_("note"), tip=_("Only your team sees this"))
            self.insertWidget(2, self._note)
        if self._note is not None:
            self._note.setVisible(note)
        if message.html and self.look is None:
            self.look = _icon_button("eye")
            self.look.clicked.connect(self.look_chosen)
            self.addWidget(self.look)
        if self.look is not None:
            self.look.setVisible(bool(message.html))
        if self.swap is not None:
            self.swap.hide()
        if self.pair is not None:
            self.pair.hide()

    def show_pair(self, message: MessageView, translation: TranslationView | None) -> None:
        """ "pt → en" for a translated message, "ja" for one that is not."""
        if not translation and not (message.language and message.direction is Direction.IN):
            return
        if self.pair is None:
            self.pair = chip("")
            self.insertWidget(2, self.pair)
        self.pair.show()
        if translation:
            ends = (message.language, translation.language)
            self.pair.setText(words.pair(*ends))
            self.pair.setToolTip(words.pair_names(*ends))
        else:
            self.pair.setText(message.language)
            self.pair.setToolTip(wording.language_name(message.language))

    def repaint_icons(self) -> None:
        """The colours changed."""
        for button, name in ((self.swap, "translate"), (self.look, "eye")):
            if button:
                button.setIcon(icons.icon(name))

    def show_choices(self, can_swap: bool, original: bool, plain: bool) -> None:
        """Which other way of reading the buttons offer now."""
        if can_swap and self.swap is None:
            self.swap = _icon_button("translate")
            self.swap.clicked.connect(self.swap_chosen)
            self.insertWidget(self.count() - (1 if self.look else 0), self.swap)
        if self.swap:
            self.swap.setVisible(can_swap)
            _say(self.swap, _("Show the translation") if original else _("Show the original"), original)
        if self.look:
            _say(self.look, _("Show the mail as it was laid out") if plain else _("Show the plain text"), not plain)


def _icon_button(name: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icons.icon(name))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setCheckable(True)
    return button


def _say(button: QToolButton, text: str, pressed: bool) -> None:
    button.setAccessibleName(text)
    button.setToolTip(text)
    button.setChecked(pressed)
