"""Every action of the window, declared once: its name, its words, its keys, where it works and its icon.

Single letters never fire while a text field has the focus (Qt offers every key to the field first). No action uses
Alt+letter or Ctrl+Alt, which type letters on Polish and other keyboards. Ctrl is Command on macOS.
"""

from __future__ import annotations

from dataclasses import dataclass

from workstation.kernel.i18n import N_

WINDOW = "window"
"""Works wherever the focus is; the other contexts are the panes that own the key."""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action. `keys` are in Qt's portable form; a comma and a blank separate the keys of a sequence."""

    id: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    context: str = WINDOW
    checkable: bool = False

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]


GROUPS = {
    "go": N_("Go to"),
    "list": N_("List"),
    "conversation": N_("Conversation"),
    "composer": N_("Answer"),
    "case": N_("Checks"),
    "evidence": N_("Evidence"),
    "view": N_("View"),
    "file": N_("Connect and import"),
    "app": N_("Program"),
}

TABLE = (
    ActionSpec("go.open", N_("Inbox"), ("G, I",), "inbox"),
    ActionSpec("go.mine", N_("Mine"), ("G, M",), "user"),
    ActionSpec("go.unassigned", N_("Unassigned"), ("G, U",), "user-none"),
    ActionSpec("go.review", N_("Second look asked for"), ("G, V",), "eye"),
    ActionSpec("go.breaching", N_("Breaching soon"), ("G, B",), "clock"),
    ActionSpec("go.unanswered", N_("Unanswered"), ("G, W",), "mail"),
    ActionSpec("go.snoozed", N_("Snoozed"), ("G, Z",), "snooze"),
    ActionSpec("go.failed", N_("Not sent"), ("G, F",), "alert"),
    ActionSpec("go.resolved", N_("Resolved"), ("G, R",), "resolve"),
    ActionSpec("go.all", N_("All conversations"), ("G, A",), "list"),

    ActionSpec("list.next", N_("Next conversation"), ("J",), "chevron-down"),
    ActionSpec("list.previous", N_("Previous conversation"), ("K",), "chevron-up"),
    ActionSpec("list.open", N_("Open the conversation"), ("O",), "open"),
    ActionSpec("list.back", N_("Back to the list"), ("U",), "chevron-left"),
    ActionSpec("list.select", N_("Select for a common action"), ("X",), "check"),
    ActionSpec("list.extend_next", N_("Select on to the next"), ("Shift+J",)),
    ActionSpec("list.extend_previous", N_("Select on to the previous"), ("Shift+K",)),
    ActionSpec("list.all", N_("Select the whole queue"), ("Ctrl+A",)),
    ActionSpec("list.save_view", N_("Save the search as a view…"), ("Ctrl+Shift+V",), "list"),
    ActionSpec("list.remove_view", N_("Remove the view that is shown"), (), "close"),
    ActionSpec("list.search", N_("Search"), ("/", "Ctrl+F"), "search"),

    ActionSpec("conversation.resolve", N_("Resolve"), ("E",), "resolve"),
    ActionSpec("conversation.resolve_next", N_("Resolve and next"), ("Shift+E",), "resolve"),
    ActionSpec("conversation.reopen", N_("Reopen"), ("Shift+O",), "reopen"),
    ActionSpec("conversation.snooze", N_("Snooze"), ("B",), "snooze"),
    ActionSpec("conversation.assign", N_("Assign…"), ("A",), "user"),
    ActionSpec("conversation.label", N_("Tag…"), ("L",), "tag"),
    ActionSpec("conversation.merge", N_("Merge selected conversations"), ("M",), "merge"),
    ActionSpec("conversation.mute", N_("Mute, or hear again"), ("Ctrl+M",), "mute"),
    ActionSpec("conversation.review", N_("Ask for a second look"), ("Shift+V",), "eye"),
    ActionSpec("conversation.no_response", N_("No response needed"), ("#",), "quiet"),
    ActionSpec("conversation.triage", N_("Correct what it is about"), ("I",), "help"),
    ActionSpec("conversation.read", N_("Mark as read"), ("Shift+I",), "read"),
    ActionSpec("conversation.unread", N_("Mark as unread"), ("Shift+U",), "mail"),
    ActionSpec("conversation.original", N_("Show the original or the translation"), ("T",), "translate"),
    ActionSpec("conversation.side_by_side", N_("Original and translation side by side"), ("Shift+T",), "translate"),
    ActionSpec("conversation.quoted", N_("Show or fold quoted text"), ("Q",), "more"),
    ActionSpec("conversation.source", N_("Show the message's source"), ("Ctrl+U",), "file"),
    ActionSpec("conversation.next_message", N_("Next message"), ("]",)),
    ActionSpec("conversation.previous_message", N_("Previous message"), ("[",)),
    ActionSpec("conversation.select_message", N_("Select the message"), ("Shift+X",), "check"),
    ActionSpec("conversation.split", N_("Move selected messages to a conversation of their own"), ("Shift+M",)),
    ActionSpec("conversation.part", N_("Part what was merged into it"), ()),
    ActionSpec("conversation.date", N_("Go to a day of the conversation"), ("Ctrl+G",), "clock"),
    ActionSpec("conversation.first_unread", N_("Go to the first new message"), ("Shift+N",)),
    ActionSpec("conversation.see_change", N_("Show what changed meanwhile"), (".",)),

    ActionSpec("composer.reply", N_("Reply"), ("R",), "reply"),
    ActionSpec("composer.note", N_("Write a note"), ("N",), "note"),
    ActionSpec("composer.send", N_("Send"), ("Ctrl+Return", "Ctrl+Enter"), "send"),
    ActionSpec("composer.preview", N_("Translate now"), ("Ctrl+T",), "translate"),
    ActionSpec("composer.blocker", N_("Go to what stops the send"), ("Ctrl+J",), "alert"),
    ActionSpec("composer.attach", N_("Attach files"), ("Ctrl+Shift+A",), "attach"),
    ActionSpec("composer.history", N_("Earlier drafts"), ("Ctrl+Shift+H",), "history"),

    ActionSpec("case.refresh", N_("Check again"), ("Shift+R",), "refresh"),
    ActionSpec("case.focus", N_("Go to the checks"), ("C",), "order"),
    ActionSpec("case.other", N_("Link another order"), ("Shift+L",), "order"),
    ActionSpec("case.customer", N_("Go to the customer"), ("Shift+C",), "user"),
    ActionSpec("case.step", N_("Tick the next step of the playbook"), ("F",), "check"),
    ActionSpec("case.step_skip", N_("Leave out the next step…"), ("Shift+F",), "close"),
    ActionSpec("case.proof", N_("Get the proof the next step lacks"), ("Shift+G",), "capture"),
    ActionSpec("case.steps", N_("Show or fold all steps"), ("H",), "list"),
    ActionSpec("case.playbook", N_("Choose the playbook…"), ("Shift+P",), "help"),
    ActionSpec("case.raw", N_("Show the raw answer"), ("Return", "Enter"), "file", "case"),
    ActionSpec("case.why", N_("Why, and what would change this"), ("W",), "help", "case"),

    ActionSpec("evidence.focus", N_("Go to the evidence"), ("G, E",), "lock"),
    ActionSpec("evidence.capture", N_("Capture the screen"), ("Ctrl+Shift+S",), "capture"),
    ActionSpec("evidence.region", N_("Capture a region"), ("Ctrl+Shift+X",), "region"),
    ActionSpec("evidence.window", N_("Capture a window…"), ("Ctrl+Shift+W",), "panel-left"),
    ActionSpec("evidence.again", N_("Capture the last region again"), ("Ctrl+Shift+R",), "redo"),
    ActionSpec("evidence.in_3", N_("Capture in 3 seconds"), (), "clock"),
    ActionSpec("evidence.in_5", N_("Capture in 5 seconds"), ("Ctrl+Shift+K",), "clock"),
    ActionSpec("evidence.in_10", N_("Capture in 10 seconds"), (), "clock"),
    ActionSpec("evidence.keep_files", N_("Keep the message's files as evidence"), ("Ctrl+Shift+G",), "attach"),
    ActionSpec("evidence.add_file", N_("Add a file as evidence…"), ("Ctrl+Shift+F",), "file"),
    ActionSpec("evidence.paste", N_("Paste as evidence"), ("Ctrl+Shift+P",), "image"),
    ActionSpec("evidence.answers", N_("Keep the answers behind the checks"), (), "list"),
    ActionSpec("evidence.binder", N_("Case binder"), ("Ctrl+Shift+B",), "binder"),
    ActionSpec("evidence.export", N_("Export the case's evidence"), ("Ctrl+Shift+E",), "download"),
    ActionSpec("evidence.verify", N_("Verify all evidence"), (), "lock"),
    ActionSpec("evidence.check_pack", N_("Check a pack…"), (), "check"),
    ActionSpec("evidence.personal", N_("Erase personal data, or hold it…"), (), "close"),

    ActionSpec("view.queues", N_("Queues column"), ("Ctrl+1",), "panel-left", checkable=True),
    ActionSpec("view.list", N_("List column"), ("Ctrl+2",), "list", checkable=True),
    ActionSpec("view.case", N_("Case column"), ("Ctrl+3",), "panel-right", checkable=True),
    ActionSpec("view.problems", N_("What needs a look"), ("G, P",), "alert"),
    ActionSpec("view.next_pane", N_("Next area"), ("F6",)),
    ActionSpec("view.previous_pane", N_("Previous area"), ("Shift+F6",)),

    ActionSpec("file.connect", N_("Connect a mailbox…"), (), "mail"),
    ActionSpec("file.source", N_("Connect a shop or carrier…"), (), "store"),
    ActionSpec("file.mailboxes", N_("Mailboxes…"), (), "mail"),
    ActionSpec("file.import_mail", N_("Import mail…"), (), "import"),
    ActionSpec("file.import_orders", N_("Import orders…"), (), "order"),
    ActionSpec("file.backup", N_("Back up…"), (), "lock"),
    ActionSpec("file.hub", N_("Connect to a hub…"), (), "hub"),
    ActionSpec("file.sync", N_("Fetch mail and copy upstream now"), ("F5",), "refresh"),

    ActionSpec("app.undo", N_("Undo"), ("Z",), "undo"),
    ActionSpec("app.palette", N_("Command palette"), ("Ctrl+K",), "search"),
    ActionSpec("app.help", N_("Keys"), ("?", "F1"), "keyboard"),
    ActionSpec("app.first_steps", N_("First steps…"), (), "help"),
    ActionSpec("app.sample", N_("Look around with sample data…"), (), "eye"),
    ActionSpec("app.settings", N_("Settings…"), ("Ctrl+,",), "settings"),
    ActionSpec("app.quit", N_("Quit"), ("Ctrl+Q",), "close"),
)
BY_ID = {spec.id: spec for spec in TABLE}
