"""Time stamps: which authorities vouch for the time of evidence, each added with its root, tried, and removed."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTreeWidgetItem,
    QWidget,
)

from ui import a11y
from ui.bridge import Bridge
from ui.settings.rules_page import RuleFields, RulesPage
from ui.widgets import timetext
from ui.widgets.labels import label, plain_tip
from workstation.kernel.errors import InputError, Unsupported, WorkstationError
from workstation.kernel.i18n import _, ngettext

if TYPE_CHECKING:
    from workstation.api import AuthoritiesApi, Core
    from workstation.evidence.model import AuthorityTest, AuthorityView

AUTHORITY = Qt.ItemDataRole.UserRole + 1
SCHEME = "https://"
_LARGEST = 256 * 1024
_APART = 60_000


class AuthorityFields(RuleFields):
    """The form of a new authority: its name, address and root."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.url, self.root = QLineEdit(), QLineEdit(), QLineEdit()
        self.root_button, self.test_button = QPushButton(_("Choose…")), QPushButton(_("Test"))
        self.save_button.setText(_("Add"))
        self.leave_button.setText(_("Cancel"))
        self.url.setPlaceholderText(SCHEME)
        form = QFormLayout(self)
        for said, field in ((_("Name"), self.name), (_("Address"), self.url)):
            field.setAccessibleName(said)
            form.addRow(label(said, "quiet"), field)
        said = _("Root certificate (PEM file)")
        self.root.setAccessibleName(said)
        self.root_button.setAccessibleName(_("Choose the root certificate's file"))
        row = QHBoxLayout()
        row.addWidget(self.root, 1)
        row.addWidget(self.root_button)
        form.addRow(label(said, "quiet"), row)
        self._end_with(form, self.save_button, self.test_button, self.leave_button)
        self.root_button.setAutoDefault(False)
        self.root_button.clicked.connect(self._choose)

    def empty(self) -> None:
        """For a new authority, with the focus in the first field."""
        for field in (self.name, self.url, self.root):
            field.clear()
        self.show()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self) -> None:
        chooser = QFileDialog(self, _("Root certificate"), "", _("Certificates (*.pem *.crt *.cer);;Every file (*)"))
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(self.root.setText)
        chooser.open()


class StampsPage(RulesPage):
    """A page of the settings. Testing asks for a real time stamp over nothing in particular and says what is wrong."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        self.fields = AuthorityFields()
        super().__init__(bridge, self.fields, parent)
        self.test_button = self.change_button
        self.add_button.setText(_("Add an authority…"))
        self.test_button.setText(_("Test"))
        self._lay_out_rules(
            _("Time-stamp authorities"), (_("Name"), _("Stamped"), _("State")),
            _("A time-stamp authority (RFC 3161) vouches for when a record existed. It gets a hash, never what was "
              "recorded. Without one, records say device time only."), 1)
        for button, slot in (
            (self.add_button, self._begin), (self.test_button, self._test_chosen), (self.remove_button, self._remove),
            (self.fields.save_button, self._save), (self.fields.test_button, self._test_typed),
            (self.fields.leave_button, self._fold),
        ):
            button.clicked.connect(slot)
        self.tree.currentItemChanged.connect(self._on_current)
        bridge.evidence_sealed.connect(self._on_sealed)
        self._on_current()
        self.refresh()

    def refresh(self) -> None:
        self._bridge.call(_list, self._on_list, self, self._on_problem, replaces="authorities")

    def _on_sealed(self, _event: object) -> None:
        self.refresh()

    def _on_list(self, listed: tuple[AuthorityView, ...]) -> None:
        before = self._chosen()
        self.tree.clear()
        for one in listed:
            item = QTreeWidgetItem(self.tree, [_named(one), _stamped(one), _state(one)])
            item.setData(0, AUTHORITY, one)
            item.setToolTip(0, plain_tip(_root(one)))
            item.setToolTip(2, plain_tip(_state(one)))
            if before is not None and one.id == before.id:
                self.tree.setCurrentItem(item)
        if not listed and not self.message.text():
            self._say(_("No authority is set: records say device time only."), False)
        self._on_current()

    def _chosen(self) -> AuthorityView | None:
        item = self.tree.currentItem()
        found: AuthorityView | None = item.data(0, AUTHORITY) if item is not None else None
        return found

    def _on_current(self, *_items: object) -> None:
        chosen = self._chosen() is not None
        self.test_button.setEnabled(chosen)
        self.remove_button.setEnabled(chosen)

    def _begin(self) -> None:
        self._say("", False)
        self._make_room()
        self.fields.empty()

    def _save(self) -> None:
        self._say(_("Looking at the certificate…"), False)
        self._bridge.call(partial(_add, *self._typed()), self._on_added, self, self._on_problem)

    def _test_typed(self) -> None:
        self._say(_("Asking for a time stamp…"), False)
        self._bridge.call(partial(_test, *self._typed()), self._on_tested, self, self._on_problem)

    def _test_chosen(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._say(_("Asking for a time stamp…"), False)
            self._bridge.call(partial(_test_known, chosen.id), self._on_tested, self, self._on_problem)

    def _remove(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._bridge.call(
                partial(_take_away, chosen.id), partial(self._on_removed, chosen.name), self, self._on_problem)

    def _typed(self) -> tuple[str, str, str]:
        return self.fields.name.text(), self.fields.url.text(), self.fields.root.text()

    def _on_added(self, one: AuthorityView) -> None:
        self._fold()
        self._tell(_("{name} is asked from now on. Compare its root with the one it publishes: SHA-256 {sum}").format(
            name=one.name, sum=_grouped(one.root_sha256)))
        self.refresh()

    def _on_tested(self, found: AuthorityTest) -> None:
        when = timetext.moment(found.at)
        if abs(found.ahead) > _APART:
            n = round(abs(found.ahead) / 1_000)
            said = ngettext(
                "It works: {signer} stamped {when}. Its clock and this computer's differ by {n} second.",
                "It works: {signer} stamped {when}. Its clock and this computer's differ by {n} seconds.", n)
            self._tell(said.format(signer=found.signer, when=when, n=n))
            return
        self._tell(_("It works: {signer} stamped {when}.").format(signer=found.signer, when=when))

    def _on_removed(self, name: str, _nothing: None) -> None:
        self._tell(_("{name} is not asked any more. What it stamped stays proved.").format(name=name))
        self.refresh()

    def _on_problem(self, problem: WorkstationError) -> None:
        super()._on_problem(problem)
        a11y.announce(self.message, str(problem))

    def _tell(self, text: str) -> None:
        self._say(text, False)
        a11y.announce(self.message, text)


def _named(one: AuthorityView) -> str:
    return _("{name} (simulated, proves nothing)").format(name=one.name) if one.simulated else one.name


def _stamped(one: AuthorityView) -> str:
    return str(one.stamped)


def _state(one: AuthorityView) -> str:
    if one.failure:
        return one.failure
    if one.waiting:
        return ngettext("{n} record waits", "{n} records wait", one.waiting).format(n=one.waiting)
    return _("Everything is stamped")


def _root(one: AuthorityView) -> str:
    return "\n".join((one.url, one.root, _("valid until {day}").format(day=timetext.day(one.root_until)),
                      f"SHA-256 {_grouped(one.root_sha256)}"))


def _grouped(digest: str) -> str:
    """Four characters at a time, as people compare them."""
    return " ".join(digest[at:at + 4] for at in range(0, len(digest), 4))


def _read(path: str) -> bytes:
    """Raises InputError."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as problem:
        raise InputError(_("The certificate's file cannot be read."), _choose()) from problem
    if len(content) > _LARGEST:
        raise InputError(_("This file is too large for a certificate."), _choose())
    return content


def _choose() -> str:
    return _("Choose the authority's root as a PEM file.")


def _api(core: Core) -> AuthoritiesApi:
    if core.authorities is None:
        raise Unsupported(_("This program asks no time-stamp authorities."), _("Start the program again."))
    return core.authorities


async def _list(core: Core) -> tuple[AuthorityView, ...]:
    return () if core.authorities is None else await core.authorities.list()


async def _add(name: str, url: str, path: str, core: Core) -> AuthorityView:
    return await _api(core).add(name, url, await asyncio.to_thread(_read, path))


async def _test(name: str, url: str, path: str, core: Core) -> AuthorityTest:
    return await _api(core).test(name, url, await asyncio.to_thread(_read, path))


async def _test_known(authority_id: str, core: Core) -> AuthorityTest:
    return await _api(core).test_known(authority_id)


async def _take_away(authority_id: str, core: Core) -> None:
    await _api(core).remove(authority_id)
