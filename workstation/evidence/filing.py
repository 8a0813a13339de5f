"""A picture on its way to the disk, on two threads: one turns and hashes its pixels, the other packs and keeps them.

Each strip of the picture is packed as soon as it is turned. What the file is called is known before it is down, so
that its record is written meanwhile; the order of writing stays: the record's transaction waits for `down` before it
commits (`sealer.append`).
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Future
from queue import SimpleQueue

from workstation.evidence import imaging, png
from workstation.evidence.model import Picture
from workstation.kernel import pixels
from workstation.store.blobs import BlobFiles, SealedFile


class Filing:
    """One picture; with `bgrx` its pixels are turned where they lie. Start `look` before `keep`, which waits for it."""

    def __init__(self, files: BlobFiles, record_id: str, picture: Picture, bgrx: bool = False) -> None:
        if bgrx and not isinstance(picture.rgba, bytearray):
            raise TypeError("these pixels cannot be turned where they lie")
        self._files, self._record_id, self._picture, self._bgrx = files, record_id, picture, bgrx
        self._turned: SimpleQueue[bool] = SimpleQueue()
        self.known: Future[tuple[bytes, SealedFile]] = Future()
        """The PNG, and its ciphertext's name and key; nothing of it need be on the disk yet."""
        self.down: Future[None] = Future()
        """The ciphertext is on the disk for good. Fails as `BlobFiles.keep`."""

    def look(self) -> tuple[str, bytes]:
        """On one worker thread: the hash of the pixels, hex, and the thumbnail's PNG."""
        digest, content = hashlib.sha256(), self._picture.rgba
        view = memoryview(content)
        try:
            for strip in png.strips(self._picture.width, self._picture.height):
                if self._bgrx and isinstance(content, bytearray):
                    pixels.turn(content, strip.start, strip.stop)
                self._turned.put(True)
                digest.update(view[strip.start:strip.stop])
        finally:
            self._turned.put(False)   # seen by the other thread only if a strip is missing
        small = imaging.thumbnail(self._picture)
        return digest.hexdigest(), png.encode(small.width, small.height, small.rgba)

    def keep(self) -> None:
        """On another worker thread. Both futures end in any case."""
        try:
            content = png.encode(self._picture.width, self._picture.height, self._picture.rgba, self._wait)
            encrypted = self._files.encrypt(self._record_id, content)
            self.known.set_result((content, encrypted.file))
            self._files.keep(encrypted)
            self.down.set_result(None)
        except BaseException as problem:  # noqa: BLE001 - raised again by whoever waits
            for waiting in (self.known, self.down):
                if not waiting.done():
                    waiting.set_exception(problem)

    def _wait(self) -> None:
        if not self._turned.get():
            raise RuntimeError("the picture was not read to its end")
