"""`workstation demo`: a throw-away home, the outside world on loopback, and the loop, with a window or without."""

from __future__ import annotations

import importlib
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workstation import app
from workstation.app.wiring import Parts
from workstation.connectors.screen.x11 import MssCapture
from workstation.demo import display
from workstation.demo.walk import Walk
from workstation.demo.world import SIMULATED, World
from workstation.evidence.ports import CaptureBackend
from workstation.kernel.clock import SystemClock
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home
from workstation.runtime.thread import CoreThread
from workstation.store.lock import HomeLock

HEADLESS_UNDO_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line."""

    headless: bool = False
    home: Path | None = None
    json: Path | None = None
    screenshots: Path | None = None
    passphrase_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where this demo keeps its things: the home, and beside it the outside world's."""

    home: Home
    passphrase: Path
    world: Path
    throw_away: bool


def run(request: Request) -> int:
    """Exit 0 when the whole loop went through. Raises WorkstationError with a sentence otherwise."""
    with_window = not request.headless and display.window_possible()
    _check_targets(request)
    if not (request.headless or with_window or request.screenshots):
        _say(_("There is no display here: the demo runs without its window."))
    with _place(request) as place:
        now = SystemClock().now()
        opened = app.create_home(place.home, place.passphrase, place.passphrase.with_suffix(".recovery"))
        with _world(place, now) as world:
            if with_window or request.screenshots is not None:
                return _window(opened, world, place, now, request)
            result = _headless(opened, world, place, now)
            _report(result, place, request)
    return 0 if result["upstream"]["digest_equal"] and result["offline"]["applied_once"] else 1


def _headless(opened: app.Opened, world: World, place: Place, now: int) -> dict[str, Any]:
    opened.settings.set("undo_seconds", HEADLESS_UNDO_SECONDS)
    with ExitStack() as stack:
        screen = stack.enter_context(display.screen(place.world))
        stack.enter_context(HomeLock(place.home.root))
        capture: CaptureBackend = MssCapture(screen) if screen else _without_screen(stack)
        thread = CoreThread()
        stack.callback(thread.stop)
        running = thread.run(app.build(opened, Parts(capture=capture, sources=world.sources, simulated=SIMULATED)))
        stack.callback(running.close)
        stack.callback(lambda: thread.run(running.shutdown()))
        thread.run(running.start())
        return Walk(running.core, thread, world, place.world, now, _say).run()


def _without_screen(stack: ExitStack) -> CaptureBackend:
    """Qt's offscreen platform draws a picture that says it is not a real screen; without Qt nothing can be seen."""
    try:
        offscreen = importlib.import_module("ui.evidence.offscreen")
    except ImportError:
        return MssCapture()
    backend: CaptureBackend = stack.enter_context(offscreen.backend())
    return backend


def _window(opened: app.Opened, world: World, place: Place, now: int, request: Request) -> int:
    try:
        window = importlib.import_module("ui.demo")
    except ImportError as problem:
        raise InputError(_("The window cannot be opened: {module} is missing.").format(module=problem.name or "Qt"),
                         _("Run workstation demo --headless.")) from problem
    parts = Parts(sources=world.sources, simulated=SIMULATED)
    prepare: Callable[..., Any] = importlib.import_module("workstation.demo.prepare").Prepare(world, place.world, now)
    return int(window.run(opened, parts, prepare, request.screenshots))


def _check_targets(request: Request) -> None:
    """Better now than after the whole walk."""
    for target in (request.json, request.screenshots):
        if target is not None and not target.absolute().parent.is_dir():
            raise InputError(_("The folder {path} does not exist.").format(path=target.parent), _("Make it first."))


@contextmanager
def _place(request: Request) -> Iterator[Place]:
    if request.home is not None:
        yield _kept_place(request.home, request.passphrase_file)
        return
    folder = Path(tempfile.mkdtemp(prefix="workstation-demo-"))
    try:
        yield Place(Home(folder / "home"), _new_passphrase(folder / "passphrase"), _made(folder / "world"), True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _kept_place(home: Path, passphrase: Path | None) -> Place:
    """With --home the demo's home stays, and its passphrase beside it, so that other commands can open it."""
    if Home(home).description.exists():
        raise InputError(_("There is already a home in {path}.").format(path=home), _("Name an empty folder."))
    home.parent.mkdir(parents=True, exist_ok=True)
    file = passphrase or home.with_name(home.name + ".passphrase")
    world = _made(home.with_name(home.name + ".world"))
    return Place(Home(home), file if file.exists() else _new_passphrase(file), world, False)


def _new_passphrase(path: Path) -> Path:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32))
    return path


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _world(place: Place, now: int) -> Iterator[World]:
    world = World(place.world, now)
    world.start(now)
    try:
        yield world
    finally:
        world.stop()


def _report(result: dict[str, Any], place: Place, request: Request) -> None:
    if not place.throw_away:
        result |= {
            "home": str(place.home.root), "passphrase_file": str(place.passphrase),
            "hub_database": str(place.world / "hub" / "hub.db"),
        }
    if request.json is not None:
        request.json.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    _say(_("The whole loop took {n} s.").format(n=result["seconds"]))
    if place.throw_away:
        _say(_("Everything the demo made is deleted again; --home DIR keeps it."))
    else:
        _say(_("The home is {home}, its passphrase is in {file}.").format(home=place.home.root, file=place.passphrase))


def _say(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')}  {text}\n")
    sys.stdout.flush()
