"""The text encoding of a Shapefile's table where no .cpg says it."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from siteopt.layers.files import parts_of

_SAMPLE = 4 << 20
_TORN = 0.02
"""Texts cut to the field's width may end in half a character; beyond this share the encoding is another one."""


def dbf_encoding(shp: Path) -> str | None:
    """UTF-8 or GB18030 when the bytes of the table read so; None leaves it to GDAL.

    Parameters
    ----------
    shp : Path
        The ``.shp``; its ``.cpg``, or a language mark inside the ``.dbf``, is left to GDAL.
    """
    beside = {p.suffix.lower(): p for p in parts_of(shp)}
    dbf = beside.get(".dbf")
    if dbf is None or ".cpg" in beside:
        return None
    with dbf.open("rb") as stream:
        head = stream.read(32)
        if len(head) < 32 or head[29]:
            return None
        start = struct.unpack("<H", head[8:10])[0]
        descriptors = stream.read(max(start - 32, 0))
        sample = stream.read(_SAMPLE)
    names = b" ".join(descriptors[i : i + 11].split(b"\0")[0] for i in range(0, len(descriptors) - 1, 32))
    data = names + b" " + sample
    high = int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8) > 127))
    if not high:
        return None
    for encoding in ("utf-8", "gb18030"):
        if data.decode(encoding, errors="replace").count("\ufffd") <= _TORN * high:
            return encoding.upper()
    return None
