"""The orders step: which file each shop gives, where it is downloaded, and what was read of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QGridLayout, QWidget

from ui.onboarding.drop import DropPlace
from ui.onboarding.importing import ImportView, Report, import_orders, sentence
from ui.onboarding.page import Page
from ui.onboarding.session import Session
from ui.widgets.labels import label
from workstation.kernel.i18n import N_, _

FORMATS = (
    (N_("Amazon order report"), N_("In Seller Central: Orders → Order Reports, or Reports → Fulfilment; text (TAB).")),
    (N_("Shopify order export"), N_("In Shopify's admin: Orders → Export → CSV, all columns.")),
    (N_("Any CSV"), N_("With a column order_id and, if you have them, status, shipped_at, tracking_number and total.")),
)
"""The three formats of `connectors.orderfiles` and where a person finds them (docs/order-files.md)."""

SHOWN = 6
"""Bad rows that are seen without scrolling."""


class OrdersPage(Page):
    """Several files may be read, one after the other."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, _("Import orders"), _(
            "With your orders, each message is checked against what was bought, shipped and delivered. Importing again "
            "updates and never doubles."))
        self.place = DropPlace(_("Drop an order file here"), _("Choose a &file…"),
                               _("Order files (*.tsv *.csv *.txt);;Every file (*)"))
        self.view = ImportView(session.bridge)
        self.hint = label(role="quiet", wrap=True)
        self._lay_out()
        self.place.dropped.connect(self.read)
        self.view.ended.connect(self._on_ended)

    @property
    def ready(self) -> bool:
        return not self.view.busy and self.done

    @property
    def done(self) -> bool:
        return "orders" in self.session.done

    @property
    def busy(self) -> bool:
        return self.view.busy

    def first(self) -> QWidget | None:
        return self.place.button

    def stop(self) -> None:
        self.view.stop()

    def read(self, path: str) -> None:
        """Import this file."""
        self.hint.hide()
        self.view.show()
        self.view.begin(Path(path), import_orders)
        self.changed.emit()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for at, (name, where) in enumerate(FORMATS):
            grid.addWidget(label(_(name)), at, 0)
            grid.addWidget(label(_(where), "quiet", wrap=True), at, 1)
        self.body.addLayout(grid)
        self.body.addWidget(self.place)
        self.body.addWidget(self.view)
        self.body.addWidget(self.hint)
        self.body.addStretch(1)
        self.view.hide()
        self.hint.hide()

    def _on_ended(self, report: Report | None) -> None:
        if report is not None and report.seen > len(report.bad):
            self.session.finish_step("orders", sentence(report))
        table = self.view.table
        rows = min(table.rowCount(), SHOWN)
        table.setFixedHeight(table.horizontalHeader().height() + rows * table.rowHeight(0) + 4 if rows else 0)
        if report is None or report.bad:
            self.hint.setText(_fix_rows() if report is not None else _fix_file())
            self.hint.show()
        self.settled.emit() if self.ready else self.changed.emit()


def _fix_rows() -> str:
    return _("Amounts are written 1234.56 and dates 2026-11-02. A file that a spreadsheet program saved again often "
             "has neither: download it anew and import it as it came. The rows that are fine were imported.")


def _fix_file() -> str:
    return _("Import the file as it was downloaded; one that a spreadsheet program saved again may lack its columns.")
