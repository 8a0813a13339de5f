"""Which folders a mailbox has and what each is for: by its mark (RFC 6154) first, then by the names that are common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from workstation.inbox.model import AccountSettings, MailFolder

INBOX = "INBOX"
MOST_FOLDERS = 2_000
MOST_WATCHED = 50

_MARKS: Mapping[bytes, str] = {
    b"\\sent": "sent", b"\\junk": "junk", b"\\trash": "trash", b"\\archive": "archive", b"\\drafts": "drafts",
    b"\\all": "all", b"\\flagged": "flagged", b"\\important": "flagged",
}
_NAMES: Mapping[str, tuple[str, ...]] = {
    "sent": (
        "Sent", "Sent Items", "Sent Messages", "Sent Mail", "INBOX.Sent", "INBOX/Sent", "[Gmail]/Sent Mail", "Enviados",
        "Itens Enviados", "Elementos enviados", "Gesendet", "Gesendete Elemente", "Envoyés", "Éléments envoyés",
        "Posta inviata", "Inviata", "送信済み", "送信済みアイテム", "已发送", "已发送邮件", "寄件備份",
    ),
    "junk": (
        "Junk", "Spam", "Junk E-mail", "Junk Email", "Bulk Mail", "INBOX.Junk", "INBOX.Spam", "Spamverdacht",
        "Lixo Eletrônico", "Correo no deseado", "Courrier indésirable", "Posta indesiderata", "迷惑メール", "垃圾邮件",
        "垃圾郵件",
    ),
    "trash": (
        "Trash", "Deleted Items", "Deleted Messages", "INBOX.Trash", "Papierkorb", "Gelöscht", "Lixeira", "Papelera",
        "Corbeille", "Cestino", "ゴミ箱", "已删除", "已删除邮件", "垃圾桶",
    ),
    "drafts": (
        "Drafts", "INBOX.Drafts", "Entwürfe", "Rascunhos", "Borradores", "Brouillons", "Bozze", "下書き", "草稿箱",
    ),
}
_BY_NAME = {name.casefold(): role for role, names in _NAMES.items() for name in names}
_NEVER = ("drafts", "all", "flagged")


def roles(listed: Iterable[tuple[Sequence[bytes], object, str]], settings: AccountSettings) -> tuple[MailFolder, ...]:
    """The folders that can be opened, inbox first, in the server's order; `watched` as the settings say.

    A folder that repeats what others hold ("All Mail", "Starred") or holds what nobody sent is not offered: its mails
    would be read twice, and what we wrote could not be told from what we got.
    """
    openable = [
        (str(name), {bytes(flag).lower() for flag in flags}) for flags, _delimiter, name in listed
        if not {b"\\noselect", b"\\nonexistent"} & {bytes(flag).lower() for flag in flags}
    ][:MOST_FOLDERS]
    sent = sent_folder(openable, settings.sent_folder)
    wanted = {name.casefold() for name in settings.folders}
    found = [_folder(name, flags, sent, wanted) for name, flags in openable]
    if not any(folder.role == "inbox" for folder in found):
        found.append(MailFolder(INBOX, "inbox", watched=True))   # every mailbox has one (RFC 3501, 5.1)
    return tuple(sorted(found, key=lambda folder: folder.role != "inbox"))


def _folder(name: str, flags: set[bytes], sent: str, wanted: set[str]) -> MailFolder:
    role = "inbox" if name.upper() == INBOX else "sent" if name == sent else _role(name, flags)
    offered = role not in _NEVER
    watched = role == "inbox" or name == sent or (offered and name.casefold() in wanted)
    return MailFolder(name, role, offered, watched)


def _role(name: str, flags: set[bytes]) -> str:
    marked = next((role for mark, role in _MARKS.items() if mark in flags), "")
    return marked or _BY_NAME.get(name.casefold(), "")


def sent_folder(openable: Sequence[tuple[str, set[bytes]]], chosen: str) -> str:
    """The folder of sent mail: by settings, by its mark, by common names; "" when there is none."""
    names = {name.casefold(): name for name, _flags in openable}
    if chosen:
        return names.get(chosen.casefold(), "")
    marked = next((name for name, flags in openable if b"\\sent" in flags), "")
    return marked or next((names[one.casefold()] for one in _NAMES["sent"] if one.casefold() in names), "")


def watched(folders: Sequence[MailFolder]) -> tuple[MailFolder, ...]:
    """The folders that are read: sent mail first, so that answers are known before the questions, the inbox last."""
    read = [folder for folder in folders if folder.watched][:MOST_WATCHED]
    order = {"sent": 0, "inbox": 2}
    return tuple(sorted(read, key=lambda folder: order.get(folder.role, 1)))
