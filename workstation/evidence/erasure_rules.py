"""Reads the platforms' deadlines from `resources/policy/erasure.toml`. A file with anything odd in it is refused whole:
a deadline read wrongly destroys proof, or keeps what must go."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from workstation.evidence.erasure.model import Rule
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

_LARGEST = 256 * 1024
_MOST = 200
_FIELDS = {"id", "channel", "after", "days", "notice_days", "source"}


def load(path: Path) -> tuple[Rule, ...]:
    """The rules in the order of the file. Raises InputError."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        found = tomllib.loads(content[:_LARGEST].decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise _odd(str(path.name)) from problem
    listed = found.get("rule")
    if len(content) > _LARGEST or set(found) != {"version", "rule"} or not isinstance(listed, list):
        raise _odd(str(path.name))
    rules = tuple(_rule(each) for each in listed[:_MOST + 1])
    if len(rules) > _MOST or len({rule.id for rule in rules}) != len(rules):
        raise _odd(str(path.name))
    return rules


def _rule(found: Any) -> Rule:
    if not isinstance(found, dict) or set(found) != _FIELDS:
        raise _odd("rule")
    texts = [found[name] for name in ("id", "channel", "after", "source")]
    numbers = [found["days"], found["notice_days"]]
    if not all(isinstance(text, str) and 0 < len(text) <= 400 for text in texts) or found["after"] != "delivery":
        raise _odd(str(found.get("id"))[:80])
    if not all(type(number) is int and 0 <= number <= 3_650 for number in numbers) or found["days"] < 1:
        raise _odd(str(found.get("id"))[:80])
    return Rule(found["id"], found["channel"], found["days"], found["notice_days"], found["source"], found["after"])


def _odd(where: str) -> InputError:
    return InputError(_("The erasure rules cannot be used ({where}); nothing is erased by itself.").format(where=where),
                      _("Install the program again, or mend its erasure.toml."))
