"""The accessibility tree of a window as text: what a screen reader finds, in the order it finds it.

One line each: role "name" = value (states); what is hidden, or only draws, is left out with all that is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

_TEXT = QAccessible.Text
_NEVER_SAID = ("Separator", "Grip", "ScrollBar", "Whitespace")
_STATES = ("disabled", "checkable", "checked", "selected", "expanded", "readOnly", "passwordEdit")
_LABELS = QAccessible.RelationFlag.Label
_MOST_CHILDREN = 60


@dataclass(frozen=True)
class Node:
    """One thing a screen reader can stand on."""

    depth: int
    role: str
    name: str
    value: str
    description: str
    states: tuple[str, ...]
    focusable: bool
    labels: tuple[str, ...] = ()
    """What stands beside it and names it: all a screen reader has for a combo box on Linux."""

    @property
    def named(self) -> bool:
        """Whether one can tell what it is. On Linux a combo box says its value where others say their name."""
        return bool(self.labels) if self.role == "ComboBox" else bool(self.name)

    def line(self) -> str:
        """As it stands in the stored trees."""
        said = f'{self.role} "{_plain(self.name)}"'
        said += f" = {_plain(self.value)}" if self.value and self.value != self.name else ""
        said += f" of {_plain(', '.join(self.labels))}" if self.labels and self.labels != (self.name,) else ""
        said += f" ({', '.join(self.states)})" if self.states else ""
        return "  " * self.depth + said


def nodes(root: QWidget) -> list[Node]:
    """Every visible thing below `root`, in reading order as the tree has it."""
    interface = QAccessible.queryAccessibleInterface(root)
    assert interface is not None, "no accessibility at all"
    if not isinstance(root, QMenuBar):
        return list(_walk(interface, 0, hidden=bool(interface.state().invisible)))
    found: list[Node] = []
    for action in root.actions():
        menu = action.menu()
        found.append(Node(0, "MenuItem", action.text().replace("&", ""), "", "", (), focusable=True))
        if isinstance(menu, QMenu):
            found += [replace(node, depth=1) for node in nodes(menu)[1:]]
    return found


def text(root: QWidget) -> str:
    """The tree, a line for each thing that has a name or can be reached; pure containers only add depth."""
    return "\n".join(node.line() for node in nodes(root) if node.name or node.value or node.focusable) + "\n"


def _walk(interface: QAccessibleInterface, depth: int, *, hidden: bool) -> Iterator[Node]:
    """`hidden`: the root is not shown itself, as a menu that is closed; what is in it is listed all the same."""
    state = interface.state()
    role = QAccessible.Role(interface.role()).name
    if (state.invisible and (depth or not hidden)) or role in _NEVER_SAID:
        return
    node = Node(
        depth, role, interface.text(_TEXT.Name).strip(), interface.text(_TEXT.Value).strip(),
        interface.text(_TEXT.Description).strip(), tuple(name for name in _STATES if getattr(state, name)),
        bool(state.focusable), tuple(one.text(_TEXT.Name) for one, _how in interface.relations(_LABELS)))
    yield node
    inner = depth + (1 if node.name or node.focusable else 0)
    for at in range(min(interface.childCount(), _MOST_CHILDREN)):
        child = interface.child(at)
        if child is not None and child.isValid():
            yield from _walk(child, inner, hidden=hidden)


_UNSEEN = dict.fromkeys(map(ord, "\u200e\u200f\u2066\u2067\u2068\u2069"))
"""Marks of direction, which nobody hears."""
_VOLATILE = (
    (re.compile(r"/tmp/[^\s\"]+"), "<folder>"),
    (re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4} ){8}[0-9A-HJKMNP-TV-Z]{4}\b"), "<recovery key>"),
    (re.compile(r"^[0-9A-HJKMNP-TV-Z]{4}$"), "<group>"),
)


def _plain(said: str) -> str:
    """One line without what changes from run to run."""
    line = " ⏎ ".join(" ".join(part.split()) for part in said.translate(_UNSEEN).splitlines() if part.strip())
    for pattern, stand_in in _VOLATILE:
        line = pattern.sub(stand_in, line)
    return line if len(line) <= 160 else f"{line[:157]}…"
