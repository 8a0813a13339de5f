"""Sets of keys for people who come from another program. Each names only what differs from ours.

Those programs use Alt or Ctrl+Alt with letters for much of it, which type letters on Polish and other keyboards: here
the letter alone does it, as everywhere in the window, and Ctrl+Shift with the letter where it must work while typing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workstation.kernel.i18n import N_

Keys = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Preset:
    """A set by its id in the settings. `keys` is what differs from the table."""

    id: str
    title: str
    about: str
    keys: Keys


PRESETS = (
    Preset("", N_("Workstation"), N_("Letters as in most mail programs."), {}),
    Preset("gmail", "Gmail", N_("M mutes, N and P walk through messages, D writes a note."), {
        "conversation.mute": ("M",),
        "conversation.merge": ("Ctrl+M",),
        "conversation.next_message": ("N", "]"),
        "conversation.previous_message": ("P", "["),
        "composer.note": ("D",),
    }),
    Preset("zendesk", "Zendesk", N_("S solves, D solves and goes on, X writes an internal note."), {
        "conversation.resolve": ("S", "Ctrl+Shift+D"),
        "conversation.resolve_next": ("Shift+S", "D"),
        "composer.note": ("X", "Ctrl+Shift+N"),
        "composer.reply": ("R", "Ctrl+Shift+C"),
        "list.select": ("V",),
        "conversation.snooze": ("P",),
        "conversation.label": ("T",),
        "conversation.original": ("L",),
        "conversation.side_by_side": ("Ctrl+Shift+T",),
        "case.other": ("Ctrl+Shift+L",),
    }),
    Preset("chatwoot", "Chatwoot", N_("J and K walk, E resolves, L replies, P writes a private note."), {
        "composer.reply": ("L", "R"),
        "composer.note": ("P", "N"),
        "conversation.label": ("T",),
        "conversation.original": ("Y",),
        "conversation.mute": ("M",),
        "conversation.merge": ("Ctrl+M",),
        "conversation.snooze": ("S", "B"),
    }),
)
BY_ID = {preset.id: preset for preset in PRESETS}


def of(changed: Keys) -> str | None:
    """Which preset these changed keys are, None when they are a person's own."""
    return next((preset.id for preset in PRESETS if dict(preset.keys) == dict(changed)), None)
