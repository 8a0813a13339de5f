"""The actions as Qt knows them: one QAction for each line of the table, with its keys, its tooltip and its slot."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QToolButton, QWidget

from ui.shell import keys as keymap
from ui.shell.action_table import GROUPS, TABLE, WINDOW, ActionSpec
from ui.theme import icons, theme
from workstation.kernel.i18n import _
from workstation.kernel.settings import Settings

Slot = Callable[[], None]


class Actions(QObject):
    """The registry. Panes ask for their action by id, connect a slot, enable it, and put it on buttons and menus."""

    keys_changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None, *, icons_now: bool = True) -> None:
        """`icons_now` False leaves icons and tooltips to `show_icons`, after the first paint: they take a while."""
        super().__init__(parent)
        self._icons = icons_now
        self._settings = settings
        self._scopes: dict[str, QWidget] = {}
        self._reasons: dict[str, str] = {}
        self._barred: set[str] = set()
        self._actions = {spec.id: self._make(spec) for spec in TABLE}
        self._specs = {spec.id: spec for spec in TABLE}
        self._set_keys()
        theme().changed.connect(self.refresh)

    def action(self, name: str) -> QAction:
        """The QAction of this id. Raises KeyError for an id that is not in the table."""
        return self._actions[name]

    def on(self, name: str, slot: Slot) -> None:
        """Call `slot` (a bound method) when the action is chosen, by key, menu, palette or button."""
        self._actions[name].triggered.connect(slot)

    def enable(self, name: str, enabled: bool, reason: str = "") -> None:
        """Enable or disable; the reason is shown in the tooltip while it is disabled."""
        if name in self._barred:
            return
        self._reasons[name] = "" if enabled else reason
        self._actions[name].setEnabled(enabled)
        self._describe(self._specs[name])

    def bar(self, names: Iterable[str], reason: str) -> None:
        """Disable actions for good, whoever enables them later."""
        for name in names:
            self.enable(name, False, reason)
            self._barred.add(name)

    def reason(self, name: str) -> str:
        """Why an action is disabled, "" when it is not or nobody said."""
        return self._reasons.get(name, "")

    def scope(self, context: str, widget: QWidget) -> None:
        """Make the actions of `context` work inside `widget` (the window for "window")."""
        self._scopes[context] = widget
        for spec in TABLE:
            if spec.context == context:
                widget.addAction(self._actions[spec.id])

    def specs(self) -> tuple[ActionSpec, ...]:
        return TABLE

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys of an action in the platform's writing ("⌘K" on macOS), best first."""
        native = QKeySequence.SequenceFormat.NativeText
        return tuple(sequence.toString(native) for sequence in self._actions[name].shortcuts())

    def hint(self, name: str) -> str:
        """The first key of an action, "" when it has none."""
        return next(iter(self.keys(name)), "")

    def button(self, name: str, parent: QWidget | None = None) -> QToolButton:
        """A flat icon button for an action, with its name for screen readers and its key in the tooltip."""
        button = QToolButton(parent)
        button.setDefaultAction(self._actions[name])
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setAccessibleName(self._actions[name].text())
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def group_title(self, group: str) -> str:
        return _(GROUPS[group])

    def rebind(self, changed: dict[str, tuple[str, ...]]) -> None:
        """Use and keep these changed keys. The caller has shown the clashes."""
        self._settings.set("keys", keymap.dump(changed))
        self._set_keys()

    def changed_keys(self) -> dict[str, tuple[str, ...]]:
        return keymap.load(self._settings.text("keys"))

    def refresh(self) -> None:
        """The language or the colours changed: words and icons anew."""
        for spec in TABLE:
            self._actions[spec.id].setText(_(spec.text))
            if spec.icon and self._icons:
                self._actions[spec.id].setIcon(icons.icon(spec.icon))
            self._describe(spec)

    def show_icons(self) -> None:
        """Draw the icons and write the tooltips, if that was left for later."""
        if not self._icons:
            self._icons = True
            self.refresh()

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(_(spec.text), self, checkable=spec.checkable)
        action.setObjectName(spec.id)
        if spec.icon and self._icons:
            action.setIcon(icons.icon(spec.icon))
        window = spec.context == WINDOW
        action.setShortcutContext(
            Qt.ShortcutContext.WindowShortcut if window else Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setMenuRole(_ROLES.get(spec.id, QAction.MenuRole.NoRole))
        return action

    def _set_keys(self) -> None:
        for name, keys in keymap.effective(self.changed_keys()).items():
            self._actions[name].setShortcuts([QKeySequence(text) for text in keys])
            if self._icons:
                self._describe(self._specs[name])
        self.keys_changed.emit()

    def _describe(self, spec: ActionSpec) -> None:
        hint, reason = self.hint(spec.id), self._reasons.get(spec.id, "")
        text = f"{_(spec.text)}  {hint}" if hint else _(spec.text)
        self._actions[spec.id].setToolTip(f"{text}\n{reason}" if reason else text)


_ROLES = {"app.settings": QAction.MenuRole.PreferencesRole, "app.quit": QAction.MenuRole.QuitRole}
