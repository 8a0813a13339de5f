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


class EvidenceAuthorityRow(SQLModel, table=True):
    """A time-stamp authority that a person configured. One that was removed stays: its tokens are checked with it."""

    __tablename__ = "evidence_authority"
    id: str = Field(primary_key=True)   # follows from name, address and roots, so that none of them changes unseen
    name: str
    url: str
    roots: bytes = Field(sa_column=Column(LargeBinary, nullable=False))   # PEM
    simulated: int = 0                  # 1: part of the demo, it proves nothing
    added_at: int
    removed_at: int | None = None
    failed_at: int | None = None        # since when its answers are no tokens
    failure: str = ""                   # in a sentence
    seal: str                           # row_seal.py, as of the tables below: no column changes unseen


class EvidenceTokenRow(SQLModel, table=True):
    """An authority's answer as it came. `digest` is a record hash, or the SHA-256 of a hub's checkpoint."""

    __tablename__ = "evidence_token"
    digest: str = Field(primary_key=True)
    authority_id: str = Field(primary_key=True)
    at: int                             # what the token says, ms since the epoch, UTC
    accuracy: int                       # ms
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    chain: str = ""                     # PEM of the certificates between the signer and the root
    seal: str


class EvidenceLogRow(SQLModel, table=True):
    """A hub's log and the key that signs its checkpoints, as it was first met."""

    __tablename__ = "evidence_log"
    origin: str = Field(primary_key=True)
    key: str
    since: int
    seal: str


class EvidenceCheckpointRow(SQLModel, table=True):
    """A signed checkpoint, and the proof that it goes on from the one before it."""

    __tablename__ = "evidence_checkpoint"
    origin: str = Field(primary_key=True)
    size: int = Field(primary_key=True)
    at: int                             # when it came
    note: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    after: int                          # size of the checkpoint it was compared with; 0: it was the first
    proof: str                          # hashes in hex, joined by spaces
    token: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))   # over SHA-256 of `note`
    roots: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))   # PEM, as the hub gave them
    seal: str


class EvidenceInclusionRow(SQLModel, table=True):
    """The proof that a record is in the hub's log under a checkpoint."""

    __tablename__ = "evidence_inclusion"
    record_hash: str = Field(primary_key=True)
    origin: str = Field(primary_key=True)
    size: int
    leaf: int                           # its place in the log, from 0
    proof: str                          # hashes in hex, joined by spaces
    seal: str


class EvidenceLogBreakRow(SQLModel, table=True):
    """A hub's log that did not go on from what this desktop had seen of it. Never deleted."""

    __tablename__ = "evidence_log_break"
    id: str = Field(primary_key=True)
    origin: str = Field(index=True)
    at: int
    code: str
    size: int                           # of the last checkpoint before it
    note: bytes = Field(sa_column=Column(LargeBinary, nullable=False))   # what the hub showed instead
    key: str                            # with which it was signed
    accepted_at: int | None = None      # a person said to go on with the new log
    seal: str


class ExhibitRow(SQLModel, table=True):
    """What a person did with a record in its case's binder. A record without a row has our proposals."""

    __tablename__ = "evidence_exhibit"
    case_id: str = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    position: int = -1                  # -1: after those with a place
    caption: str = ""
    slot: str = ""                      # "": our proposal
    included: int = -1                  # 1, 0; -1: our proposal
    language: str = ""
    translation: str = ""               # JSON of language, text, engine, editor; "" for none


class ClaimRow(SQLModel, table=True):
    """The desk and reason a case's binder was last looked at through."""

    __tablename__ = "evidence_claim"
    case_id: str = Field(primary_key=True)
    desk: str
    reason: str


class ClaimTextRow(SQLModel, table=True):
    """A person's own words for a text field of a desk's form."""

    __tablename__ = "evidence_claim_text"
    case_id: str = Field(primary_key=True)
    desk: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    text: str


class EvidenceErasedRow(SQLModel, table=True):
    """What was destroyed of a record, for lists: the proof is the erasure's own record in the chain."""

    __tablename__ = "evidence_erased"
    record_id: str = Field(primary_key=True)
    erase_id: str = Field(primary_key=True)
    at: int
    file: bool = False
    fields: str = ""                    # names of personal values, joined by spaces


class ErasurePlanRow(SQLModel, table=True):
    """A case whose personal data is to be erased, and when. Until then a person may take it back or lay a hold."""

    __tablename__ = "erasure_plan"
    case_id: str = Field(primary_key=True)
    rule: str = ""                      # "" when a person asked for it
    due_at: int
    runs_at: int                        # not before this
    planned_at: int
    reason: str = ""                    # a person's own words


class ErasureHeardRow(SQLModel, table=True):
    """A record of which the hub was told that its file was erased. A store that was restored from an older copy may
    hold it once more, and erases it again."""

    __tablename__ = "erasure_heard"
    record_id: str = Field(primary_key=True)
    erase_id: str = Field(index=True)
    case_id: str = Field(index=True)


class AllowedRow(SQLModel, table=True):
    """What a person allowed of a reply that has not left yet. With the reply it becomes a record; undone, it lapses."""

    __tablename__ = "evidence_allowed"
    content_sha256: str = Field(primary_key=True)   # of the mail as it will leave
    case_id: str
    at: int
    monotonic_ns: int
    allowed: str                        # what, joined by spaces: "lost", "translation"
    details: str = "{}"                 # JSON of personal values
