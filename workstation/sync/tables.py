"""What this desktop knows the hub holds, so that both can be compared."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, Text
from sqlmodel import Field, SQLModel


class SyncEntityRow(SQLModel, table=True):
    """The mirror: an entity the hub holds, by the hash of the body that *this* desktop sent or received.

    Written with the receipt of an own append or put, and with each pulled change; never when an event is queued. So
    what waits in the outbox does not make the digests differ.
    """

    __tablename__ = "sync_entity"
    collection: str = Field(primary_key=True)
    entity_id: str = Field(primary_key=True)
    kind: str                           # "append" or "put"
    body_hash: str
    version: int                        # feed position


class SyncBodyRow(SQLModel, table=True):
    """Bodies of collections no feature keeps itself, compressed (zlib)."""

    __tablename__ = "sync_body"
    collection: str = Field(primary_key=True)
    entity_id: str = Field(primary_key=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SyncConflictRow(SQLModel, table=True):
    """A value that lost because another device set the field first; the timeline shows it."""

    __tablename__ = "sync_conflict"
    id: str = Field(primary_key=True)   # the event that lost
    collection: str
    entity_id: str = Field(index=True)
    field: str
    kept: str
    lost: str
    device_id: str
    at: int


class SyncParkedRow(SQLModel, table=True):
    """A change that could not be applied here. It blocks nothing and is tried again at the next start."""

    __tablename__ = "sync_parked"
    collection: str = Field(primary_key=True)
    entity_id: str = Field(primary_key=True)
    kind: str
    version: int
    body: str = Field(sa_column=Column(Text, nullable=False))
