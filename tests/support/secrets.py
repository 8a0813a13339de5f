"""Secrets that live as long as a test."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class MemorySecrets:
    values: dict[str, bytes] = field(default_factory=dict)

    def get(self, name: str) -> bytes | None:
        return self.values.get(name)

    def set(self, name: str, value: bytes) -> None:
        self.values[name] = value

    def delete(self, name: str) -> None:
        self.values.pop(name, None)
