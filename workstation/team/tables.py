"""Tables of the team."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class MemberRow(SQLModel, table=True):
    """A colleague, by the device they work at, with the name they gave themselves."""

    __tablename__ = "member"
    id: str = Field(primary_key=True)
    name: str = ""
