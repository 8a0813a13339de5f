"""A search becomes a view: a name is typed, and the left column has a line more, until it is removed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ui.inbox.picker import Choice, Picker
from ui.inbox.presenter import InboxPresenter
from workstation.api import Core
from workstation.inbox.model import SavedView
from workstation.kernel.i18n import _


def ask(presenter: InboxPresenter, picker: Picker) -> None:
    """Ask for the view's name. Without a search there is nothing to save, and that is said."""
    if not presenter.search:
        presenter.bridge.notice(_("Search for something first; the search can then be saved as a view."), tone="warn")
        return
    offered: Sequence[Choice] = (Choice(presenter.search, presenter.search),)
    save = partial(_save, presenter, query_of(presenter))
    picker.ask(_("Name of the view"), offered, save, new=_("Save as “{text}”"))


def query_of(presenter: InboxPresenter) -> str:
    """The search with the queue it is in, in the search box's own words."""
    group, _sep, name = presenter.queue.partition(":")
    if presenter.queue in ("open", "all") or group == "view":
        return presenter.search
    if not name:
        return f"{presenter.search} in:{presenter.queue}"
    return f'{presenter.search} {group}:"{name}"' if " " in name else f"{presenter.search} {group}:{name}"


def _save(presenter: InboxPresenter, query: str, title: str) -> None:
    presenter.act.save_view(SavedView("", title, query), partial(_saved, presenter))


def _saved(presenter: InboxPresenter, view: SavedView) -> None:
    presenter.load_queues()
    presenter.bridge.notice(_("The view “{title}” stands in the left column.").format(title=view.title))


def remove(presenter: InboxPresenter) -> None:
    """The view that is shown leaves the left column; its conversations stay, and so does the way back."""
    group, _sep, view_id = presenter.queue.partition(":")
    if group != "view":
        presenter.bridge.notice(_("Open one of your own views first; it can then be removed."), tone="warn")
        return
    presenter.bridge.call(partial(_take_away, view_id), partial(_removed, presenter), presenter)


async def _take_away(view_id: str, core: Core) -> SavedView | None:
    view = next((one for one in await core.inbox.views() if one.id == view_id), None)
    await core.inbox.remove_view(view_id)
    return view


def _removed(presenter: InboxPresenter, view: SavedView | None) -> None:
    presenter.show_queue("open")
    presenter.load_queues()
    if view is not None:
        again = partial(_save, presenter, view.query, view.title)
        presenter.bridge.notice(_("The view “{title}” was removed.").format(title=view.title), again)
