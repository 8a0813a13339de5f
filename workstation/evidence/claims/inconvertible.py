"""Why a file cannot be converted, as a word that crosses the pipe."""

from __future__ import annotations


class Inconvertible(Exception):
    """`code` is one that `press` has words for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
