"""Packs: what they hold, how damage is named, and strangers' zips that must not hurt."""

from __future__ import annotations

import copy
import json
import logging
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import bagit
import pytest

from tests.support.evidence import CASE, Bench, bench, flip, inside, make_grab, rewrite, small_case
from workstation.kernel.errors import InputError, NotFound, Tampered


async def _pack(made: Bench, name: str = "case.zip") -> Path:
    await small_case(made)
    return await made.service.export(made.folder / name, case_id=CASE)


def _files(folder: Path, pattern: str) -> list[Path]:
    return list(folder.glob(pattern))


async def test_a_pack_of_a_case_is_a_valid_bag(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        pack = await _pack(made)
        report = await made.service.verify(pack)
    assert report.intact
    assert (report.records, report.files) == (4, 3)
    zipfile.ZipFile(pack).extractall(tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    bag = bagit.Bag(str(folder))
    assert bag.is_valid()
    assert bag.version_info == (1, 0)
    assert set(bag.algorithms) == {"sha256", "sha512"}
    assert _files(tmp_path, ".case.zip.*") == []


async def test_the_readable_page_escapes_what_came_from_outside(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        pack = await _pack(made)
    page = inside(pack)["data/report.html"].decode()
    assert "Orders &lt;of&gt; Ana" in page
    assert "<of>" not in page
    assert "Not a real screen" in page
    assert "device time only" in page


async def test_the_same_records_make_the_same_payload(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        first, second = await _pack(made), await made.service.export(tmp_path / "again.zip", case_id=CASE)
    records = [name for name in inside(first) if name.startswith(("data/records", "data/files", "data/private"))]
    assert len(records) > 6
    assert all(inside(first)[name] == inside(second)[name] for name in records)


async def test_all_promises_the_whole_chain_and_a_choice_says_what_is_outside(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        first, _second, reply = await small_case(made)
        some = await made.service.export(tmp_path / "some.zip", record_ids=[reply, first])
        everything = await made.service.export(tmp_path / "all.zip")
        chosen, whole = await made.service.verify(some), await made.service.verify(everything)
        custody = await made.service.list(custody=True)
    assert chosen.intact
    assert chosen.records == 3
    assert any("Between records 1 and 3" in claim for claim in chosen.claimed)
    assert whole.intact
    assert whole.records == 5
    assert any("chain is whole" in said for said in whole.proved)
    assert custody[3].case_id == CASE


async def test_another_device_is_told_that_the_key_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    async with bench(tmp_path) as made, bench(tmp_path / "other") as other:
        pack = await _pack(made)
        await other.service.capture(other.request())
        report = await other.service.verify(pack)
        own = await made.service.verify(pack)
    assert report.intact
    assert any("not a key of this device" in claim for claim in report.claimed)
    assert not any("not a key of this device" in claim for claim in own.claimed)


async def test_nothing_to_export_and_nowhere_to_put_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        with pytest.raises(NotFound):
            await made.service.export(tmp_path / "none.zip", case_id=CASE)
        await made.service.capture(made.request())
        for out in (tmp_path, tmp_path / "missing" / "case.zip"):
            with pytest.raises(InputError):
                await made.service.export(out, case_id=CASE)
        assert len(await made.service.list(custody=True)) == 1
        with pytest.raises(NotFound):
            await made.service.export(tmp_path / "x.zip", record_ids=["missing"])


async def test_a_damaged_store_writes_no_pack(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await made.service.capture(made.request())
        (path,) = made.folder.glob("blobs/*/*")
        path.write_bytes(flip(path.read_bytes()))
        with pytest.raises(Tampered):
            await made.service.export(tmp_path / "case.zip", case_id=CASE)
        await made.sql("UPDATE evidence_record SET case_id = 'other'")
        before = len(await made.service.list(custody=True))
        with pytest.raises(Tampered, match="case_id"):
            await made.service.export(tmp_path / "case.zip")
        assert len(await made.service.list(custody=True)) == before
    assert _files(tmp_path, "*.zip*") == []


async def test_every_file_of_a_pack_counts(tmp_path: Path) -> None:
    """Change, then remove, each file in turn: the report names it, and never calls the pack intact."""
    async with bench(tmp_path) as made:
        pack = await _pack(made)
        for name, content in inside(pack).items():
            changed = rewrite(pack, tmp_path / "changed.zip", {name: lambda whole: flip(whole, len(whole) // 2)})
            named = await _named(made, changed, name)
            assert name in named or name.startswith("tagmanifest-"), name
            if name == "bagit.txt":
                continue
            gone = rewrite(pack, tmp_path / "gone.zip", {name: None})
            assert await _named(made, gone, name), name
            assert content


async def _named(made: Bench, pack: Path, name: str) -> set[str]:
    report = await made.service.verify(pack)
    assert not report.intact, name
    return {finding.where for finding in report.findings}


async def test_a_byte_changed_inside_the_zip_is_named(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        pack = await _pack(made)
        raw = bytearray(pack.read_bytes())
        at = raw.find(b"\x89PNG") + 60
        raw[at] ^= 1
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(raw)
        report = await made.service.verify(damaged)
    assert [finding.where.startswith("data/files/") for finding in report.findings] == [True]
    assert "damaged" in report.findings[0].what


async def test_checksums_computed_again_do_not_hide_a_change(tmp_path: Path) -> None:
    """Somebody changes the readable page and the file, then makes all manifests fit."""
    async with bench(tmp_path) as made:
        pack = await _pack(made)
        zipfile.ZipFile(pack).extractall(tmp_path / "out")
        (folder,) = (tmp_path / "out").iterdir()
        page = folder / "data/report.html"
        page.write_bytes(page.read_bytes().replace(b"Reply", b"Lie!!"))
        logging.disable(logging.INFO)
        bag = bagit.Bag(str(folder))
        bag.save(manifests=True)
        logging.disable(logging.NOTSET)
        assert bag.is_valid()
        forged = tmp_path / "forged.zip"
        with zipfile.ZipFile(forged, "w") as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, f"bag/{path.relative_to(folder)}")
        named = await _named(made, forged, "forged")
    assert named == {"manifest-sha256.txt"}


async def test_a_record_left_out_with_its_traces_is_missed(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        ids = await small_case(made)
        pack = await made.service.export(tmp_path / "case.zip", case_id=CASE)
        names = [name for name in inside(pack) if ids[1] in name]
        listing: Callable[[bytes], bytes] = lambda text: b"".join(  # noqa: E731
            line for line in text.splitlines(keepends=True) if ids[1].encode() not in line
        )
        edits = {f"manifest-{kind}.txt": listing for kind in ("sha256", "sha512")}
        cut = rewrite(pack, tmp_path / "cut.zip", {**dict.fromkeys(names), **edits})
        report = await made.service.verify(cut)
    assert any("exactly the records" in finding.what for finding in report.findings)


async def test_an_added_file_is_named(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        pack = await _pack(made)
        added = rewrite(pack, tmp_path / "added.zip", {}, {"data/files/extra.png": b"x", "notes.txt": b"y"})
        assert {"data/files/extra.png", "notes.txt"} <= await _named(made, added, "added")


async def test_erased_personal_values_leave_a_pack_intact(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await small_case(made)
        await made.sql("DELETE FROM evidence_private")
        pack = await made.service.export(tmp_path / "case.zip", case_id=CASE)
        report = await made.service.verify(pack)
    assert report.intact
    assert any("erased" in claim for claim in report.claimed)
    private = [name for name in inside(pack) if name.startswith("data/private")]
    assert len(private) == 1


def _zip(path: Path, entries: dict[str, bytes], **attributes: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = attributes.get("mode", 0o644) << 16
            archive.writestr(entry, content)
    return path


_BAG = {"b/bagit.txt": b"BagIt-Version: 1.0\n", "b/data/records/1.json": b"{}"}
_HOSTILE: dict[str, dict[str, bytes]] = {
    "traversal": {**_BAG, "b/../../x": b"x"}, "absolute": {**_BAG, "/etc/x": b"x"}, "drive": {**_BAG, "b/C:x": b"x"},
    "backslash": {**_BAG, "b/..\\x": b"x"}, "two tops": {**_BAG, "c/x": b"x"}, "no bag": {"b/x": b"x"},
    "empty": {}, "bomb": {**_BAG, "b/data/files/1.png": bytes(30_000_000)},
    "case double": {**_BAG, "b/BAGIT.txt": b"x"},
    "not ascii": {**_BAG, "b/data/файл": b"x"}, "control": {**_BAG, "b/data/a\nb": b"x"},
    "long": {**_BAG, "b/" + "x" * 300: b"x"},
}


@pytest.mark.parametrize("name", sorted(_HOSTILE))
async def test_a_zip_built_to_harm_is_refused(tmp_path: Path, name: str) -> None:
    hostile = _zip(tmp_path / "hostile.zip", _HOSTILE[name])
    async with bench(tmp_path) as made:
        with pytest.raises(InputError):
            await made.service.verify(hostile)
    assert not (tmp_path.parent / "x").exists()


async def test_links_and_doubles_are_refused(tmp_path: Path) -> None:
    link = _zip(tmp_path / "link.zip", _BAG, mode=0o120777)
    double = _zip(tmp_path / "double.zip", {**_BAG, "b/data/records/2.json": b"{}"})
    double.write_bytes(double.read_bytes().replace(b"records/2", b"records/1"))
    async with bench(tmp_path) as made:
        for pack in (link, double):
            with pytest.raises(InputError):
                await made.service.verify(pack)


async def test_files_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "overlap.zip", "w") as archive:
        for name, content in _BAG.items():
            archive.writestr(name, content)
        archive.writestr("b/data/files/0.png", bytes(5_000))
        for number in range(1, 4):
            again = copy.copy(archive.infolist()[-1])
            again.filename = f"b/data/files/{number}.png"
            archive.filelist.append(again)
    async with bench(tmp_path) as made:
        with pytest.raises(InputError, match="overlap"):
            await made.service.verify(tmp_path / "overlap.zip")


async def test_a_directory_that_states_too_much_is_refused_unread(tmp_path: Path) -> None:
    pack = _zip(tmp_path / "large.zip", _BAG)
    raw = bytearray(pack.read_bytes())
    struct.pack_into("<L", raw, raw.rfind(b"PK\x05\x06") + 12, 1 << 30)
    pack.write_bytes(raw)
    async with bench(tmp_path) as made:
        with pytest.raises(InputError, match="too many"):
            await made.service.verify(pack)


async def test_a_truncated_or_foreign_file_is_unreadable_not_tampered(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        pack = await _pack(made)
        whole = pack.read_bytes()
        for number, content in enumerate((b"", b"no zip", whole[: len(whole) // 2], whole[:-30])):
            broken = tmp_path / f"broken-{number}.zip"
            broken.write_bytes(content)
            with pytest.raises(InputError):
                await made.service.verify(broken)
        for missing in (tmp_path / "missing.zip", tmp_path):
            with pytest.raises(InputError):
                await made.service.verify(missing)


async def test_names_that_are_not_utf8_are_unreadable(tmp_path: Path) -> None:
    pack = _zip(tmp_path / "names.zip", {**_BAG, "b/é": b"x"})
    pack.write_bytes(pack.read_bytes().replace("é".encode(), b"\xff\xfe"))
    async with bench(tmp_path) as made:
        with pytest.raises(InputError):
            await made.service.verify(pack)


async def test_rubbish_in_every_text_of_a_pack_is_a_finding(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        pack = await _pack(made)
        deep = json.dumps({"payload": "x"}).encode() + b"[" * 50_000
        for rubbish in (b"", b"\xff\xfe\x00", b"null", b"[" * 50_000, deep):
            names = [name for name in inside(pack) if name != "bagit.txt" and not name.startswith("data/files")]
            bad = rewrite(pack, tmp_path / "bad.zip", dict.fromkeys(names, _to(rubbish)))
            named = await _named(made, bad, "rubbish")
            judged = ("data/records/", "data/private/", "data/keys/")
            assert {name for name in names if name.startswith(judged)} <= named
            assert {"manifest-sha256.txt", "manifest-sha512.txt"} <= named


def _to(rubbish: bytes) -> Callable[[bytes], bytes]:
    return lambda _content: rubbish


async def test_a_large_capture_goes_through(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        made.screen.picture = make_grab(1920, 1080)
        view = await made.service.capture(made.request())
        pack = await made.service.export(tmp_path / "case.zip", case_id=CASE)
        report = await made.service.verify(pack)
    assert report.intact
    assert inside(pack)[f"data/files/000001-{view.id}.png"].startswith(b"\x89PNG")
