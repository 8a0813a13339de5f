"""E-mail: IMAP in, SMTP out, archives from files. Also the way Amazon's buyer messages come and go."""

from __future__ import annotations

from dataclasses import dataclass

from workstation.domain.conversation import Channel


@dataclass(frozen=True, slots=True)
class Metadata:
    """What this connector is and can do, for the registry and for the screen that adds one."""

    name: str
    channel: Channel
    capabilities: frozenset[str]


METADATA = Metadata(
    name="email",
    channel=Channel.EMAIL,
    capabilities=frozenset({"receive", "send", "attachments", "sent_folder", "import"}),
)
