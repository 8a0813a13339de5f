"""Pictures whose text could not be read. They are kept as they are; only the search does not know their words."""

from __future__ import annotations

from workstation.domain.problem import Problem, ProblemKind
from workstation.evidence.reading import words
from workstation.evidence.reading.repo import Failure
from workstation.evidence.reading.service import ReadingService
from workstation.kernel.actions import Action
from workstation.kernel.i18n import _


class Pictures:
    """What `ReadingService` gave up."""

    prefix = "picture"

    def __init__(self, reading: ReadingService) -> None:
        self._reading = reading

    def forgets(self) -> bool:
        return True

    async def problems(self) -> tuple[Problem, ...]:
        return tuple(map(_problem, await self._reading.failures()))

    async def act(self, name: str, action: Action) -> None:
        """Raises NotFound."""
        await (self._reading.retry(name) if action is Action.RETRY else self._reading.dismiss(name))


def _problem(failure: Failure) -> Problem:
    opens = (Action.OPEN_CONVERSATION,) if failure.case_id else ()
    return Problem(
        f"picture:{failure.source}", ProblemKind.WORK, "warn", _("The text in a picture could not be read."),
        words.why(failure.why), _("The picture itself is kept as it is."),
        _("Try again; else open it and read it yourself."), failure.at, (Action.RETRY, *opens, Action.DISMISS),
        conversation_id=failure.case_id)
