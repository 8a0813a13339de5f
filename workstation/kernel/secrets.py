"""The port to where secrets are kept. The store implements it; nothing else sees a keyring."""

from __future__ import annotations

from typing import Protocol


class Secrets(Protocol):
    """Named secrets of one home. Calls block: use them from a worker thread or before the window opens.

    Raises KeyringProblem when the place cannot be used.
    """

    def get(self, name: str) -> bytes | None: ...

    def set(self, name: str, value: bytes) -> None: ...

    def delete(self, name: str) -> None: ...
