"""A key for the whole desktop, as the settings write it ("Ctrl+Alt+S"): which ones may be asked for, and its parts."""

from __future__ import annotations

from dataclasses import dataclass

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

MODIFIERS = ("Ctrl", "Alt", "Shift", "Meta")
_NAMED = {"Print": 0xFF61, "Pause": 0xFF13, "Ins": 0xFF63}
_F1 = 0xFFBE
_LAST_F = 12


@dataclass(frozen=True, slots=True)
class Keystroke:
    """`key` is a letter, a digit, F1 to F12, Print, Pause or Ins; `modifiers` in the order of MODIFIERS."""

    modifiers: tuple[str, ...]
    key: str

    @property
    def keysym(self) -> int:
        """The X keysym of the key without modifiers (X11's keysymdef.h)."""
        if len(self.key) == 1:
            return ord(self.key.lower())
        return _NAMED.get(self.key) or _F1 + int(self.key[1:]) - 1


def parse(text: str) -> Keystroke:
    """A keystroke in Qt's portable writing. Raises InputError for one that would take a key of typing away."""
    *held, key = text.split("+")
    known = all(one in MODIFIERS for one in held) and len(set(held)) == len(held)
    function = key[:1] == "F" and key[1:].isdecimal() and 1 <= int(key[1:]) <= _LAST_F
    plain = len(key) == 1 and key.isascii() and key.isalnum()
    if not known or not (function or plain or key in _NAMED):
        raise InputError(_("{keys} cannot be a key for the whole desktop.").format(keys=text or "-"),
                         _("Use Ctrl, Alt, Shift or Meta with a letter, a digit or F1 to F12, or Print."))
    if plain and not {"Ctrl", "Alt", "Meta"} & set(held):
        raise InputError(_("{keys} alone is needed for typing.").format(keys=text),
                         _("Hold Ctrl, Alt or Meta with it."))
    return Keystroke(tuple(one for one in MODIFIERS if one in held), key)
