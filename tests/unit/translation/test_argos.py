"""Argos packages translate in our worker exactly as argostranslate translates them, without its sentence splitter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BUILD = ("import sys; from pathlib import Path; from tests.support.argos_package import make_package;"
         "make_package(Path(sys.argv[1]))")
PEER = """
import json, sys
from pathlib import Path
import argostranslate.translate as peer
from argostranslate.package import Package
from ctranslate2 import Translator
class Whole:
    def split_sentences(self, text): return [text]
package = Package(Path(sys.argv[1]))
translator = Translator(str(package.package_path / "model"))
print(json.dumps([peer.apply_packaged_translation(package, t, translator, Whole(), 1)[0].value for t in sys.argv[2:]]))
"""
WITHOUT_SPLITTER = """
import sys
sys.modules["minisbd"] = None
import workstation.translation.worker as worker
sys.exit(worker.main())
"""
TEXTS = ("where is my parcel", "please refund my order", "thank you")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages") / "ja_en"
    subprocess.run([sys.executable, "-c", BUILD, str(folder)], check=True, capture_output=True)
    return folder


def _peer(package: Path) -> list[str]:
    home = str(package.parent)
    done = subprocess.run(
        [sys.executable, "-c", PEER, str(package), *TEXTS], check=True, capture_output=True, text=True,
        env={"HOME": home, "XDG_DATA_HOME": home, "ARGOS_PACKAGES_DIR": home})
    return [str(text) for text in json.loads(done.stdout)]


def test_same_words_as_argostranslate_and_no_splitter_needed(package: Path) -> None:
    request = {"id": 1, "engine": "argos", "source": "ja", "target": "en", "folder": str(package), "texts": TEXTS}
    done = subprocess.run([sys.executable, "-c", WITHOUT_SPLITTER], input=json.dumps(request) + "\n", check=True,
                          capture_output=True, text=True)
    answer = json.loads(done.stdout)
    assert answer["texts"] == _peer(package)
    assert all(answer["texts"])


async def test_a_package_is_one_more_engine_and_a_pivot_with_firefox(package: Path) -> None:
    from workstation.translation.engines import local_engines

    engines = local_engines(package.parent)
    assert ("argos", "ja", "en") in {(e.name, e.source, e.target) for e in await engines.pairs()}
    route = await engines.route("ja", "pt")
    assert (route.engine, route.pivot) == ("argos + firefox", "en")
    assert len(await route.translate(TEXTS)) == 3
    await engines.shutdown()
