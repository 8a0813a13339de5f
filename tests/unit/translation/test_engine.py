"""The real English–Portuguese models through the real worker, and what happens when the worker dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest

from tests.support.translation import ENGLISH, PORTUGUESE
from workstation.kernel.errors import NoEngine
from workstation.runtime.thread import CoreThread
from workstation.translation.catalogue import installed, language
from workstation.translation.engines import Engines, Route, chunks, local_engines
from workstation.translation.pipeline import translate_text
from workstation.translation.ports import EngineFailed
from workstation.translation.process import WorkerProcess
from workstation.translation.survival import check

ECHO = ("import json,sys\nfor line in sys.stdin:\n r=json.loads(line)\n"
        "{before}\n print(json.dumps({{'id':r['id'],'texts':r['texts']}}),flush=True)\n")


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[Engines]:
    made = local_engines(tmp_path)
    yield made
    await made.shutdown()


async def _losses(route: Route, sentences: tuple[str, ...]) -> tuple[int, int]:
    lost = total = 0
    for sentence in sentences:
        survival = check(sentence, await translate_text(sentence, route.translate))
        lost += len(survival.lost)
        total += len(survival.lost) + len(survival.survived)
    return lost, total


@pytest.mark.long
async def test_at_most_one_in_a_hundred_is_lost_where_the_bare_engine_loses_many(engines: Engines) -> None:
    forth, back = await engines.route("en", "pt"), await engines.route("pt", "en")
    lost_en, total_en = await _losses(forth, ENGLISH)
    lost_pt, total_pt = await _losses(back, PORTUGUESE)
    bare = await forth.translate(ENGLISH)
    bare_lost = sum(len(check(source, target).lost) for source, target in zip(ENGLISH, bare, strict=True))
    assert total_en + total_pt >= 100
    assert lost_en + lost_pt <= (total_en + total_pt) / 100
    assert bare_lost > 0.05 * total_en


async def test_it_really_translates_and_keeps_the_shape_of_a_mail(engines: Engines) -> None:
    route = await engines.route("pt", "en")
    text = "Olá Mariana,\n\nmeu pedido #1042 não chegou.\n> Ele foi enviado em 12/11/2026.\n- uma caixa\n\nObrigado 😊"
    english = await translate_text(text, route.translate)
    lines = english.split("\n")
    assert len(lines) == 7
    assert lines[0] == "Hello Mariana,"
    assert "#1042" in lines[2]
    assert "arrive" in lines[2]
    assert lines[3].startswith("> ")
    assert "12/11/2026" in lines[3]
    assert lines[4].startswith("- ")
    assert lines[6].endswith("😊")


async def test_a_closing_becomes_the_usual_one(engines: Engines) -> None:
    route = await engines.route("en", "pt")
    text = "Thank you.\nBest regards,\nMei Lin"
    assert (await translate_text(text, route.translate, ["Mei Lin"], pair=("en", "pt"))).endswith(
        "\nAtenciosamente,\nMei Lin")


async def test_a_long_text_goes_through_with_progress_and_the_loop_stays_free(engines: Engines) -> None:
    text = "\n".join(f"Parcel {number} left on day {number}." for number in range(100, 400))
    ticks: list[float] = []

    async def tick() -> None:
        while True:
            ticks.append(time.perf_counter())
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(tick())
    seen: list[tuple[int, int]] = []
    route = await engines.route("en", "pt")
    result = await translate_text(text, route.translate, progress=lambda done, total: seen.append((done, total)))
    watching.cancel()
    assert check(text, result).lost == ()
    assert seen[-1][0] == seen[-1][1] == 300
    assert len(ticks) > 20


async def test_no_engine_is_said_in_a_sentence(engines: Engines) -> None:
    with pytest.raises(NoEngine, match="No translation engine for Japanese → English is installed"):
        await engines.route("ja", "en")


async def test_a_pivot_through_english_is_named(tmp_path: Path) -> None:
    class Reverse:
        name = "reverse"

        def pairs(self) -> tuple[object, ...]:
            from workstation.translation.model import Engine
            return (Engine("reverse", "ja", "en"),)

        async def translate(self, texts: list[str], _source: str, _target: str) -> tuple[str, ...]:
            return tuple("Where is my parcel?" for _text in texts)

        async def shutdown(self) -> None: ...

    made = local_engines(tmp_path, [Reverse()])  # type: ignore[list-item]
    route = await made.route("ja", "pt")
    assert (route.engine, route.pivot) == ("reverse + firefox", "en")
    assert "Onde está" in (await route.translate(["x"]))[0]
    await made.shutdown()


def test_the_shipped_models_and_only_whole_packages_are_listed(tmp_path: Path) -> None:
    for name, whole in (("ja_en", True), ("en_fr", False)):
        (tmp_path / name / ("model" if whole else "other")).mkdir(parents=True)
        source, target = name.split("_")
        (tmp_path / name / "metadata.json").write_text(f'{{"from_code": "{source}", "to_code": "{target}"}}')
    (tmp_path / "junk").mkdir()
    (tmp_path / "junk" / "metadata.json").write_text("[")
    pairs = {(model.engine, model.source, model.target) for model in installed(tmp_path)}
    assert pairs == {("firefox", "en", "pt"), ("firefox", "pt", "en"), ("argos", "ja", "en")}
    assert language("pt-BR") == language("pt_BR") == "pt"


def test_chunks_keep_order_and_bounds() -> None:
    texts = ["a" * 30, "b" * 80, "c" * 10, "d" * 10]
    assert list(chunks(texts, 50)) == [("a" * 30,), ("b" * 80,), ("c" * 10, "d" * 10)]


async def test_cancelling_kills_the_worker_and_the_next_request_works(tmp_path: Path) -> None:
    worker = WorkerProcess()
    model = next(m for m in installed(tmp_path) if m.source == "en")
    await worker.translate(model, ["Hello."])
    first = worker.pid
    task = asyncio.create_task(worker.translate(model, ["The parcel is late."] * 200))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.pid_exists(first)
    assert (await worker.translate(model, ["Thank you."]))[0].startswith("Obrigad")
    assert worker.pid != first
    await worker.shutdown()
    assert worker.pid == 0
    with pytest.raises(EngineFailed):
        await worker.translate(model, ["Hello."])


async def test_a_crash_is_tried_once_more(tmp_path: Path) -> None:
    mark = tmp_path / "crashed"
    crash = f" import os\n if not os.path.exists({str(mark)!r}):\n  open({str(mark)!r},'w').close(); os.abort()"
    model = installed(tmp_path)[0]
    once = WorkerProcess([sys.executable, "-c", ECHO.format(before=crash)])
    assert await once.translate(model, ["a", "b"]) == ("a", "b")
    await once.shutdown()
    always = WorkerProcess([sys.executable, "-c", ECHO.format(before=" raise SystemExit")])
    with pytest.raises(EngineFailed, match="stopped twice"):
        await always.translate(model, ["a"])
    await always.shutdown()


async def test_a_broken_model_is_an_error_that_quotes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    for name in ("model.enja.intgemm.bin", "vocab.enja.spm"):
        (folder / name).write_bytes(b"no model")
    worker = WorkerProcess()
    model = next(m for m in installed(tmp_path) if m.target == "ja")
    with pytest.raises(EngineFailed) as caught:
        await worker.translate(model, ["a secret sentence"])
    assert "secret" not in str(caught.value)
    await worker.shutdown()


async def test_an_idle_worker_goes_and_comes_back(tmp_path: Path) -> None:
    worker = WorkerProcess([sys.executable, "-c", ECHO.format(before=" pass")], idle_seconds=0.05)
    model = installed(tmp_path)[0]
    await worker.translate(model, ["a"])
    for _wait in range(100):
        if not worker.pid:
            break
        await asyncio.sleep(0.02)
    assert worker.pid == 0
    assert await worker.translate(model, ["b"]) == ("b",)
    await worker.shutdown()


def test_it_runs_on_the_core_thread(tmp_path: Path) -> None:
    core = CoreThread()

    async def work() -> tuple[str, ...]:
        engines = local_engines(tmp_path)
        try:
            return await (await engines.route("en", "pt")).translate(["Thank you."])
        finally:
            await engines.shutdown()

    assert core.run(work(), 60)[0].startswith("Obrigad")
    core.stop()


def test_the_worker_ends_when_its_parent_is_killed() -> None:
    program = ("import asyncio,sys\nfrom pathlib import Path\nfrom workstation.translation.catalogue import installed\n"
               "from workstation.translation.process import WorkerProcess\n"
               "async def main():\n w = WorkerProcess()\n await w.translate(installed(Path('none'))[0], ['Hello.'])\n"
               " print(w.pid, flush=True)\n await asyncio.sleep(60)\nasyncio.run(main())")
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout as out:
        worker = psutil.Process(int(out.readline()))
    assert worker.nice() >= 10 or os.name == "nt"
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert not psutil.wait_procs([worker], timeout=10)[1]


def test_the_worker_has_no_network() -> None:
    program = ("import socket,sys; from workstation.translation import worker; worker.main()\n"
               "try: socket.create_connection(('127.0.0.1', 9), 1)\nexcept PermissionError: sys.exit(7)")
    done = subprocess.run([sys.executable, "-c", program], check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 7
