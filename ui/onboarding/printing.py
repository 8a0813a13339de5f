"""The recovery key on paper: one page with what it is, which home it opens, and the groups in large letters."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QWidget

from workstation.kernel.i18n import _


def print_key(parent: QWidget, recovery: str, home: str, date: str) -> QPrintDialog:
    """Ask for a printer and print. The dialog is opened and returned; it deletes itself with `parent`."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle(_("Print the recovery key"))
    document = paper(recovery, home, date)
    document.setParent(dialog)
    dialog.accepted.connect(lambda: document.print_(printer))
    QDialog.open(dialog)
    return dialog


def paper(recovery: str, home: str, date: str) -> QTextDocument:
    """The page."""
    groups = recovery.split("-")
    rows = "".join(
        "<tr>" + "".join(f"<td style='padding:6px 18px'>{escape(group)}</td>" for group in groups[at:at + 3]) + "</tr>"
        for at in range(0, len(groups), 3))
    document = QTextDocument()
    document.setHtml(
        f"<h2>{escape(_('Workstation recovery key'))}</h2>"
        f"<p>{escape(_('This key opens the home below without login or passphrase. Keep it away from the computer.'))}"
        f"</p><p>{escape(home)}<br>{escape(date)}</p>"
        f"<table style='font-family:monospace; font-size:20pt'>{rows}</table>")
    return document
