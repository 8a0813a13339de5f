"""The line between two processes: who gets in, what passes, and what a crash leaves."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workstation.runtime import line as lines
from workstation.runtime.front import come_to_front
from workstation.runtime.line import Gone, Line, Listening, call, forget, read_door

pytestmark = pytest.mark.skipif(os.name == "nt", reason="it looks at the socket's file")


@contextmanager
def listening(home: Path, taken: list[Line]) -> Iterator[Listening]:
    """A door behind which every caller is proved and kept."""
    door = Listening(home)
    ending = threading.Event()

    def take() -> None:
        while not ending.is_set():
            line = door.accept()
            try:
                line.prove(door.key, door.place, listening=True)
                taken.append(line)
            except Gone:
                line.close()

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        yield door
    finally:
        ending.set()
        door.wake()
        thread.join(10)
        door.close()
        for line in taken:
            line.close()


def test_what_is_sent_arrives_both_ways(tmp_path: Path) -> None:
    taken: list[Line] = []
    with listening(tmp_path, taken):
        ours = call(tmp_path)
        assert ours is not None
        ours.send({"text": "包裹 \udcff", "n": 1})
        while not taken:
            assert ours.receive(0.01) is None
        assert taken[0].receive(5) == {"text": "包裹 \udcff", "n": 1}
        assert taken[0].of_this_user()
        long = {"x": "y" * (lines.MOST_BYTES - 100)}
        sender = threading.Thread(target=taken[0].send, args=(long,))   # more than a socket holds
        sender.start()
        assert ours.receive(5) == long
        sender.join()
        ours.close()


def test_a_message_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    taken: list[Line] = []
    with listening(tmp_path, taken):
        ours = call(tmp_path)
        assert ours is not None
        while not taken:
            assert ours.receive(0.01) is None
        assert ours._socket is not None
        ours._socket.sendall((lines.MOST_BYTES + 1).to_bytes(4, "big") + b"{}")
        with pytest.raises(Gone):
            taken[0].receive(5)
        ours.close()


def test_a_key_file_is_private_fresh_each_time_and_gone_afterwards(tmp_path: Path) -> None:
    keys = []
    for _n in range(2):
        with listening(tmp_path, []) as door:
            keys.append(door.key)
            assert (tmp_path / lines.NAME).stat().st_mode & 0o777 == 0o600
            assert Path(door.address).stat().st_mode & 0o077 == 0
            assert Path(door.address).parent.stat().st_mode & 0o077 == 0
        assert not Path(door.address).exists()
        assert read_door(tmp_path) is None
        assert call(tmp_path) is None
    assert keys[0] != keys[1]


def crash(home: Path) -> Path:
    """Listen and end as the system ends a killed process: the socket is closed, nothing is removed."""
    listener = Listening(home)._listener._listener   # type: ignore[attr-defined]
    listener._unlink.cancel()
    listener._socket.close()
    return Path(listener._address)


def test_what_a_crash_left_is_replaced(tmp_path: Path) -> None:
    address = crash(tmp_path)
    assert address.exists()
    assert call(tmp_path) is None
    assert come_to_front(tmp_path) is None
    with listening(tmp_path, []):
        line = call(tmp_path)
        assert line is not None
        line.close()
    crash(tmp_path)
    forget(tmp_path)
    assert not address.exists()
    assert list(tmp_path.glob(f"{lines.NAME}*")) == []


def test_a_long_home_and_an_open_run_time_folder_still_get_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path.joinpath(*["a folder with a long name"] * 5)
    deep.mkdir(parents=True)
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    own = Path(tempfile.mkdtemp())
    for runtime in (shared, Path("relative/nowhere")):
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
        monkeypatch.setattr(tempfile, "gettempdir", lambda: str(own))
        with listening(deep, []) as door:
            assert len(os.fsencode(door.address)) <= lines.MOST_PATH
            assert Path(door.address).parent.parent == own
            line = call(deep)
            assert line is not None
            line.close()


def test_whoever_says_nothing_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "SECONDS", 0.2)
    silent = Listening(tmp_path)      # listens, and nobody accepts: a window that hangs
    try:
        with pytest.raises(Gone):
            call(tmp_path)
        assert come_to_front(tmp_path, 0.1) is False
    finally:
        silent.close()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"address": 1, "key": "zz", "pid": 0}', "[" * 4000, "\x00"])
def test_a_file_that_says_nothing_useful_is_no_door(tmp_path: Path, text: str) -> None:
    (tmp_path / lines.NAME).write_text(text)
    assert read_door(tmp_path) is None
    assert call(tmp_path) is None
    forget(tmp_path)
    assert not (tmp_path / lines.NAME).exists()


def test_a_forged_file_makes_nobody_delete_another_file(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / lines.NAME).write_text(json.dumps({"address": str(precious), "key": "00", "pid": 1}))
    forget(tmp_path)
    assert precious.read_text() == "mine"


def test_a_door_can_be_found_from_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "somewhere")
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path)
    door = Listening(Path("home"))
    try:
        assert Path(door.address).is_absolute()
    finally:
        door.close()


def test_who_closes_late_takes_nothing_from_who_came_after(tmp_path: Path) -> None:
    before = Listening(tmp_path)
    after = Listening(tmp_path)
    before.close()
    left = read_door(tmp_path)
    assert left is not None
    assert left.key == after.key
    after.close()
    assert read_door(tmp_path) is None


def test_nothing_is_said_to_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door = Listening(tmp_path)
    monkeypatch.setattr(Line, "of_this_user", lambda _line: False)
    with pytest.raises(Gone, match="another user"):
        call(tmp_path)
    door.close()
