"""What was read in pictures, beside the records: never in a statement, in no pack, and not copied anywhere."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel


class EvidenceTextRow(SQLModel, table=True):
    """One picture that was read, is to be read again, or cannot be. A picture without a row has not been looked at.
    May be deleted at any time: it is read again."""

    __tablename__ = "evidence_text"
    __table_args__ = (
        Index("evidence_text_open", "state", sqlite_where=text("state IN ('waiting', 'failed')")),
    )
    source: str = Field(primary_key=True)   # a record's or an attachment's id
    kind: str                               # "record" or "attachment"
    state: str                              # `reading.model.State`
    tries: int = 0                          # counted before each, so that what ends the whole program counts, too
    message_id: str = ""                    # the message at which its words are found; "" for none
    sha256: str = Field(default="", index=True)   # of the picture: the same one is read once
    text: str = ""
    lines: str = "[]"                       # JSON [[x, y, width, height, score, text], …]
    unread: int = 0
    engine: str = ""
    at: int = 0
    why: str = ""                           # of "unfit" and "failed", the kind of it
