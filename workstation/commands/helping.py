"""The help of the command line in the language in use. Typer reads help from docstrings and options when a command is
declared, which is before anybody knows the language; it is said anew when a command is run."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from typing import Any, cast

from typer.core import TyperGroup

from workstation.kernel import i18n
from workstation.kernel.i18n import N_, _
from workstation.kernel.paths import resources

OF_TYPER = (
    N_("Arguments"), N_("Options"), N_("Commands"), N_("[required]"), N_("[default: {}]"), N_("[env var: {}]"),
    N_("Missing command."), N_("No such command {name!r}."), N_("Show this message and exit."),
)
"""Words of Typer's own that stand in a help."""


class Program(TyperGroup):
    """The command tree that says its help in the language of whoever runs it."""

    def main(self, *args: Any, **named: Any) -> Any:
        if i18n.language() != "en":
            speak(self)
        return super().main(*args, **named)


def explain(program: TyperGroup) -> None:
    """Say the help as `--help` alone does, without what reads options: pydantic is a third of such a start."""
    if i18n.language() != "en":
        speak(program)
    program.get_help(program.context_class(program, info_name=program.name))


def speak_words() -> None:
    """Let Typer's own words come from our catalogue. It looks them up by the system's language when it needs them."""
    gettext.bindtextdomain(i18n.DOMAIN, str(resources() / "locale"))
    gettext.textdomain(i18n.DOMAIN)


def speak(program: TyperGroup) -> None:
    """Say every help text of a command tree in the language in use; one without a translation stays as it is."""
    for part in _parts(program):
        said = one_line(part.help)
        if (meant := _(said)) != said:
            part.help = meant


def texts(program: TyperGroup) -> tuple[str, ...]:
    """Every help text as the catalogue has it, each once."""
    return tuple(dict.fromkeys(one_line(part.help) for part in _parts(program)))


def one_line(text: str) -> str:
    """A docstring's lines end where its file's do, which nobody reads."""
    return " ".join(text.split())


def _parts(program: TyperGroup) -> Iterator[Any]:
    """Whatever has a help: the commands, their options and arguments."""
    waiting: list[Any] = [program]
    while waiting:
        command = waiting.pop()
        waiting += getattr(command, "commands", {}).values()
        asked = command.get_help_option(command.context_class(command))
        yield from (cast(Any, part) for part in (command, *command.params, asked) if getattr(part, "help", None))
