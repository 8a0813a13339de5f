"""The process that runs the engines: requests on standard input, answers on standard output, one JSON object a line.

    python -m workstation.translation.worker        (frozen: --worker translate)

Its own process because `fxtranslate` holds the interpreter lock for a whole call and panics when its translator
crosses threads. It has one thread, a low priority, no network, and ends when standard input closes, so it never
outlives its parent. It imports nothing of the product but this file: starting it must be cheap.

    → {"id": 7, "engine": "firefox", "source": "pt", "target": "en", "folder": "/…", "texts": ["Olá"]}
    ← {"id": 7, "texts": ["Hello"]}   or   {"id": 7, "error": "ValueError"}
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, cast

MOST_CHARACTERS = 100_000
NICE = 10

Run = Callable[[Sequence[str]], list[str]]


def main() -> int:
    """Answer until standard input closes."""
    refuse_network()
    lower_priority()
    answers = own_stdout()
    loaded: dict[tuple[str, str], Run] = {}
    for line in sys.stdin.buffer:
        answers.write(json.dumps(answer(line, loaded), ensure_ascii=False).encode() + b"\n")
        answers.flush()
    return 0


def answer(line: bytes, loaded: dict[tuple[str, str], Run]) -> dict[str, object]:
    """One request answered. Errors carry the kind only: what a buyer wrote never reaches a log."""
    number: object = None
    try:
        request = json.loads(line)
        number = request["id"]
        texts = [str(text) for text in request["texts"]]
        if sum(map(len, texts)) > MOST_CHARACTERS:
            raise OverflowError("too much text for one request")
        return {"id": number, "texts": _engine(request, loaded)(texts)}
    except BaseException as problem:  # a Rust panic is no Exception, and the parent must hear of it
        if isinstance(problem, KeyboardInterrupt | SystemExit):
            raise
        return {"id": number, "error": type(problem).__name__}


def _engine(request: dict[str, Any], loaded: dict[tuple[str, str], Run]) -> Run:
    key = (str(request["engine"]), str(request["folder"]))
    if key not in loaded:
        loaded[key] = {"firefox": load_firefox, "argos": load_argos}[key[0]](Path(key[1]))
    return loaded[key]


def load_firefox(folder: Path) -> Run:
    """A Firefox Translations model: model, one or two vocabularies, and a lexical shortlist where there is one."""
    import fxtranslate

    model = _first(folder, "model.*.bin")
    source = _first(folder, "srcvocab.*.spm", "vocab.*.spm")
    target = _first(folder, "trgvocab.*.spm", "vocab.*.spm")
    shortlist = next((file.read_bytes() for file in folder.glob("lex.*.bin")), None)
    translator = fxtranslate.Translator(model, source, target, shortlist)
    return lambda texts: [str(translator.translate(text)) for text in texts]


def _first(folder: Path, *patterns: str) -> bytes:
    for pattern in patterns:
        for file in sorted(folder.glob(pattern)):
            return file.read_bytes()
    raise FileNotFoundError(patterns[0])


def load_argos(folder: Path) -> Run:
    """An Argos package: its tokenizer and its CTranslate2 model.

    Argos' own sentence splitter (minisbd) is passed by: it may be absent and may want to download. Sentences
    arrive here already split.
    """
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "ARGOS_PACKAGES_DIR"):
        os.environ[variable] = str(folder.parent)
    from argostranslate.package import Package
    from ctranslate2 import Translator  # type: ignore[import-untyped,unused-ignore]

    package = Package(folder)
    translator = Translator(str(folder / "model"), device="cpu", inter_threads=1, intra_threads=1)
    return lambda texts: _argos(package, translator, texts)


def _argos(package: Any, translator: Any, texts: Sequence[str]) -> list[str]:
    """As argostranslate.translate.apply_packaged_translation does it, for sentences that are already apart."""
    prefix = package.target_prefix
    results = translator.translate_batch(
        [package.tokenizer.encode(text) for text in texts], target_prefix=[[prefix]] * len(texts) if prefix else None,
        replace_unknowns=True, max_batch_size=32, batch_type="tokens", beam_size=4, length_penalty=0.2,
    )
    decoded = (str(package.tokenizer.decode(result.hypotheses[0])) for result in results)
    return [text.removeprefix(prefix).removeprefix(" ") for text in decoded]


def refuse_network() -> None:
    """Engines work on this computer only; a library that tries to download is stopped."""

    def audit(event: str, _arguments: tuple[object, ...]) -> None:
        if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
            raise PermissionError("the translation worker has no network")

    sys.addaudithook(audit)


def lower_priority() -> None:
    """Give way to the window. On Windows the parent starts us below normal."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(NICE)


def own_stdout() -> IO[bytes]:
    """Keep the pipe for answers; whatever a library prints goes to standard error."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return cast("IO[bytes]", pipe)


if __name__ == "__main__":
    raise SystemExit(main())
