"""Everything a person reads goes through gettext, in a form the extractor can read (R42)."""

from __future__ import annotations

import ast
import inspect

import pytest

from tests.support.source import Source, sources
from tests.support.words import bare_sentences, bare_words, unreadable_lookups
from workstation.kernel import errors

KNOWN = frozenset(
    name for name, kind in vars(errors).items()
    if inspect.isclass(kind) and issubclass(kind, errors.WorkstationError)
)


def test_the_window_shows_no_bare_words() -> None:
    assert [where for source in sources("ui") for where in bare_words(source)] == []


def test_known_failures_speak_through_gettext() -> None:
    assert [where for source in sources() for where in bare_sentences(source, KNOWN)] == []


def test_every_looked_up_text_can_be_extracted() -> None:
    assert [where for source in sources() for where in unreadable_lookups(source)] == []


@pytest.mark.parametrize("text", [
    "label.setText('Hello')", "QLabel(f'Sent {n}')", "menu.addAction('Open' if x else '')",
    "b.setToolTip('Send it: ' + k)", "QPushButton('Go {n}'.format(n=1))",
])
def test_bare_words_are_seen(text: str) -> None:
    assert list(bare_words(Source("ui/x.py", text, ast.parse(text)))) != []


@pytest.mark.parametrize("text", [
    "label.setText(_('Hello'))", "label.setText(f'{a}, {b}')", "label.setText('·')", "log.warning('lost the bus')",
    "label.setObjectName('title')",
])
def test_looked_up_words_pass(text: str) -> None:
    assert list(bare_words(Source("ui/x.py", text, ast.parse(text)))) == []


def test_bad_sentences_and_lookups_are_seen() -> None:
    text = "raise NotFound('Gone.')\nx = _(f'{n} kept')\ny = ngettext('a', 'b' + c, 2)"
    source = Source("ui/x.py", text, ast.parse(text))
    assert len(list(bare_sentences(source, KNOWN))) == 1
    assert len(list(unreadable_lookups(source))) == 2
