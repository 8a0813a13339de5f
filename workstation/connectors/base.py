"""What every connector says about itself. The capabilities' Protocols live in the features' `ports`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Capability(StrEnum):
    """What a connector can do; each is a Protocol of a feature."""

    MAIL = "mail"                  # inbox.ports.MailboxFactory, drafts.ports.Transport
    ORDER_SOURCE = "order_source"  # orders.ports.OrderSource
    CARRIER = "carrier"            # orders.ports.Carrier
    ORDER_FILE = "order_file"      # orders.ports.OrderFile
    CAPTURE = "capture"            # evidence.ports.CaptureBackend
    TIME_STAMP = "time_stamp"      # evidence.ports.AskAuthority


@dataclass(frozen=True, slots=True)
class Metadata:
    """A connector as the settings page and `doctor` show it."""

    name: str                      # its folder
    title: str
    capabilities: tuple[Capability, ...]
    documentation: str = ""        # the specification it follows, in words
    secrets: tuple[str, ...] = ()  # names of the secrets it needs
    simulated: bool = False        # answers are made up for the demo and tests, and the screen says so
