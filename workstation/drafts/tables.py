"""Tables of drafts and outgoing replies."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel


class DraftRow(SQLModel, table=True):
    """The present draft of a conversation and mode; `content` is JSON of the Draft's own fields."""

    __tablename__ = "draft"
    conversation_id: str = Field(primary_key=True)
    mode: str = Field(primary_key=True)
    revision: int
    saved_at: int
    content: str


class DraftHistoryRow(SQLModel, table=True):
    """Earlier states of a draft, so that nothing written is ever lost."""

    __tablename__ = "draft_history"
    conversation_id: str = Field(primary_key=True)
    mode: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    saved_at: int
    content: str


class DraftFileRow(SQLModel, table=True):
    """A file that goes with a draft or a reply. Its content is a sealed file under the same id."""

    __tablename__ = "draft_file"
    id: str = Field(primary_key=True)
    conversation_id: str = Field(index=True)
    name: str
    mime: str
    size: int
    record_id: str = ""


class OutgoingRow(SQLModel, table=True):
    """A reply on its way. `draft` is the exact draft that undo returns; `raw` the mail as it will be handed over."""

    __tablename__ = "outgoing"
    __table_args__ = (Index("outgoing_due", "state", "release_at"),)
    id: str = Field(primary_key=True)
    conversation_id: str = Field(index=True)
    account_id: str
    message_id: str = Field(unique=True)
    in_reply_to: str = ""
    sender: str
    recipients: str                    # JSON list
    state: str
    release_at: int
    next_try_at: int = 0
    tries: int = 0
    sentence: str = ""
    draft: str
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    receipt: str = ""
    sent_at: int | None = None         # when it was last handed to the server, or tried to be
    copied: bool = False               # our copy is in the Sent folder
    recorded: bool = False             # the reply as sent is a record of the case
    # the server asked not to be tried again before then (greylisting), however good the network is
    not_before: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    # JSON list of those of `recipients` from whom it came back; "" for none
    bounced: str = Field(default="", sa_column_kwargs={"server_default": ""})
