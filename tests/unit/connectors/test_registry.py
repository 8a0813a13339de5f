"""The table of connectors is complete: one line for each folder, each under its folder's name, each with its use."""

from __future__ import annotations

from pathlib import Path

from workstation import connectors
from workstation.connectors import registry
from workstation.connectors.base import Capability


def folders() -> set[str]:
    return {path.parent.name for path in Path(connectors.__path__[0]).glob("*/__init__.py")}


def test_every_folder_has_its_line() -> None:
    listed = {each.name for each in registry.metadata() if not each.simulated}
    assert listed == folders() - {"simulated"}


def test_each_line_says_what_it_can_do_and_by_which_document() -> None:
    for each in registry.metadata():
        assert each.capabilities, each.name
        assert each.title, each.name
        assert each.documentation, each.name


def test_every_capability_has_a_connector() -> None:
    assert all(registry.with_capability(capability) for capability in Capability)
    assert [each.name for each in registry.with_capability(Capability.MAIL)] == ["email"]
    assert [each.name for each in registry.with_capability(Capability.CAPTURE)] == ["screen"]
