"""What a button beside a failure can do. A failure names one, the window (or the core) does it.

Declared once, with the words on the button: a test finds each of them wired.
"""

from __future__ import annotations

from enum import StrEnum

from workstation.kernel.i18n import N_, _


class Action(StrEnum):
    """The first group is done by the core for one problem (`core.problems.act`), the second by the window."""

    RETRY = "retry"
    TAKE_BACK = "take_back"
    LOOK_AGAIN = "look_again"
    ARRIVED = "arrived"
    SEND_AGAIN = "send_again"
    DISMISS = "dismiss"
    ACCEPT_LOG = "accept_log"

    OPEN_CONVERSATION = "open_conversation"
    SIGN_IN = "sign_in"
    OPEN_MAILBOX = "open_mailbox"
    UNLOCK_KEYRING = "unlock_keyring"
    CONNECT_HUB = "connect_hub"
    CONNECT_SOURCE = "connect_source"
    INSTALL_LANGUAGE = "install_language"
    CHOOSE_MAIL = "choose_mail"
    CHOOSE_ORDERS = "choose_orders"
    FREE_SPACE = "free_space"
    OPEN_FOLDER = "open_folder"
    OPEN_SETTINGS = "open_settings"
    SHOW_FILE = "show_file"
    SHOW_REPORT = "show_report"
    SHOW_PROBLEMS = "show_problems"
    RESTORE_BACKUP = "restore_backup"
    SALVAGE = "salvage"


BY_CORE = frozenset({
    Action.RETRY, Action.TAKE_BACK, Action.LOOK_AGAIN, Action.ARRIVED, Action.SEND_AGAIN, Action.DISMISS,
    Action.ACCEPT_LOG,
})
"""What `core.problems.act` does."""

TITLES = {
    Action.RETRY: N_("Try again"),
    Action.TAKE_BACK: N_("Take back as draft"),
    Action.LOOK_AGAIN: N_("Look again"),
    Action.ARRIVED: N_("It did arrive"),
    Action.SEND_AGAIN: N_("It did not: send again"),
    Action.DISMISS: N_("Dismiss"),
    Action.ACCEPT_LOG: N_("Accept the hub's log as it is now"),
    Action.OPEN_CONVERSATION: N_("Open the conversation"),
    Action.SIGN_IN: N_("Enter the password again"),
    Action.OPEN_MAILBOX: N_("Look at the mailbox"),
    Action.UNLOCK_KEYRING: N_("Unlock the keyring"),
    Action.CONNECT_HUB: N_("Connect to the hub"),
    Action.CONNECT_SOURCE: N_("Connect the shop or carrier"),
    Action.INSTALL_LANGUAGE: N_("Add a language"),
    Action.CHOOSE_MAIL: N_("Choose another file"),
    Action.CHOOSE_ORDERS: N_("Choose another file"),
    Action.FREE_SPACE: N_("Show where space is needed"),
    Action.OPEN_FOLDER: N_("Show the folder"),
    Action.OPEN_SETTINGS: N_("Open the settings"),
    Action.SHOW_FILE: N_("Show the file"),
    Action.SHOW_REPORT: N_("Show the report"),
    Action.SHOW_PROBLEMS: N_("Show what needs a look"),
    Action.RESTORE_BACKUP: N_("Restore a backup…"),
    Action.SALVAGE: N_("Save what can be read…"),
}


def title(action: Action) -> str:
    """The words on its button, in the interface's language."""
    return _(TITLES[action])
