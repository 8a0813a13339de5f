"""The built program on its own: no Python, no checkout and no environment of ours in sight. Made by `.ci/frozen`."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.support.demo import virtual_screen
from tests.support.reading import png

MEGABYTES = 960
"""More than this and something came along that nobody asked for, as the build machine's GTK once did."""


@pytest.fixture(scope="module")
def built(request: pytest.FixtureRequest) -> Path:
    """The folder that `.ci/frozen` filled."""
    return Path(request.config.getoption("--built")).resolve()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's home folder, and a pass phrase in it."""
    folder = tmp_path_factory.mktemp("user")
    passphrase = folder / "passphrase"
    passphrase.write_text("a pass phrase for the built program")
    passphrase.chmod(0o600)
    return folder


def around(place: Path, **more: str) -> dict[str, str]:
    """An environment in which no other program can be found."""
    return {"PATH": "/nonexistent", "HOME": str(place), "LANG": "C.UTF-8", **more}


def run(built: Path, place: Path, *arguments: object, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
    program = built / "workstation" / "workstation"
    done = subprocess.run(
        [str(program), *map(str, arguments)], cwd=place, env=around(place, **more), capture_output=True, text=True,
        timeout=120, check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def home(built: Path, place: Path) -> Path:
    """A home made by the built program."""
    options = ["--home", place / "home", "--passphrase-file", place / "passphrase"]
    run(built, place, "init", *options, "--recovery-out", place / "recovery")
    return place / "home"


def test_the_doctor_finds_every_part(built: Path, place: Path, home: Path) -> None:
    passphrase = place / "passphrase"
    done = run(built, place, "doctor", "--home", home, "--passphrase-file", passphrase, "--json", code=1)
    said = {part["name"]: part for part in json.loads(done.stdout)}
    wrong = sorted(name for name, part in said.items() if not part["ok"])
    assert wrong == ["display"], "only the screen is missing here"
    assert {"resources", "home", "key", "translation", "pictures"} <= said.keys()


def test_text_in_a_picture_is_read_from_the_folder_alone(built: Path, place: Path) -> None:
    """Engine, models and decoders: the process that reads, with no other program in sight."""
    picture = png([("Order 702-5512873-9046218", 24)])
    with subprocess.Popen(
        [str(built / "workstation" / "workstation"), "--worker", "read", "0"], cwd=place, env=around(place),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as reading:
        assert reading.stdin is not None
        assert reading.stdout is not None
        reading.stdin.write(json.dumps({"id": 1, "size": len(picture)}).encode() + b"\n" + picture)
        reading.stdin.flush()
        said = json.loads(reading.stdout.readline())   # it ends when its input does, so that stays open
        reading.stdin.close()
    assert said["lines"][0][5] == "Order 702-5512873-9046218"


def test_the_whole_loop_runs_without_a_window(built: Path, place: Path) -> None:
    """Mail, shop, carrier, translation in its own process, sealing and the hub, all from the folder alone."""
    run(built, place, "demo", "--headless", "--json", place / "demo.json")
    said = json.loads((place / "demo.json").read_text(encoding="utf-8"))
    assert said["sent"]
    assert said["evidence"]


@contextmanager
def window(built: Path, place: Path, home: Path, screen: str) -> Iterator[subprocess.Popen[str]]:
    program = built / "workstation" / "workstation"
    more = {"DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"}
    with subprocess.Popen(
        [str(program), "--home", str(home), "--passphrase-file", str(place / "passphrase")],
        env=around(place, **more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as opened:
        try:
            yield opened
        finally:
            opened.kill()


def test_the_window_opens_and_closes(built: Path, place: Path, home: Path, tmp_path: Path) -> None:
    """On a screen of its own: it is drawn, an order to close it ends the process, and it says nothing."""
    if shutil.which("xdotool") is None:
        pytest.skip("xdotool is not installed")
    with virtual_screen(tmp_path) as screen, window(built, place, home, screen) as opened:
        spoken = {**os.environ, "DISPLAY": screen}
        found = subprocess.run(
            ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Workstation"], env=spoken,
            capture_output=True, text=True, timeout=60, check=True,
        ).stdout.split()
        colours = wait_for_picture(spoken, tmp_path / "shot.png")
        assert colours > 20, "a list, a toolbar and words have more colours than an empty window"
        subprocess.run(["xdotool", "windowfocus", "--sync", found[-1], "key", "ctrl+q"], env=spoken, check=True)
        out, err = opened.communicate(timeout=30)
        assert (opened.returncode, out, err) == (0, "", "")


def wait_for_picture(spoken: dict[str, str], shot: Path) -> int:
    """How many colours the screen shows once it has stopped being one."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        subprocess.run(["scrot", "--overwrite", str(shot)], env=spoken, check=True)
        image = QImage(str(shot))
        points = ((x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3))
        colours = len({image.pixel(x, y) for x, y in points})
        if colours > 20:
            return colours
    return 0


def test_what_may_not_be_bundled_is_not(built: Path) -> None:
    folder = built / "workstation"
    names = [path.name for path in folder.rglob("*")]
    assert not [name for name in names if name.startswith(("minisbd", "libgtk", "libgdk", "hypothesis", "torch"))]
    assert "libQt6Core.so.6" in names, "Qt lies there as files of its own and can be replaced"
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    assert size < MEGABYTES * 1_000_000


def test_the_notices_name_who_made_what(built: Path) -> None:
    text = next((built / "workstation").rglob("NOTICES.txt")).read_text(encoding="utf-8")
    assert re.search(r"(?m)^pyside6-essentials 6\.11\.\d+: LGPL", text)
    assert "You may put another build of the same version in their place" in text
    assert "minisbd" not in text.partition("Used under")[0]
    assert text.count("Permission is hereby granted, free of charge") > 10, "the licences' own texts are there"


def test_the_package_holds_what_a_desktop_looks_for(built: Path, tmp_path: Path) -> None:
    package = built / "workstation.deb"
    subprocess.run(["dpkg-deb", "--extract", str(package), str(tmp_path)], check=True)
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(tmp_path / "usr/share/applications/workstation.desktop", encoding="utf-8")
    assert entry["Desktop Entry"]["exec"] == "workstation"
    assert (tmp_path / "usr/bin/workstation").readlink() == Path("/opt/workstation/workstation")
    assert QImage(str(tmp_path / "usr/share/icons/hicolor/48x48/apps/workstation.png")).width() == 48
    assert (tmp_path / "usr/share/doc/workstation/copyright").stat().st_size > 100_000
    fields = subprocess.run(["dpkg-deb", "--field", str(package)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"(?m)^Depends: .*libc6 \(>= 2\.\d+\)", fields)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_package_on_a_machine_without_python(built: Path, tmp_path: Path) -> None:
    """A Debian of the bare minimum: the package's own dependencies are all that is added. Takes minutes."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        pytest.skip("debootstrap is needed, and root")
    root = tmp_path / "machine"
    subprocess.run(["debootstrap", "--variant=minbase", release(), str(root)], check=True, stdout=subprocess.DEVNULL)
    shutil.copy(built / "workstation.deb", root / "workstation.deb")
    (root / "passphrase").write_text("a pass phrase for the bare machine")
    (root / "passphrase").chmod(0o600)
    assert inside(root, "command -v python3 || true") == ""
    inside(root, "apt-get install -y -qq --no-install-recommends /workstation.deb >/dev/null 2>&1")
    inside(root, "workstation init --home /h --passphrase-file /passphrase --recovery-out /recovery")
    doctor = json.loads(inside(root, "workstation doctor --home /h --passphrase-file /passphrase --json || true"))
    assert sorted(part["name"] for part in doctor if not part["ok"]) == ["display"]
    inside(root, "workstation demo --headless --json /demo.json >/dev/null")
    assert json.loads((root / "demo.json").read_text(encoding="utf-8"))["sent"]
    assert inside(root, "command -v python3 || true") == "", "nothing brought a Python along"
    window = "QT_QPA_PLATFORM=offscreen timeout 10 workstation --home /h --passphrase-file /passphrase"
    inside(root, f"{window}; test $? = 124")


def release() -> str:
    return dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines())["VERSION_CODENAME"]


def inside(root: Path, command: str) -> str:
    """What a shell on that machine prints."""
    with_proc = f"mount -t proc proc {root}/proc && chroot {root} /bin/sh -c '{command}'"
    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    known = {"PATH": path, "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["unshare", "--mount", "/bin/sh", "-c", with_proc], env=known, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()
