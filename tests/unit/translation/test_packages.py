"""Language packages: whole or not at all, whatever the file holds."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from tests.support.argos_package import make_package
from workstation.kernel.errors import InputError, NotFound, ReadOnly
from workstation.translation import packages, unpack
from workstation.translation.catalogue import installed
from workstation.translation.engines import local_engines
from workstation.translation.packages import Packages

FIREFOX = {"model.jaen.intgemm.alphas.bin": b"m" * 4000, "vocab.jaen.spm": b"v" * 50, "lex.50.50.jaen.s2t.bin": b"x"}


def zipped(path: Path, files: dict[str, bytes], folder: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return path


def as_archive(folder: Path, path: Path) -> Path:
    files = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return zipped(path, files, "translate-ja_en-1_0/")


def own(shelf: Packages) -> list[tuple[str, str, str]]:
    return [(p.engine, p.source, p.target) for p in shelf.listed() if not p.shipped]


@pytest.fixture
def shelf(tmp_path: Path) -> Packages:
    return Packages(tmp_path / "home" / "translation")


def test_firefox_models_come_as_zip_flat_or_in_a_folder_and_as_a_folder(shelf: Packages, tmp_path: Path) -> None:
    (tmp_path / "flat").mkdir()
    for name, content in FIREFOX.items():
        (tmp_path / "flat" / name).write_bytes(content)
    sources = (zipped(tmp_path / "a.zip", FIREFOX), zipped(tmp_path / "b.zip", FIREFOX, "jaen/"), tmp_path / "flat")
    for source in sources:
        added = shelf.install(source)
        assert (added.engine, added.source, added.target, added.shipped) == ("firefox", "ja", "en", False)
        assert added.size == sum(map(len, FIREFOX.values()))
        assert own(shelf) == [("firefox", "ja", "en")]
        (folder,) = shelf.folder.iterdir()
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == FIREFOX


async def test_an_argos_package_is_installed_and_translates(shelf: Packages, tmp_path: Path) -> None:
    source = as_archive(make_package(tmp_path / "made"), tmp_path / "ja_en.argosmodel")
    seen: list[tuple[int, int]] = []
    shelf.install(source, lambda done, total: seen.append((done, total)))
    assert (seen[0][0], seen[-1][0]) == (0, seen[-1][1])
    engines = local_engines(shelf.folder)
    try:
        route = await engines.route("ja", "en")
        assert (route.engine, len(await route.translate(["where is my parcel"]))) == ("argos", 1)
    finally:
        await engines.shutdown()


def test_what_ships_is_listed_but_cannot_be_removed(shelf: Packages) -> None:
    shipped = {(p.source, p.target) for p in shelf.listed() if p.shipped}
    assert {("pt", "en"), ("en", "pt")} <= shipped
    with pytest.raises(NotFound):
        shelf.remove("pt", "en")


def test_removed_is_gone_from_the_disk(shelf: Packages, tmp_path: Path) -> None:
    shelf.install(zipped(tmp_path / "a.zip", FIREFOX))
    shelf.remove("ja", "en")
    assert (own(shelf), list(shelf.folder.iterdir())) == ([], [])
    with pytest.raises(NotFound):
        shelf.remove("ja", "en")


@pytest.mark.parametrize("name", [
    "../model.jaen.bin", "/tmp/model.jaen.bin", "a/../../b", "..\\b", "C:b", "x/./../y", "a\nb", "CON ", "dots.",
    "/".join("abcdefghij"), "n" * 300,
])
def test_names_that_lead_elsewhere_are_refused(shelf: Packages, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        shelf.install(zipped(tmp_path / "a.zip", {**FIREFOX, name: b"!"}))
    assert list(shelf.folder.iterdir()) == []
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.zip"]


def test_links_are_refused_in_archives_and_folders(shelf: Packages, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("vocab2.spm")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(zipped(tmp_path / "a.zip", FIREFOX), "a") as archive:
        archive.writestr(link, "/etc/passwd")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in FIREFOX.items():
        (folder / name).write_bytes(content)
    (folder / "extra").symlink_to(tmp_path)
    pipe = tmp_path / "pipe"
    pipe.mkdir()
    os.mkfifo(pipe / "model.jaen.bin")
    for source in (tmp_path / "a.zip", folder, pipe):
        with pytest.raises(InputError, match="link"):
            shelf.install(source)
    assert own(shelf) == []


def test_a_bomb_is_refused_before_it_grows(shelf: Packages, tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {**FIREFOX, "big.bin": bytes(unpack.SMALL + 1)})
    with pytest.raises(InputError, match="larger"):
        shelf.install(bomb)
    assert own(shelf) == []


def test_an_archive_that_lies_about_sizes_is_refused(shelf: Packages, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in FIREFOX.items():
            archive.writestr(name, content)
    raw = path.read_bytes()
    size = struct.pack("<I", 4000)
    path.write_bytes(raw.replace(size + size, size + struct.pack("<I", 10)))
    with pytest.raises(InputError):
        shelf.install(path)
    assert list(shelf.folder.iterdir()) == []


def test_too_many_files_are_refused(shelf: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "MOST_FILES", 3)
    shelf.install(zipped(tmp_path / "a.zip", FIREFOX))
    with pytest.raises(InputError):
        shelf.install(zipped(tmp_path / "b.zip", {**FIREFOX, "one-more": b""}))
    assert own(shelf) == [("firefox", "ja", "en")]


@pytest.mark.parametrize("files", [
    {}, {"readme.txt": b"hello"}, {"model.jaen.bin": b"m"}, {"metadata.json": b"[]", "model/model.bin": b""},
    {"metadata.json": b'{"from_code": "../x", "to_code": "en"}', "model/model.bin": b"", "bpe.model": b""},
    {"metadata.json": b'{"from_code": "en", "to_code": "en"}', "model/model.bin": b"", "bpe.model": b""},
    {"metadata.json": b'{"from_code": "ja", "to_code": "en"}', "model/model.bin": b""},
    {"metadata.json": b"[" * 100_000, "model/model.bin": b"", "bpe.model": b""},
    {**FIREFOX, "VOCAB.jaen.spm": b""},
])
def test_what_is_no_whole_package_changes_nothing(shelf: Packages, tmp_path: Path, files: dict[str, bytes]) -> None:
    with pytest.raises(InputError):
        shelf.install(zipped(tmp_path / "a.zip", files))
    assert list(shelf.folder.iterdir()) == []


def test_files_that_are_no_archive_are_named(shelf: Packages, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("not a zip")
    whole = zipped(tmp_path / "whole.zip", FIREFOX).read_bytes()
    (tmp_path / "torn.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "rotten.zip").write_bytes(whole[:60] + b"\xff\xff\xff\xff" + whole[64:])
    for name in ("text.zip", "torn.zip", "rotten.zip", "missing.zip"):
        with pytest.raises(InputError, match=name.removesuffix(".zip")):
            shelf.install(tmp_path / name)
    assert own(shelf) == []


def test_a_failed_replacement_keeps_the_package_that_was_there(shelf: Packages, tmp_path: Path) -> None:
    shelf.install(zipped(tmp_path / "a.zip", FIREFOX))
    with pytest.raises(InputError):
        shelf.install(zipped(tmp_path / "b.zip", {"model.jaen.bin": b"new"}))
    (model,) = (m for m in installed(shelf.folder) if m.folder.parent == shelf.folder)
    assert (model.folder / "model.jaen.intgemm.alphas.bin").read_bytes() == FIREFOX["model.jaen.intgemm.alphas.bin"]


def test_a_half_written_package_is_never_used_and_swept_later(shelf: Packages, tmp_path: Path) -> None:
    half = shelf.folder / f"{packages._INCOMING}1"
    half.mkdir(parents=True)
    (half / "model.deen.bin").write_bytes(b"half")
    assert ("de", "en") not in {(m.source, m.target) for m in installed(shelf.folder)}
    shelf.install(zipped(tmp_path / "a.zip", FIREFOX))
    assert not half.exists()


def test_a_folder_that_cannot_be_written_says_so(shelf: Packages, tmp_path: Path) -> None:
    shelf.folder.parent.mkdir()
    shelf.folder.write_text("a file where the folder should be")
    with pytest.raises(ReadOnly):
        shelf.install(zipped(tmp_path / "a.zip", FIREFOX))
