"""Which windows are on an X11 desktop: names, places in physical pixels, and whether something lies over them.

By EWMH (_NET_CLIENT_LIST_STACKING) where a window manager keeps it, else by the server's own tree. A window is its
own area without frame and without the shadow it draws around itself (_GTK_FRAME_EXTENTS).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from workstation.connectors.screen.xcb import Server, XProblem
from workstation.evidence.model import Monitor, OpenWindow, Rect, WindowPart
from workstation.kernel.errors import CaptureRefused, NotFound
from workstation.kernel.i18n import _

_MOST = 500
_TITLE = 300
_LEFT_OUT = ("_NET_WM_WINDOW_TYPE_DESKTOP", "_NET_WM_WINDOW_TYPE_DOCK")
Place = tuple[int, int, int, int]


def listed(server: Server) -> tuple[OpenWindow, ...]:
    """The windows that can be seen, the uppermost first. Raises XProblem."""
    over = _stacked(server)
    found = (_open_window(server, window, over) for window in reversed(_clients(server)))
    return tuple(window for window in found if window is not None)


def one(server: Server, window_id: str) -> OpenWindow:
    """A window as it is now. Raises NotFound when it is gone or hidden."""
    try:
        found = _open_window(server, int(window_id, 16), _stacked(server))
    except (XProblem, ValueError):
        found = None
    if found is None:
        raise NotFound(_("That window is not on the desktop any more; nothing was captured."),
                       _("Open it again, or choose another."))
    return found


def active_title(server: Server) -> str:
    """The title of the window that has the focus, "" when none has or the window manager does not say."""
    try:
        active = server.numbers(server.root, "_NET_ACTIVE_WINDOW")
        return _title(server, active[0]) if active and active[0] else ""
    except XProblem:
        return ""


def part_of(window: OpenWindow, monitors: Sequence[Monitor]) -> tuple[int, WindowPart]:
    """The screen a window is on, and its part of that screen. Raises CaptureRefused when it is on two, or on none.

    A screen that shows all of it is taken before one that shows a part: screens may show the same.
    """
    on = [(number, _shared(window, one)) for number, one in enumerate(monitors)]
    on = [(number, rect) for number, rect in on if rect.width > 0 and rect.height > 0]
    if not on:
        raise CaptureRefused(_("That window is outside every screen; nothing was captured."),
                             _("Move it onto a screen."))
    whole = [found for found in on if (found[1].width, found[1].height) == (window.width, window.height)]
    if not whole and len(on) > 1:
        raise CaptureRefused(_("That window lies on two screens; nothing was captured."),
                             _("Move it onto one of them, or capture a region."))
    number, rect = (whole or on)[0]
    inside = Rect(rect.x - monitors[number].x, rect.y - monitors[number].y, rect.width, rect.height)
    return number, WindowPart(inside, window.covered, cut=not whole)


def _shared(window: OpenWindow, monitor: Monitor) -> Rect:
    """What a window and a screen have in common; not larger than nothing when they do not meet."""
    left, top = max(window.x, monitor.x), max(window.y, monitor.y)
    right = min(window.x + window.width, monitor.x + monitor.pixel_width)
    bottom = min(window.y + window.height, monitor.y + monitor.pixel_height)
    return Rect(left, top, right - left, bottom - top)


def _clients(server: Server) -> tuple[int, ...]:
    """The programs' windows, from the bottom up."""
    kept = server.numbers(server.root, "_NET_CLIENT_LIST_STACKING")
    return (kept or server.children(server.root)[1])[-_MOST:]


def _stacked(server: Server) -> tuple[tuple[int, Place], ...]:
    """What lies on the desktop from the bottom up, whoever put it there, with its place."""
    composed = server.owned("_NET_WM_CM_S0")
    screen = server.place(server.root)[2:]
    found: list[tuple[int, Place]] = []
    for window in server.children(server.root)[1]:
        try:
            visible, free = server.shown(window)
            place = server.place(window)
            overlay = composed and free and place[2:] == screen and not server.property(window, "WM_CLASS")
        except XProblem:
            continue   # it closed meanwhile
        if visible and not overlay:   # a compositing manager draws through a window of its own over all
            found.append((window, place))
    return tuple(found)


def _open_window(server: Server, window: int, over: Sequence[tuple[int, Place]]) -> OpenWindow | None:
    """None for what is hidden, gone, or part of the desktop itself."""
    try:
        title = _title(server, window)
        if not server.shown(window)[0] or not title or _is_desktop(server, window):
            return None
        x, y, width, height = _without_shadow(server, window)
        covered = _covered(_top(server, window), (x, y, width, height), over)
        return OpenWindow(f"0x{window:x}", title, _program(server, window), x, y, width, height, covered)
    except (XProblem, struct.error):
        return None


def _title(server: Server, window: int) -> str:
    named = server.property(window, "_NET_WM_NAME").decode("utf-8", "replace")
    plain = named or server.property(window, "WM_NAME").decode("latin-1")
    return "".join(sign if sign.isprintable() else " " for sign in plain[:_TITLE]).strip()


def _program(server: Server, window: int) -> str:
    """The class of WM_CLASS, its second string."""
    parts = server.property(window, "WM_CLASS").decode("latin-1").split("\0")
    return parts[1][:_TITLE] if len(parts) > 1 else ""


def _is_desktop(server: Server, window: int) -> bool:
    kinds = server.numbers(window, "_NET_WM_WINDOW_TYPE")
    states = server.numbers(window, "_NET_WM_STATE")
    return any(server.atom(name) in kinds for name in _LEFT_OUT) or server.atom("_NET_WM_STATE_HIDDEN") in states


def _without_shadow(server: Server, window: int) -> Place:
    x, y, width, height = server.place(window)
    extents = server.numbers(window, "_GTK_FRAME_EXTENTS")
    if len(extents) != 4 or extents[0] + extents[1] >= width or extents[2] + extents[3] >= height:
        return x, y, width, height
    left, right, top, bottom = extents
    return x + left, y + top, width - left - right, height - top - bottom


def _top(server: Server, window: int) -> int:
    """The window directly on the root that this one lies in: its frame, or itself."""
    for _level in range(50):
        parent, _children = server.children(window)
        if parent in (0, server.root):
            return window
        window = parent
    return window


def _covered(top: int, place: Place, over: Sequence[tuple[int, Place]]) -> bool:
    """Whether anything above `top` meets that place."""
    numbers = [window for window, _place in over]
    above = over[numbers.index(top) + 1:] if top in numbers else ()
    x, y, width, height = place
    return any(
        left < x + width and x < left + wide and upper < y + height and y < upper + high
        for _window, (left, upper, wide, high) in above
    )
