"""The first line of a message: who, when, which languages, and how else it can be read."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton

from ui.conversation import words
from ui.theme import fonts, icons
from ui.widgets.labels import ElidedLabel, chip, label
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
        who = ElidedLabel(message.author.shown)
        who.setFont(fonts.font(bold=True))
        who.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        when = label(words.local_time(message.at, clock.now()), "caption")
        when.setToolTip(words.full_time(message.at))
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(6)
        self.addWidget(who)
        self.addWidget(when)
        if message.direction is Direction.NOTE:
            self.addWidget(chip(_("note"), tip=_("Only your team sees this")))
        self.addStretch(1)
        if message.html:
            self.look = _icon_button("eye")
            self.look.clicked.connect(self.look_chosen)
            self.addWidget(self.look)

    def show_pair(self, message: MessageView, translation: TranslationView | None) -> None:
        """ "pt → en" for a translated message, "ja" for one that is not."""
        if not translation and not (message.language and message.direction is Direction.IN):
            return
        if self.pair is None:
            self.pair = chip("")
            self.insertWidget(2, self.pair)
        if translation:
            ends = (message.language, translation.language)
            self.pair.setText(words.pair(*ends))
            self.pair.setToolTip(words.pair_names(*ends))
        else:
            self.pair.setText(message.language)
            self.pair.setToolTip(words.language_name(message.language))

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
