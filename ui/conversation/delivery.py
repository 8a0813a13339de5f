"""How a reply on its way is told: a shape, a word, a tone of the theme, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from workstation.domain.conversation import Delivery
from workstation.kernel.i18n import N_, _


@dataclass(frozen=True, slots=True)
class Told:
    """`mark` is never the only carrier of meaning: `word` says the same. `tone` names a colour token.

    `action` is "undo", "retry", "look" or "": what the person may do, told by `label`.
    """

    mark: str
    word: str
    tone: str
    action: str = ""
    label: str = ""


_TOLD = {
    Delivery.DONE: Told("✓", N_("Sent"), "text_quiet"),
    Delivery.HELD: Told("◌", N_("Sending soon"), "pending", "undo", N_("Undo")),
    Delivery.QUEUED: Told("◌", N_("Queued"), "pending", "undo", N_("Undo")),
    Delivery.SENDING: Told("◌", N_("Sending…"), "pending"),
    Delivery.UNKNOWN: Told("?", N_("Outcome unknown"), "unknown", "look", N_("Look again")),
    Delivery.FAILED: Told("✕", N_("Not sent"), "failed", "retry", N_("Retry")),
}


def told(state: Delivery) -> Told:
    """The shape, word and action of a state, in the interface's language."""
    plain = _TOLD[state]
    return Told(plain.mark, _(plain.word), plain.tone, plain.action, _(plain.label))


def seconds_left(release_at: int, now: int) -> int:
    """Whole seconds in which a held reply can still be taken back, at least 0."""
    return max(0, -((now - release_at) // 1_000))


def sentence(state: Delivery, reason: str, release_at: int | None, now: int) -> str:
    """One line: "Sending in 12 s", "Queued: no network", "Not sent: mailbox full"."""
    if state is Delivery.HELD and release_at is not None and release_at > now:
        return _("Sending in {n} s").format(n=seconds_left(release_at, now))
    word = told(state).word
    return _("{state}: {reason}").format(state=word, reason=reason) if reason else word
