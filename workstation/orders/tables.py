"""Tables of orders, parcels, raw answers and the links to conversations. Times are milliseconds, UTC."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class OrderRow(SQLModel, table=True):
    """An order as last merged from its sources."""

    __tablename__ = "sales_order"
    __table_args__ = (UniqueConstraint("platform", "store", "order_id"),)
    id: str = Field(primary_key=True)
    platform: str
    store: str
    order_id: str
    match_key: str = Field(index=True)      # the id as buyers write it: without "#", lower case
    buyer_name: str = ""
    buyer_email: str = ""
    buyer_key: str = Field(default="", index=True)
    placed_at: int | None = None
    total_minor: int | None = None
    currency: str = ""
    country: str = ""
    status: str = ""
    shipped_at: int | None = None
    promised_at: int | None = None
    delivered_at: int | None = None
    tracking_number: str = ""
    tracking_key: str = Field(default="", index=True)
    carrier: str = ""
    service: str = ""
    refunds_known: bool = False
    shipping_known: bool = True


class OrderLineRow(SQLModel, table=True):
    __tablename__ = "sales_order_line"
    order_id: str = Field(primary_key=True, foreign_key="sales_order.id", ondelete="CASCADE")
    position: int = Field(primary_key=True)
    sku: str
    title: str
    quantity: int
    price_minor: int | None = None
    currency: str = ""


class RefundRow(SQLModel, table=True):
    __tablename__ = "refund"
    order_id: str = Field(primary_key=True, foreign_key="sales_order.id", ondelete="CASCADE")
    position: int = Field(primary_key=True)
    refund_id: str
    minor: int
    currency: str
    at: int | None = None
    reason: str = ""


class AnswerRow(SQLModel, table=True):
    """A raw answer, kept once however often the source repeats it word for word."""

    __tablename__ = "source_answer"
    id: str = Field(primary_key=True)
    sha256: str = Field(index=True)         # of source and body
    source: str
    content_type: str
    first_at: int
    last_at: int                            # when it was last given in these very bytes
    size: int                               # bytes before compression
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))  # zlib


class AnswerAskedRow(SQLModel, table=True):
    """How a source was asked for an answer. Files, and answers kept before this was written down, have no row."""

    __tablename__ = "source_answer_asked"
    answer_id: str = Field(primary_key=True, foreign_key="source_answer.id", ondelete="CASCADE")
    asked: str                              # "POST https://host/path", without a query
    status: int = 0                         # of HTTP


class OrderFactRow(SQLModel, table=True):
    """Who said one part of an order: "identity", "shipping", "delivered", "promise" or "refunds"."""

    __tablename__ = "order_fact"
    order_id: str = Field(primary_key=True, foreign_key="sales_order.id", ondelete="CASCADE")
    part: str = Field(primary_key=True)
    source: str
    kind: str
    fetched_at: int
    answer_id: str = Field(foreign_key="source_answer.id")


class ParcelRow(SQLModel, table=True):
    """What a tracking service said about one tracking number."""

    __tablename__ = "parcel"
    tracking_number: str = Field(primary_key=True)
    carrier: str
    service: str
    state: str
    delivered_at: int | None = None
    source: str
    kind: str
    fetched_at: int
    answer_id: str = Field(foreign_key="source_answer.id")


class TrackingEventRow(SQLModel, table=True):
    __tablename__ = "tracking_event"
    tracking_number: str = Field(primary_key=True, foreign_key="parcel.tracking_number", ondelete="CASCADE")
    position: int = Field(primary_key=True)
    at: int
    state: str
    text: str
    place: str = ""


class AttemptRow(SQLModel, table=True):
    """The last time a source was asked about something, whether it answered or not."""

    __tablename__ = "source_attempt"
    subject: str = Field(primary_key=True)  # "order:<platform>/<store>/<id>" or "parcel:<number>"
    source: str
    at: int
    outcome: str
    sentence: str = ""


class OrderLinkRow(SQLModel, table=True):
    """A conversation is about an order, and why we think so."""

    __tablename__ = "order_link"
    conversation_id: str = Field(primary_key=True)
    order_id: str = Field(primary_key=True, foreign_key="sales_order.id", ondelete="CASCADE", index=True)
    why: str                                # one of repo.links.REASONS


class OrderMentionRow(SQLModel, table=True):
    """Something in a conversation that is, or may turn out to be, an order or tracking number."""

    __tablename__ = "order_mention"
    conversation_id: str = Field(primary_key=True)
    match_key: str = Field(primary_key=True, index=True)
    value: str
    platform: str = ""
    kind: str                               # "order", "tracking", "maybe"


class BuyerAddressRow(SQLModel, table=True):
    """Who wrote in a conversation, in lower case, to be found when their order is imported later."""

    __tablename__ = "buyer_address"
    conversation_id: str = Field(primary_key=True)
    address: str = Field(primary_key=True, index=True)
