"""A picture on its way to the disk: what it is called is known before it is down, so that its record is written beside.

The order of writing stays: the record's transaction waits for `down` before it commits (`sealer.append`).
"""

from __future__ import annotations

from concurrent.futures import Future

from workstation.evidence import png
from workstation.evidence.model import Picture
from workstation.store.blobs import BlobFiles, SealedFile


class Filing:
    """Packs, encrypts and keeps one picture. `run` it on a worker thread; both futures end in any case."""

    def __init__(self, files: BlobFiles, record_id: str, picture: Picture) -> None:
        self._files, self._record_id, self._picture = files, record_id, picture
        self.known: Future[tuple[bytes, SealedFile]] = Future()
        """The PNG, and its ciphertext's name and key; nothing of it need be on the disk yet."""
        self.down: Future[None] = Future()
        """The ciphertext is on the disk for good. Fails as `BlobFiles.keep`."""

    def run(self) -> None:
        try:
            content = png.encode(self._picture.width, self._picture.height, self._picture.rgba)
            encrypted = self._files.encrypt(self._record_id, content)
            self.known.set_result((content, encrypted.file))
            self._files.keep(encrypted)
            self.down.set_result(None)
        except BaseException as problem:  # noqa: BLE001 - raised again by whoever waits
            for waiting in (self.known, self.down):
                if not waiting.done():
                    waiting.set_exception(problem)
