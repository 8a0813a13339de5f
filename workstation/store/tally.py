"""How many conversations each queue has, kept by the database itself in the transaction that changes them.

`queue_span` counts the rows of each queue by stretches of its order (`sort_key >> SHIFT`, about 19 hours of it): the
sum is the queue's size, and the way to any place or back is one sum and a short walk in an index, never a scan.
`conversation_tag` has a row for each tag of an open conversation. Frozen with schema 0002, like the migration itself:
a later change is a later file.
"""

from __future__ import annotations

SHIFT = 26

_WATCHED = "state, sort_key, channel, store, language, assignee, merged_into, last_at"
_TAG_WATCHED = "tags, state, sort_key, merged_into, last_at"
_WARN_WATCHED = "state, warn_at, muted, merged_into, last_at"


def _listed(row: str) -> str:
    return f"{row}.last_at > 0 AND {row}.merged_into = ''"


def _open(row: str) -> str:
    return f"{row}.state = 'open' AND {_listed(row)}"


_GROUPS = (("assignee", "assignee"), ("channel", "channel"), ("store", "store"), ("lang", "language"))


def _groups(row: str) -> tuple[str, ...]:
    """The queues an open row is counted in beside that of its state, as expressions."""
    return tuple(f"'{group}:' || {row}.{column}" for group, column in _GROUPS)


def _keys(row: str) -> tuple[str, ...]:
    """The queues a row is counted in, as expressions; NULL where it is not in that one."""
    return (f"{row}.state", *(f"CASE WHEN {row}.state = 'open' THEN {key} END" for key in _groups(row)))


def _leave(row: str) -> str:
    place = f"span = {row}.sort_key >> {SHIFT} AND queue IN ({', '.join(_keys(row))}) AND {_listed(row)}"
    return (f"UPDATE queue_span SET n = n - 1 WHERE {place}; "  # noqa: S608
            f"DELETE FROM queue_span WHERE {place} AND n <= 0;")


def _join(row: str) -> str:
    """A statement for each queue: one over them all would be put together in a table of its own first."""
    return " ".join(
        f"INSERT INTO queue_span(queue, span, n) SELECT {key}, {row}.sort_key >> {SHIFT}, 1 WHERE {condition} "
        "ON CONFLICT(queue, span) DO UPDATE SET n = n + 1;"
        for key, condition in ((f"{row}.state", _listed(row)), *((key, _open(row)) for key in _groups(row))))


def _warned(row: str) -> str:
    return f"({_open(row)} AND {row}.warn_at IS NOT NULL AND {row}.muted = 0)"


def _leave_warned(row: str) -> str:
    place = f"queue = 'warn' AND span = {row}.warn_at >> {SHIFT} AND {_warned(row)}"
    return (f"UPDATE queue_span SET n = n - 1 WHERE {place}; "  # noqa: S608
            f"DELETE FROM queue_span WHERE {place} AND n <= 0;")


def _join_warned(row: str) -> str:
    return (f"INSERT INTO queue_span(queue, span, n) SELECT 'warn', {row}.warn_at >> {SHIFT}, 1 "
            f"WHERE {_warned(row)} ON CONFLICT(queue, span) DO UPDATE SET n = n + 1;")


def _tags(row: str) -> str:
    r"""The tags of a row ("\nvip\nlate\n") as rows; U+E000 stands for the line feed while they are quoted."""
    inner = f"json_quote(replace(trim({row}.tags, char(10)), char(10), char(57344)))"
    return f"json_each('[' || replace({inner}, char(57344), '\",\"') || ']')"


def _leave_tags(row: str) -> str:
    return (f"DELETE FROM conversation_tag WHERE sort_key = {row}.sort_key AND id = {row}.id "  # noqa: S608
            f"AND tag IN (SELECT value FROM {_tags(row)});")


def _join_tags(row: str) -> str:
    return (f"INSERT OR IGNORE INTO conversation_tag(tag, sort_key, id) SELECT value, {row}.sort_key, {row}.id "  # noqa: S608
            f"FROM {_tags(row)} WHERE {_open(row)} AND {row}.tags <> '' AND value <> '';")


_PLACE = (f"({{row}}.state, {{row}}.sort_key >> {SHIFT}, {{row}}.channel, {{row}}.store, {{row}}.language, "
          "{row}.assignee, {row}.merged_into, {row}.last_at > 0)")
_MOVED = f"{_PLACE.format(row='NEW')} IS NOT {_PLACE.format(row='OLD')}"
_TAG_PLACE = "({row}.tags, {row}.state, {row}.sort_key, {row}.merged_into, {row}.last_at > 0)"
_TAG_MOVED = (f"(OLD.tags <> '' OR NEW.tags <> '') AND {_TAG_PLACE.format(row='NEW')} IS NOT "
              f"{_TAG_PLACE.format(row='OLD')}")
_WARN_MOVED = (f"({_warned('NEW')}, NEW.warn_at >> {SHIFT}) IS NOT ({_warned('OLD')}, OLD.warn_at >> {SHIFT})")


def _trigger(name: str, when: str, condition: str, *body: str) -> str:
    told = f" WHEN {condition}" if condition else ""
    return f"CREATE TRIGGER tally_{name} AFTER {when}{told} BEGIN {' '.join(body)} END"


_TAG_STRETCH = f"queue = 'tag:' || OLD.tag AND span = OLD.sort_key >> {SHIFT}"
_TAGGED = (f"INSERT INTO queue_span(queue, span, n) VALUES ('tag:' || NEW.tag, NEW.sort_key >> {SHIFT}, 1) "  # noqa: S608
           "ON CONFLICT(queue, span) DO UPDATE SET n = n + 1;")
_UNTAGGED = (f"UPDATE queue_span SET n = n - 1 WHERE {_TAG_STRETCH}; "  # noqa: S608
             f"DELETE FROM queue_span WHERE {_TAG_STRETCH} AND n <= 0;")
_MADE, _GONE = "INSERT ON conversation", "DELETE ON conversation"

TRIGGERS = (
    _trigger("new", _MADE, _listed("NEW"), _join("NEW")),
    _trigger("gone", _GONE, _listed("OLD"), _leave("OLD")),
    _trigger("moved", f"UPDATE OF {_WATCHED} ON conversation", _MOVED, _leave("OLD"), _join("NEW")),
    _trigger("warn_new", _MADE, _warned("NEW"), _join_warned("NEW")),
    _trigger("warn_gone", _GONE, _warned("OLD"), _leave_warned("OLD")),
    _trigger("warn_moved", f"UPDATE OF {_WARN_WATCHED} ON conversation", _WARN_MOVED,
             _leave_warned("OLD"), _join_warned("NEW")),
    _trigger("tag_new", _MADE, "NEW.tags <> ''", _join_tags("NEW")),
    _trigger("tag_gone", _GONE, "OLD.tags <> ''", _leave_tags("OLD")),
    _trigger("tag_moved", f"UPDATE OF {_TAG_WATCHED} ON conversation", _TAG_MOVED,
             _leave_tags("OLD"), _join_tags("NEW")),
    _trigger("tagged", "INSERT ON conversation_tag", "", _TAGGED),
    _trigger("untagged", "DELETE ON conversation_tag", "", _UNTAGGED),
)


def _counted(key: str, where: str, span: str = "sort_key") -> str:
    return (f"INSERT INTO queue_span(queue, span, n) SELECT {key}, {span} >> {SHIFT}, count(*) "  # noqa: S608
            f"FROM conversation WHERE {where} GROUP BY 1, 2")


_OPEN = "state = 'open' AND last_at > 0 AND merged_into = ''"
FILL = (
    "UPDATE conversation SET warn_at = due_at - clock_ms / 4 WHERE due_at IS NOT NULL AND warn_at IS NULL",
    _counted("state", "last_at > 0 AND merged_into = ''"),
    *(_counted(f"'{group}:' || {column}", _OPEN) for group, column in _GROUPS),
    _counted("'warn'", f"{_OPEN} AND warn_at IS NOT NULL AND muted = 0", "warn_at"),
)
"""What a store from before has, counted once; no conversation had a tag then. Before the triggers are made."""
