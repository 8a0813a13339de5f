"""The hub's tables, in a registry of their own: a desktop that creates its tables must not create these."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class HubModel(SQLModel, registry=registry()):
    """The base of every table of the hub; `HubModel.metadata` holds them all."""


class HubMetaRow(HubModel, table=True):
    """Single facts: hub id, name, epoch."""

    __tablename__ = "hub_meta"
    name: str = Field(primary_key=True)
    value: str


class InviteRow(HubModel, table=True):
    """An invite, by the SHA-256 of its token. Used once."""

    __tablename__ = "invite"
    token_hash: str = Field(primary_key=True)
    role: str
    expires_at: int
    used_by: str | None = None


class DeviceRow(HubModel, table=True):
    """A device that was let in, by the SHA-256 of its token."""

    __tablename__ = "device"
    id: str = Field(primary_key=True)
    name: str
    role: str
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    token_hash: str = Field(unique=True)
    enrolled_at: int
    revoked_at: int | None = None


class DeviceMemberRow(HubModel, table=True):
    """Whose a device is: the id of a member, which is the id of the first of their devices."""

    __tablename__ = "device_member"
    device_id: str = Field(primary_key=True)
    member_id: str = Field(index=True)
    since: int


class InviteMemberRow(HubModel, table=True):
    """An invite that is for another device of a member."""

    __tablename__ = "invite_member"
    token_hash: str = Field(primary_key=True)
    member_id: str


class DeviceKeyRow(HubModel, table=True):
    """Every key a device ever enrolled with, so that what it sealed before a renewal can still be told to be its."""

    __tablename__ = "device_key"
    device_id: str = Field(primary_key=True)
    public_key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    since: int


class DeviceMarkRow(HubModel, table=True):
    """Every mark a device left, in order: a copy of a home is told by naming one that is not the last."""

    __tablename__ = "device_mark"
    __table_args__ = (Index("device_mark_device", "device_id", "number"), {"sqlite_autoincrement": True})
    number: int | None = Field(default=None, primary_key=True)
    device_id: str
    mark: str
    at: int


class PresenceRow(HubModel, table=True):
    """A device in a conversation. Nothing is kept of it once it lapsed."""

    __tablename__ = "presence"
    device_id: str = Field(primary_key=True)
    conversation_id: str = Field(primary_key=True)
    doing: str
    until: int = Field(index=True)


class EvidencePlaceRow(HubModel, table=True):
    """Which record has which place in the chain of a signing key: no chain may fork."""

    __tablename__ = "evidence_place"
    public_key: str = Field(primary_key=True)   # Base64, as the event says it
    sequence: int = Field(primary_key=True)
    entity_id: str


class ReceiptRow(HubModel, table=True):
    """What became of an event. Written in the transaction of its effect, never deleted."""

    __tablename__ = "receipt"
    event_id: str = Field(primary_key=True)
    request_hash: str
    device_id: str
    result: str = Field(sa_column=Column(Text, nullable=False))   # JSON of model.Receipt
    at: int


class ChangeRow(HubModel, table=True):
    """The feed: which entity changed, in the order of commits. Bodies are in `entity`."""

    __tablename__ = "change"
    __table_args__ = {"sqlite_autoincrement": True}
    seq: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(unique=True)
    collection: str
    entity_id: str
    device_id: str
    at: int


class EntityRow(HubModel, table=True):
    """An entity as it is now. `version` is the feed position that made it so."""

    __tablename__ = "entity"
    __table_args__ = (Index("entity_version", "collection", "version"),)
    collection: str = Field(primary_key=True)
    entity_id: str = Field(primary_key=True)
    kind: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    body_hash: str
    version: int
    device_id: str


class UploadRow(HubModel, table=True):
    """An unfinished upload of one device. `offset` counts bytes that are on the disk for good."""

    __tablename__ = "upload"
    address: str = Field(primary_key=True)
    device_id: str = Field(primary_key=True)
    spool: str
    length: int
    offset: int = 0
    expires_at: int = 0


class ErasedBlobRow(HubModel, table=True):
    """A sealed file whose key its desktop destroyed. It is not stored, and not taken again."""

    __tablename__ = "erased_blob"
    address: str = Field(primary_key=True)
    device_id: str
    record_id: str
    at: int
    removed_at: int | None = None   # when its object was taken away; None: it may still be there


class BlobStoredRow(HubModel, table=True):
    """A sealed file that was re-hashed as a whole and is on disk."""

    __tablename__ = "stored_blob"
    address: str = Field(primary_key=True)
    size: int
    device_id: str
    stored_at: int


class LogLeafRow(HubModel, table=True):
    """A record of evidence and its place in the log, from 0. Never changed, never deleted."""

    __tablename__ = "log_leaf"
    leaf: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    record_hash: str = Field(unique=True)
    entity_id: str
    at: int


class LogNodeRow(HubModel, table=True):
    """The hash of a perfect subtree of 2^level leaves, the place-th of its level."""

    __tablename__ = "log_node"
    level: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class LogCheckpointRow(HubModel, table=True):
    """A signed checkpoint as it was shown, and the time stamp over it."""

    __tablename__ = "log_checkpoint"
    size: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    note: str = Field(sa_column=Column(Text, nullable=False))
    token: bytes = Field(sa_column=Column(LargeBinary, nullable=False))   # RFC 3161 over SHA-256 of the note
    roots: str = Field(sa_column=Column(Text, nullable=False))            # PEM of the authority
