"""Values of the inbox. Times are milliseconds since the epoch, UTC; sizes are bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workstation.domain.bounce import Bounce
from workstation.domain.conversation import (
    Address,
    Attachment,
    Channel,
    Delivery,
    Direction,
)
from workstation.domain.undo import Undo
from workstation.inbox.listing import NO_CLOCK, ConversationRow, ListQuery, Queue
from workstation.inbox.prepared import PreparedMail

__all__ = [
    "NO_CLOCK",
    "Account",
    "AccountSettings",
    "AssignmentRule",
    "BadItem",
    "ClockRule",
    "ConnectionReport",
    "ConnectionStep",
    "ConversationRow",
    "ConversationView",
    "FetchedMail",
    "FolderCursor",
    "Formatted",
    "ImportReport",
    "IncomingAttachment",
    "IncomingMail",
    "ListQuery",
    "MailFolder",
    "MessageCursor",
    "MessagePage",
    "MessageView",
    "Place",
    "PreparedMail",
    "Queue",
    "SavedView",
    "Security",
    "ServerSettings",
    "SystemLine",
    "TagCount",
    "TranslationView",
    "Undo",
]


class Security(StrEnum):
    """How a mail server is reached. PLAIN is accepted on loopback only."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """`pin`: SHA-256 of the public key (SubjectPublicKeyInfo) the server must show, in hex; "" = any that is valid.
    A pinned key is enough by itself: a server of one's own need not have a certificate that an authority signed."""

    host: str
    port: int
    security: Security = Security.TLS
    pin: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """A mail provider we know: its servers, and what a person must do there first ("" when nothing)."""

    name: str
    imap: ServerSettings
    smtp: ServerSettings
    hint: str = ""
    sign_in: str = ""                  # this provider's own sign-in works instead of a password


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """A mailbox as the connect form fills it. The password is never part of it."""

    address: str
    user: str
    imap: ServerSettings
    smtp: ServerSettings
    name: str = ""                     # shown to buyers as sender
    channel: Channel = Channel.EMAIL   # AMAZON for a mailbox that receives Amazon's buyer messages
    store: str = ""
    market: str = ""
    first_sync_days: int = 30
    sent_folder: str = ""              # "" = found by its \Sent mark
    self_bcc: bool = False             # prove a send by a copy to ourselves where the server keeps none
    ca_file: str = ""                  # a certificate authority of one's own (PEM), "" = the system's
    folders: tuple[str, ...] = ()      # read beside the inbox and sent mail
    mark_seen: bool = True             # what is read here is marked as read on the server
    sign_in: str = ""                  # "google", "microsoft": a token instead of a password (signin.toml)
    client_id: str = ""                # under which this program is registered there


@dataclass(frozen=True, slots=True)
class MailFolder:
    """A folder of a mailbox. `role`: "inbox", "sent", "junk", "trash", "archive", "drafts", "all", "flagged" or "".

    `offered` False: never read, because it shows again what other folders hold, or holds what nobody sent.
    """

    name: str
    role: str = ""
    offered: bool = True
    watched: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    settings: AccountSettings
    state: str = "offline"             # as AccountStatusChanged.state
    sentence: str = ""
    last_sync_at: int | None = None
    trouble: str = ""                  # as AccountStatusChanged.trouble


@dataclass(frozen=True, slots=True)
class ConnectionStep:
    """One step of a connection test: `ok` None means not tried because an earlier step failed."""

    name: str
    ok: bool | None
    sentence: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    steps: tuple[ConnectionStep, ...]

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)


@dataclass(frozen=True, slots=True)
class IncomingAttachment:
    name: str
    mime: str
    content: bytes
    inline: bool = False
    content_id: str = ""


LATER = "\x1a"
"""In place of a mail's HTML: it is cleaned when its conversation is opened. No cleaned HTML is this."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """What was put off until a mail is opened: its cleaned HTML, and what that gave to say."""

    html: str
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """A mail after parsing, before threading. Parsed by `connectors.email.mapper`, stored by the inbox."""

    raw: bytes
    message_id: str                    # with angle brackets; made from the content's hash when the mail has none
    in_reply_to: str
    references: tuple[str, ...]
    author: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: Address | None
    subject: str
    at: int                            # Date header; when it is missing or absurd, the time of receipt
    text: str                          # plain text of the whole body
    html: str                          # cleaned HTML, "" when the mail has none, or LATER
    attachments: tuple[IncomingAttachment, ...] = ()
    automatic: bool = False            # RFC 3834 Auto-Submitted and its relatives
    problems: tuple[str, ...] = ()     # what was wrong with it, in words for the person
    own: bool = False                  # found in a Sent folder: we (or our phone) wrote it
    notes: tuple[str, ...] = ()        # what it is and what was left out, in words: nothing is wrong with that
    bounces: tuple[Bounce, ...] = ()   # what a mail server reports of a mail of ours


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """A mail and where in which folder it was found."""

    account_id: str
    folder: str
    uid_validity: int
    uid: int
    mail: IncomingMail | PreparedMail
    seen: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A mail's marks in a folder of the server: read, and answered, with whatever program."""

    uid: int
    seen: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True)
class FolderCursor:
    """How far a folder has been read. `mod_sequence` (RFC 7162): marks are known up to there, 0 where the server counts
    none. `since`: mails received from then on (ms) were read; 0 = not read yet."""

    uid_validity: int = 0
    last_uid: int = 0
    mod_sequence: int = 0
    since: int = 0


@dataclass(frozen=True, slots=True)
class BadItem:
    """Something in an import that could not be used: where (file, line or mail) and why."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    seen: int = 0
    new: int = 0
    updated: int = 0
    bad: tuple[BadItem, ...] = ()
    more_bad: int = 0                  # bad items beyond the first thousand, which are not named
    resumed: int = 0                   # of `seen`, how many an earlier import that was broken off had stored


@dataclass(frozen=True, slots=True)
class TranslationView:
    """A message in another language, with what did not survive."""

    language: str
    text: str
    engine: str
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message of the timeline."""

    id: str
    conversation_id: str
    direction: Direction
    author: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    at: int
    subject: str
    text: str                          # without quoted history
    quoted: str                        # the quoted history, folded in the window
    html: str                          # cleaned HTML of the whole mail, "" when it has none
    language: str
    translation: TranslationView | None
    attachments: tuple[Attachment, ...]
    delivery: Delivery
    delivery_sentence: str             # why it is held, queued, unknown or failed; "" when done
    message_id: str
    problems: tuple[str, ...] = ()
    survivors: tuple[str, ...] = ()    # ids, amounts, dates and links that must survive translation
    original: str = ""                 # what the agent wrote, when `text` is a translation of it
    original_language: str = ""
    notes: tuple[str, ...] = ()        # as IncomingMail.notes
    seq: int = 0                       # with `at`, its place in the timeline (`MessageCursor`)
    erased_at: int = 0                 # when its text was erased, which its notes then say; 0: it was not


@dataclass(frozen=True, slots=True)
class SystemLine:
    """A quiet line between messages. `kind`: "check", "evidence", "approval", "state", "merge", "system"; `ref` is the
    id of what it tells of (an answer, a record, a message), which a click opens, "" for nothing."""

    at: int
    text: str
    kind: str = "system"
    ref: str = ""


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """Open conversations that fit `query` (the search box's language) go to the one of `members` who has least open
    ones. A new rule has id ""."""

    id: str
    title: str
    query: str
    members: tuple[str, ...]
    on: bool = True


@dataclass(frozen=True, slots=True)
class MessageCursor:
    """A place in a timeline: beside which message, and which way to read from there. With `message_id` alone (`at` 0)
    the page is around that message, half before it and half after. With `position` the page begins at that place of the
    timeline, from 0. With nothing it is the newest page; a time alone with `later` begins at that time."""

    at: int = 0
    seq: int = 0
    later: bool = False
    message_id: str = ""
    position: int = -1


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages in time order with the quiet lines between them, and how many more there are on both sides."""

    messages: tuple[MessageView, ...]
    lines: tuple[SystemLine, ...]
    earlier: int
    later: int


@dataclass(frozen=True, slots=True)
class SavedView:
    """A search that stands in the left column. `query` is in the search box's own language."""

    id: str
    title: str
    query: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class TagCount:
    tag: str
    open: int


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation opened: its row, its newest messages in time order, and the quiet lines between."""

    row: ConversationRow
    customer: Address
    messages: tuple[MessageView, ...]
    lines: tuple[SystemLine, ...] = ()
    earlier: int = 0                   # messages before the first one shown
    first_unread: str = ""             # the buyer's message that came first since it was last looked at; "" none


KINDS = ("hours", "business_days", "business_hours", "cutoff", "none")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""What a response clock may count, and the days of the week as its rules name them."""


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One line of the table. `markets` and `stores` empty: every one without a rule of its own."""

    channel: str
    kind: str
    markets: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    hours: int = 0
    days: int = 0
    received_until: str = ""
    answered_by: str = ""
    zone: str = ""
    opens: str = ""
    closes: str = ""
    week: tuple[str, ...] = ()         # "mon" … "sun"; empty: the market's own working days
    holidays: bool = True              # whether public holidays stand still, where the kind counts working time
    runs_from: str = "first"           # "first" unanswered message, or the buyer's "last" one (messenger windows)
    greetings: bool = True             # whether an answer that only greets stops the clock
    source: str = ""
    own: bool = False                  # of the home, not shipped

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """Which of several fitting rules counts: the seller's own, then that of the store, then of the market."""
        return self.own, bool(self.stores), bool(self.markets)
