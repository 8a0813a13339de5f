"""Language packages of one home: installed from a file, listed, removed. A package is there as a whole or not at all.

A package is written to a hidden folder, which the catalogue passes by, and renamed when it is complete. Each gets a
folder name of its own, so that an engine which still has the one before it loaded never meets other files under it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workstation.kernel.errors import DiskFull, InputError, NotFound, ReadOnly
from workstation.kernel.failing import FULL
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store.files import sync_folder
from workstation.translation.catalogue import Model, folders, installed, model_of
from workstation.translation.model import LanguagePackage
from workstation.translation.unpack import Progress, again, unpack

_CODE = re.compile(r"[a-z]{2,3}")
_INCOMING, _OUTGOING = ".incoming-", ".outgoing-"
_NEEDED = {"argos": ("model/model.bin", "sentencepiece.model|bpe.model"), "firefox": ("srcvocab.*.spm|vocab.*.spm",)}


@dataclass(frozen=True, slots=True)
class Packages:
    """The folder of a home's packages. Every method blocks; one at a time may change it."""

    folder: Path

    def listed(self) -> tuple[LanguagePackage, ...]:
        """What can be translated with: the home's packages, then those that ship with the program."""
        return tuple(self._package(model) for model in installed(self.folder))

    def install(self, source: Path, progress: Progress = lambda _done, _total: None) -> LanguagePackage:
        """Install an .argosmodel file, a zip or a folder with a Firefox model, in place of one for the same pair.

        Raises InputError when it is no package, DiskFull, ReadOnly; nothing has changed then.
        """
        incoming = self.folder / f"{_INCOMING}{new_id()}"
        with _known(self.folder):
            try:
                self._sweep()
                incoming.mkdir(parents=True)
                unpack(source, incoming, progress)
                return self._publish(_checked(incoming))
            finally:
                shutil.rmtree(incoming, ignore_errors=True)

    def remove(self, source: str, target: str) -> None:
        """Remove the home's packages of a pair. Raises NotFound when there is none (what ships cannot be removed)."""
        own = [model for model in self._own() if (model.source, model.target) == (source, target)]
        if not own:
            raise NotFound(_("No package {pair} was added.").format(pair=f"{source}-{target}"),
                           _("workstation language list shows them."))
        with _known(self.folder):
            self._retire(own)

    def _own(self) -> list[Model]:
        return [model for folder in folders(self.folder) if (model := model_of(folder)) is not None]

    def _package(self, model: Model) -> LanguagePackage:
        own = model.folder.parent == self.folder
        size = sum(file.lstat().st_size for file in model.folder.rglob("*") if file.is_file())
        return LanguagePackage(model.engine, model.source, model.target, size, shipped=not own)

    def _publish(self, model: Model) -> LanguagePackage:
        before = [old for old in self._own() if _same(old, model)]
        place = self.folder / f"{model.engine}-{model.source}-{model.target}-{new_id()}"
        model.folder.rename(place)
        sync_folder(self.folder)
        self._retire(before)
        return self._package(Model(model.engine, model.source, model.target, place))

    def _retire(self, models: list[Model]) -> None:
        for model in models:
            gone = self.folder / f"{_OUTGOING}{new_id()}"
            model.folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def _sweep(self) -> None:
        """What a crash or an engine's open file left behind."""
        for pattern in (_INCOMING, _OUTGOING):
            for folder in self.folder.glob(f"{pattern}*"):
                shutil.rmtree(folder, ignore_errors=True)


def _checked(folder: Path) -> Model:
    """The model in a folder, or in the only folder of it. Raises InputError."""
    inside = list(folder.iterdir())
    alone = inside[0] if len(inside) == 1 and inside[0].is_dir() else folder
    model = model_of(alone)
    if model is None:
        raise InputError(_("This is neither an Argos package nor a Firefox model."), again())
    if not (_CODE.fullmatch(model.source) and _CODE.fullmatch(model.target)) or model.source == model.target:
        raise InputError(_("The package does not say between which languages it translates."), again())
    for wanted in _NEEDED[model.engine]:
        if not any(file.is_file() for pattern in wanted.split("|") for file in alone.glob(pattern)):
            raise InputError(_("The package is incomplete: {name} is missing.").format(name=wanted.split("|")[0]),
                             again())
    return model


def _same(one: Model, other: Model) -> bool:
    return (one.engine, one.source, one.target) == (other.engine, other.source, other.target)


@contextmanager
def _known(folder: Path) -> Iterator[None]:
    """A disk's failures in our own words."""
    try:
        yield
    except OSError as problem:
        if problem.errno in FULL:
            raise DiskFull(_("The disk is full; no package was changed."), _("Free some space.")) from problem
        raise ReadOnly(_("The package could not be copied or changed in {folder}.").format(folder=folder),
                       _("Make both folders readable, this one writable, and close the window.")) from problem
