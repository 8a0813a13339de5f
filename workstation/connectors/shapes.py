"""Checks that an answer has the documented shape. Pure, so that mappers need nothing of HTTP."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from workstation.kernel.errors import BadAnswer
from workstation.kernel.i18n import _

M = TypeVar("M", bound=BaseModel)


def parse(model: type[M], body: bytes, name: str) -> M:
    """`body` as `model`. Raises BadAnswer naming the first field that is not as documented, never its value."""
    try:
        return model.model_validate_json(body)
    except ValidationError as problem:
        place = ".".join(str(part) for part in problem.errors(include_input=False, include_url=False)[0]["loc"])
        raise changed(name, place or "JSON") from None


def changed(name: str, place: str) -> BadAnswer:
    """The source called `name` answered something else at `place` than its documentation says."""
    return BadAnswer(_("{source} changed the shape of its answer ({place}).").format(source=name, place=place),
                     _("Update Workstation, or look at the page yourself."))
