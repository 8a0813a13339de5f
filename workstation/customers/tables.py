"""Tables of the customers. A customer is what people said is one: identities, and links between them."""

from __future__ import annotations

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class IdentityRow(SQLModel, table=True):
    """One way somebody is known. Its id follows from kind and value, so every desktop gives it the same."""

    __tablename__ = "customer_identity"
    __table_args__ = (Index("customer_identity_name", "name_key", "id"), Index("customer_identity_value", "value"))
    id: str = Field(primary_key=True)
    kind: str
    value: str
    channel: str = ""
    name: str = ""
    name_key: str = ""                 # folded, words in order of the alphabet
    first_name: str = Field(default="", index=True)  # folded, as written
    last_name: str = Field(default="", index=True)   # folded, the last word first: somebody may type a surname
    last_at: int = 0


class CustomerLinkRow(SQLModel, table=True):
    """What people said of two identities: "one" person, "two" persons, or "" (taken back)."""

    __tablename__ = "customer_link"
    a: str = Field(primary_key=True)   # the smaller id
    b: str = Field(primary_key=True, index=True)
    verdict: str = ""
    reasons: str = ""                  # for "two": the reasons that were known then
    at: int = 0
