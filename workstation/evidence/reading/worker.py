"""The process that reads text in pictures: pictures on standard input, lines of text on standard output.

    python -m workstation.evidence.reading.worker [niceness]        (frozen: --worker read [niceness])

Its own process because the engine takes 0.7 GB and a whole core while it works, and because pictures come from
strangers. It has one working thread, the lowest priority, no network, a limit of time for each picture, and ends at
once when standard input closes, so it never outlives its parent. The models lie beside the engine's code and are named
here by their paths: where one is missing that is said, and nothing is fetched. Of the product it has `pieces` alone.

    → {"id": 7, "size": 48213}\n and 48213 bytes of a picture
    ← {"id": 7, "width": 1920, "height": 1080, "lines": [[x, y, width, height, score, "text"], …]}
      where "" is a line that was seen and not read, or
    ← {"id": 7, "unfit": "format" | "damaged" | "large"}   or   {"id": 7, "error": "MemoryError"}
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

from workstation.evidence.reading import pieces

MOST_BYTES = 64 * 1024 * 1024
MOST_PIXELS = 64_000_000
"""A phone's largest photo has 50 million, a screen of 8K 33."""
MOST_LINES = 3_000
LONGEST_LINE = 1_000
NICE = 19
CPU_SECONDS = 120
"""Of one picture. The densest screen of 2560×1440 took 10."""
MOST_MEMORY = 4 * 1024 ** 3
"""Bytes that may be asked for, where the system counts them; the largest picture that is taken needs half."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "HEIF")
SURE = 0.75
"""From which score on a line counts as read. Scripts that the model does not know come out below it, or empty."""

SCREEN, LIMIT, LIMIT_LARGE = 1_920, 1_440, 1_920
"""The longer side on which lines are looked for: of a picture up to a screen's size, and of a larger one. They are read
in the picture's own pixels in any case. Measured on 1920×1080: at 960 a quarter of the lines of 11 pixels is lost, at
1440 none, for 0.8 s more; at 1920 none of 9 pixels, for 2 s and 170 MB more."""
BAND, BAND_WIDE, OVERLAP = 1_920, 2_560, 200
"""Higher and much wider pictures are read in bands, which share so many pixels that a line cut by one is whole in
another."""
PHOTO = 4_096
"""Longer sides of photos are reduced to it: letters in a photo are large."""

Line = list[Any]
Read = Callable[[bytes], dict[str, Any]]


class Unfit(Exception):
    """This picture cannot be read by anybody here; trying again is of no use."""


def main(arguments: list[str] | None = None) -> int:
    """Answer until standard input closes."""
    given = sys.argv[1:] if arguments is None else arguments
    be_humble(int(given[0]) if given else NICE)
    refuse_network()
    answers, waiting = own_stdout(), begin_listening(sys.stdin.buffer)
    engine = Engine()
    while True:
        number, picture = waiting.get()
        with limited_time():
            answer = {"id": number, **answered(engine.read, picture)}
        answers.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        answers.flush()


def answered(read: Read, picture: bytes) -> dict[str, Any]:
    """One picture read. Errors carry the kind only: what a buyer sent never reaches a log."""
    try:
        return read(picture)
    except Unfit as problem:
        return {"unfit": str(problem)}
    except Exception as problem:  # noqa: BLE001 - whatever a picture does to a library, the parent must hear of it
        return {"error": type(problem).__name__}


def begin_listening(stream: IO[bytes]) -> queue.Queue[tuple[object, bytes]]:
    """Take requests in on a thread of their own; it ends the process when there are no more, in mid-picture too."""
    waiting: queue.Queue[tuple[object, bytes]] = queue.Queue(1)

    def listen() -> None:
        try:
            while line := stream.readline(1_000):
                request = json.loads(line)
                size = int(request["size"])
                if not 0 <= size <= MOST_BYTES:
                    break
                picture = stream.read(size)
                if len(picture) < size:
                    break
                waiting.put((request["id"], picture))
        finally:
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    return waiting


class Engine:
    """RapidOCR with the models of its wheel, loaded when first needed."""

    def __init__(self) -> None:
        self._loaded: dict[int, Any] = {}

    def read(self, picture: bytes) -> dict[str, Any]:
        """Every line that is seen in the picture. Raises Unfit, and whatever the engine raises."""
        pixels, scale = decoded(picture)
        height, width = int(pixels.shape[0]), int(pixels.shape[1])
        lines: list[Line] = []
        for left, top, right, bottom in bands(width, height):
            found = self._lines(pixels[top:bottom, left:right])
            lines += within(found, (left, top, right, bottom), (width, height), lines)
        return {"width": round(width * scale), "height": round(height * scale),
                "lines": [[*(round(side * scale) for side in line[:4]), *line[4:]] for line in lines[:MOST_LINES]]}

    def _lines(self, pixels: Any) -> list[Line]:
        from rapidocr.utils.process_img import map_boxes_to_original

        height, width = int(pixels.shape[0]), int(pixels.shape[1])
        engine = self._engine(LIMIT if max(width, height) <= SCREEN else LIMIT_LARGE)
        image, changed = engine.preprocess_img(pixels)
        seen, _turned, read, crops = engine.run_ocr_steps(image, changed)
        if seen.boxes is None or read.txts is None:
            return []
        boxes = map_boxes_to_original(seen.boxes, changed, height, width)
        told = _numbers_too(engine, [(text, float(score)) for text, score in zip(read.txts, read.scores, strict=True)],
                            crops)
        return [_line(box, text, score) for box, (text, score) in zip(boxes, told, strict=True)]

    def _engine(self, limit: int) -> Any:
        if limit not in self._loaded:
            made = self._loaded[limit] = load(limit)
            for other in self._loaded.values():   # the larger model is the same one
                made.text_rec = made.text_rec or other.text_rec
        return self._loaded[limit]


def _numbers_too(engine: Any, told: list[tuple[str, float]], crops: Sequence[Any]) -> list[tuple[str, float]]:
    """Lines of a script that the engine does not know, with the numbers in them read by themselves."""
    from rapidocr.ch_ppocr_rec.typings import TextRecInput

    def read(parts: Sequence[Any]) -> list[tuple[str, float]]:
        found = engine.text_rec(TextRecInput(img=list(parts)))
        return [(text, float(score)) for text, score in zip(found.txts, found.scores, strict=True)]

    left = pieces.MOST_LINES
    for at, (text, score) in enumerate(told):
        if left and pieces.doubtful(text, score):
            left -= 1
            told[at] = pieces.reread(crops[at], read) or (text, score)
    return told


def load(limit: int) -> Any:
    """The engine, which looks for lines on a longer side of `limit`. Raises FileNotFoundError for a missing model."""
    import cv2
    import onnxruntime
    from rapidocr import RapidOCR

    onnxruntime.disable_telemetry_events()
    cv2.setNumThreads(1)
    seeing, reading = models()
    return RapidOCR(params={
        "Global.use_cls": False, "Global.log_level": "critical", "Global.text_score": 0.0,
        "Global.max_side_len": 100_000, "Global.min_side_len": 1,
        "EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Det.limit_side_len": limit, "Det.limit_type": "max",
        "Det.model_path": str(seeing), "Rec.model_path": str(reading),
    })


def models() -> tuple[Path, Path]:
    """The two models of the wheel: one sees lines, one reads them. Raises FileNotFoundError."""
    import importlib.util

    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None:
        raise FileNotFoundError("rapidocr")
    folder = Path(found.origin).parent / "models"
    return _first(folder, "*_det_*.onnx"), _first(folder, "*_rec_*.onnx")


def _first(folder: Path, pattern: str) -> Path:
    for file in sorted(folder.glob(pattern), reverse=True):
        if file.stat().st_size:
            return file
    raise FileNotFoundError(pattern)


def decoded(picture: bytes) -> tuple[Any, float]:
    """Pixels in the order blue, green, red, upright, on white, and how much larger the picture itself is. Looks at the
    size before anything is unpacked."""
    import numpy
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(io.BytesIO(picture), formats=known_formats()) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unfit("large")
            longest = max(image.size)
            image.draft("RGB", (PHOTO, PHOTO))   # photos only: half the work for twice the size
            upright = ImageOps.exif_transpose(image)
            if image.format in {"JPEG", "HEIF"}:
                upright.thumbnail((PHOTO, PHOTO))
            flat = on_white(upright)
    except (UnidentifiedImageError, Image.DecompressionBombError) as problem:
        large = isinstance(problem, Image.DecompressionBombError)
        raise Unfit("large" if large else "format") from problem
    except (OSError, ValueError, SyntaxError, EOFError) as problem:
        raise Unfit("damaged") from problem
    return numpy.ascontiguousarray(numpy.asarray(flat)[:, :, ::-1]), longest / max(flat.size)


def known_formats() -> list[str]:
    """Those of FORMATS whose decoders are installed. Of a phone's photo only the picture itself is read."""
    from PIL import Image, TiffImagePlugin, WebPImagePlugin

    Image.preinit()
    with contextlib.suppress(ImportError):
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    _registered = TiffImagePlugin, WebPImagePlugin
    return [name for name in FORMATS if name in Image.OPEN]


def on_white(image: Any) -> Any:
    """Without transparency: what a person sees on paper."""
    from PIL import Image

    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        paper = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(paper, clear).convert("RGB")
    return image.convert("RGB")


def bands(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Left, top, right and bottom of the parts that are read one after the other."""
    columns = _cuts(width, BAND_WIDE, 2 * SCREEN)
    return [(left, top, right, bottom) for top, bottom in _cuts(height, BAND, BAND_WIDE) for left, right in columns]


def _cuts(length: int, band: int, whole: int) -> list[tuple[int, int]]:
    """Up to `whole` it stays in one piece."""
    if length <= whole:
        return [(0, length)]
    count = -(-(length - OVERLAP) // (band - OVERLAP))
    step = (length - band) / (count - 1)
    return [(round(step * n), round(step * n) + band) for n in range(count)]


def within(
    found: list[Line], band: tuple[int, int, int, int], size: tuple[int, int], before: list[Line]
) -> list[Line]:
    """The lines of a band in the picture's own pixels, without those that lie whole in another band."""
    left, top, right, bottom = band
    kept = []
    for x, y, width, height, score, text in found:
        line = [x + left, y + top, width, height, score, text]
        cut = ((top and y < 3) or (bottom < size[1] and y + height > bottom - top - 3)
               or (left and x < 3) or (right < size[0] and x + width > right - left - 3))
        long = width > OVERLAP if left or right < size[0] else False
        if (not cut or long) and not any(_same(line, other) for other in before):
            kept.append(line)
    return kept


def _same(one: Line, other: Line) -> bool:
    """Whether one of two lines covers most of the other."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    smaller = min(one[2] * one[3], other[2] * other[3])
    return bool(wide > 0 and high > 0 and wide * high * 2 > smaller)


def _line(box: Any, text: str, score: float) -> Line:
    x, y = float(box[:, 0].min()), float(box[:, 1].min())
    width, height = float(box[:, 0].max()) - x, float(box[:, 1].max()) - y
    sure = score >= SURE and any(letter.isalnum() for letter in text)
    return [round(x), round(y), round(width), round(height), round(score, 3),
            " ".join(text.split())[:LONGEST_LINE] if sure else ""]


def refuse_network() -> None:
    """Pictures are read on this computer only; a library that tries to fetch something is stopped."""

    def audit(event: str, _arguments: tuple[object, ...]) -> None:
        if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"}:
            raise PermissionError("the process that reads pictures has no network")

    sys.addaudithook(audit)


def be_humble(niceness: int) -> None:
    """Give way to everything else, one thread, and leave no picture of a crash on the disk."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(niceness)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))


@contextlib.contextmanager
def limited_time() -> Iterator[None]:
    """End this process when one picture costs more than its time of a processor, where the system counts it: however
    busy the computer is, a fair picture is never cut off."""
    if sys.platform == "win32":
        yield
        return
    import signal

    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)   # its signal ends a process that does not heed it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def own_stdout() -> IO[bytes]:
    """Keep the pipe for answers; whatever a library prints goes to standard error."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return cast("IO[bytes]", pipe)


if __name__ == "__main__":
    raise SystemExit(main())
