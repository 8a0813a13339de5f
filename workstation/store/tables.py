"""Tables of the store itself: facts about this home, the outbox, sealed files and sealed secrets."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Column, LargeBinary, Table
from sqlmodel import Field, SQLModel


def table(row: type[SQLModel]) -> Table:
    """The Core table of a SQLModel class: repos speak Core, because lists must not pay for objects."""
    return cast(Table, row.__dict__["__table__"])


class MetaRow(SQLModel, table=True):
    """Single facts about this home: device id, sync cursor, …"""

    __tablename__ = "meta"
    name: str = Field(primary_key=True)
    value: str


class OutboxRow(SQLModel, table=True):
    """An action as an event, written in the same transaction as its effect, deleted only on a hub's receipt."""

    __tablename__ = "outbox"
    seq: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(unique=True)
    collection: str                     # "conversation", "message", "order", "evidence", …
    entity_id: str
    kind: str                           # "append", "put", "set"
    body: str                           # canonical JSON
    request_hash: str                   # SHA-256 of collection, entity id, kind and body
    created_at: int
    refused: str = ""                   # the hub's reason when it refused; such an event waits for a person
    dismissed_at: int | None = None     # a person said that a refused event need not arrive; it stays as proof of that


class BlobRow(SQLModel, table=True):
    """A sealed file: where its ciphertext is and the key that opens it. The key dies with this row."""

    __tablename__ = "blob"
    id: str = Field(primary_key=True)   # what the associated data binds it to: a record's, attachment's or mail's id
    address: str = Field(index=True)    # SHA-256 of the ciphertext, hex
    sha256: str                         # of the plaintext, hex
    size: int                           # of the plaintext
    key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    upstream: bool = False              # this blob is to be copied to the hub
    secured_at: int | None = None       # when the hub said it re-hashed and stored it


class SecretRow(SQLModel, table=True):
    """Secrets of a home without a system keyring, inside the encrypted database."""

    __tablename__ = "secret"
    name: str = Field(primary_key=True)
    value: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class MessagePlaceRow(SQLModel, table=True):
    """The rowid of a message in the search index (see `store.search.places`)."""

    __tablename__ = "message_place"
    place: int = Field(primary_key=True)
    seq: int = Field(unique=True)       # of the message


class MessageExtraRow(SQLModel, table=True):
    """Words that belong to a message and stand in no other table, as read from a picture of it."""

    __tablename__ = "message_extra"
    message_id: str = Field(primary_key=True)
    source: str = Field(primary_key=True)   # what they are from: an attachment's or a record's id
    text: str


class PersonalErasedRow(SQLModel, table=True):
    """A message, conversation or order whose personal data was erased, so that it does not come back. `print`: a hash
    of what a message was, by which another copy of it is recognised (`store.erased`)."""

    __tablename__ = "personal_erased"
    __table_args__ = ({"sqlite_with_rowid": False},)
    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    erase_id: str                       # the record that says so
    at: int
    rule: str = ""                      # "" when a person asked
    print: str = ""
