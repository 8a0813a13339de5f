"""The response clocks: which rule holds for which channel, market and store, where it is from, and the seller's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QTreeWidgetItem,
    QWidget,
)

from ui.bridge import Bridge
from ui.conversation.header import CHANNELS
from ui.settings.rules_page import RuleFields, RulesPage
from ui.widgets.choice import Choice
from ui.widgets.labels import label, plain_tip
from ui.widgets.number_field import NumberField
from workstation.api import Core
from workstation.domain.states import Channel
from workstation.inbox.model import DAYS, ClockRule
from workstation.kernel.i18n import N_, _, ngettext

RULE = Qt.ItemDataRole.UserRole + 1
KINDS = {
    "hours": N_("Hours, every day"), "business_days": N_("Working days"), "business_hours": N_("Opening hours"),
    "cutoff": N_("Received until, answered by"), "none": N_("No clock"),
}
_DAY_NAMES = {
    "mon": N_("Mon"), "tue": N_("Tue"), "wed": N_("Wed"), "thu": N_("Thu"), "fri": N_("Fri"), "sat": N_("Sat"),
    "sun": N_("Sun"),
}
_ASKED = {
    "hours": ("hours",), "business_days": ("days",), "business_hours": ("hours", "opens", "closes", "week"),
    "cutoff": ("received_until", "answered_by"), "none": (),
}
"""Which fields a kind of rule has."""


class ClocksPage(RulesPage):
    """A change holds at once, also for what waits already."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        form = RuleForm()
        super().__init__(bridge, form, parent)
        self.form = form
        self._own: tuple[ClockRule, ...] = ()
        self._edited: ClockRule | None = None
        self._lay_out()
        self._wire()
        self._ask()

    def _lay_out(self) -> None:
        said = _("A rule of your own goes before every shipped one for its channel.")
        columns = (_("Channel"), _("For"), _("Rule"), _("From"))
        self._lay_out_rules(_("Response clocks"), columns, said, form_stretch=0)

    def _wire(self) -> None:
        self.tree.itemSelectionChanged.connect(self._on_selected)
        self.add_button.clicked.connect(self._on_add)
        self.change_button.clicked.connect(self._on_change)
        self.remove_button.clicked.connect(self._on_remove)
        self.form.save_button.clicked.connect(self._on_save)
        self.form.leave_button.clicked.connect(self._fold)
        self._on_selected()

    def _ask(self) -> None:
        self._bridge.call(_rules, self._on_rules, self, self._on_problem)

    def _on_rules(self, found: tuple[tuple[ClockRule, ...], tuple[str, ...]]) -> None:
        rules, problems = found
        self._own = tuple(rule for rule in rules if rule.own)
        self.tree.clear()
        for rule in (*self._own, *(one for one in rules if not one.own)):
            whom = ", ".join((*rule.stores, *rule.markets)) or _("all others")
            source = _("you") if rule.own else rule.source
            item = QTreeWidgetItem(self.tree, [_(CHANNELS[Channel(rule.channel)]), whom, in_words(rule), source])
            item.setData(0, RULE, rule)
            item.setToolTip(3, plain_tip(rule.source))
        self._say(" ".join(problems), bool(problems))
        self._on_selected()

    def _chosen(self) -> ClockRule | None:
        item = self.tree.currentItem()
        rule = item.data(0, RULE) if item is not None else None
        return rule if isinstance(rule, ClockRule) else None

    def _on_selected(self) -> None:
        rule = self._chosen()
        self.change_button.setEnabled(rule is not None)
        self.remove_button.setEnabled(rule is not None and rule.own)

    def _on_add(self) -> None:
        self._edited = None
        self._show_form(ClockRule("email", "hours", hours=24))

    def _on_change(self) -> None:
        """A shipped rule is not changed: an own one like it goes before it."""
        rule = self._chosen()
        if rule is not None:
            self._edited = rule if rule.own else None
            self._show_form(rule)

    def _show_form(self, rule: ClockRule) -> None:
        self._make_room()
        self.form.fill(rule)

    def _on_remove(self) -> None:
        rule = self._chosen()
        if rule is not None and rule.own:
            self._keep([one for one in self._own if one != rule])

    def _on_save(self) -> None:
        rule = self.form.rule()
        if self._edited is None:
            self._keep([*self._own, rule])
        else:
            self._keep([rule if one == self._edited else one for one in self._own])

    def _keep(self, own: Sequence[ClockRule]) -> None:
        self._bridge.call(partial(_keep, own), self._on_kept, self, self._on_problem)

    def _on_kept(self, _result: None) -> None:
        self._fold()
        self._ask()


class RuleForm(RuleFields):
    """The fields of one rule; only those that its kind has are shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._begun = ClockRule("email", "hours")
        self.channel, self.kind = Choice(_("Channel")), Choice(_("Rule"))
        self.markets, self.stores = QLineEdit(), QLineEdit()
        self.hours, self.days = NumberField(1, 2_160, 24), NumberField(1, 90, 3)
        self.times = {name: QLineEdit() for name in ("opens", "closes", "received_until", "answered_by")}
        self.week = {name: QCheckBox(_(_DAY_NAMES[name])) for name in DAYS}
        self.greetings = QCheckBox(_("An answer that only greets counts"))
        self._form = QFormLayout(self)
        self._rows: dict[str, QWidget] = {}
        self._lay_out()
        self.kind.currentIndexChanged.connect(self._show_kind)

    def fill(self, rule: ClockRule) -> None:
        """Show a rule and put the focus in the first field."""
        self._begun = rule
        self.channel.setCurrentIndex(self.channel.findData(rule.channel))
        self.kind.setCurrentIndex(self.kind.findData(rule.kind))
        self.markets.setText(", ".join(rule.markets))
        self.stores.setText(", ".join(rule.stores))
        self.hours.set_value(rule.hours or 24)
        self.days.set_value(rule.days or 3)
        for name, field in self.times.items():
            field.setText(getattr(rule, name))
        for name, box in self.week.items():
            box.setChecked(name in (rule.week or DAYS[:5]))
        self.greetings.setChecked(rule.greetings)
        self._show_kind()
        self.show()
        self.channel.setFocus(Qt.FocusReason.OtherFocusReason)

    def rule(self) -> ClockRule:
        """The rule as it stands in the fields; what has no field here stays as it was."""
        kind = str(self.kind.currentData())
        asked = _ASKED[kind]
        times = {name: field.text().strip() if name in asked else "" for name, field in self.times.items()}
        return replace(
            self._begun, channel=str(self.channel.currentData()), kind=kind,
            markets=_listed(self.markets.text().upper()), stores=_listed(self.stores.text()),
            greetings=self.greetings.isChecked(), source=self._begun.source if self._begun.own else "", own=True,
            hours=self.hours.value if "hours" in asked else 0, days=self.days.value if "days" in asked else 0,
            week=tuple(name for name, box in self.week.items() if box.isChecked()) if "week" in asked else (),
            opens=times["opens"], closes=times["closes"], received_until=times["received_until"],
            answered_by=times["answered_by"],
        )

    def _lay_out(self) -> None:
        for channel, name in CHANNELS.items():
            self.channel.addItem(_(name), channel.value)
        for kind, name in KINDS.items():
            self.kind.addItem(_(name), kind)
        self.markets.setPlaceholderText(_("US, DE; empty: every market"))
        self.stores.setPlaceholderText(_("Names of stores; empty: every store"))
        for name in ("opens", "closes", "received_until", "answered_by"):
            self.times[name].setPlaceholderText("09:00")
        week = QWidget()
        days = QHBoxLayout(week)
        days.setContentsMargins(0, 0, 0, 0)
        for box in self.week.values():
            days.addWidget(box)
        days.addStretch(1)
        fields: tuple[tuple[str, str, QWidget], ...] = (
            ("channel", _("Channel"), self.channel), ("markets", _("Markets"), self.markets),
            ("stores", _("Stores"), self.stores), ("kind", _("Rule"), self.kind), ("hours", _("Hours"), self.hours),
            ("days", _("Days"), self.days), ("opens", _("Opens"), self.times["opens"]),
            ("closes", _("Closes"), self.times["closes"]), ("week", _("Days of the week"), week),
            ("received_until", _("Received until"), self.times["received_until"]),
            ("answered_by", _("Answered by"), self.times["answered_by"]), ("greetings", "", self.greetings))
        for name, said, field in fields:
            field.setAccessibleName(said or self.greetings.text())
            self._form.addRow(label(said, "quiet"), field)
            self._rows[name] = field
        self._end_with(self._form, self.save_button, self.leave_button)

    def _show_kind(self) -> None:
        asked = _ASKED[str(self.kind.currentData())]
        for name in ("hours", "days", "opens", "closes", "week", "received_until", "answered_by"):
            self._form.setRowVisible(self._rows[name], name in asked)


def in_words(rule: ClockRule) -> str:
    """ "24 hours, every day", "3 working days", "until 18:00, answered by 19:00"."""
    n = rule.days if rule.kind == "business_days" else rule.hours
    said = {
        "hours": ngettext("{n} hour, every day", "{n} hours, every day", n),
        "business_days": ngettext("{n} working day", "{n} working days", n),
        "business_hours": ngettext(
            "{n} opening hour, {opens} to {closes}", "{n} opening hours, {opens} to {closes}", n),
        "cutoff": _("received until {until}, answered by {by}"), "none": _("no clock"),
    }[rule.kind].format(n=n, opens=rule.opens, closes=rule.closes, until=rule.received_until, by=rule.answered_by)
    notes = (_("from the last message") if rule.runs_from == "last" else "",
             "" if rule.greetings else _("a greeting is no answer"))
    return "; ".join(part for part in (said, *notes) if part)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.replace("，", ",").split(",") if part.strip()))


async def _rules(core: Core) -> tuple[tuple[ClockRule, ...], tuple[str, ...]]:
    return await core.inbox.clock_rules()


async def _keep(own: Sequence[ClockRule], core: Core) -> None:
    await core.inbox.keep_clock_rules(own)
