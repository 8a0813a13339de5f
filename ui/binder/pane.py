"""The left side of the binder: the exhibits, what is done to the chosen ones, and how more of them come in."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLayout,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.binder import words
from ui.binder.exhibits import ExhibitList
from ui.binder.list_model import ExhibitModel, Row
from ui.binder.presenter import BinderPresenter
from ui.conversation.buttons import WrapLabel, flat_button
from ui.theme import icons, theme
from ui.widgets.choice import Choice
from ui.widgets.empty import EmptyState
from ui.widgets.labels import ElidedLabel, label, rule
from ui.widgets.timetext import number
from workstation.evidence.claims.model import CORRESPONDENCE, Exhibit
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _


class ExhibitsPane(QWidget):
    """Follows the presenter. The signals ask for what more comes in with."""

    files_wanted = Signal()
    paste_wanted = Signal()
    keep_wanted = Signal()
    capture_wanted = Signal()
    translation_wanted = Signal(object)
    """An Exhibit whose translation is to be written."""

    def __init__(self, presenter: BinderPresenter, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._clock = presenter, clock
        self.model = ExhibitModel(self)
        self._rows = words.Rows()
        self.list = ExhibitList(self.model)
        self.empty = EmptyState()
        self.hint = WrapLabel("", "quiet")
        self.menu: QMenu | None = None
        self._count = ElidedLabel(role="caption")
        self.add = QPushButton(_("Add…"))
        self.undo, self.redo, self.up, self.down = QToolButton(), QToolButton(), QToolButton(), QToolButton()
        self.included = QCheckBox(_("In the pack"))
        self.slots = Choice(_("Stands for"))
        self.caption = flat_button(_("Caption"), _("Write the exhibit's caption (F2)"))
        self.open_button = flat_button(_("Open"), _("Open the exhibit (Enter)"))
        self.translation = flat_button(_("Translation…"), _("Say what the exhibit says in another language"))
        self._details = QWidget()
        self.setFocusProxy(self.list)
        self._lay_out()
        self._wire()
        self._on_theme()
        self._show()

    # what others call

    def show_exhibits(self, ids: tuple[str, ...]) -> None:
        """Go to the first of these that is there."""
        known = next((one for one in ids if self.model.position(one) >= 0), "")
        self.list.choose(known)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # building

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 8)
        head.setSpacing(4)
        head.addWidget(label(_("Exhibits"), "title"))
        head.addWidget(self._count, 1)
        for button in (self.up, self.down, self.undo, self.redo, self.add):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            head.addWidget(button)
        self.hint.setContentsMargins(12, 8, 12, 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(rule())
        column.addWidget(self.hint)
        column.addWidget(self.list, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(rule())
        self._details.setLayout(self._detail_row())
        column.addWidget(self._details)

    def _detail_row(self) -> QLayout:
        self.slots.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.slots.setMinimumContentsLength(10)
        first, second, both = QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        first.addWidget(label(_("Stands for"), "caption"))
        first.addWidget(self.slots, 1)
        for widget in (self.included, self.caption, self.translation, self.open_button):
            second.addWidget(widget)
        second.addStretch(1)
        both.setContentsMargins(12, 8, 12, 8)
        both.setSpacing(4)
        both.addLayout(first)
        both.addLayout(second)
        return both

    def _wire(self) -> None:
        presenter, rows = self._presenter, self.list
        presenter.changed.connect(self._show)
        presenter.pictured.connect(self._on_pictured)
        self.model.wanted.connect(presenter.picture)
        self.model.moved.connect(presenter.drop)
        self.model.captioned.connect(presenter.caption)
        rows.opened.connect(self._on_opened)
        rows.shifted.connect(self._on_shifted)
        rows.toggled.connect(self._on_toggled)
        rows.dropped.connect(self._on_left_out)
        rows.chosen.connect(self._show_details)
        rows.menu_asked.connect(self._on_menu)
        self.add.clicked.connect(self._on_add)
        self.undo.clicked.connect(presenter.undo)
        self.redo.clicked.connect(presenter.redo)
        self.up.clicked.connect(partial(self._on_shifted, -1))
        self.down.clicked.connect(partial(self._on_shifted, 1))
        self.included.clicked.connect(self._on_toggled)
        self.slots.activated.connect(self._on_slot)
        self.caption.clicked.connect(rows.edit_caption)
        self.open_button.clicked.connect(self._on_open)
        self.translation.clicked.connect(self._on_translation)
        theme().changed.connect(self._on_theme)

    # showing

    def _show(self) -> None:
        presenter = self._presenter
        rows = self.list
        rows.remember()
        records = presenter.loaded.records if presenter.loaded is not None else {}
        self.model.show(self._rows.of(presenter.exhibits, records, presenter.reason, self._clock.now()))
        rows.restore()
        if presenter.exhibits and not rows.currentIndex().isValid():
            rows.setCurrentIndex(self.model.index(0))
        self._show_empty()
        self._show_steps()
        self._show_details()

    def _show_empty(self) -> None:
        presenter = self._presenter
        kept = [one for one in presenter.exhibits if one.record_id != CORRESPONDENCE]
        self.list.setVisible(bool(presenter.exhibits))
        self.empty.setVisible(not presenter.exhibits)
        self.hint.setVisible(bool(presenter.exhibits) and not kept)
        self.hint.setText(_(
            "No exhibits yet. Capture what proves your side, add files, or keep what the buyer sent."))
        if presenter.problem is not None:
            self.empty.show_state(str(presenter.problem), _("Try again"), presenter.reload, icon="alert", tone="error")
        elif presenter.loaded is None:
            self.empty.show_state(_("Reading the binder…"), icon="binder")
        else:
            self.empty.show_state(self.hint.text(), _("Keep from the messages…"), self.keep_wanted.emit, icon="binder")
        n = sum(one.included for one in presenter.exhibits)
        said = _("{n} of {all} in the pack").format(n=number(n), all=number(len(presenter.exhibits)))
        self._count.set_full_text(said if presenter.exhibits else "")

    def _show_steps(self) -> None:
        presenter = self._presenter
        undo = _("Undo: {what}").format(what=presenter.undo_words()) if presenter.undo_words() else _("Undo")
        redo = _("Redo: {what}").format(what=presenter.redo_words()) if presenter.redo_words() else _("Redo")
        for button, text, able in (
            (self.undo, undo, presenter.can_undo), (self.redo, redo, presenter.can_redo),
            (self.up, _("Move up (Alt+Up)"), True), (self.down, _("Move down (Alt+Down)"), True),
        ):
            button.setAccessibleName(text)
            button.setToolTip(text)
            button.setEnabled(able and bool(presenter.exhibits))

    @Slot()
    def _show_details(self) -> None:
        """What can be done to the chosen exhibits; of several the current one says how it stands."""
        row = self.list.current()
        exhibit = self._current()
        self._details.setVisible(row is not None)
        if row is None or exhibit is None:
            return
        titles = {"": _("Propose one"), **words.slots(self._presenter.reason)}
        if [self.slots.itemData(at) for at in range(self.slots.count())] != list(titles):
            self.slots.clear()
            for slot, title in titles.items():
                self.slots.addItem(title, slot)
        at = self.slots.findData("" if exhibit.proposed else exhibit.slot)
        self.slots.setCurrentIndex(max(0, at))
        self.slots.setEnabled(len(titles) > 1)
        self.included.setChecked(row.included)
        record = exhibit.record_id != CORRESPONDENCE
        self.open_button.setEnabled(record and not row.erased)
        self.translation.setEnabled(record)

    def _current(self) -> Exhibit | None:
        row = self.list.current()
        return next((one for one in self._presenter.exhibits if row is not None and one.record_id == row.id), None)

    # what a person does

    def _on_opened(self, row: Row) -> None:
        self._presenter.open(row.id)

    def _on_open(self) -> None:
        row = self.list.current()
        if row is not None:
            self._presenter.open(row.id)

    def _on_translation(self) -> None:
        exhibit = self._current()
        if exhibit is not None and exhibit.record_id != CORRESPONDENCE:
            self.translation_wanted.emit(exhibit)

    def _on_shifted(self, step: int, _checked: bool = False) -> None:
        self._presenter.shift(self.list.ids(), step)
        self.list.scrollTo(self.list.currentIndex())

    def _on_toggled(self, *_what: object) -> None:
        self._presenter.toggle(self.list.ids())

    def _on_left_out(self) -> None:
        self._presenter.include(self.list.ids(), False)

    def _on_slot(self, at: int) -> None:
        self._presenter.assign(self.list.ids(), str(self.slots.itemData(at)))

    def _on_add(self) -> None:
        self._popup(self._fill_adding(QMenu(self)), self.add.mapToGlobal(QPoint(0, self.add.height())))

    def _fill_adding(self, menu: QMenu) -> QMenu:
        menu.setAccessibleName(_("Add…"))
        for text, wanted in ((_("Add files…"), self.files_wanted), (_("Paste"), self.paste_wanted),
                             (_("Keep from the messages…"), self.keep_wanted),
                             (_("Capture a region"), self.capture_wanted)):
            menu.addAction(text).triggered.connect(wanted)
        return menu

    def _on_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        row = self.list.current()
        if row is not None:
            for text, slot in (
                (_("Open"), self._on_open), (_("Write the caption"), self.list.edit_caption),
                (_("Translation…"), self._on_translation),
                (_("Leave out") if row.included else _("Include"), self._on_toggled),
                (_("Move up"), partial(self._on_shifted, -1)), (_("Move down"), partial(self._on_shifted, 1)),
            ):
                menu.addAction(text).triggered.connect(slot)
            menu.addSeparator()
        self._popup(self._fill_adding(menu), place)

    def _popup(self, menu: QMenu, place: QPoint) -> None:
        self.menu = menu
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    @Slot(str, object)
    def _on_pictured(self, record_id: str, png: bytes) -> None:
        picture = QPixmap()
        if png:
            picture.loadFromData(png)
        self.model.show_picture(record_id, picture)

    def _on_theme(self) -> None:
        for button, name in ((self.undo, "undo"), (self.redo, "redo"), (self.up, "chevron-up"),
                             (self.down, "chevron-down")):
            button.setIcon(icons.icon(name))
