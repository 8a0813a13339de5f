"""Where a hub keeps its things and what it calls itself: one folder, one file, no secrets in it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from workstation.kernel.errors import InputError, NotFound, ReadOnly
from workstation.kernel.i18n import _

DEFAULT_URL = "http://127.0.0.1:8787"


@dataclass(frozen=True, slots=True)
class HubConfig:
    """`hub.json`. `url` is what desktops are told; `reserve` is disk space in bytes that stays free."""

    name: str
    url: str = DEFAULT_URL
    reserve: int = 64 * 1024 * 1024
    authority: str = ""           # address of a time-stamp authority (RFC 3161) that stamps the log's checkpoints
    authority_roots: str = ""     # its root certificates: a PEM file, relative to the hub's folder


@dataclass(frozen=True, slots=True)
class HubFolder:
    """The folder of one hub."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "hub.json"

    @property
    def database(self) -> Path:
        return self.root / "hub.db"

    @property
    def objects(self) -> Path:
        return self.root / "objects"

    @property
    def spool(self) -> Path:
        return self.root / "spool"

    def create(self, config: HubConfig) -> None:
        """Make a new hub's folder. Raises InputError when there is one, ReadOnly."""
        if self.config.exists():
            raise InputError(_("There is already a hub in {folder}.").format(folder=self.root),
                             _("Use it, or choose an empty folder."))
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary = self.config.with_suffix(".tmp")
            temporary.write_text(json.dumps(asdict(config), ensure_ascii=False, indent=1), encoding="utf-8")
            temporary.replace(self.config)
        except OSError as problem:
            raise ReadOnly(_("The hub's folder could not be written."), _("Make it writable.")) from problem

    def load(self) -> HubConfig:
        """Raises NotFound when there is no hub here, InputError when its file is damaged."""
        try:
            return HubConfig(**json.loads(self.config.read_text(encoding="utf-8")))
        except FileNotFoundError as problem:
            raise NotFound(_("There is no hub in {folder}.").format(folder=self.root),
                           _("Make one with: workstation hub init.")) from problem
        except (OSError, ValueError, TypeError) as problem:
            raise InputError(_("The hub's file {file} cannot be read.").format(file=self.config),
                             _("Restore it from a backup.")) from problem
