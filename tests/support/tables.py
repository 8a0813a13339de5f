"""Every table of the desktop as its class declares it. The program itself loads none of those classes."""

from __future__ import annotations

import importlib
from functools import cache

from sqlalchemy import MetaData
from sqlmodel import SQLModel

from tests.support.source import ROOT


@cache
def every_table() -> MetaData:
    """The models of the whole desktop; the hub's are in a registry of their own."""
    for file in sorted((ROOT / "workstation").rglob("tables.py")):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        if not name.startswith("workstation.hub"):
            importlib.import_module(name)
    return SQLModel.metadata
