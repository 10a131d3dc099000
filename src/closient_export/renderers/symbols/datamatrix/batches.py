"""Element strings sorted by the symbols that they need, and encoded together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from closient_export.errors import RenderError
from closient_export.renderers.symbols import libdmtx
from closient_export.renderers.symbols.codeword_map import unpacked
from closient_export.renderers.symbols.datamatrix.encodation import (
    FNC1,
    GS,
    AsciiEncodation,
    ascii_encodation,
    padded,
)
from closient_export.renderers.symbols.datamatrix.mixtures import (
    fewest_codewords,
    fewest_codewords_by_count,
)
from closient_export.renderers.symbols.datamatrix.structure import SIZES, structure
from closient_export.renderers.symbols.matrix import EncodedPayloads, MatrixSymbols

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["encode"]

_QUIET_ZONE = 1
_UNLIMITED = np.iinfo(np.intp).max

_Made = Iterator[tuple[list[int], "NDArray[np.uint8]"]]
"""The modules of symbols of one size, after the places of their payloads."""


def encode(payloads: Sequence[str], shape: str, separator: str) -> EncodedPayloads:
    """As `closient_export.renderers.symbols.datamatrix.encode`."""
    encoded = EncodedPayloads()
    if not payloads:
        return encoded
    texts = [_text(payload, separator) for payload in payloads]
    ascii_ = ascii_encodation(texts)
    # Counted from 0; those that fit none are counted as one more.
    numbers = np.searchsorted([size.data_count for size in SIZES[shape]], ascii_.counts)
    by_library = _may_be_smaller(texts, ascii_, numbers, shape)
    library_places = np.flatnonzero(by_library).tolist()
    numbers[by_library] = -1
    parts: dict[tuple[int, ...], list[tuple[list[int], NDArray[np.uint8]]]] = defaultdict(list)
    for places, modules in chain(
        _in_ascii(ascii_, numbers, shape), _by_library(texts, library_places, shape)
    ):
        parts[modules.shape[1:]].append((places, modules))
    encoded.groups.extend(_symbols(found) for _, found in sorted(parts.items()))
    made = {place for symbols in encoded.groups for place in symbols.places}
    for place in sorted(set(range(len(texts))) - made):
        message = f"an element string of {len(texts[place])} characters does not fit a {shape}"
        encoded.errors[place] = RenderError(f"{message} Data Matrix")
    return encoded


def _text(payload: str, separator: str) -> bytes:
    """FNC1 and the element string, with the separators that are asked for."""
    data = payload.encode("ascii")
    fnc1 = bytes([FNC1])
    return fnc1 + (data if separator == "gs" else data.replace(GS, fnc1))


def _may_be_smaller(
    texts: Sequence[bytes], ascii_: AsciiEncodation, numbers: "NDArray[np.intp]", shape: str
) -> "NDArray[np.bool_]":
    """Whether something else than ASCII encodation may give a smaller symbol, or any at all.

    Args:
        texts: The element strings, each after FNC1.
        ascii_: What they are in ASCII encodation.
        numbers: Which of the sizes they then need.
        shape: That of the symbols.
    """
    # What fits the next smaller size is of interest; the library has larger squares than we.
    beyond = _UNLIMITED if shape == "square" else SIZES[shape][-1].data_count
    limits = np.array([0, *(size.data_count for size in SIZES[shape][:-1]), beyond])[numbers]
    found = fewest_codewords_by_count(ascii_.counts, ascii_.singles) <= limits
    doubtful = np.flatnonzero(found & (limits < _UNLIMITED))
    if len(doubtful):
        fewest = fewest_codewords([texts[place] for place in doubtful.tolist()])
        found[doubtful] = fewest <= limits[doubtful]
    return found


def _in_ascii(ascii_: AsciiEncodation, numbers: "NDArray[np.intp]", shape: str) -> _Made:
    """Symbols in ASCII encodation, of the sizes with these numbers."""
    for number, size in enumerate(SIZES[shape]):
        chosen = numbers == number
        if chosen.any():
            codewords = ascii_.codewords[np.repeat(chosen, ascii_.counts)]
            found = padded(codewords, ascii_.counts[chosen], size.data_count)
            modules = unpacked(structure(size).rows(found), size.width)
            yield np.flatnonzero(chosen).tolist(), modules


def _by_library(texts: Sequence[bytes], places: Iterable[int], shape: str) -> _Made:
    """The symbols that libdmtx makes, one by one."""
    for place in places:
        rows = libdmtx.encode(texts[place], fnc1=FNC1, rectangular=shape == "rectangular")
        if rows is not None:
            yield [place], np.array([[bytearray(row) for row in rows]], np.uint8)


def _symbols(parts: Sequence[tuple[list[int], "NDArray[np.uint8]"]]) -> MatrixSymbols:
    places = tuple(place for some, _ in parts for place in some)
    modules = np.concatenate([found for _, found in parts])
    height, width = modules.shape[1:]
    return MatrixSymbols(places, modules, _QUIET_ZONE, f"GS1 DataMatrix {height}x{width}")
