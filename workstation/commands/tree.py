"""The tree of commands. What stands below a name is loaded when that name is given: a script that asks for one thing
two hundred times pays for that one, and `--help` for none."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

import typer
from typer.main import get_group

from workstation import __version__
from workstation.commands import helping
from workstation.commands.caller import speak_utf8
from workstation.commands.output import DONE, say
from workstation.kernel import i18n


class Noun(NamedTuple):
    """The module that adds a name to the tree (its `add_to`), and the first paragraph of that name's help."""

    module: str
    help: str


NOUNS = {
    "init": Noun("homes", "Make a new home, or open one again with its recovery key."),
    "doctor": Noun("homes", "Look at every part this program needs: ok, or the problem with its remedy."),
    "sync": Noun("homes", "Push what is queued, pull what is new, copy files, compare digests: one full cycle."),
    "search": Noun("mail", "Find conversations, as the window's search does, in the same order."),
    "check": Noun("orders", "Check one order: six verdicts, each with its fact, source and age. Exit 1 when a check "
                            "fails."),
    "translate": Noun("translate", "Translate stdin line by line. Exit 1 when something that must survive was lost."),
    "demo": Noun("demo", "Show the product at work on invented buyers: real mail, real translation, a real hub, all on "
                         "this computer."),
    "version": Noun("tree", "Say which version this is."),
    "mailbox": Noun("homes", "Connect, list and remove mailboxes."),
    "source": Noun("homes", "Connect, list and remove shops and carriers that can be asked."),
    "key": Noun("keys", "How the home's key is kept."),
    "store": Noun("store", "Check, compact, back up and restore the store."),
    "import": Noun("mail", "Bring in mail or orders from files."),
    "language": Noun("languages", "Add, list and remove language packages."),
    "evidence": Noun("evidence", "Capture, list, verify and export evidence."),
    "hub": Noun("hub", "The upstream server."),
}
"""Every name that may follow `workstation`, in the order of the help."""


def tree(named: str) -> typer.Typer:
    """The whole of what is named, and of every other name only what `--help` says of it."""
    app = _empty()
    wanted = NOUNS.get(named)
    for name, noun in NOUNS.items():
        if wanted is None or noun.module != wanted.module:
            app.command(name, help=noun.help)(_elsewhere)
    if wanted is not None:
        _adder(wanted.module)(app)
    return app


def whole() -> typer.Typer:
    """Everything, for those who look at all of it: the catalogue of texts, and tests."""
    app = _empty()
    for module in dict.fromkeys(noun.module for noun in NOUNS.values()):
        _adder(module)(app)
    return app


def explain() -> int:
    """Say what there is, in the language in use, and load nothing of it."""
    i18n.use_language("")
    helping.speak_words()
    speak_utf8()
    helping.explain(get_group(tree("")))
    return DONE


def add_to(app: typer.Typer) -> None:
    app.command()(version)


def version() -> None:
    """Say which version this is."""
    say(__version__)


def _empty() -> typer.Typer:
    return typer.Typer(
        name="workstation", cls=helping.Program, add_completion=False, no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="One window for the people who answer buyers after a cross-border sale.",
    )


def _adder(module: str) -> Callable[[typer.Typer], None]:
    adder: Callable[[typer.Typer], None] = import_module(f"workstation.commands.{module}").add_to
    return adder


def _elsewhere() -> None:
    raise AssertionError("another name was given")
