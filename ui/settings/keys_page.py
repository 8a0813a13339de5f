"""Changing keys: take a whole set, or choose an action and press its new keys; a clash is seen before it hurts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.shell import keys as keymap
from ui.shell import presets
from ui.shell.action_table import BY_ID, GROUPS
from ui.shell.actions import Actions
from ui.theme import fonts
from ui.widgets.choice import Choice
from ui.widgets.labels import label, set_role
from workstation.kernel.i18n import _

ID = Qt.ItemDataRole.UserRole + 1


class KeysPage(QWidget):
    """Every action with its keys. A change is kept at once; a clash is refused and named."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.preset = Choice(_("Keys as in"))
        self.tree = QTreeWidget()
        self.edit = QKeySequenceEdit()
        self.message = label(role="quiet", wrap=True)
        self.default_button = QPushButton(_("Back to default"))
        self.remove_button = QPushButton(_("No key"))
        self._lay_out()
        self._fill()
        self._on_selected()
        self._show_preset()
        self.preset.activated.connect(self._on_preset)

    def choose(self, name: str) -> None:
        """Select an action."""
        self.tree.setCurrentItem(self._items[name])

    def assign(self, keys: tuple[str, ...]) -> bool:
        """Give the chosen action these keys; False, with the reason shown, when they cannot be had."""
        name = self._chosen()
        changed = self._actions.changed_keys() | {name: keys}
        refusal = self._refusal(name, keys, changed)
        set_role(self.message, "error" if refusal else "quiet")
        self.message.setText(refusal or _("Kept."))
        if not refusal:
            self._actions.rebind(changed)
            self._show_keys(name)
            self._show_preset()
        return not refusal

    def _refusal(self, name: str, keys: tuple[str, ...], changed: dict[str, tuple[str, ...]]) -> str:
        if any(keymap.eats_letters(one) for one in keys):
            return _("Alt with a letter, and Ctrl with Alt, type letters on some keyboards. Choose another key.")
        table = keymap.effective(changed)
        for clash in keymap.clashes(table):
            if name in (clash.first, clash.second):
                other = clash.second if clash.first == name else clash.first
                return _("{keys} already belongs to “{action}”. Change that one first.").format(
                    keys=clash.keys, action=_(BY_ID[other].text))
        return ""

    def _lay_out(self) -> None:
        self.tree.setHeaderLabels([_("Action"), _("Keys")])
        self.tree.setAccessibleName(_("Actions and their keys"))
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.setRootIsDecorated(False)
        self.tree.itemSelectionChanged.connect(self._on_selected)
        for field in (self.edit, *self.edit.findChildren(QLineEdit)):
            field.setAccessibleName(_("New keys"))
        self.edit.editingFinished.connect(self._on_edited)
        self.default_button.clicked.connect(self._on_default)
        self.remove_button.clicked.connect(self._on_none)
        whole = QHBoxLayout()
        whole.setSpacing(8)
        whole.addWidget(label(_("Keys as in"), "quiet"))
        whole.addWidget(self.preset, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label(_("New keys"), "quiet"))
        row.addWidget(self.edit, 1)
        row.addWidget(self.default_button)
        row.addWidget(self.remove_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addLayout(whole)
        layout.addWidget(self.tree, 1)
        layout.addLayout(row)
        layout.addWidget(self.message)

    def _fill(self) -> None:
        self._items: dict[str, QTreeWidgetItem] = {}
        groups: dict[str, QTreeWidgetItem] = {}
        for name in GROUPS:
            groups[name] = QTreeWidgetItem(self.tree, [self._actions.group_title(name)])
            groups[name].setFlags(Qt.ItemFlag.ItemIsEnabled)
            groups[name].setExpanded(True)
            groups[name].setFont(0, fonts.font(bold=True))
        for spec in self._actions.specs():
            item = QTreeWidgetItem(groups[spec.group], [_(spec.text), ""])
            item.setData(0, ID, spec.id)
            self._items[spec.id] = item
            self._show_keys(spec.id)

    def _show_preset(self) -> None:
        """The set that the keys are now; "Your own" stands there only while they are none of them."""
        now = presets.of(self._actions.changed_keys())
        self.preset.clear()
        for each in presets.PRESETS:
            self.preset.addItem(_(each.title), each.id)
            self.preset.setItemData(self.preset.count() - 1, _(each.about), Qt.ItemDataRole.ToolTipRole)
        if now is None:
            self.preset.addItem(_("Your own"), None)
        self.preset.setCurrentIndex(self.preset.count() - 1 if now is None else self.preset.findData(now))

    def _on_preset(self, at: int) -> None:
        chosen = presets.BY_ID.get(self.preset.itemData(at))
        if chosen is None:
            return
        self._actions.rebind(dict(chosen.keys))
        for name in self._items:
            self._show_keys(name)
        self._on_selected()
        self._show_preset()
        set_role(self.message, "quiet")
        self.message.setText(_(chosen.about))

    def _show_keys(self, name: str) -> None:
        self._items[name].setText(1, "  ".join(self._actions.keys(name)))

    def _chosen(self) -> str:
        item = self.tree.currentItem()
        return str(item.data(0, ID) or "") if item is not None else ""

    def _on_selected(self) -> None:
        name = self._chosen()
        for widget in (self.edit, self.default_button, self.remove_button):
            widget.setEnabled(bool(name))
        self.edit.blockSignals(True)
        self.edit.setKeySequence(QKeySequence(next(iter(self._actions.keys(name)), "")) if name else QKeySequence())
        self.edit.blockSignals(False)
        self.message.setText("" if name else _("Choose an action, then press its new keys."))
        set_role(self.message, "quiet")

    def _on_edited(self) -> None:
        keys = self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if keys and self._chosen():
            self.assign((keys,))

    def _on_default(self) -> None:
        self.assign(BY_ID[self._chosen()].keys)
        self._on_selected()

    def _on_none(self) -> None:
        self.assign(())
        self._on_selected()
