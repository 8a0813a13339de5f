"""From the request to a sealed capture: the moment, the check, the crop, and two threads that share the rest.

One thread packs the picture and puts it, encrypted, on the disk; the other hashes its pixels and draws the thumbnail
meanwhile (`filing`). The record's transaction is prepared while the file goes down, and is committed after that
(`sealer`): nothing is acknowledged before it is on the disk.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from workstation.evidence import imaging, record, surroundings, views
from workstation.evidence.filing import Filing
from workstation.evidence.model import CaptureRequest, Grab, Kind, Monitor, OpenWindow, Picture, RecordView, Rect
from workstation.evidence.ports import CaptureBackend, SeesDesktop
from workstation.evidence.record import Private, Statement
from workstation.evidence.sealer import Entry, Prepared, Sealer
from workstation.kernel.clock import Clock
from workstation.kernel.errors import BlankScreen, CaptureRefused, InputError, Unsupported
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id

UNIFORM = "Every pixel has the same colour"
"""A warning of the record, in English as all of a record's own words."""
_PIECE = 64 * 1024


class Capturing:
    """Sees through `backend` and keeps with `sealer`."""

    def __init__(self, backend: CaptureBackend, sealer: Sealer, clock: Clock) -> None:
        self._backend, self._sealer, self._clock = backend, sealer, clock

    async def capture(self, request: CaptureRequest) -> RecordView:
        """The screen, a region of it or a window, sealed. Raises CaptureRefused, InputError, NotFound, DiskFull, …"""
        if not request.window:
            return await self.seal(await self.grab(request.screen), request)
        grab = self._stamped(await self._desktop().grab_window(request.window))
        return await self.seal(grab, request)

    async def grab(self, screen: int) -> Grab:
        """The screen's pixels, checked, with the moment they were taken. Nothing is kept."""
        self._usable()
        return self._stamped(await self._backend.grab(screen))

    async def screens(self) -> tuple[Monitor, ...]:
        """The screens as `grab` counts them; empty where there is one picture of all, or the back end cannot say."""
        self._usable()
        return await self._backend.screens() if isinstance(self._backend, SeesDesktop) else ()

    async def windows(self) -> tuple[OpenWindow, ...]:
        """What is open on the desktop, the uppermost first. Raises Unsupported, CaptureRefused."""
        return await self._desktop().windows()

    async def seal(self, grab: Grab, request: CaptureRequest) -> RecordView:
        """Seal a grab, whole or the request's region, as a record of the case. A window's grab is cut to the window."""
        if not request.case_id:
            raise InputError(_("A capture needs a case to belong to; nothing was kept."), _("Name one with --case."))
        imaging.checked(grab)
        if grab.window is not None:
            request = replace(request, rect=grab.window.rect)
        picture = await _part(grab, request.rect)
        plain = await _uniform(Picture(grab.width, grab.height, grab.rgba))
        if plain and not request.blank:
            raise blank_screen()
        plain = plain or (picture.rgba is not grab.rgba and await _uniform(picture))
        await self._sealer.key()
        record_id = new_id()
        filing, loop = Filing(self._sealer.files, record_id, picture), asyncio.get_running_loop()
        looked = loop.run_in_executor(None, filing.look)
        loop.run_in_executor(None, filing.keep)
        (digest, small), (content, sealed) = await asyncio.gather(looked, asyncio.wrap_future(filing.known))
        prepared = Prepared(content, "image/png", "", digest, picture.width, picture.height, small)
        entry = _entry(grab, request, plain)
        stored = await self._sealer.append(entry, record_id, prepared, sealed, down=filing.down)
        return views.view(stored, [Private(name, b"", value) for name, value in entry.private.items()])

    def _usable(self) -> None:
        reason = self._backend.available()
        if reason:
            raise CaptureRefused(reason, _("Nothing was kept. Run workstation doctor."))

    def _desktop(self) -> SeesDesktop:
        self._usable()
        if not isinstance(self._backend, SeesDesktop):
            raise Unsupported(_("This system does not tell which windows are open."), _("Capture a region instead."))
        return self._backend

    def _stamped(self, grab: Grab) -> Grab:
        return imaging.checked(
            replace(grab, taken_at=self._clock.now(), monotonic_ns=surroundings.monotonic_ns()))


def blank_screen() -> BlankScreen:
    """A screen that is off, asleep or covered by a locker gives such a picture, and the wallpaper alone may be one."""
    return BlankScreen(
        _("The whole screen shows a single colour, as one does that is off or locked; nothing was kept."),
        _("Wake or unlock it and try again, or capture it anyway: the record will say what it shows."))


async def _part(grab: Grab, rect: Rect | None) -> Picture:
    """What is kept of a grab."""
    if rect is None:
        return imaging.crop(grab, None)
    return await asyncio.to_thread(imaging.crop, grab, rect)


async def _uniform(picture: Picture) -> bool:
    """As `uniform`; a picture with anything on it is told here and now from its first bytes."""
    return uniform(Picture(picture.width, 1, picture.rgba[:_PIECE])) and await asyncio.to_thread(uniform, picture)


def uniform(picture: Picture) -> bool:
    """Whether every pixel is the first one."""
    view = memoryview(picture.rgba)
    same = bytes(view[:4]) * (_PIECE // 4)
    return all(bytes(view[at:at + _PIECE]) == same[:min(_PIECE, len(view) - at)] for at in range(0, len(view), _PIECE))


def _entry(grab: Grab, request: CaptureRequest, plain: bool) -> Entry:
    personal = {"window_title": grab.window_title, "url": request.url, "purpose": request.purpose}
    how: Statement = {
        "back_end": grab.back_end, "real_screen": grab.real_screen,
        "warnings": [*grab.warnings, *([UNIFORM] if plain else [])], **dict(grab.versions),
    }
    what: Statement = {
        "scope": _scope(grab, request), "url_learnt": request.url_learnt if request.url else "unknown",
    }
    return Entry(
        Kind.CAPTURE, request.case_id, what, personal, grab.taken_at, grab.monotonic_ns, request.automation, how,
        record.display(grab, request.rect),
    )


def _scope(grab: Grab, request: CaptureRequest) -> str:
    if grab.window is not None:
        return "window"
    return "region" if request.rect else "screen"
