"""Logs a person may send to us: what happened and when, never what a buyer wrote, an address or a key.

Messages are constant sentences with ids and counts as arguments; `redact` is the second line of defence.
"""

from __future__ import annotations

import logging
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path

_RULES = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<address>"),
    (re.compile(r"(?i)\b(bearer|basic|token|password|passphrase|secret|key)\b(\s*[:=]\s*|\s+)\S+"), r"\1=<secret>"),
    (re.compile(r"\b[0-9a-fA-F]{64,}\b"), "<key>"),
    (re.compile(r"\+?\d[\d ()-]{8,}\d"), "<number>"),
)
FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def redact(text: str) -> str:
    """`text` without addresses, long numbers and anything that looks like a secret."""
    for pattern, mark in _RULES:
        text = pattern.sub(mark, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats as usual, then redacts message and trace alike."""

    def format(self, record: logging.LogRecord) -> str:
        stamp, _sep, rest = super().format(record).partition(f" {record.levelname} ")
        return f"{stamp} {record.levelname} {redact(rest)}"


def log_to(folder: Path, level: int = logging.INFO) -> logging.Handler:
    """Start writing `workstation.log` in `folder` (2 MB, three kept). Returns the handler so it can be closed."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / "workstation.log", maxBytes=2_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(RedactingFormatter(FORMAT))
    logger = logging.getLogger("workstation")
    logger.setLevel(level)
    logger.addHandler(handler)
    return handler
