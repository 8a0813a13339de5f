"""From the request to a sealed capture: the moment, the check, the crop, and two threads that share the rest.

One thread packs the picture and puts it, encrypted, on the disk (`filing`); the other hashes its pixels and draws the
thumbnail meanwhile. The record's transaction is prepared while the file goes down, and is committed after that
(`sealer`): nothing is acknowledged before it is on the disk.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from workstation.evidence import imaging, record, sealer, surroundings, views
from workstation.evidence.filing import Filing
from workstation.evidence.model import CaptureRequest, Grab, Kind, Monitor, OpenWindow, Picture, RecordView
from workstation.evidence.ports import CaptureBackend, SeesDesktop
from workstation.evidence.record import Private, Statement
from workstation.evidence.sealer import Entry, Prepared, Sealer
from workstation.kernel.clock import Clock
from workstation.kernel.errors import CaptureRefused, InputError, Unsupported
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
        picture = imaging.crop(grab, None) if request.rect is None else await asyncio.to_thread(
            imaging.crop, grab, request.rect)
        await self._sealer.key()
        record_id = new_id()
        filing, loop = Filing(self._sealer.files, record_id, picture), asyncio.get_running_loop()
        loop.run_in_executor(None, filing.run)
        ((pixels, small), plain), (content, sealed) = await asyncio.gather(
            asyncio.to_thread(_looked_at, picture), asyncio.wrap_future(filing.known))
        prepared = Prepared(content, "image/png", "", pixels, picture.width, picture.height, small)
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


def _looked_at(picture: Picture) -> tuple[tuple[str, bytes], bool]:
    """On a worker thread, beside `_filed`: what `sealer.described` says, and whether it is `uniform`."""
    return sealer.described(picture), uniform(picture)


def uniform(picture: Picture) -> bool:
    """Whether every pixel is the first one. A screen with anything on it is told from its first bytes."""
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
