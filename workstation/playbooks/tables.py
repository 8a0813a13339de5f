"""The table of playbooks: what people said of a conversation's playbook, a field a row. Times are ms, UTC."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel


class PlaybookFactRow(SQLModel, table=True):
    """`field`: "playbook" (which one it follows) or "step:<playbook>:<step>". `value`: canonical JSON."""

    __tablename__ = "playbook_fact"
    __table_args__ = (
        Index("playbook_fact_unsealed", "at", sqlite_where=text("record_id = ''")), {"sqlite_with_rowid": False})
    conversation_id: str = Field(primary_key=True)   # or what another desktop calls it
    field: str = Field(primary_key=True)
    value: str
    at: int
    monotonic_ns: int = 0
    record_id: str = "-"                # the record it was sealed as; "": it waits to be; "-": it is not ours to seal
