"""Thunderbird as a peer: a profile of its own with nothing to ask, and no way to any machine but this one.

Every host name it might look up is answered with loopback, where nothing listens for it but what a bench started.
"""

from __future__ import annotations

import base64
import ctypes
import ctypes.util
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

PROGRAM = shutil.which("thunderbird") or ""
MISSING = "Thunderbird is not installed (apt-get install thunderbird)"

_QUIET: dict[str, object] = {
    "app.donation.eoy.version.viewed": 999, "app.update.enabled": False, "browser.cache.disk.enable": False,
    "calendar.timezone.useSystemTimezone": True, "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False, "mail.accountmanager.defaultaccount": "account1",
    "mail.accountmanager.localfoldersserver": "server1", "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1, "mailnews.database.global.indexer.enabled": False,
    "mail.shell.checkDefaultClient": False, "mail.spotlight.firstRunDone": True,
    "mail.startup.enabledMailCheckOnce": True, "mail.winsearch.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    "network.dns.forceResolve": "127.0.0.1", "network.proxy.type": 0, "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "mail.server.server1.directory-rel": "[ProfD]Mail/Local Folders", "mail.server.server1.hostname": "Local Folders",
    "mail.server.server1.name": "Local Folders", "mail.server.server1.type": "none",
    "mail.server.server1.userName": "nobody", "mail.account.account1.server": "server1",
}


_OPEN_INBOX = {"rev": 0, "windows": [{"type": "3pane", "tabs": {"rev": 0, "selectedIndex": 0, "tabs": [{
    "mode": "mail3PaneTab", "ext": {}, "state": {
        "firstTab": True, "folderPaneVisible": True, "messagePaneVisible": True,
        "folderURI": "mailbox://nobody@Local%20Folders/Inbox",
    },
}]}}]}
"""What it was looking at last: the local Inbox, beside which it starts."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An account on a mail server without encryption on loopback."""

    user: str
    password: str
    port: int


def make_profile(profile: Path, inbox: bytes, mailbox: Mailbox | None = None) -> None:
    """A profile whose local Inbox holds this mbox, and that watches a mailbox where one is given."""
    local = profile / "Mail" / "Local Folders"
    local.mkdir(parents=True)
    (local / "Inbox").write_bytes(inbox)
    settings = {**_QUIET, "mail.accountmanager.accounts": "account1"}
    if mailbox is not None:
        settings |= _watching(mailbox)
        keep_password(profile, mailbox)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items()]
    (profile / "session.json").write_text(json.dumps(_OPEN_INBOX), encoding="utf-8")
    (profile / "user.js").write_text("\n".join(lines) + "\n", encoding="utf-8")


def command(profile: Path) -> list[str]:
    return [PROGRAM, "--no-remote", "--profile", str(profile)]


def _watching(mailbox: Mailbox) -> dict[str, object]:
    server = {
        "type": "imap", "hostname": "127.0.0.1", "port": mailbox.port, "userName": mailbox.user, "name": mailbox.user,
        "socketType": 0, "authMethod": 3, "login_at_startup": True, "check_new_mail": True, "use_idle": True,
    }
    identity = {"fullName": "Shop", "useremail": mailbox.user, "valid": True}
    return {
        "mail.accountmanager.accounts": "account1,account2", "mail.accountmanager.defaultaccount": "account2",
        "mail.account.account2.server": "server2", "mail.account.account2.identities": "id1",
        **{f"mail.server.server2.{name}": value for name, value in server.items()},
        **{f"mail.identity.id1.{name}": value for name, value in identity.items()},
    }


class _Item(ctypes.Structure):
    """SECItem of NSS, its bytes as an address, for they may hold zeros."""

    _fields_ = [("kind", ctypes.c_uint), ("data", ctypes.c_void_p), ("size", ctypes.c_uint)]


def keep_password(profile: Path, mailbox: Mailbox) -> None:
    """Save the password as Thunderbird does: sealed by NSS's own key of that profile, listed in logins.json."""
    nss = ctypes.CDLL(ctypes.util.find_library("nss3") or "libnss3.so")
    nss.PK11_GetInternalKeySlot.restype = ctypes.c_void_p
    if nss.NSS_InitReadWrite(f"sql:{profile}".encode()) != 0:
        raise RuntimeError("NSS does not open the profile")
    slot = ctypes.c_void_p(nss.PK11_GetInternalKeySlot())
    nss.PK11_InitPin(slot, None, b"")
    user, password = (_sealed(nss, text.encode()) for text in (mailbox.user, mailbox.password))
    nss.PK11_FreeSlot(slot)
    nss.NSS_Shutdown()
    login = {
        "id": 1, "hostname": "imap://127.0.0.1", "httpRealm": "imap://127.0.0.1", "formSubmitURL": None,
        "usernameField": "", "passwordField": "", "encryptedUsername": user, "encryptedPassword": password,
        "guid": "{00000000-0000-4000-8000-000000000001}", "encType": 1, "timeCreated": 1, "timeLastUsed": 1,
        "timePasswordChanged": 1, "timesUsed": 1,
    }
    (profile / "logins.json").write_text(json.dumps({"nextId": 2, "logins": [login], "version": 3}), encoding="utf-8")


def _sealed(nss: ctypes.CDLL, content: bytes) -> str:
    buffer = ctypes.create_string_buffer(content)
    plain = _Item(0, ctypes.cast(buffer, ctypes.c_void_p), len(content))
    key, sealed = _Item(0, None, 0), _Item(0, None, 0)
    if nss.PK11SDR_Encrypt(ctypes.byref(key), ctypes.byref(plain), ctypes.byref(sealed), None) != 0:
        raise RuntimeError("NSS does not seal the password")
    return base64.b64encode(ctypes.string_at(sealed.data, sealed.size)).decode()
