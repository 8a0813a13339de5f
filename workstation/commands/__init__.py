"""The commands behind `workstation`: one file for each noun, a thin layer over `api.Core`.

Importing the package loads none of them: a command that is handed over to the window needs none here.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from workstation import __version__

if TYPE_CHECKING:
    from workstation.app.handover import Host
    from workstation.runtime.line import Line

__all__ = ["main", "serve"]


def main(arguments: list[str]) -> int:
    """Run one command in this process, or hand it over to the window that holds the home. Returns its exit code."""
    if arguments == ["version"]:   # scripts ask it before anything else; it needs no tree of commands
        sys.stdout.write(f"{__version__}\n")
        return 0
    if arguments == ["--help"]:
        from workstation.commands import tree

        return tree.explain()
    from workstation.commands import handing

    code = handing.try_window(arguments)
    if code is not None:
        return code
    from workstation.commands import root

    return root.main(arguments)


def serve(line: Line, request: dict[str, Any], host: Host, closing: threading.Event) -> None:
    """Run a command that another process handed over. Returns when it has ended and its caller knows, or is gone."""
    from workstation.commands import hosted

    hosted.serve(line, request, host, closing)
