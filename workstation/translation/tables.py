"""Schema of translation: messages as they were translated once, so that nobody waits twice."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class MessageTranslationRow(SQLModel, table=True):
    """A stored message in one other language. `source_hash` tells when the message's text is no longer the one
    that was translated."""

    __tablename__ = "message_translation"
    message_id: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    source_language: str
    text: str
    engine: str
    pivot: str = ""
    survived: str = "[]"                # JSON list of strings
    lost: str = "[]"                    # JSON list of strings
    source_hash: str                    # SHA-256 of the source text, hex
    made_at: int                        # milliseconds since the epoch, UTC
