"""Translation: which pairs this computer translates, adding a package from a file or folder, removing an added one."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from ui import a11y
from ui.bridge import Bridge
from ui.widgets.labels import label, set_role
from ui.widgets.progress import ProgressLine
from workstation.domain.wording import language_name
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from workstation.api import Core, Progress
    from workstation.translation.model import LanguagePackage

PACKAGE = Qt.ItemDataRole.UserRole + 1
MEGABYTE = 1_000_000


class LanguagesPage(QWidget):
    """A page of the settings. A package is added as a whole or not at all; the ones of the program stay."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.list = QListWidget()
        self.list.setAccessibleName(_("Languages that are translated"))
        self.file_button = QPushButton(_("Add from a file…"))
        self.folder_button = QPushButton(_("Add from a folder…"))
        self.remove_button = QPushButton(_("Remove"))
        self.progress = ProgressLine(cancellable=False)   # the core finishes a change that began
        self.said = label(role="quiet", wrap=True)
        self._lay_out()
        for button, slot in ((self.file_button, self._choose_file), (self.folder_button, self._choose_folder),
                             (self.remove_button, self._remove)):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
        self.list.currentItemChanged.connect(self._on_current)
        bridge.engines_changed.connect(self.refresh)
        self._on_current()
        self.refresh()

    @property
    def lines(self) -> list[str]:
        """The list as text."""
        return [self.list.item(at).text() for at in range(self.list.count())]

    def refresh(self) -> None:
        self._bridge.call(_packages, self._on_packages, self, self._on_problem, replaces="packages")

    def add(self, path: str) -> None:
        """Install the package in this file or folder."""
        name = Path(path).name
        self.said.clear()
        self.progress.start(_("Adding {name}").format(name=name))
        self._rest(False)
        command = partial(_install, Path(path), self._bridge.progress(self.progress.set_progress))
        self._bridge.call(command, self._on_added, self, self._on_problem)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(label(_(
            "Everything is translated on this computer. Add the model of another pair: an .argosmodel file, or a zip "
            "or folder with a Firefox model."), "quiet", wrap=True))
        layout.addWidget(self.list, 1)
        row = QHBoxLayout()
        for button in (self.file_button, self.folder_button, self.remove_button):
            row.addWidget(button)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addWidget(self.progress)
        layout.addWidget(self.said)

    def _choose_file(self) -> None:
        self._choose(QFileDialog(self, _("Add a language"), "", _("Packages (*.argosmodel *.zip);;Every file (*)")),
                     QFileDialog.FileMode.ExistingFile)

    def _choose_folder(self) -> None:
        chooser = QFileDialog(self, _("Add a language"))
        chooser.setOption(QFileDialog.Option.ShowDirsOnly)
        self._choose(chooser, QFileDialog.FileMode.Directory)

    def _choose(self, chooser: QFileDialog, mode: QFileDialog.FileMode) -> None:
        chooser.setFileMode(mode)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(self.add)
        chooser.open()

    def _chosen(self) -> LanguagePackage | None:
        item = self.list.currentItem()
        found: LanguagePackage | None = item.data(PACKAGE) if item is not None else None
        return found

    def _remove(self) -> None:
        package = self._chosen()
        if package is not None and not package.shipped:
            self._rest(False)
            command = partial(_take_away, package.source, package.target)
            self._bridge.call(command, partial(self._on_removed, _pair(package)), self, self._on_problem)

    def _on_packages(self, packages: tuple[LanguagePackage, ...]) -> None:
        before = self._chosen()
        self.list.clear()
        for package in packages:
            item = QListWidgetItem(_line(package), self.list)
            item.setData(PACKAGE, package)
            if package == before:
                self.list.setCurrentItem(item)
        self._on_current()

    def _on_current(self, *_items: object) -> None:
        package = self._chosen()
        self.remove_button.setEnabled(package is not None and not package.shipped and self.file_button.isEnabled())

    def _on_added(self, package: LanguagePackage) -> None:
        self._say(_("{pair} can be translated now.").format(pair=_pair(package)))
        self.refresh()

    def _on_removed(self, pair: str, _nothing: None) -> None:
        self._say(_("{pair} was removed.").format(pair=pair))
        self.refresh()

    def _on_problem(self, problem: WorkstationError) -> None:
        self._say(str(problem), "error")

    def _say(self, text: str, role: str = "quiet") -> None:
        self.progress.stop()
        self._rest(True)
        set_role(self.said, role)
        self.said.setText(text)
        a11y.announce(self.said, text)

    def _rest(self, on: bool) -> None:
        for button in (self.file_button, self.folder_button):
            button.setEnabled(on)
        self._on_current()


def _pair(package: LanguagePackage) -> str:
    return _("{source} to {target}").format(
        source=language_name(package.source), target=language_name(package.target))


def _line(package: LanguagePackage) -> str:
    size = _("{n} MB").format(n=max(1, round(package.size / MEGABYTE)))
    return " · ".join((_pair(package), package.engine, size, _("comes with the program") if package.shipped
                       else _("added here")))


async def _packages(core: Core) -> tuple[LanguagePackage, ...]:
    return await core.translation.packages()


async def _install(path: Path, progress: Progress, core: Core) -> LanguagePackage:
    return await core.translation.install(path, progress)


async def _take_away(source: str, target: str, core: Core) -> None:
    await core.translation.remove(source, target)
