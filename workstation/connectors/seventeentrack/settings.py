"""What connects 17TRACK."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeventeenTrackSettings:
    """`origin` is replaced by a simulated carrier's address on loopback. `pause` keeps to three questions a second."""

    origin: str = "https://api.17track.net"
    pause: float = 0.34
    simulated: bool = False

    def url(self, action: str) -> str:
        return f"{self.origin}/track/v2.2/{action}"
