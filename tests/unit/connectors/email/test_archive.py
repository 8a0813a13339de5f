"""Mail from files: every form people keep it in, and bad items named with their place and reason."""

from __future__ import annotations

import errno
import mailbox
import os
import tracemalloc
from pathlib import Path

import pytest

from tests.support.mail import raw_mail
from workstation.connectors.email.archive import Archive
from workstation.inbox.model import BadItem, IncomingMail
from workstation.kernel.errors import InputError


def split(path: Path, most: int = 64 << 20) -> tuple[list[IncomingMail], list[BadItem]]:
    items = list(Archive(most=most).read(path))
    return [item for item in items if isinstance(item, IncomingMail)], [
        item for item in items if isinstance(item, BadItem)
    ]


def ids(mails: list[IncomingMail]) -> list[str]:
    return [mail.message_id.partition("@")[0].strip("<") for mail in mails]


def test_one_eml_file(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(raw_mail("a"))
    mails, bad = split(tmp_path / "a.eml")
    assert ids(mails) == ["a"]
    assert mails[0].raw == raw_mail("a")
    assert bad == []


def test_a_folder_of_eml_with_its_subfolders_names_what_is_bad(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.eml").write_bytes(raw_mail("b"))
    (tmp_path / "sub" / "a.EML").write_bytes(raw_mail("a"))
    (tmp_path / "empty.eml").write_bytes(b"")
    (tmp_path / "picture.eml").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (tmp_path / "notes.txt").write_bytes(b"not asked for")
    (tmp_path / "large.eml").write_bytes(raw_mail("large", body="x" * 20_000))
    mails, bad = split(tmp_path, most=10_000)
    assert ids(mails) == ["b", "a"]
    assert [(Path(item.where).name, item.why.split(":")[0]) for item in bad] == [
        ("empty.eml", "The file is empty."),
        ("large.eml", "The mail is larger than 0 MB."),
        ("picture.eml", "This is not a mail"),
    ]


def test_an_mbox_as_the_standard_library_writes_it(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for name in ("a", "b"):
        box.add(raw_mail(name, body="From the start\nwords\n\nFrom here on").replace(b"\r\n", b"\n"))
    box.close()
    mails, bad = split(tmp_path / "box")
    assert ids(mails) == ["a", "b"]
    assert mails[0].text == "From the start\nwords\n\nFrom here on"
    assert bad == []


def test_an_mbox_splits_at_postmarks_only_and_names_lines(tmp_path: Path) -> None:
    text = (
        b"From buyer@home.example Fri Nov 20 10:00:00 2026\nSubject: one\n\nhello\n\nFrom the bottom of my heart\n\n"
        b">>From quoted\n\nFrom - Fri Nov 20 11:30:00 2026\nnonsense without a header\n\n"
        b"From buyer@home.example Fri Nov 20 12:00:00 2026\nSubject: " + b"x" * 5_000 + b"\n\n"
        b"From buyer@home.example Fri Nov 20 13:00:00 2026\nSubject: last\n\nbye\n"
    )
    (tmp_path / "mail.mbox").write_bytes(text)
    mails, bad = split(tmp_path / "mail.mbox", most=4_000)
    assert [mail.subject for mail in mails] == ["one", "last"]
    assert mails[0].text == "hello\n\nFrom the bottom of my heart\n\n>From quoted"
    assert mails[0].at == 1_795_168_800_000  # its postmark: it has no Date
    assert [item.where.rpartition(":")[2] for item in bad] == ["10", "13"]


def test_a_maildir_with_its_folders_stays_as_it_was(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "mail", create=True)
    box.add(raw_mail("new"))
    box.add_folder("Sent").add(raw_mail("sent"))
    seen = mailbox.MaildirMessage(raw_mail("seen"))
    seen.set_subdir("cur")
    seen.set_flags("S")
    box.add(seen)
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    mails, bad = split(tmp_path / "mail")
    assert sorted(ids(mails)) == ["new", "seen", "sent"]
    assert [mail.own for mail in mails if "sent" in mail.message_id] == [True]
    assert [mail.own for mail in mails if "sent" not in mail.message_id] == [False, False]
    assert bad == []
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


def test_a_large_mbox_is_streamed(tmp_path: Path) -> None:
    one = (
        b"From b@home.example Fri Nov 20 10:00:00 2026\n"
        + raw_mail("m", body="words " * 40_000).replace(b"\r\n", b"\n")
        + b"\n"
    )
    path = tmp_path / "large.mbox"
    with path.open("wb") as out:
        for _ in range(60):
            out.write(one)
    tracemalloc.start()
    count = sum(isinstance(item, IncomingMail) for item in Archive().read(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60
    assert peak < path.stat().st_size / 2


def test_a_mail_of_fifty_megabytes_is_read(tmp_path: Path) -> None:
    (tmp_path / "film.eml").write_bytes(raw_mail("film", body=("x" * 76 + "\r\n") * 670_000))
    mails, bad = split(tmp_path)
    assert ids(mails) == ["film"]
    assert len(mails[0].raw) > 50_000_000
    assert bad == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "gone.eml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "there.eml").write_bytes(raw_mail("there"))
    mails, bad = split(tmp_path)
    assert ids(mails) == ["there"]
    assert [(Path(item.where).name, item.why) for item in bad] == [
        ("gone.eml", f"The file cannot be read: {os.strerror(errno.ENOENT)}.")
    ]


def test_nothing_there_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file or folder"):
        Archive().read(tmp_path / "nowhere")


def test_pipes_and_devices_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.eml")
    os.mkfifo(tmp_path / "bare")
    (tmp_path / "good.eml").write_bytes(raw_mail("good"))
    items = list(Archive().read(tmp_path))
    assert len(items) == 1
    with pytest.raises(InputError, match="neither a file nor a folder"):
        Archive().read(tmp_path / "pipe.eml")


def test_a_file_whose_lines_end_in_a_lone_cr_is_a_mail(tmp_path: Path) -> None:
    (tmp_path / "old.eml").write_bytes(b"X-First: 1\r" + raw_mail("old").replace(b"\r\n", b"\r"))
    (found,) = Archive().read(tmp_path)
    assert isinstance(found, IncomingMail)
    assert (found.subject, found.text) == ("About old", "Where is my parcel?")


def test_a_file_that_comes_in_pieces_or_grows_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one on another machine may."""
    path, later = tmp_path / "one.eml", b"and more\r\n"
    content = b"From: ana@buyer.example\r\n\r\n" + b"words " * 50
    path.write_bytes(content)
    read = os.read
    asked: list[int] = []

    def some(number: int, most: int) -> bytes:
        asked.append(most)
        if len(asked) == 3:
            with path.open("ab") as growing:
                growing.write(later)
        return read(number, min(most, 100))

    monkeypatch.setattr("workstation.connectors.email.archive.os.read", some)
    (found,) = Archive().raws(path)
    assert isinstance(found, tuple)
    assert found[0] == content + later
    assert asked[0] == len(content) + 1


def test_a_folder_in_a_mails_place_is_named(tmp_path: Path) -> None:
    """It was a file when its name was read."""
    (found,) = Archive()._single(str(tmp_path), False)
    assert isinstance(found, BadItem)
    assert found.where == str(tmp_path)
