"""The response clocks that hold: those that ship, and before them the seller's own, which may change while we run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import overload

from workstation.inbox.clocks import load_rules, mistake, own_rules
from workstation.inbox.model import ClockRule
from workstation.kernel.errors import InputError, ReadOnly
from workstation.kernel.i18n import _
from workstation.store.files import publish, write_synced

ASIDE = "clocks.before.toml"
"""The file as it was when something in it was not understood and rules were saved over it."""
_DEFAULTS = {field.name: field.default for field in fields(ClockRule)}


class ClockBook(Sequence[ClockRule]):
    """A sequence of rules that everybody holds the same one of: whoever asks next sees the new ones."""

    def __init__(self, shipped: Path, own: Path) -> None:
        self._shipped = load_rules(shipped)
        self._path = own
        self.own, self.problems = own_rules(own)
        self._all = (*self._shipped, *self.own)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[ClockRule]:
        return iter(self._all)

    @overload
    def __getitem__(self, at: int) -> ClockRule: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[ClockRule]: ...

    def __getitem__(self, at: int | slice) -> ClockRule | Sequence[ClockRule]:
        return self._all[at]

    def keep(self, own: Sequence[ClockRule]) -> None:
        """Write the seller's own rules and let them hold. Blocks on the disk. Raises InputError, naming the rule that
        cannot be used; ReadOnly; nothing is changed then."""
        lines = [_line(rule) for rule in own]
        for number, line in enumerate(lines, 1):
            wrong = mistake(line)
            if wrong:
                said = _("Rule {number}: {what}").format(number=number, what=wrong)
                raise InputError(said, _("Change it, then save."))
        try:
            if self.problems:   # lines that were not understood, written by hand: they are not lost
                _replace(self._path.with_name(ASIDE), self._path.read_bytes())
            _replace(self._path, _text(lines).encode())
        except OSError as problem:
            raise ReadOnly(_("The rules could not be saved."), _("Make the folder writable.")) from problem
        self.own, self.problems = tuple(replace(rule, own=True) for rule in own), ()
        self._all = (*self._shipped, *self.own)


def _line(rule: ClockRule) -> dict[str, object]:
    """A rule as it stands in the file: only what differs from what is meant without it."""
    values = {field.name: getattr(rule, field.name) for field in fields(rule)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
            if name != "own" and value != _DEFAULTS.get(name)}


def _text(lines: Sequence[dict[str, object]]) -> str:
    """TOML: its basic strings (1.0, "String") escape as JSON's do; lists, numbers and booleans are written alike."""
    said = ["# Response clocks of one's own, in the form of the shipped ones."]
    for line in lines:
        values = (f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in line.items())
        said += ["", "[[clock]]", *values]
    return "\n".join(said) + "\n"


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.unlink(missing_ok=True)
    write_synced(temporary, content)
    publish(temporary, path, replace=True)
