"""A recorded run: what a person did by keys, what they then saw, and how long it took until they saw it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.support.accessible import spoken_name
from tests.support.window import Person

PATIENCE_MS = 20_000
"""Until something is seen, on a machine that is busy with other tests too."""


@dataclass(frozen=True, slots=True)
class Step:
    """One action: the keys as the guide writes them, what was meant, what was seen, milliseconds until it was."""

    keys: str
    action: str
    seen: str
    ms: float


@dataclass
class Recording:
    """Presses keys for a person and writes down what came of it. Before each key the focus is on something that is on
    the screen and has a name."""

    person: Person
    steps: list[Step] = field(default_factory=list)

    def do(self, action: str, keys: str, seen: str, fact: Callable[[], bool], typed: str = "") -> None:
        """Press `keys` ("G, I", "Ctrl+K"), type `typed` after them, and wait until `fact`."""
        __tracebackhide__ = True
        begun = time.monotonic()
        self.press(keys)
        if typed:
            heard()
            self.person.write(typed)
        try:
            self.person.see(f"{action}: {seen}", fact, PATIENCE_MS)
        except Exception:
            focus = QApplication.focusWidget()
            said = spoken_name(focus) if focus is not None else "nothing"
            print(f"step {len(self.steps) + 1} with the focus on {type(focus).__name__} {said!r}")
            raise
        written = f"{keys} {typed!r}".strip() if typed else keys
        self.steps.append(Step(written, action, seen, round((time.monotonic() - begun) * 1_000, 1)))

    def press(self, keys: str) -> None:
        """Keys in Qt's portable form; a comma and a blank stand between those of a sequence."""
        for one in keys.split(", ") if keys else ():
            combination = QKeySequence(one)[0]  # type: ignore[index]  # PySide's stubs lack it
            if QApplication.activeWindow() is None:     # a window closed, and offscreen nobody says who is next
                self.person.return_to_the_window()
            popup = QApplication.activePopupWidget()
            if popup is not None:       # an open menu has the keys, wherever the focus is
                QTest.keyClick(popup, combination.key(), combination.keyboardModifiers())
                continue
            heard()
            self.person.press(combination.key(), combination.keyboardModifiers())

    @property
    def actions(self) -> set[str]:
        return {step.action for step in self.steps}

    @property
    def slowest(self) -> Step:
        return max(self.steps, key=lambda step: step.ms)

    def write(self, file: Path) -> str:
        """Keep the recording as JSON; the line that sums it up."""
        file.write_text(json.dumps([asdict(step) for step in self.steps], indent=1, ensure_ascii=False), "utf-8")
        times = sorted(step.ms for step in self.steps)
        return (f"{len(self.actions)} actions by keys alone in {len(self.steps)} steps, seen after "
                f"{times[len(times) // 2]} ms at the median, {times[-1]} ms at most ({self.slowest.action}); {file}")


def heard() -> QWidget:
    """What has the focus: on the screen, and with a name a screen reader says."""
    focused = QApplication.focusWidget()
    assert focused is not None, "nothing has the focus"
    assert focused.isVisible(), f"{type(focused).__name__} has the focus and is not to be seen"
    assert spoken_name(focused), f"{type(focused).__name__} has no name"
    return focused


