"""What triage reads with, loaded on its own thread when the first conversation waits: words, weights, and lessons."""

from __future__ import annotations

import json
import os
import sys
import threading
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from workstation.triage.classify import Classifier, shipped
from workstation.triage.judge import Judge, Material
from workstation.triage.learner import Learner
from workstation.triage.model import Triage
from workstation.triage.repo import Correction
from workstation.triage.text import content, looked_at

RULES = 3
"""Raised when the same words would be judged otherwise: what was read is read again, in the background."""


class Engine:
    """One at a time: every call comes from triage's thread but those that only leave a note."""

    def __init__(self, folder: Path) -> None:
        """`folder`: resources/triage."""
        self._folder = folder
        self._classifier: Classifier | None = None
        self._common: Mapping[int, float] | None = None
        self._examples: Sequence[Correction] | None = None
        self._learner: Learner | None = None
        self._version: str | None = None

    @property
    def version(self) -> str:
        """Changes when what is read changes."""
        if self._version is None:
            with (self._folder / "weights.bin").open("rb") as file:
                told = json.loads(file.readline())
            self._version = sha256(f"{RULES} {told['made_from']}".encode()).hexdigest()[:12]
        return self._version

    @property
    def needs_lessons(self) -> bool:
        return self._examples is None

    def learn(self, examples: Sequence[Correction]) -> None:
        self._examples, self._learner = examples, None

    def forget_lessons(self) -> None:
        """A correction was made or taken back."""
        self._examples = None

    def judge(self, about: Sequence[Material], now: int) -> list[Triage]:
        """Blocks: a fifth of a second to load, then below a millisecond for a message."""
        if self._classifier is None:
            self._classifier = shipped(self._folder)
        if self._learner is None:
            self._learner = Learner(self._examples or (), self._background() if self._examples else {}, now)
        judge = Judge(self._classifier, self._learner, now)
        return [judge.judge(each) for each in about]

    def step_aside(self) -> None:
        """Let everything else go first, where the system lets one thread do so (Linux; elsewhere slices are small)."""
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)

    def _background(self) -> Mapping[int, float]:
        """How many of a hundred messages have a word."""
        if self._common is None:
            files = [tomllib.loads(path.read_text("utf-8")) for path in sorted((self._folder / "learn").glob("*.toml"))]
            listed = [each for told in files for texts in told["issue"].values() for each in texts]
            texts = [each if isinstance(each, str) else each[0] for each in listed]
            counts = Counter(word for text in texts for word in content(looked_at(text)))
            self._common = {word: 100 * count / len(texts) for word, count in counts.items() if count > 1}
        return self._common
