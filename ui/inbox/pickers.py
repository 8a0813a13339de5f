"""Assign, tag and snooze by keys: what the chooser offers, and what is asked of the core when a line is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ui.inbox.picker import Choice, Picker
from ui.inbox.presenter import InboxPresenter
from ui.inbox.snooze import choices as snooze_choices
from ui.widgets import timetext
from workstation.inbox.model import TagCount
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from ui.bridge import Call
    from workstation.inbox.listing import ConversationRow

Ids = Callable[[], tuple[str, ...]]


class Pickers(QObject):
    """Over the list. `ids` says which conversations are meant when a chooser opens."""

    def __init__(self, presenter: InboxPresenter, picker: Picker, ids: Ids) -> None:
        super().__init__(picker)
        self._presenter, self.picker, self._ids = presenter, picker, ids
        self._asked: Call | None = None
        self._tagging: tuple[str, ...] | None = None
        picker.left.connect(self._on_left)

    def assign(self) -> None:
        """To whom? First to the person here, then colleagues, then nobody."""
        ids = self._ids()
        if not ids:
            return
        presenter = self._presenter
        holders = {row.assignee for row in self._rows(ids)}
        people = sorted(presenter.members, key=lambda member: (not member.me, member.name.casefold()))
        lines = [Choice(one.id, _("{name} (me)").format(name=one.name) if one.me else one.name,
                        checked=holders == {one.id}) for one in people]
        if not any(member.me for member in people) and presenter.me:
            lines.insert(0, Choice(presenter.me, _("Me"), checked=holders == {presenter.me}))
        lines.append(Choice("", _("Nobody"), checked=holders == {""}))
        self.picker.ask(_("Assign to"), lines, partial(presenter.act.assign, ids), hint=_("Type a name"))

    def tag(self) -> None:
        """Which tag? One that all have is taken away, any other is given; a new one is typed."""
        ids = self._ids()
        if ids:     # at once, with the tags that are known here: what is typed next must not fall to the window's keys
            self._show_tags(ids)
            self._presenter.act.tags(partial(self._offer_tags, ids), self)

    def snooze(self) -> None:
        """Until when? The usual times, or any time in words."""
        ids = self._ids()
        if ids:
            take = partial(self._snooze, ids)
            self.picker.ask(_("Snooze until, in words"), self._times(), take, typed=self._on_time_typed,
                            hint=_("tomorrow 9:00, friday, in 2 hours"))

    def _show_tags(self, ids: tuple[str, ...]) -> None:
        known = [TagCount(queue.key.removeprefix("tag:"), queue.count) for queue in self._presenter.queues
                 if queue.key.startswith("tag:")]
        take = partial(self._tag, ids, self._common(ids))
        self.picker.ask(_("Tag"), self._tag_lines(ids, known), take, new=_("New tag “{text}”"),
                        hint=_("Choose a tag, or type a new one"))
        self._tagging = ids

    def _offer_tags(self, ids: tuple[str, ...], counts: tuple[TagCount, ...]) -> None:
        if self._tagging is ids:
            self.picker.offer(self._tag_lines(ids, counts))

    def _common(self, ids: Sequence[str]) -> set[str]:
        having = [set(row.tags) for row in self._rows(ids)]
        return set.intersection(*having) if having else set()

    def _tag_lines(self, ids: Sequence[str], counts: Sequence[TagCount]) -> list[Choice]:
        common = self._common(ids)
        open_ = {count.tag: count.open for count in counts}
        names = dict.fromkeys([*sorted(common), *(count.tag for count in counts)])
        return [Choice(name, name, timetext.number(open_.get(name, 0)), name in common) for name in names]

    def _tag(self, ids: tuple[str, ...], common: set[str], tag: str) -> None:
        if tag in common:
            self._presenter.act.tag(ids, (), (tag,))
        else:
            self._presenter.act.tag(ids, (tag,), ())

    def _on_left(self) -> None:
        self._tagging = None

    def _times(self) -> list[Choice]:
        now = self._presenter.model.clock.now()
        return [Choice(str(one.until), _(one.text), timetext.soon(one.until, now)) for one in snooze_choices(now)]

    def _on_time_typed(self, text: str) -> None:
        if not text.strip():
            self.picker.offer(self._times())
            return
        self.picker.offer(self._fitting(text))
        self._asked = self._presenter.bridge.call(
            lambda core: core.inbox.when(text), partial(self._on_time, text), self, replaces="when")

    def _on_time(self, text: str, until: int | None) -> None:
        now = self._presenter.model.clock.now()
        fitting = self._fitting(text)
        if until is not None and until > now:
            said = next((one for one in fitting if one.value == str(until)), None)
            fitting = [one for one in fitting if one is not said]
            fitting.insert(0, said or Choice(str(until), text.strip(), timetext.soon(until, now)))
        self.picker.offer(fitting)

    def _fitting(self, text: str) -> list[Choice]:
        return [one for one in self._times() if text.strip().casefold() in one.text.casefold()]

    def _snooze(self, ids: tuple[str, ...], until: str) -> None:
        self._presenter.snooze(ids, int(until))

    def _rows(self, ids: Sequence[str]) -> list[ConversationRow]:
        known = self._presenter.model.known
        return [row for name in ids if (row := known(name)) is not None]
