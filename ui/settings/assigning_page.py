"""The rules by which conversations are assigned: in a person's order, each a search and who gets what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTreeWidgetItem,
    QWidget,
)

from ui.bridge import Bridge
from ui.settings.rules_page import RuleFields, RulesPage
from ui.widgets.labels import label, plain_tip
from workstation.api import Core
from workstation.domain.member import Member
from workstation.domain.undo import Undo
from workstation.inbox.model import AssignmentRule
from workstation.kernel.clock import HOUR
from workstation.kernel.i18n import _, ngettext

MEMBER = Qt.ItemDataRole.UserRole + 1
Found = tuple[tuple[AssignmentRule, ...], tuple[Member, ...]]
LONG = 15
"""Seconds: the toast is behind the settings, which are closed first."""
EXAMPLE = "lang:pt issue:late channel:amazon"
"""In the search box's own language, which is the same in every language of the interface."""


class AssigningPage(RulesPage):
    """A change holds at once, for what comes from then on, at every desktop of the team."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        form = AssignmentForm()
        super().__init__(bridge, form, parent)
        self.form = form
        self._rules: tuple[AssignmentRule, ...] = ()
        self._edited = ""
        self._chosen_id = ""
        self.up_button, self.down_button = QPushButton(_("Up")), QPushButton(_("Down"))
        self.back_button = QPushButton(_("Take back the last hour"))
        self.back_button.setToolTip(plain_tip(_(
            "What this rule assigned in the last hour is nobody’s again, unless it was answered or changed since. "
            "No rule assigns it anew.")))
        self._buttons += (self.up_button, self.down_button, self.back_button)
        self._lay_out()
        self._wire()
        self._ask()

    def _lay_out(self) -> None:
        said = _("A conversation that nobody has goes to somebody by the first rule that fits, once. What a person "
                 "says later counts.")
        columns = (_("Name"), _("Conversations"), _("Assigned to"))
        self._lay_out_rules(_("Assignment rules"), columns, said, form_stretch=1)

    def _wire(self) -> None:
        self.tree.itemSelectionChanged.connect(self._on_selected)
        self.tree.itemActivated.connect(self._on_change)
        self.add_button.clicked.connect(self._on_add)
        self.change_button.clicked.connect(self._on_change)
        self.remove_button.clicked.connect(self._on_remove)
        self.up_button.clicked.connect(partial(self._move, -1))
        self.down_button.clicked.connect(partial(self._move, 1))
        self.back_button.clicked.connect(self._on_back)
        self.form.test_button.clicked.connect(self._on_test)
        self.form.save_button.clicked.connect(self._on_save)
        self.form.leave_button.clicked.connect(self._fold)
        self._on_selected()

    def _ask(self) -> None:
        self._bridge.call(_rules_and_members, self._on_found, self, self._on_problem)

    def _on_found(self, found: Found) -> None:
        self._rules, members = found
        self.form.offer(members)
        names = {member.id: member.name or _("You") for member in members}
        self.tree.clear()
        for rule in self._rules:
            item = QTreeWidgetItem(self.tree, [_named(rule), rule.query, in_words(rule, names)])
            if rule.id == self._chosen_id:
                self.tree.setCurrentItem(item)
        none = _("There is no rule yet: conversations wait for somebody to take them.")
        self._say("" if self._rules else none, False)
        self._on_selected()

    def _row(self) -> int:
        """The place of the chosen rule; -1 for none."""
        item = self.tree.currentItem()
        return self.tree.indexOfTopLevelItem(item) if item is not None else -1

    def _on_selected(self) -> None:
        row, count = self._row(), len(self._rules)
        for button, possible in (
            (self.change_button, row >= 0), (self.remove_button, row >= 0), (self.up_button, row > 0),
            (self.down_button, 0 <= row < count - 1), (self.back_button, row >= 0),
        ):
            button.setEnabled(possible)

    def _on_add(self) -> None:
        self._edited = ""
        self._show_form(AssignmentRule("", "", "", ()))

    def _on_change(self) -> None:
        row = self._row()
        if row >= 0:
            self._edited = self._rules[row].id
            self._show_form(self._rules[row])

    def _show_form(self, rule: AssignmentRule) -> None:
        self._say("", False)
        self._make_room()
        self.form.fill(rule)

    def _on_remove(self) -> None:
        row = self._row()
        if row >= 0:
            self._keep([*self._rules[:row], *self._rules[row + 1:]])

    def _move(self, by: int, _checked: bool = False) -> None:
        row = self._row()
        rules = list(self._rules)
        if 0 <= row < len(rules) and 0 <= row + by < len(rules):
            rules[row], rules[row + by] = rules[row + by], rules[row]
            self._chosen_id = rules[row + by].id
            self._keep(rules)

    def _on_back(self) -> None:
        row = self._row()
        if row >= 0:
            self._bridge.call(partial(_take_back, self._rules[row].id), self._on_taken_back, self, self._on_problem)

    def _on_taken_back(self, undo: Undo) -> None:
        if undo.ids:
            self._say(undo.sentence, False)
            self._bridge.notice(undo.sentence, partial(self._give_again, undo.id), LONG)
        else:
            self._say(_("Of what this rule assigned in the last hour, nothing is left as it was."), False)

    def _give_again(self, undo_id: str) -> None:
        self._bridge.call(partial(_give_again, undo_id), self._on_given_again, self)

    def _on_given_again(self, _nothing: None) -> None:
        self._say("", False)

    def _on_test(self) -> None:
        self._bridge.call(partial(_matches, self.form.rule().query), self._on_matches, self, self._on_problem)

    def _on_matches(self, count: int) -> None:
        self._say(ngettext("{n} open conversation fits now.", "{n} open conversations fit now.", count).format(n=count),
                  False)

    def _on_save(self) -> None:
        rule = replace(self.form.rule(), id=self._edited)
        if self._edited:
            self._keep([rule if each.id == self._edited else each for each in self._rules])
        else:
            self._keep([*self._rules, rule])

    def _keep(self, rules: Sequence[AssignmentRule]) -> None:
        self._bridge.call(partial(_keep, rules), self._on_kept, self, self._on_problem)

    def _on_kept(self, _rules: tuple[AssignmentRule, ...]) -> None:
        if self.form.isVisibleTo(self):
            self._fold()
        self._ask()


class AssignmentForm(RuleFields):
    """The fields of one rule."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.query = QLineEdit(), QLineEdit()
        self.people = QListWidget()
        self.on = QCheckBox(_("This rule holds"))
        self.test_button = QPushButton(_("How many fit now?"))
        self._lay_out()

    def offer(self, members: Sequence[Member]) -> None:
        """Whom conversations can go to."""
        self.people.clear()
        for member in members:
            name = member.name or _("You")
            self._add_person(member.id, _("{name} (you)").format(name=name) if member.me and member.name else name)

    def fill(self, rule: AssignmentRule) -> None:
        """Show a rule and put the focus in the first field. Somebody who is not known here stays in the rule."""
        self.title.setText(rule.title)
        self.query.setText(rule.query)
        self.on.setChecked(rule.on)
        known = {self._person(row).data(MEMBER) for row in range(self.people.count())}
        for member_id in rule.members:
            if member_id not in known:
                self._add_person(member_id, member_id)
        for row in range(self.people.count()):
            item = self._person(row)
            chosen = item.data(MEMBER) in rule.members
            item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
        self.show()
        self.title.setFocus(Qt.FocusReason.OtherFocusReason)

    def choose(self, *members: str) -> None:
        """Tick these and no other."""
        for row in range(self.people.count()):
            item = self._person(row)
            item.setCheckState(Qt.CheckState.Checked if item.data(MEMBER) in members else Qt.CheckState.Unchecked)

    def rule(self) -> AssignmentRule:
        """The rule as it stands in the fields, without an id."""
        rows = (self._person(row) for row in range(self.people.count()))
        members = tuple(str(item.data(MEMBER)) for item in rows if item.checkState() == Qt.CheckState.Checked)
        return AssignmentRule("", self.title.text(), self.query.text(), members, self.on.isChecked())

    def _person(self, row: int) -> QListWidgetItem:
        return self.people.item(row)

    def _add_person(self, member_id: str, name: str) -> None:
        item = QListWidgetItem(name, self.people)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Unchecked)
        item.setData(MEMBER, member_id)

    def _lay_out(self) -> None:
        self.title.setPlaceholderText(_("Portuguese"))
        self.query.setPlaceholderText(EXAMPLE)
        form = QFormLayout(self)
        for said, field in (
            (_("Name"), self.title), (_("Open conversations that fit this search"), self.query),
            (_("Go to whoever of these has least"), self.people), ("", self.on),
        ):
            field.setAccessibleName(said or self.on.text())
            form.addRow(label(said, "quiet"), field)
        self._end_with(form, self.save_button, self.test_button, self.leave_button)


def in_words(rule: AssignmentRule, names: dict[str, str]) -> str:
    """ "Bo", or "whoever has least: Ana, Bo"."""
    people = ", ".join(names.get(member, member) for member in rule.members)
    return people if len(rule.members) == 1 else _("whoever has least: {people}").format(people=people)


def _named(rule: AssignmentRule) -> str:
    return rule.title if rule.on else _("{name} (off)").format(name=rule.title)


async def _rules_and_members(core: Core) -> Found:
    members = await core.team.members() if core.team is not None else ()
    return await core.inbox.assignment_rules(), members


async def _matches(query: str, core: Core) -> int:
    return await core.inbox.assignment_matches(query)


async def _take_back(rule_id: str, core: Core) -> Undo:
    return await core.inbox.take_back_assignments(rule_id, HOUR)


async def _give_again(undo_id: str, core: Core) -> None:
    await core.inbox.undo(undo_id)


async def _keep(rules: Sequence[AssignmentRule], core: Core) -> tuple[AssignmentRule, ...]:
    return await core.inbox.keep_assignment_rules(rules)
