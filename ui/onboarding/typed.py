"""What a person typed and chose on a page, to give it back to the same page built anew (in another language)."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QWidget

Typed = list[object]


def keep(page: QWidget) -> Typed:
    """The content of every field, in the order the fields were made."""
    return [_content(field) for field in _fields(page)]


def give_back(page: QWidget, typed: Typed) -> None:
    """Put the content back. A page that has other fields now is left as it is."""
    fields = _fields(page)
    if len(fields) != len(typed):
        return
    for field, content in zip(fields, typed, strict=True):
        if isinstance(field, QLineEdit):
            field.setText(str(content))
        elif isinstance(field, QPlainTextEdit):
            field.setPlainText(str(content))
        elif isinstance(field, QComboBox):
            field.setCurrentIndex(max(0, field.findData(content)))
        elif isinstance(field, QAbstractButton):
            field.setChecked(bool(content))


def _fields(page: QWidget) -> list[QWidget]:
    kinds = (QLineEdit, QPlainTextEdit, QComboBox)
    return [child for child in page.findChildren(QWidget)
            if isinstance(child, kinds) or (isinstance(child, QAbstractButton) and child.isCheckable())]


def _content(field: QWidget) -> object:
    if isinstance(field, QLineEdit):
        return field.text()
    if isinstance(field, QPlainTextEdit):
        return field.toPlainText()
    if isinstance(field, QComboBox):
        return field.currentData()
    return isinstance(field, QAbstractButton) and field.isChecked()
