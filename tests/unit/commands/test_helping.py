"""The help of every command is in the catalogue and is said in the language in use."""

from __future__ import annotations

import gettext

import pytest
from typer.main import get_group

from workstation.commands.helping import OF_TYPER, texts
from workstation.commands.root import main
from workstation.commands.tree import whole
from workstation.kernel import i18n


class Louder(gettext.NullTranslations):
    """A language that is English in capitals."""

    def gettext(self, message: str) -> str:
        return message.upper()


@pytest.fixture
def loud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "use_language", lambda _language: None)
    monkeypatch.setattr(i18n, "_current", Louder())
    monkeypatch.setattr(i18n, "_language", "zh_CN")


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    main(list(arguments))
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


@pytest.mark.usefixtures("loud")
def test_a_command_and_its_options_are_explained_in_the_language_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    shown = asked(capsys, "search", "--help")
    assert "FIND CONVERSATIONS, AS THE WINDOW'S SEARCH DOES" in shown
    assert "FOLDER OF THIS USER'S DATA." in shown
    assert "SHOW THIS MESSAGE AND EXIT." in shown


@pytest.mark.usefixtures("loud")
@pytest.mark.parametrize(("arguments", "wanted"), [
    (["--help"], "MAKE A NEW HOME"), ([], "MAKE A NEW HOME"), (["store", "--help"], "BACK THE HOME UP, ENCRYPTED"),
    (["key", "recovery", "--help"], "PROVE THAT A RECOVERY KEY OPENS THIS HOME."),
])
def test_so_are_groups_of_commands(
    arguments: list[str], wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert wanted in asked(capsys, *arguments)


def test_english_is_said_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Find conversations, as the window's search does" in asked(capsys, "search", "--help")


def test_every_help_is_a_text_of_the_catalogue() -> None:
    found = texts(get_group(whole()))
    assert {"The upstream server.", "Show this message and exit.", "Only this conversation's."} <= set(found)
    assert all(text == " ".join(text.split()) for text in found)
    assert len(found) == len(set(found)) > 100
    assert "Show this message and exit." in OF_TYPER
