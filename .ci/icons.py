"""The program's icon for each system, drawn from resources/desktop/workstation.svg.

    python .ci/icons.py FOLDER    workstation.ico, workstation.icns and hicolor/SIZE/apps/workstation.png

.ico and .icns are containers around PNG files (Windows Vista and Mac OS X 10.7 on), so nothing but Qt is needed.
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

DRAWING = Path(__file__).parents[1] / "resources" / "desktop" / "workstation.svg"
LINUX = (16, 24, 32, 48, 64, 128, 256, 512)
WINDOWS = (16, 24, 32, 48, 64, 256)
MAC = {b"icp4": 16, b"icp5": 32, b"ic07": 128, b"ic08": 256, b"ic09": 512, b"ic10": 1024}


def drawn(size: int) -> bytes:
    """The icon as a PNG of `size` × `size` pixels."""
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(DRAWING)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # its stub wants bytes, it wants text
    return bytes(buffer.data().data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """A Windows icon: a directory of 16 bytes a picture, then the PNGs. A side of 256 is written as 0."""
    at = 6 + 16 * len(pictures)
    directory, bodies = [struct.pack("<HHH", 0, 1, len(pictures))], []
    for size, png in sorted(pictures.items()):
        side = size % 256
        directory.append(struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(png), at))
        bodies.append(png)
        at += len(png)
    return b"".join(directory + bodies)


def icns(pictures: dict[bytes, bytes]) -> bytes:
    """A macOS icon: type, length and PNG of each, behind the length of all."""
    body = b"".join(kind + struct.pack(">I", len(png) + 8) + png for kind, png in pictures.items())
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "workstation.ico").write_bytes(ico({size: drawn(size) for size in WINDOWS}))
    (folder / "workstation.icns").write_bytes(icns({kind: drawn(size) for kind, size in MAC.items()}))
    for size in LINUX:
        place = folder / "hicolor" / f"{size}x{size}" / "apps" / "workstation.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(drawn(size))


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    write(Path(sys.argv[1]))
