"""Where things are: the home folder of one user's data, and the resources that ship with the program."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds one user's store. Everything the product writes is below it."""

    root: Path

    @property
    def description(self) -> Path:
        """`home.json`: format, home id, device id, how the key is kept. Holds nothing secret in clear."""
        return self.root / "home.json"

    @property
    def database(self) -> Path:
        return self.root / "workstation.db"

    @property
    def blobs(self) -> Path:
        return self.root / "blobs"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def settings(self) -> Path:
        return self.root / "settings.json"

    @property
    def packages(self) -> Path:
        """Translation packages the user installed."""
        return self.root / "translation"


def default_home() -> Home:
    """The platform's place for a user's application data."""
    from platformdirs import user_data_path

    return Home(user_data_path("workstation", appauthor=False))


@cache
def resources() -> Path:
    """The resources folder, from a frozen build, an installed wheel or a checkout, in that order."""
    here = Path(__file__).resolve()
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [Path(frozen) / "resources"] if frozen else []
    candidates += [here.parents[1] / "_resources", here.parents[2] / "resources"]
    return next((folder for folder in candidates if folder.is_dir()), candidates[-1])
