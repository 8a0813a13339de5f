"""The command line. Without a command it opens the window.

JSON goes to stdout, progress and errors to stderr. Exit codes: 0 done; 1 the answer is no; 2 could not run.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

WINDOW_OPTIONS = {"--home", "--passphrase-file"}


def run() -> None:
    """Entry point. The window is loaded by name before anything else, because its first paint is measured."""
    if getattr(sys, "frozen", False):  # elsewhere the import would cost a twentieth of the start for nothing
        import multiprocessing

        multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments[:1] == ["--worker"]:
        sys.exit(_worker(arguments[1:]))
    if _opens_window(arguments):
        sys.exit(_window(arguments))
    import gc

    gc.set_threshold(100_000, 50, 50)   # what is loaded stays: to go through it again and again is a tenth of a command
    from workstation.commands import main

    sys.exit(main(arguments))


def _opens_window(arguments: list[str]) -> bool:
    """True when nothing but the window's own options was given."""
    pairs = list(zip(arguments[::2], arguments[1::2], strict=False))
    return len(arguments) % 2 == 0 and all(name in WINDOW_OPTIONS for name, _value in pairs)


def load_window() -> ModuleType:
    """The window's module. Nothing that a start loads is garbage, so nothing is collected before `ui.collector` does:
    going through all of it again and again takes a tenth of the start. Raises ImportError where Qt is missing."""
    import gc
    import importlib

    gc.disable()
    return importlib.import_module("ui.main")


def _window(arguments: list[str]) -> int:
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))
    home, passphrase = given.get("--home"), given.get("--passphrase-file")
    code = _second(home)
    if code is not None:
        return code
    try:
        window = load_window()
    except ImportError as problem:
        return _no_window(problem)
    return int(window.main(home=Path(home) if home else None, passphrase_file=Path(passphrase) if passphrase else None))


def _second(home: str | None) -> int | None:
    """0: a window over this home is open and came to the front; 2: it does not answer; None: there is none.

    Qt is not loaded for it. Where no window is open this takes one look at the disk.
    """
    from workstation.kernel.paths import default_home

    root = Path(home) if home else default_home().root
    if not (root / "handover.json").exists():
        return None
    from workstation.runtime.front import come_to_front

    came = come_to_front(root)
    return 0 if came else None if came is None else _held(root)


def _held(root: Path) -> int | None:
    """Somebody listens and does not answer: the window hangs if the home is held; else it is another home's."""
    from workstation.kernel import i18n
    from workstation.kernel.errors import Busy
    from workstation.store.lock import HomeLock

    i18n.use_language("")
    try:
        HomeLock(root).acquire().release()
    except Busy as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return None


def _no_window(problem: ImportError) -> int:
    from workstation.kernel.i18n import _

    sentence = _("The window cannot be opened: {module} is missing.").format(module=problem.name or "Qt")
    remedy = _("Install Workstation with its window, or use a command: workstation --help.")
    sys.stderr.write(f"{sentence} {remedy}\n")
    return 2


def _worker(names: list[str]) -> int:
    """A process of our own that another one of us started."""
    if names == ["mail"]:
        from workstation.app.mail import worker as mail

        return mail.main()
    if names[:1] == ["read"]:
        from workstation.evidence.reading import worker as reading

        return reading.main(names[1:])
    if names == ["press"]:
        from workstation.evidence.claims import press_worker

        return press_worker.main()
    if names == ["print"]:
        import importlib

        return int(importlib.import_module("ui.evidence.printing").main())
    from workstation.translation import worker

    return int(worker.main() or 0)


if __name__ == "__main__":
    run()
