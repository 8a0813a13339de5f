"""What is kept of a message while its conversation is open, longer than the widget that shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Reading:
    """How the person reads one message: kept while the conversation is open, longer than the bubble itself."""

    original: bool = False
    quoted: bool = False
    html: bool = False
    whole: bool = False
    selected: bool = False
