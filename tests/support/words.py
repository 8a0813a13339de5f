"""Finds text a person would see that does not go through gettext."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.support.source import Source, calls, last_name

SHOWING = frozenset("""
    setText setWindowTitle setToolTip setStatusTip setWhatsThis setPlaceholderText setAccessibleName
    setAccessibleDescription setTitle setSubTitle setLabelText setInformativeText setDetailedText setPlainText
    setPrefix setSuffix setSpecialValueText setIconText setHeaderLabels showMessage addAction addItem addItems
    addTab addMenu addRow insertItem setItemText setTabText setButtonText QLabel QPushButton QCheckBox
    QRadioButton QGroupBox QAction QCommandLinkButton QMenu QDockWidget QTableWidgetItem QListWidgetItem
    QStandardItem question warning information critical
""".split())
LOOKUPS = frozenset({"_", "ngettext", "N_"})
_WORD = re.compile(r"[^\W\d_]{2,}")
_MACHINE_NAME = re.compile(r"[a-z0-9-]*\.[a-z0-9.-]*")  # part of a host or a file name, the same in every language
_LOG_OR_FILTER = frozenset({"log", "logger", "logging", "warnings"})


def bare_words(source: Source) -> Iterator[str]:
    """`file:line text` for every literal shown in the window without a look-up."""
    for name, call in calls(source):
        if name in SHOWING and not _is_log(call):
            for text in (text for argument in _arguments(call) for text in _literals(argument)):
                if _WORD.search(text) and not _MACHINE_NAME.fullmatch(text):
                    yield f"{source.name}:{call.lineno} {text!r}"


def bare_sentences(source: Source, errors: frozenset[str]) -> Iterator[str]:
    """`file:line` for every known failure raised with a sentence that is not looked up."""
    for name, call in calls(source):
        if name in errors:
            for text in (text for argument in call.args[:2] for text in _literals(argument)):
                if _WORD.search(text):
                    yield f"{source.name}:{call.lineno} {text!r}"


def unreadable_lookups(source: Source) -> Iterator[str]:
    """`file:line` for look-ups whose text the extractor cannot read: f-strings, `+`, `%`, `.format` inside.

    A text looked up in a table, `_(NAMES[kind])`, is fine: the table marks it with N_.
    """
    for name, call in calls(source):
        if name in LOOKUPS and isinstance(call.func, ast.Name):
            for argument in call.args[:2 if name == "ngettext" else 1]:
                made_up = isinstance(argument, ast.JoinedStr | ast.BinOp)
                if made_up or (isinstance(argument, ast.Call) and any(_literals(argument))):
                    yield f"{source.name}:{call.lineno}"


def _arguments(call: ast.Call) -> list[ast.expr]:
    named = [k.value for k in call.keywords if k.arg in ("text", "title", "toolTip", "placeholderText")]
    return [*call.args, *named]


def _literals(node: ast.expr) -> Iterator[str]:
    """The literal parts of an expression that are shown as they are."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from (part.value for part in node.values
                    if isinstance(part, ast.Constant) and isinstance(part.value, str))
    elif isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            yield from _literals(element)
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.BinOp):
        yield from _literals(node.left)
        yield from _literals(node.right)
    elif isinstance(node, ast.Call) and last_name(node.func) == "format" and isinstance(node.func, ast.Attribute):
        yield from _literals(node.func.value)


def _is_log(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and last_name(call.func.value) in _LOG_OR_FILTER
