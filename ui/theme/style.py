"""The one stylesheet, a template over the tokens. Views set a dynamic property (`role`) and never a style of their own.

Roles of QFrame/QWidget: "sunken", "raised", "bar", "note", "drop".
Of QLabel: "quiet", "caption", "title", "display", "error", "warn".
Of QPushButton: "primary", "flat", "danger". Of QToolButton none: they are flat.
"""

from __future__ import annotations

from string import Template

from ui.theme import fonts
from ui.theme.tokens import Tokens
from workstation.kernel.paths import resources

_TEMPLATE = Template("""
QWidget { color: $text; }
QMainWindow, QDialog { background: $surface; }
QToolTip { background: $surface_raised; color: $text; border: 1px solid $line_strong; padding: 4px 8px; }
QFrame[role="sunken"], QWidget[role="sunken"] { background: $surface_sunken; }
QFrame[role="raised"] { background: $surface_raised; border: 1px solid $line; border-radius: 6px; }
QFrame[role="popup"] { background: $surface_raised; border: 1px solid $line_strong; border-radius: 8px; }
QFrame[role="bar"] { background: $surface; border: none; border-bottom: 1px solid $line; }
QFrame[role="note"] { background: $note_surface; border: 2px solid $note_line; border-radius: 6px; }
QFrame[role="drop"] { background: $surface_raised; border: 2px dashed $accent; border-radius: 6px; }
QFrame[role="line"] { background: $line; border: none; }
QLabel { background: transparent; }
QLabel[role="quiet"] { color: $text_quiet; }
QLabel[role="caption"] { color: $text_quiet; font-size: ${caption}px; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[role="display"] { font-size: ${display}px; }
QLabel[role="error"] { color: $fail; }
QLabel[role="warn"] { color: $warn; }
QLabel[role="chip"] { color: $text_quiet; background: $surface_sunken; border: 1px solid $line; border-radius: 4px;
    padding: 0 5px; font-size: ${caption}px; }
QLabel[role="chip-warn"] { color: $warn; background: $surface_sunken; border: 1px dashed $warn; border-radius: 4px;
    padding: 0 5px; font-size: ${caption}px; }
QLabel[role="key"] { color: $text_quiet; border: 1px solid $line_strong; border-radius: 3px; padding: 0 4px;
    font-size: ${caption}px; }

QPushButton { background: $surface_raised; border: 1px solid $line_strong; border-radius: 5px;
    padding: 4px 12px; min-height: 20px; }
QPushButton:hover { background: $surface_hover; }
QPushButton:pressed { background: $surface_selected; }
QPushButton:focus { border: 2px solid $focus; padding: 3px 11px; }
QPushButton:disabled { color: $text_disabled; border-color: $line; }
QPushButton[role="primary"] { background: $accent; color: $accent_text; border-color: $accent; }
QPushButton[role="primary"]:hover { background: $accent_hover; }
QPushButton[role="primary"]:focus { border: 3px double $accent_text; padding: 2px 10px; }
QPushButton[role="primary"]:disabled { background: $surface_sunken; color: $text_disabled; border-color: $line; }
QPushButton[role="danger"] { color: $fail; border-color: $fail; }
QPushButton[role="flat"] { background: transparent; border: 1px solid transparent; color: $accent; padding: 3px 8px; }
QPushButton[role="flat"]:hover { background: $surface_hover; }
QPushButton[role="flat"]:checked { background: $surface_selected; }
QPushButton[role="flat"]:focus { border: 1px solid $focus; }
QPushButton[role="flat"]:disabled { color: $text_disabled; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 3px; }
QToolButton:hover { background: $surface_hover; }
QToolButton:pressed, QToolButton:checked { background: $surface_selected; }
QToolButton:focus { border: 1px solid $focus; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QComboBox, QKeySequenceEdit QLineEdit {
    background: $surface; border: 1px solid $line_strong; border-radius: 5px; padding: 4px 7px;
    selection-background-color: $accent; selection-color: $accent_text; }
QLineEdit, QPlainTextEdit, QTextEdit { placeholder-text-color: $hint; }
QLineEdit, QSpinBox, QComboBox { min-height: 20px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QComboBox:focus {
    border: 2px solid $focus; padding: 3px 6px; }
QLineEdit:disabled, QSpinBox:disabled, QComboBox:disabled { color: $text_disabled; border-color: $line;
    background: $surface_sunken; }
QLineEdit[invalid="true"] { border: 2px solid $fail; padding: 3px 6px; }
QTextBrowser { background: transparent; border: none; padding: 0; }
QTextBrowser:focus { border: 1px solid $focus; }
QPlainTextEdit[role="bare"], QTextEdit[role="bare"] { border: none; background: transparent; padding: 0; }
QSpinBox QLineEdit, QComboBox QLineEdit { border: none; background: transparent; padding: 0; min-height: 0; }
QComboBox { padding-right: 22px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("$icons/arrow-down.svg"); width: 14px; height: 14px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $line_strong; border-radius: 3px;
    background: $surface; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$icons/tick-$tick.svg"); }
QCheckBox::indicator:disabled { border-color: $line; }
QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid $line_strong; border-radius: 8px;
    background: $surface; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid $accent; background: $accent_text; }
QRadioButton::indicator:disabled { border-color: $line_strong; }
QListView::indicator, QTreeView::indicator, QTableView::indicator { width: 14px; height: 14px;
    border: 1px solid $line_strong; border-radius: 3px; background: $surface; }
QListView::indicator:checked, QTreeView::indicator:checked, QTableView::indicator:checked { background: $accent;
    border-color: $accent; image: url("$icons/tick-$tick.svg"); }
QTreeView::item { padding: 3px 5px; }
QTableView::item { padding: 3px 7px; }
QListWidget::item { padding: 4px 5px; }
QComboBox QAbstractItemView { background: $surface_raised; border: 1px solid $line_strong; outline: none;
    selection-background-color: $surface_selected; selection-color: $text; }
QCheckBox, QRadioButton { spacing: 8px; padding: 2px; border: 1px solid transparent; border-radius: 4px; }
QCheckBox:focus, QRadioButton:focus { border: 1px solid $focus; }

QListView, QTreeView, QTableView { background: $surface; border: none; outline: none;
    selection-background-color: $surface_selected; selection-color: $text; }
QTreeView, QTableView, QListWidget { border: 1px solid transparent; border-radius: 4px; }
QTreeView:focus, QTableView:focus, QListWidget:focus { border: 1px solid $focus; }
QListView[role="sunken"], QTreeView[role="sunken"] { background: $surface_sunken; }
QHeaderView::section { background: $surface_sunken; color: $text_quiet; border: none;
    border-bottom: 1px solid $line; padding: 4px 8px; }
QTableView { gridline-color: $line; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar::tab { background: transparent; color: $text_quiet; padding: 6px 14px; border: none;
    border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:focus { color: $text; border-bottom: 2px solid $focus; background: $surface_hover; }
QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget[role="page"] { background: $surface; }
QSplitter::handle { background: $line; }
QSplitter[role="gap"]::handle { background: transparent; }
QSplitter::handle:hover { background: $accent; }
QStatusBar { background: $surface_sunken; border-top: 1px solid $line; }
QStatusBar::item { border: none; }
QMenuBar, QMenu, QToolTip { font-size: ${body}px; }
QMenuBar { background: $surface_sunken; border-bottom: 1px solid $line; }
QMenuBar::item { padding: 4px 10px; background: transparent; }
QMenuBar::item:selected { background: $surface_selected; }
QMenu { background: $surface_raised; border: 1px solid $line_strong; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 8px; border-radius: 4px; }
QMenu::item:selected { background: $surface_selected; color: $text; }
QMenu::item:disabled { color: $text_disabled; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::icon { padding-left: 6px; }
QProgressBar { background: $surface_sunken; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $line_strong; border-radius: 3px; min-height: 32px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: $line_strong; border-radius: 3px; min-width: 32px; margin: 2px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
""")


def sheet(tokens: Tokens) -> str:
    """The stylesheet in the colours of `tokens`."""
    sizes = {
        "caption": str(fonts.CAPTION), "body": str(fonts.BODY),
        "title": str(fonts.TITLE), "display": str(fonts.DISPLAY),
    }
    pictures = {"icons": (resources() / "icons").as_posix(), "tick": "dark" if tokens.dark else "light"}
    hint = tokens.text_disabled if tokens.name == "contrast" else tokens.text_quiet  # told from what was typed
    return _TEMPLATE.substitute(tokens.table(), hint=hint, **sizes, **pictures)
