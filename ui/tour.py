"""Walks the window through its main states and saves a picture of each: `workstation demo --screenshots DIR`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from ui.shell.program import Program
from ui.theme import theme
from workstation.inbox.model import ConversationRow
from workstation.kernel.settings import Settings

SMALL, LARGE = (1280, 800), (2560, 1440)
LOOK_MS = 250
LONGEST_MS = 90_000
REPLY = (
    "Hello, we checked your order and the parcel is on its way. "
    "We will refund R$ 129,90 if it does not arrive by 25/11/2026."
)


class Tour(QObject):
    """One walk. Each step of `_steps` yields what to wait for: milliseconds, or a question asked until it is true."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        super().__init__()
        self._folder = folder
        self._settings = settings
        self._program: Program | None = None
        self._walk: Iterator[int | Callable[[], bool]] = iter(())
        self._question: Callable[[], bool] | None = None
        self._waited = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go)

    def begin(self, program: Program) -> None:
        """Start once the window is painted; the program ends with the last picture."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._program = program
        self._walk = self._steps(program)
        self._timer.start(LOOK_MS)

    def _go(self) -> None:
        if self._question is not None and not self._question() and self._waited < LONGEST_MS:
            self._waited += LOOK_MS
            self._timer.start(LOOK_MS)
            return
        self._waited = 0
        try:
            wanted = next(self._walk)
        except StopIteration:
            self._finish()
            return
        self._question = wanted if callable(wanted) else None
        self._timer.start(wanted if isinstance(wanted, int) else LOOK_MS)

    def _finish(self) -> None:
        if self._program is not None:
            self._program.quit()

    def _steps(self, program: Program) -> Iterator[int | Callable[[], bool]]:
        program.window.resize(*SMALL)
        yield lambda: len(self._rows()) >= 20
        yield 12_000  # the sources of every order are asked, one of them never answers
        yield from self._open(lambda row: row.language == "pt" and "caixa" in row.subject)
        self._save("conversation-light")
        self._type(REPLY)
        yield 4_000
        self._save("composer-light")
        yield from self._look("dark", "composer-dark")
        yield from self._look("contrast", "composer-contrast")
        yield from self._look("light", "")
        for language, name in (("ar", "arabic-light"), ("ja", "japanese-light")):
            yield from self._open(_in_language(language))
            self._save(name)
        program.window.resize(*LARGE)
        yield 600
        self._save("large-light")
        yield from self._look("dark", "large-dark")
        yield from self._in_chinese(program)

    def _in_chinese(self, program: Program) -> Iterator[int | Callable[[], bool]]:
        self._settings.set("language", "zh_CN")
        program.rebuild()
        program.window.resize(*SMALL)
        yield 2_500
        yield from self._look("light", "chinese-light")
        yield from self._look("dark", "chinese-dark")
        self._settings.set("language", "en")

    def _look(self, name: str, picture: str) -> Iterator[int]:
        theme().apply(name)
        yield 500
        if picture:
            self._save(picture)

    def _open(self, wanted: Callable[[ConversationRow], bool]) -> Iterator[int | Callable[[], bool]]:
        yield lambda: any(wanted(row) for row in self._rows())
        row = next((row for row in self._rows() if wanted(row)), None)
        if row is not None and self._program is not None:
            self._program.window.open_conversation(row.id)
        yield 4_000

    def _type(self, text: str) -> None:
        if self._program is not None:
            composer = self._program.window.middle.composer
            composer.write_reply()
            composer.body.setPlainText(text)

    def _rows(self) -> list[ConversationRow]:
        if self._program is None:
            return []
        model = self._program.window.inbox.model
        return [model.row(at) for at in range(model.rowCount())]

    def _save(self, name: str) -> None:
        if self._program is not None:
            self._program.window.grab().save(str(self._folder / f"{name}.png"))


def _in_language(language: str) -> Callable[[ConversationRow], bool]:
    return lambda row: row.language == language
