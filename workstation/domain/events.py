"""What the core announces after it committed. Each carries ids; whoever cares reads the rows again."""

from __future__ import annotations

from dataclasses import dataclass

from workstation.kernel.events import Event


@dataclass(frozen=True, slots=True)
class ConversationsChanged(Event):
    """Rows of the list changed, appeared or left. The change set every list model follows. `elsewhere`: another desktop
    did it, and this one was told."""

    ids: tuple[str, ...]
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class MessageArrived(Event):
    """A buyer's message came in while the program was running (not during the first sync)."""

    conversation_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class DraftSaved(Event):
    conversation_id: str
    revision: int


@dataclass(frozen=True, slots=True)
class DeliveryChanged(Event):
    """An outgoing message moved on: held, queued, sending, done, unknown or failed."""

    conversation_id: str
    outgoing_id: str
    state: str


@dataclass(frozen=True, slots=True)
class ChecksChanged(Event):
    conversation_id: str


@dataclass(frozen=True, slots=True)
class OrdersChanged(Event):
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceSealed(Event):
    """A record joined a case and is on disk, or an authority has stamped its time."""

    case_id: str
    record_id: str


@dataclass(frozen=True, slots=True)
class AccountsChanged(Event):
    pass


@dataclass(frozen=True, slots=True)
class AccountStatusChanged(Event):
    """A mailbox connected, lost its connection or was refused. `sentence` is ready to be shown."""

    account_id: str
    state: str                 # "connecting" | "online" | "offline" | "refused"
    sentence: str = ""
    trouble: str = ""          # "keyring": its password cannot be read; "certificate": its server proves nothing


@dataclass(frozen=True, slots=True)
class ConnectivityChanged(Event):
    online: bool


@dataclass(frozen=True, slots=True)
class SyncChanged(Event):
    """The state of copying upstream changed; ask `core.sync.status()`."""


@dataclass(frozen=True, slots=True)
class TranslationStored(Event):
    """A message can now be read in the agent's language."""

    conversation_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class EnginesChanged(Event):
    """A translation engine became ready, failed or was installed."""


@dataclass(frozen=True, slots=True)
class JobChanged(Event):
    """A long work moved on. `total` is 0 when it is not known."""

    job_id: str
    title: str
    done: int
    total: int
    state: str                 # "running" | "done" | "failed" | "cancelled"
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class OwnCopySeen(Event):
    """A reply of ours was found where only a sent mail can be: the Sent folder, or as a copy to ourselves."""

    outgoing_id: str


@dataclass(frozen=True, slots=True)
class ProblemsChanged(Event):
    """What failed and waits for a person is not the same list as before; ask `core.problems.list()`."""


@dataclass(frozen=True, slots=True)
class QueuesChanged(Event):
    """A saved view, a tag's name or a member's name changed: the left column is another one."""


@dataclass(frozen=True, slots=True)
class MembersChanged(Event):
    """Somebody joined the team, left it or has another name."""


@dataclass(frozen=True, slots=True)
class PresenceChanged(Event):
    """Who views or writes in this conversation is not the same as before; ask `core.team.presence`."""

    conversation_id: str


@dataclass(frozen=True, slots=True)
class CustomersChanged(Event):
    """Customers were merged, parted or learned more of. Their conversations are announced beside it."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClockNearing(Event):
    """These conversations entered the last quarter (`last` False) or the last tenth of their clock."""

    ids: tuple[str, ...]
    last: bool = False


@dataclass(frozen=True, slots=True)
class IndexChanged(Event):
    """The search index is rebuilt in the background: how far it is. `total` 0 when it is whole."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class BinderChanged(Event):
    """The binder of a case changed: its order, a caption, a slot, a text; ask `core.binder.binder`."""

    case_id: str


@dataclass(frozen=True, slots=True)
class PictureRead(Event):
    """A picture's text was read (or could not be: `well` False). `source`: its record's or attachment's id;
    `message_id`: where its words are found, "" for none."""

    conversation_id: str
    message_id: str
    source: str
    well: bool = True


@dataclass(frozen=True, slots=True)
class PlaybookChanged(Event):
    """Which playbook a conversation follows, or how a step of it stands, is not as before; ask `core.playbooks.of`."""

    conversation_id: str
