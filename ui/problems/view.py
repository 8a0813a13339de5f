"""The panel: a heading, the list, and the chosen item in full below it. It stays beside what the person works on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QPushButton,
    QScrollArea,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.bridge import Bridge
from ui.problems import words
from ui.problems.delegate import HEIGHT, ProblemDelegate
from ui.problems.detail import ProblemDetail
from ui.problems.list_model import ProblemModel
from ui.problems.presenter import ProblemsPresenter
from ui.theme import current, icons, theme
from ui.widgets.empty import EmptyState
from ui.widgets.labels import ElidedLabel, rule
from workstation.domain.problem import Problem
from workstation.kernel.actions import BY_CORE, Action
from workstation.kernel.i18n import _


class ProblemsPanel(QFrame):
    """Shows what the presenter holds. `closed` when the person is done with it."""

    closed = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = ProblemsPresenter(bridge, self)
        self.model = ProblemModel(self)
        self.list = QListView()
        self.detail = ProblemDetail()
        self.title = ElidedLabel(role="title")
        self.all = QPushButton(_("Try all again"))
        self.close_button = QToolButton()
        self.empty = EmptyState()
        self._awaiting = False
        self._body = QSplitter(Qt.Orientation.Vertical)
        self._lay_out()
        self.presenter.changed.connect(self._show)
        self.detail.chosen.connect(self._on_chosen)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.list.activated.connect(self._on_activated)
        theme().changed.connect(self._on_theme)
        self._on_theme()
        self._show()
        self.presenter.refresh()

    @property
    def lines(self) -> list[str]:
        """The list as text."""
        return [str(self.model.index(at).data()) for at in range(self.model.rowCount())]

    def current(self) -> Problem | None:
        return self.model.row(self.list.currentIndex().row())

    def choose(self, problem_id: str) -> None:
        """Mark an item and show it in full."""
        at = self.model.position(problem_id)
        if at >= 0:
            self.list.setCurrentIndex(self.model.index(at))

    def focus_first(self) -> None:
        """The list; while it is asked for, what there is, and the list as soon as it has come."""
        self._awaiting = not self.model.rowCount()
        target: QWidget = self.close_button if self._awaiting else self.list
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and watched is self.list:
            problem = self.current()
            deletes = event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
            if deletes and problem is not None and Action.DISMISS in problem.actions:
                self.presenter.act(problem, Action.DISMISS)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.detail.focus_first()
                return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        self.setAccessibleName(_("What needs a look"))
        self._prepare_list()
        self.all.setProperty("role", "flat")
        self.all.clicked.connect(self.presenter.retry_all)
        self.close_button.setAccessibleName(_("Close this panel"))
        self.close_button.setToolTip(_("Close this panel"))
        self.close_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.close_button.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 8)
        head.addWidget(self.title, 1)
        head.addWidget(self.all)
        head.addWidget(self.close_button)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.detail)
        self._body.setChildrenCollapsible(False)
        self._body.addWidget(self.list)
        self._body.addWidget(scroll)
        self._body.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(rule())
        layout.addWidget(self._body, 1)
        layout.addWidget(self.empty, 1)

    def _prepare_list(self) -> None:
        self.list.setModel(self.model)
        self.list.setItemDelegate(ProblemDelegate(self.list))
        self.list.setAccessibleName(_("What needs a look"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.installEventFilter(self)

    def _show(self) -> None:
        presenter = self.presenter
        before = self.list.currentIndex().row()
        had_focus = self.isAncestorOf(self.focusWidget() or self)
        self.model.show(presenter.problems)
        self.model.mark_busy(presenter.busy)
        filled = bool(presenter.problems)
        self._body.setVisible(filled)
        self.empty.setVisible(not filled)
        self._show_empty()
        self.title.set_full_text(presenter.progress() or words.count(len(presenter.problems)))
        self.all.setVisible(len(presenter.safe()) > 1)
        self.list.setMinimumHeight(HEIGHT * min(4, max(1, len(presenter.problems))))
        if filled and not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.model.index(max(0, min(before, self.model.rowCount() - 1))))
        self._show_detail()
        if had_focus and not filled:
            self.focus_first()
        elif filled and self._awaiting:
            self._awaiting = False
            if self.focusWidget() is self.close_button:
                self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_empty(self) -> None:
        presenter = self.presenter
        if presenter.trouble:
            self.empty.show_state(presenter.trouble, _("Look again"), presenter.refresh, icon="alert", tone="error")
        elif presenter.asked:
            self.empty.show_state(_("Nothing failed."), icon="resolve")
        else:
            self.empty.show_state("")

    def _show_detail(self) -> None:
        problem = self.current()
        busy = problem is not None and problem.id in self.presenter.busy
        said = self.presenter.said.get(problem.id, "") if problem is not None else ""
        self.detail.show_problem(problem, self.model.clock.now(), busy, said)

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._show_detail()

    @Slot(QModelIndex)
    def _on_activated(self, _index: QModelIndex) -> None:
        self.detail.focus_first()

    @Slot(object)
    def _on_chosen(self, action: Action) -> None:
        problem = self.current()
        if problem is None:
            return
        if action in BY_CORE:  # its buttons rest while it is tried, and may be gone after
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self.presenter.act(problem, action)

    def _on_theme(self) -> None:
        self.close_button.setIcon(icons.icon("close", current().text_quiet))
        self.list.viewport().update()
