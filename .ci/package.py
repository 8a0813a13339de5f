"""A Debian package from the one-folder build: python .ci/package.py DIST OUT.deb

The folder goes to /opt/workstation, unchanged, so that its LGPL libraries stay replaceable; the menu entry, the icons
and `workstation` on the path go where Debian looks for them. What the build needs from the system is read from its
files: the libraries they name and that were not bundled. (dpkg-shlibdeps also names those that were, in a minute.)
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NEEDED = re.compile(r"\(NEEDED\)\s+Shared library: \[(.+?)\]")
CONTROL = """Package: workstation
Version: {version}
Section: mail
Priority: optional
Architecture: {architecture}
Maintainer: The Workstation team <packages@workstation.invalid>
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: gnome-keyring | kwalletmanager | pinentry-gnome3, fonts-noto-core, fonts-noto-cjk
Description: one window for the people who answer buyers after a cross-border sale
 A unified inbox over mail and shops, a panel that has checked order, parcel,
 refund and policy, replies in the buyer's language, and sealed evidence.
 Everything works offline.
"""


def version() -> str:
    """The product's version, as pyproject.toml has it."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def depends(folder: Path) -> str:
    """The packages of the build machine's release that hold the libraries the build asks for and does not bring."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and _is_elf(path)]
    done = subprocess.run(["readelf", "--dynamic", "--wide", *files], capture_output=True, text=True, check=True)
    missing = sorted(set(NEEDED.findall(done.stdout)) - {path.name for path in folder.rglob("*.so*")})
    found = {_package(name) for name in missing}
    built_with = str(os.confstr("CS_GNU_LIBC_VERSION")).removeprefix("glibc ")
    return ", ".join([*sorted(found - {"libc6"}), f"libc6 (>= {built_with})"])


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _package(library: str) -> str:
    """The package that installed this library here. Raises CalledProcessError when none did."""
    done = subprocess.run(["dpkg", "-S", f"*/{library}"], capture_output=True, text=True, check=True)
    return done.stdout.partition(":")[0]


def lay_out(dist: Path, tree: Path) -> None:
    """Everything at its place below `tree`."""
    target = tree / "opt" / "workstation"
    shutil.copytree(dist, target, symlinks=True)
    (tree / "usr" / "bin").mkdir(parents=True)
    (tree / "usr" / "bin" / "workstation").symlink_to("/opt/workstation/workstation")
    share = tree / "usr" / "share"
    _copy(ROOT / "resources" / "desktop" / "workstation.desktop", share / "applications" / "workstation.desktop")
    scalable = share / "icons" / "hicolor" / "scalable" / "apps" / "workstation.svg"
    _copy(ROOT / "resources" / "desktop" / "workstation.svg", scalable)
    icons = tree / "icons"
    subprocess.run([sys.executable, str(ROOT / ".ci" / "icons.py"), str(icons)], check=True)
    shutil.copytree(icons / "hicolor", share / "icons" / "hicolor", dirs_exist_ok=True)
    shutil.rmtree(icons)
    documents = share / "doc" / "workstation"
    documents.mkdir(parents=True)
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    notices = next(dist.rglob("NOTICES.txt")).read_text(encoding="utf-8")
    (documents / "copyright").write_text(f"{licence}\n\n{notices}", encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    (documents / "changelog.gz").write_bytes(gzip.compress(changes, mtime=0))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def make(dist: Path, out: Path) -> None:
    """Raises CalledProcessError when one of Debian's tools says no."""
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place) / "tree"
        lay_out(dist, tree)
        files = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
        (tree / "DEBIAN").mkdir()
        (tree / "DEBIAN" / "control").write_text(CONTROL.format(
            version=version(), architecture=architecture.strip(), depends=depends(dist),
            kilobytes=sum(path.stat().st_size for path in files) // 1024,
        ))
        subprocess.run(["chmod", "--recursive", "u=rwX,go=rX", str(tree)], check=True)
        command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z6", "--build", str(tree), str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    make(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
