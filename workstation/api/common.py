"""What several of the parts say."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with (done, total); total is 0 when it is not known."""
