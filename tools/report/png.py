"""Reads PNG pictures as browsers write them: 8 bits a channel, RGB or RGBA, not interlaced."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Picture:
    """Rows of pixels; `pixel(x, y)` is (red, green, blue)."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        if not data.startswith(SIGNATURE):
            raise ValueError(f"{path} is no PNG file")
        header, packed = None, b""
        for kind, contents in chunks(data, path):
            if kind == b"IHDR":
                header = struct.unpack(">IIBBBBB", contents)
            elif kind == b"IDAT":
                packed += contents
        self.width, self.height, depth, color, _, _, interlaced = header
        if depth != 8 or color not in (2, 6) or interlaced:
            raise ValueError(f"{path}: depth {depth}, colour type {color} are not read here")
        self.channels = 3 if color == 2 else 4
        self.rows = unfiltered(zlib.decompress(packed), self.width * self.channels, self.height,
                               self.channels)

    def pixel(self, x, y):
        start = x * self.channels
        return tuple(self.rows[y][start:start + 3])

    def part(self, left, top, right, bottom):
        """All pixels of a part, row after row."""
        for row in self.rows[max(top, 0):bottom]:
            channels = iter(row[max(left, 0) * self.channels:right * self.channels])
            for pixel in zip(*[channels] * self.channels):
                yield pixel[:3]


def chunks(data, path):
    """(kind, contents) of every chunk; their checksums are tested."""
    at = len(SIGNATURE)
    while at < len(data):
        length, = struct.unpack_from(">I", data, at)
        kind, contents = data[at + 4:at + 8], data[at + 8:at + 8 + length]
        if struct.unpack_from(">I", data, at + 8 + length)[0] != zlib.crc32(kind + contents):
            raise ValueError(f"{path}: a chunk has another checksum")
        yield kind, contents
        at += 12 + length


def unfiltered(data, width, height, back):
    """Rows of bytes, freed of PNG's filters (PNG specification, section 9)."""
    rows, above = [], bytes(width)
    for y in range(height):
        start = y * (width + 1)
        kind, row = data[start], bytearray(data[start + 1:start + 1 + width])
        if kind == 2:
            row = bytearray((a + b) & 255 for a, b in zip(row, above))
        elif kind in (1, 3, 4):
            for i in range(width):
                left = row[i - back] if i >= back else 0
                corner = above[i - back] if i >= back else 0
                row[i] = (row[i] + predicted(kind, left, above[i], corner)) & 255
        elif kind != 0:
            raise ValueError(f"filter {kind} is none of PNG's")
        rows.append(bytes(row))
        above = row
    return rows


def predicted(kind, left, above, corner):
    if kind == 1:
        return left
    if kind == 3:
        return (left + above) // 2
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))
