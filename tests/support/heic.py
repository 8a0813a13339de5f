"""HEIC photos made here, as no encoder for them is installed: every block's samples go in as they are.

An HEVC still picture (ITU-T H.265) of blocks of 32×32 in pulse code modulation, each a slice of its own, so that its
arithmetic code is always the same few bits; in a HEIF file (ISO/IEC 23008-12) that may say how it is to be turned.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from PIL import Image

BLOCK = 32


@dataclass(slots=True)
class Bits:
    """Bits one after the other, the highest first."""

    text: list[str] = field(default_factory=list)

    def put(self, value: int, width: int) -> Bits:
        self.text.append(f"{value:0{width}b}")
        return self

    def golomb(self, *values: int) -> Bits:
        for value in values:
            self.put(value + 1, 2 * (value + 1).bit_length() - 1)
        return self

    def aligned(self, stop: bool = True) -> bytes:
        """As bytes; `stop`: a one and then noughts, as a payload ends."""
        text = "".join(self.text) + ("1" if stop else "")
        text += "0" * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big") if text else b""


def heic(image: Image.Image, turned: int = 0, brand: bytes = b"heic", orientation: int = 0) -> bytes:
    """The file. `turned`: quarter turns against the clock that whoever shows it has to do; `orientation`: what its Exif
    says of that as well, 0 for none: phones say it twice, and it is to be done once."""
    width, height = image.size
    wide, high = -(-width // BLOCK) * BLOCK, -(-height // BLOCK) * BLOCK
    sheet = Image.new("RGB", (wide, high))
    sheet.paste(image.convert("RGB"), (0, 0))
    nals = [_vps(), _sps(wide, high, width, height), _pps()]
    slices = b"".join(struct.pack(">I", len(one)) + one for one in _slices(sheet))
    return _file(nals, slices, width, height, turned, brand, orientation)


def _unit(kind: int, payload: bytes) -> bytes:
    """A NAL unit: its header, and no three bytes that look like the start of another."""
    made, zeros = bytearray(), 0
    for byte in payload:
        if zeros >= 2 and byte <= 3:
            made.append(3)
            zeros = 0
        made.append(byte)
        zeros = 0 if byte else zeros + 1
    return bytes([kind << 1, 1]) + bytes(made)


def _level(bits: Bits) -> Bits:
    """Main still picture profile, level 4."""
    return bits.put(3, 8).put(0x70000000, 32).put(9, 4).put(0, 44).put(120, 8)


def _vps() -> bytes:
    bits = Bits().put(0, 4).put(3, 2).put(0, 6).put(0, 3).put(1, 1).put(0xFFFF, 16)
    _level(bits).put(1, 1).golomb(0, 0, 0).put(0, 6).golomb(0).put(0, 1).put(0, 1)
    return _unit(32, bits.aligned())


def _sps(wide: int, high: int, width: int, height: int) -> bytes:
    bits = _level(Bits().put(0, 4).put(0, 3).put(1, 1)).golomb(0, 1, wide, high)
    bits.put(1, 1).golomb(0, (wide - width) // 2, 0, (high - height) // 2)
    bits.golomb(0, 0, 0).put(1, 1).golomb(0, 0, 0)      # 8 bits, order counts of 4 bits, one picture held
    bits.golomb(2, 0, 0, 3, 0, 0).put(0, 3)             # blocks of 32, transforms of 4 to 32; no lists, AMP, SAO
    bits.put(1, 1).put(7, 4).put(7, 4).golomb(2, 0).put(1, 1)   # samples as they are, of 8 bits, in blocks of 32
    return _unit(33, bits.golomb(0).put(0, 5).aligned())


def _pps() -> bytes:
    bits = Bits().golomb(0, 0).put(0, 7).golomb(0, 0).golomb(0).put(0, 3).golomb(0, 0)
    return _unit(34, bits.put(0, 10).golomb(0).put(0, 2).aligned())


def _slices(sheet: Image.Image) -> list[bytes]:
    luma, *chroma = sheet.convert("YCbCr").split()
    small = [one.resize((sheet.width // 2, sheet.height // 2), Image.Resampling.BOX) for one in chroma]
    across, down = sheet.width // BLOCK, sheet.height // BLOCK
    made = []
    for at in range(across * down):
        left, top = at % across * BLOCK, at // across * BLOCK
        samples = luma.crop((left, top, left + BLOCK, top + BLOCK)).tobytes() + b"".join(
            one.crop((left // 2, top // 2, (left + BLOCK) // 2, (top + BLOCK) // 2)).tobytes() for one in small)
        bits = Bits().put(1 if at == 0 else 0, 1).put(0, 1).golomb(0)
        if at:
            bits.put(at, (across * down - 1).bit_length())
        head = bits.golomb(2, 0).aligned()
        made.append(_unit(19, head + _coded(268) + samples + _coded(508)))
    return made


def _coded(low: int) -> bytes:
    """What the arithmetic coder writes for a last bin of one (H.265, 9.3.4.3.5), the one and the noughts after it.

    Before the samples its range is 270, after "undivided" (state 0 takes 240 of 510), behind them 510; ending takes two
    of it, and what is below is `low`."""
    text, waiting = "", 0
    for _shift in range(7):
        if 256 <= low < 512:
            low, waiting = low - 256, waiting + 1
        else:
            bit = low >> 9
            text, waiting = text + str(bit) + str(1 - bit) * waiting, 0
            low -= bit << 9
        low <<= 1
    bit = low >> 9 & 1
    text += str(bit) + str(1 - bit) * waiting + f"{low >> 7 & 3 | 1:02b}"
    text = text[1:] + "0" * (-(len(text) - 1) % 8)      # its first bit is never written
    return int(text, 2).to_bytes(len(text) // 8, "big")


def _box(kind: bytes, *parts: bytes, version: int | None = None, flags: int = 0) -> bytes:
    inside = b"".join(parts)
    if version is not None:
        inside = struct.pack(">I", version << 24 | flags) + inside
    return struct.pack(">I", len(inside) + 8) + kind + inside


def _file(nals: list[bytes], slices: bytes, width: int, height: int, turned: int, brand: bytes,
          orientation: int) -> bytes:
    arrays = b"".join(struct.pack(">BHH", 0x80 | nal[0] >> 1, 1, len(nal)) + nal for nal in nals)
    config = struct.pack(">BBIHIBHBBBBHBB", 1, 3, 0x70000000, 0x9000, 0, 120, 0xF000, 0xFC, 0xFD, 0xF8, 0xF8, 0,
                         0x0F, len(nals)) + arrays
    properties = [_box(b"hvcC", config), _box(b"ispe", struct.pack(">II", width, height), version=0),
                  _box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0x80))]
    properties += [_box(b"irot", bytes([turned]))] if turned else []
    used = bytes([0x81, *range(2, len(properties) + 1)])
    told = _exif(orientation) if orientation else b""
    entries = [_box(b"infe", struct.pack(">HH4sx", 1, 0, b"hvc1"), version=2)]
    entries += [_box(b"infe", struct.pack(">HH4sx", 2, 0, b"Exif"), version=2)] if told else []
    start = _box(b"ftyp", brand, struct.pack(">I", 0), b"mif1heic")

    def meta(at: int) -> bytes:
        return _box(
            b"meta", _box(b"hdlr", struct.pack(">I4s12xx", 0, b"pict"), version=0),
            _box(b"pitm", struct.pack(">H", 1), version=0),
            _box(b"iinf", struct.pack(">H", len(entries)), *entries, version=0),
            *([_box(b"iref", _box(b"cdsc", struct.pack(">HHH", 2, 1, 1)), version=0)] if told else []),
            _box(b"iprp", _box(b"ipco", *properties), _box(
                b"ipma", struct.pack(">IHB", 1, 1, len(properties)), used, version=0)),
            _box(b"iloc", struct.pack(">BBH", 0x44, 0, len(entries)), *(
                struct.pack(">HHHII", number, 0, 1, place, length) for number, place, length in (
                    (1, at, len(slices)), (2, at + len(slices), len(told)))[:len(entries)]), version=0), version=0)

    place = len(start) + len(meta(0)) + 8
    return start + meta(place) + _box(b"mdat", slices, told)


def _exif(orientation: int) -> bytes:
    """One tag (EXIF 2.32, table 4), behind the offset that HEIF asks for."""
    return struct.pack(">I", 0) + b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
