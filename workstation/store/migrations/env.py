"""Alembic's entry: runs migrations on the connection it is handed, inside that connection's own transaction."""

from typing import Literal

from alembic import context


def _ours(_item: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """The full-text index keeps tables of its own that no model describes."""
    return not (kind == "table" and str(name).startswith("message_index"))


def _plain_text(kind: str, item: object, _autogen: object) -> str | Literal[False]:
    """Migrations import no models: SQLModel's text type is plain text."""
    return "sa.String()" if kind == "type" and type(item).__name__ == "AutoString" else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    transactional_ddl=False,  # the caller's transaction holds everything
    render_as_batch=True,
    include_object=_ours,
    render_item=_plain_text,
)
context.run_migrations()
