"""The steps of the first run, declared once, and how far a home has come: what is done stays done after a crash."""

from __future__ import annotations

from dataclasses import dataclass

from workstation.kernel.i18n import N_
from workstation.kernel.settings import Settings

SETTING = "setup"
"""The setting that holds `Position` as text while the assistant is not finished."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page. `core`: it asks the core, so it comes after the home is made."""

    name: str
    title: str
    skippable: bool = True
    core: bool = True


STEPS = (
    Step("language", N_("Language"), skippable=False, core=False),
    Step("home", N_("Your data"), skippable=False, core=False),
    Step("key", N_("Recovery key"), skippable=False, core=False),
    Step("mailbox", N_("Mailbox")),
    Step("orders", N_("Orders")),
    Step("packs", N_("Translation")),
    Step("hub", N_("Hub")),
    Step("done", N_("Ready"), skippable=False),
)
NAMES = tuple(step.name for step in STEPS)
AFTER_HOME = "mailbox"
"""The first step of a home that was just made."""


@dataclass(frozen=True, slots=True)
class Position:
    """The step to continue at, and the steps whose work was done (not skipped)."""

    step: str
    done: frozenset[str] = frozenset()

    def to_text(self) -> str:
        return f"{self.step} {','.join(sorted(self.done))}".strip()


def position(settings: Settings) -> Position | None:
    """Where the assistant stopped; None when it is finished or never began in this home."""
    step, _blank, done = settings.text(SETTING).partition(" ")
    if step not in NAMES:
        return None
    return Position(step, frozenset(name for name in done.split(",") if name in NAMES))


def remember(settings: Settings, where: Position | None) -> None:
    """Write it down; None: finished. Raises ReadOnly."""
    settings.set(SETTING, where.to_text() if where is not None else "")
