"""Tables of triage: up to where each conversation was read, and what a person corrected. Times are ms, UTC."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class TriageRow(SQLModel, table=True):
    """A conversation was read up to its message of `last_at`, by the words and weights of `version`."""

    __tablename__ = "triage"
    conversation_id: str = Field(primary_key=True)
    last_at: int
    version: str


class CorrectionRow(SQLModel, table=True):
    """A person said what a finding should be. `words`: numbers standing for the words that were read (JSON), never the
    words themselves."""

    __tablename__ = "triage_correction"
    conversation_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    value: str
    at: int = Field(index=True)
    words: str = "[]"
