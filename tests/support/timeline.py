"""A conversation of fifty thousand messages in a window, and a person who scrolls through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pytestqt.qtbot import QtBot

from tests.support.fakecore import NOW, World, make_message
from ui.bridge import Bridge
from ui.conversation.bubble import Bubble
from ui.conversation.timeline import Timeline
from ui.conversation.view import ConversationView
from workstation.domain.conversation import Direction
from workstation.inbox.model import MessageView, TranslationView

MANY = 50_000
STEP = 600_000
FIRST_AT = NOW - MANY * STEP


class Endless(list[MessageView]):
    """Fifty thousand messages that are made when somebody looks at them."""

    def __init__(self) -> None:
        super().__init__()
        self.fresh: list[MessageView] = []

    def __len__(self) -> int:
        return MANY + len(self.fresh)

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, place: object) -> object:  # type: ignore[override]
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(len(self)))]
        assert isinstance(place, int)
        return self.fresh[place - MANY] if place >= MANY else made(place)

    def __iter__(self) -> Iterator[MessageView]:
        return (made(number) for number in range(MANY))

    def number_of(self, message_id: str) -> int | None:
        return int(message_id[1:]) if message_id[1:].isdigit() else None

    def append(self, message: MessageView) -> None:
        self.fresh.append(message)


def made(number: int) -> MessageView:
    ours, text = number % 3 == 2, f"Message {number}. " + "It has not come. " * (number * 7 % 40)
    return make_message(
        number, "big", id=f"b{number}", at=FIRST_AT + number * STEP, seq=number + 1, survivors=(), text=text,
        translation=TranslationView("en", text, "firefox"), direction=Direction.OUT if ours else Direction.IN)


@dataclass
class Room:
    view: ConversationView
    world: World
    bridge: Bridge
    bot: QtBot

    @property
    def timeline(self) -> Timeline:
        return self.view.timeline

    def until(self, fact: Callable[[], bool]) -> None:
        self.bot.waitUntil(fact, timeout=2_500)

    def settle(self) -> None:
        """Nothing is under way any more."""
        def still() -> bool:
            return self.timeline.settled and self.view.presenter._paging is None
        self.until(lambda: bool(self.timeline.bubbles()) and still())

    def open(self, conversation_id: str = "big", message_id: str = "") -> None:
        self.view.show_conversation(conversation_id, message_id)
        self.settle()

    def seen(self) -> list[Bubble]:
        room = self.timeline.viewport().height()
        return [one for one in self.timeline.bubbles() if one.y() < room and one.y() + one.height() > 0]

    def numbers(self) -> list[int]:
        return [int(one.entry.message.id[1:]) for one in self.seen()]

    def place(self, message_id: str) -> int:
        bubble = self.timeline.bubble_of(message_id)
        assert bubble is not None
        return bubble.y()
