"""Texts sorted by the symbols that they need, and encoded together."""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import segno
from segno import consts

from closient_export.errors import RenderError
from closient_export.renderers.symbols.codeword_map import unpacked
from closient_export.renderers.symbols.matrix import EncodedPayloads, MatrixSymbols
from closient_export.renderers.symbols.qr.data_codewords import data_codewords
from closient_export.renderers.symbols.qr.segments import (
    LAST_VERSIONS,
    Cut,
    bit_length,
    kinds_of,
    segments,
)
from closient_export.renderers.symbols.qr.structure import (
    LARGEST_VERSION,
    capacity,
    structure,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["encode", "fit", "library_symbol"]

_QUIET_ZONE = 4


def encode(texts: Sequence[str], level: str) -> EncodedPayloads:
    """As `closient_export.renderers.symbols.qr.encode`."""
    data = [text.encode("ascii") for text in texts]
    alike: dict[tuple[int, tuple[Cut, ...]], list[int]] = defaultdict(list)
    for place, text in enumerate(data):
        alike[fit(kinds_of(text), level)].append(place)
    encoded = EncodedPayloads()
    codewords: dict[int, list[tuple[list[int], NDArray[np.uint8]]]] = defaultdict(list)
    for (version, cuts), places in alike.items():
        if not version:
            encoded.errors.update((place, _too_long(texts[place], level)) for place in places)
        elif version > LARGEST_VERSION:
            modules = np.array([library_symbol(texts[place], cuts, level) for place in places])
            encoded.groups.append(_symbols(places, modules, version, level))
        else:
            table = np.frombuffer(b"".join(data[place] for place in places), np.uint8)
            table = table.reshape(len(places), -1)
            count = structure(version, level).data_count
            found = data_codewords(table, cuts, _range_of(version), count)
            codewords[version].append((places, found))
    for version, parts in codewords.items():
        together = [place for places, _ in parts for place in places]
        made = structure(version, level)
        rows = made.rows(np.concatenate([found for _, found in parts]))
        modules = unpacked(rows, made.width)
        encoded.groups.append(_symbols(together, modules, version, level))
    return encoded


def _too_long(text: str, level: str) -> RenderError:
    return RenderError(
        f"a payload of {len(text)} characters does not fit a QR Code at level {level}"
    )


def _symbols(
    places: list[int], modules: "NDArray[np.uint8]", version: int, level: str
) -> MatrixSymbols:
    width = modules.shape[1]
    name = f"QR {version}-{level} {width}x{width}"
    return MatrixSymbols(tuple(places), modules, _QUIET_ZONE, name)


def _range_of(version: int) -> int:
    return next(place for place, last in enumerate(LAST_VERSIONS) if version <= last)


@lru_cache(maxsize=1 << 14)
def fit(kinds: bytes, level: str) -> tuple[int, tuple[Cut, ...]]:
    """The smallest version for such text, 0 if there is none, and how the text is cut for it."""
    first = 1
    for version_range, last in enumerate(LAST_VERSIONS):
        cuts = segments(kinds, version_range)
        bits = bit_length(cuts, version_range)
        for version in range(first, last + 1):
            if bits <= capacity(version, level):
                return version, cuts
        first = last + 1
    return 0, ()


def library_symbol(text: str, cuts: Sequence[Cut], level: str) -> "NDArray[np.uint8]":
    """The modules of segno's symbol for a text that is cut so."""
    modes = {
        "numeric": consts.MODE_NUMERIC,
        "alphanumeric": consts.MODE_ALPHANUMERIC,
        "byte": consts.MODE_BYTE,
    }
    # segno's annotations know text alone, its documentation segments too
    parts = [(text[cut.start : cut.stop], modes[cut.mode]) for cut in cuts]
    code = segno.make(parts, error=level, micro=False, boost_error=False)  # type: ignore[arg-type]
    return np.array([bytearray(row) for row in code.matrix], np.uint8)
