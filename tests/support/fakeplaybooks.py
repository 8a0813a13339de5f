"""A playbook in memory: what the test says of its steps, and what people say with its undo."""

from __future__ import annotations

from dataclasses import replace

from tests.support.fakecore import NOW, World
from workstation.domain.events import PlaybookChanged
from workstation.domain.undo import Undo
from workstation.kernel.errors import NotFound
from workstation.playbooks.model import Course, Get, State, Step, Title

LATE, DAMAGED = Title("late", "late", "Late"), Title("damaged", "damaged", "Damaged")
STEPS = (
    Step("order", "Find the order", "Link the order and see that it belongs to this buyer.", State.SATISFIED,
         source="Order 702-1234567-1234567 is this buyer's (shop · loja-1)", needs="Needs the check “Order”"),
    Step("proof", "Capture the carrier’s page", "Its events disappear after some weeks, and a claim needs them.",
         needs="Needs a capture", missing="No capture is kept in this case yet.", get=Get.CAPTURE),
    Step("photos", "Get pictures of the damage, the box and the label", "All three together.",
         needs="Needs the buyer’s pictures", missing="The buyer sent no picture yet.", get=Get.ASK,
         say="Could you please send a picture of the damage?"),
    Step("tell", "Tell the buyer where it is and when you look again", "Name the last event and a date of your own.",
         say="I have checked your parcel with the carrier."),
    Step("after", "Look again", "On the day you named."),
)


def late(conversation_id: str) -> Course:
    return Course(
        conversation_id, LATE, when="The promised date has passed.", steps=STEPS,
        escalate=("Nothing new for 14 days: to a supervisor",), never=("No refund before a supervisor agreed.",),
        notes=("Amazon: no outside tracking link in the message.",))


class FakePlaybooks:
    """Fulfils `api.PlaybooksApi`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.courses: dict[str, Course] = {}
        self.wrong: tuple[str, ...] = ()
        self._undo: dict[str, Course] = {}

    async def list(self) -> tuple[Title, ...]:
        return LATE, DAMAGED, Title("vip", "late", "Regulars & friends", own=True)

    async def problems(self) -> tuple[str, ...]:
        return self.wrong

    async def of(self, conversation_id: str) -> Course:
        self.world.note("course", conversation_id)
        return self.courses.get(conversation_id) or late(conversation_id)

    async def choose(self, conversation_id: str, playbook_id: str) -> Undo:
        self.world.note("choose", (conversation_id, playbook_id))
        course = await self.of(conversation_id)
        title = next((each for each in await self.list() if each.id == playbook_id), LATE)
        return self._put(replace(course, playbook=title, chosen=bool(playbook_id)), f"Playbook: {title.title}")

    async def mark(self, conversation_id: str, step_id: str, state: State, reason: str = "") -> Undo:
        self.world.note("mark", (step_id, state, reason))
        course = await self.of(conversation_id)
        taken = [replace(step, state=state, by="Ana", at=NOW, reason=reason, missing="", get=Get.NOTHING)
                 if step.id == step_id else step for step in course.steps]
        return self._put(replace(course, steps=tuple(taken)), f"Step {state}")

    async def undo(self, undo_id: str) -> None:
        self.world.note("undo step", undo_id)
        if undo_id not in self._undo:
            raise NotFound("There is nothing to undo.", "Change it by hand.")
        self._set(self._undo.pop(undo_id))

    def _put(self, course: Course, sentence: str) -> Undo:
        undo = Undo(f"playbook-{len(self.world.calls)}", sentence, (course.conversation_id,))
        self._undo[undo.id] = self.courses.get(course.conversation_id) or late(course.conversation_id)
        self._set(course)
        return undo

    def _set(self, course: Course) -> None:
        self.courses[course.conversation_id] = course
        self.world.bus.publish(PlaybookChanged(course.conversation_id))
