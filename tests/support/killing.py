"""For a child process that kills itself at a moment of its work, as a computer that loses its power does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable


def killer(stage: str, count: int = 1) -> Callable[[str], None]:
    """What the child calls wherever it is: at the `count`th time that this is `stage`, it kills the process."""
    seen = 0

    def now(here: str) -> None:
        nonlocal seen
        seen += here == stage
        if here == stage and seen == count:
            os.kill(os.getpid(), signal.SIGKILL)

    return now
