"""Tables of the inbox. The conversation row repeats what the list shows, so that a page is one index range."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Index, LargeBinary, MetaData, event, text
from sqlmodel import Field, SQLModel

from workstation.inbox.rows import LISTED, OPEN, WARNED
from workstation.store import assigned, tally


class AccountRow(SQLModel, table=True):
    """A mailbox. Settings are JSON of `AccountSettings`; the password is in Secrets."""

    __tablename__ = "account"
    id: str = Field(primary_key=True)
    address: str = Field(unique=True)
    settings: str
    created_at: int
    last_sync_at: int | None = None


class FolderRow(SQLModel, table=True):
    """How far a mailbox folder was read."""

    __tablename__ = "mail_folder"
    account_id: str = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    folder: str = Field(primary_key=True)
    uid_validity: int = 0
    last_uid: int = 0
    mod_sequence: int = 0
    since_at: int = Field(default=0, sa_column_kwargs={"server_default": "0"})   # mails received from then on are here


class MailPlaceRow(SQLModel, table=True):
    """Where on the server a stored message is, and the marks it has there. Gone from there, the message stays here."""

    __tablename__ = "mail_place"
    __table_args__ = (
        Index("mail_place_unseen", "message_id", sqlite_where=text("seen = 0")),
        Index("mail_place_answered", "message_id", sqlite_where=text("answered = 1")),
    )
    account_id: str = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    folder: str = Field(primary_key=True)
    uid: int = Field(primary_key=True)
    message_id: str = ""
    seen: bool = False
    answered: bool = False


class MailBadPlaceRow(SQLModel, table=True):
    """A mail on the server that could not be read or stored. It is passed over, and tried again at `next_try_at`."""

    __tablename__ = "mail_bad_place"
    account_id: str = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    folder: str = Field(primary_key=True)
    uid: int = Field(primary_key=True)
    why: str = ""
    tries: int = 1
    next_try_at: int = 0


class MailServerRow(SQLModel, table=True):
    """The public key a server of one's own showed when it was first reached."""

    __tablename__ = "mail_server"
    host: str = Field(primary_key=True)
    port: int = Field(primary_key=True)
    key: str = ""                      # SHA-256 of its SubjectPublicKeyInfo, hex
    seen_at: int = 0


_LISTED = ("merged_into", "last_at")
_OPEN = ("state", *_LISTED)


class ConversationTable(SQLModel, table=True):
    __tablename__ = "conversation"
    __table_args__ = (
        # One index for each order people look at. It holds only what a queue shows, and all that its condition asks, so
        # that walking to a place reads no row.
        Index("conversation_list", "state", "sort_key", "id", *_LISTED, sqlite_where=text(LISTED)),
        Index("conversation_all", "sort_key", "id", *_LISTED, sqlite_where=text(LISTED)),
        Index("conversation_assignee", "assignee", "sort_key", "id", *_OPEN, sqlite_where=text(OPEN)),
        Index("conversation_channel", "channel", "sort_key", "id", *_OPEN, sqlite_where=text(OPEN)),
        Index("conversation_store", "store", "sort_key", "id", *_OPEN, sqlite_where=text(OPEN)),
        Index("conversation_language", "language", "sort_key", "id", *_OPEN, sqlite_where=text(OPEN)),
        Index("conversation_review", "sort_key", "id", "review", "risk", *_OPEN,
              sqlite_where=text(f"(review = 1 OR risk <> '') AND {OPEN}")),
        Index("conversation_failed", "sort_key", "id", "delivery", *_LISTED,
              sqlite_where=text(f"delivery IN ('failed', 'unknown') AND {LISTED}")),
        Index("conversation_warn", "sort_key", "id", "warn_at", "muted", *_OPEN,
              sqlite_where=text(f"{WARNED} AND {OPEN}")),
        Index("conversation_warn_at", "warn_at", "sort_key", "id", "muted", *_OPEN,
              sqlite_where=text(f"{WARNED} AND {OPEN}")),
        Index("conversation_merged", "merged_into", sqlite_where=text("merged_into != ''")),
        Index("conversation_tags", "tags", "state", "merged_into", "last_at", sqlite_where=text("tags != ''")),
        Index("conversation_customer", "customer_id", "last_at", "id"),
    )
    id: str = Field(primary_key=True)
    account_id: str = ""
    subject: str = ""
    channel: str = "email"
    state: str = "open"
    customer_name: str = ""
    customer_address: str = Field(default="", index=True)
    language: str = ""
    market: str = ""
    store: str = ""
    snippet: str = ""
    unread: bool = True
    unanswered_since: int | None = None
    dismissed_at: int = 0              # "no response needed" was said then
    due_at: int | None = None
    clock_ms: int = 0
    snoozed_until: int | None = None
    last_at: int = 0
    issue: str = ""
    delivery: str = "done"
    sort_key: int = 0
    resolved_upto: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # the newest message it covers
    shared: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})    # the hub was told of it
    assignee: str = Field(default="", sa_column_kwargs={"server_default": ""})       # a `domain.member.Member` id
    tags: str = Field(default="", sa_column_kwargs={"server_default": ""})          # each between line feeds: "\nvip\n"
    muted: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})
    review: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})    # somebody asked for a second look
    urgency: int = Field(default=0, sa_column_kwargs={"server_default": "0"})        # as `triage.model.Urgency`
    risk: str = Field(default="", sa_column_kwargs={"server_default": ""})           # as `triage.model.Risk`, "" none
    customer_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    merged_into: str = Field(default="", sa_column_kwargs={"server_default": ""})    # its messages are there now
    warn_at: int | None = None         # when the last quarter of its clock begins
    seen_seq: int = Field(default=0, sa_column_kwargs={"server_default": "0"})       # messages up to it were looked at


class MessageTable(SQLModel, table=True):
    __tablename__ = "message"
    __table_args__ = (
        # Holds all that the list needs of a message, so that an arrival never reads the texts of its conversation.
        Index("message_line", "conversation_id", "at", "seq", "direction", "automatic", "delivery", "outgoing_id",
              "slight"),
        Index("message_without_key", "message_id", sqlite_where=text("content_key = ''")),
        Index("message_untold", "at", sqlite_where=text("language = '' AND direction != 'note'")),
    )
    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    conversation_id: str = Field(foreign_key="conversation.id")
    direction: str
    at: int
    author_email: str = ""
    author_name: str = ""
    recipients: str = "[]"             # JSON [[email, name], …]
    cc: str = "[]"
    reply_to: str = ""
    subject: str = ""
    text: str = ""
    quoted: str = ""
    language: str = ""                 # "" not looked at yet, "und" could not be told
    message_id: str = Field(default="", index=True)
    content_key: str = Field(default="", index=True)
    automatic: bool = False
    problems: str = "[]"
    notes: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    delivery: str = "done"
    delivery_sentence: str = ""
    outgoing_id: str = Field(default="", index=True)
    original: str = ""                 # what the agent wrote, when the buyer got a translation of it
    original_language: str = ""
    slight: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})    # an answer that only greets


class QueueSpanRow(SQLModel, table=True):
    """How many conversations a queue has in a stretch of its order; kept by triggers (`store.tally`)."""

    __tablename__ = "queue_span"
    __table_args__ = ({"sqlite_with_rowid": False},)
    queue: str = Field(primary_key=True)
    span: int = Field(primary_key=True)
    n: int


class ConversationTagRow(SQLModel, table=True):
    """A tag of an open conversation, in the order of the list; kept by triggers."""

    __tablename__ = "conversation_tag"
    __table_args__ = ({"sqlite_with_rowid": False},)
    tag: str = Field(primary_key=True)
    sort_key: int = Field(primary_key=True)
    id: str = Field(primary_key=True)


class ConversationTwinRow(SQLModel, table=True):
    """Another id under which another desktop told the hub of a conversation that is here under its own."""

    __tablename__ = "conversation_twin"
    id: str = Field(primary_key=True)
    conversation_id: str = Field(foreign_key="conversation.id", ondelete="CASCADE", index=True)


class ConversationMergeRow(SQLModel, table=True):
    """Somebody said that a conversation belongs to another one. Where its messages are shown follows from all of these
    together (`inbox.placing`) and is repeated in `conversation.merged_into`."""

    __tablename__ = "conversation_merge"
    id: str = Field(primary_key=True)
    into_id: str = Field(index=True)
    at: int = 0
    gave: str = Field(default="", sa_column_kwargs={"server_default": ""})   # tags the other one got by it, as `tags`
    said: str = Field(default="", sa_column_kwargs={"server_default": ""})   # by which name the hub holds the other one


class MessageSplitRow(SQLModel, table=True):
    """Somebody took a message out of its thread into another conversation. The message may still be to come."""

    __tablename__ = "message_split"
    message_id: str = Field(primary_key=True)
    into_id: str = Field(index=True)


class MessageHomeRow(SQLModel, table=True):
    """Of a message that is shown elsewhere: the conversation its thread leads to (`home`), and the one it belongs to
    after splitting (`base`), whose merges it follows. A message without a row is shown at home."""

    __tablename__ = "message_home"
    message_id: str = Field(primary_key=True, foreign_key="message.id", ondelete="CASCADE")
    home: str
    base: str = Field(index=True)


class SavedViewRow(SQLModel, table=True):
    """A search that stands in the left column. Its title is unique however its letters are written."""

    __tablename__ = "saved_view"
    id: str = Field(primary_key=True)
    title: str
    title_key: str = Field(unique=True)
    query: str
    position: int = 0


class AssignmentRuleRow(SQLModel, table=True):
    """A rule by which conversations are assigned. `members`: a JSON list of member ids; `since`: the newest message
    that was here when its search was written."""

    __tablename__ = "assignment_rule"
    id: str = Field(primary_key=True)
    title: str
    query: str
    members: str
    enabled: bool = True
    position: int = 0
    since: int = 0


class ConversationAssignedRow(SQLModel, table=True):
    """A conversation that somebody, or the rule of this title, once gave to a member or took away: no rule decides it
    again. The conversation may still be to come. A trigger writes the row of what a person says."""

    __tablename__ = "conversation_assigned"
    __table_args__ = ({"sqlite_with_rowid": False},)
    id: str = Field(primary_key=True)
    rule: str = ""
    member_id: str = ""
    at: int = 0


class MailboxReaderRow(SQLModel, table=True):
    """A member whose desktop reads a mailbox."""

    __tablename__ = "mailbox_reader"
    __table_args__ = ({"sqlite_with_rowid": False},)
    account_id: str = Field(primary_key=True)
    member_id: str = Field(primary_key=True)


class MailBodyRow(SQLModel, table=True):
    """The raw mail up to 256 KB, compressed, and its cleaned HTML. Larger raws are sealed files under the same id.

    `html` is `inbox.model.LATER` until the conversation of a mail that also has a plain text is opened for the first
    time; only cleaned HTML takes its place."""

    __tablename__ = "mail_body"
    message_id: str = Field(primary_key=True, foreign_key="message.id", ondelete="CASCADE")
    raw: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    html: str = ""


class AttachmentRow(SQLModel, table=True):
    """A file that came with a message. Up to 256 KB inside, larger as a sealed file under the same id. A small file
    without content is in its mail, which is a row, too: `inbox.opening` finds it there."""

    __tablename__ = "attachment"
    id: str = Field(primary_key=True)
    message_id: str = Field(foreign_key="message.id", ondelete="CASCADE", index=True)
    position: int
    name: str
    mime: str
    size: int
    inline: bool = False
    content_id: str = ""
    content: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class ThreadReferenceRow(SQLModel, table=True):
    """Every Message-ID a conversation's mails mention, and "alias|order" keys of relay mails."""

    __tablename__ = "thread_reference"
    name: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    conversation_id: str = Field(foreign_key="conversation.id", ondelete="CASCADE")


@event.listens_for(SQLModel.metadata, "after_create")
def _add_triggers(_metadata: MetaData, connection: Connection, **_options: object) -> None:
    """A store made without the migrations, as tests do, keeps its counts the same way."""
    made = {name for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master")}
    if {"conversation", "conversation_tag", "queue_span"} <= made and "tally_new" not in made:
        for statement in tally.TRIGGERS:
            connection.exec_driver_sql(statement)
    if {"conversation", "conversation_assigned"} <= made and "assigned_by_hand" not in made:
        connection.exec_driver_sql(assigned.BY_HAND)
