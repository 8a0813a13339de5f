"""Tables of evidence. The envelope is the record; its row's other columns repeat it for an index and are checked."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel


class EvidenceRecordRow(SQLModel, table=True):
    """A signed statement and its place in this device's chain."""

    __tablename__ = "evidence_record"
    id: str = Field(primary_key=True)
    sequence: int = Field(unique=True)
    case_id: str = Field(index=True)
    kind: str
    at: int                             # wall clock when it was sealed
    record_hash: str                    # SHA-256 of the canonical statement, hex
    blob_id: str = ""                   # "" for records without a file
    envelope: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class EvidenceThumbnailRow(SQLModel, table=True):
    """A small PNG for the strip. Derived data; its hash is in the statement."""

    __tablename__ = "evidence_thumbnail"
    record_id: str = Field(primary_key=True)
    png: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class EvidencePrivateRow(SQLModel, table=True):
    """A personal value beside its record, which holds only SHA-256(salt ‖ value). Deleting the row erases it."""

    __tablename__ = "evidence_private"
    record_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    value: str


class EvidenceKeyRow(SQLModel, table=True):
    """Public keys that signed records of this store, so that a replaced device key leaves the old records checkable."""

    __tablename__ = "evidence_key"
    key_id: str = Field(primary_key=True)
    public: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    since: int
