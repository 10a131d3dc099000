"""Compare symbols made in batches with those of the library that says what is right.

    python tools/compare_symbols.py qr|datamatrix [COUNT] [SEED]

Makes COUNT payloads (default 1,000,000) over all sizes that batches cover, most of them as labels have
them, and compares each symbol module for module with segno's or libdmtx's. Prints how many were
compared and how many differ by size, and fails if any does. A million QR Codes take most of an hour, a
million Data Matrix symbols some minutes.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from closient_export.renderers.symbols import datamatrix, libdmtx, qr
from closient_export.renderers.symbols.qr.batches import library_symbol
from closient_export.renderers.symbols.qr.segments import LAST_VERSIONS, kinds_of, segments
from closient_export.renderers.symbols.qr.structure import LARGEST_VERSION

LEVELS: tuple[qr.ErrorCorrection, ...] = ("L", "M", "Q", "H")
CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
ALPHABETS = ("0123456789", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789abcdef", CSET_82)
SHARES = (20, 20, 20, 20, 6, 4, 3, 2.5, 2, 1.5, 1)
"""How many of a hundred QR Codes are of each version: large ones take segno long."""
GS, FNC1 = "\x1d", "\xe8"


class Comparison:
    """How many symbols were compared, and how many differ, by size."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self.compared: Counter[str] = Counter()
        self.differing: Counter[str] = Counter()
        self._reported = time.monotonic()

    def add(self, size: str, payload: str, *, is_equal: bool) -> None:
        self.compared[size] += 1
        if not is_equal:
            self.differing[size] += 1
            print(f"{size} differs: {payload!r}", flush=True)
        if time.monotonic() - self._reported > 60:
            self._reported = time.monotonic()
            print(f"{self.compared.total():,} of {self._wanted:,}", flush=True)

    def report(self) -> None:
        print(f"{'size':>24} {'compared':>10} {'differ':>7}")
        for size in sorted(self.compared):
            print(f"{size:>24} {self.compared[size]:>10,} {self.differing[size]:>7,}")
        print(f"{'all':>24} {self.compared.total():>10,} {self.differing.total():>7,}")


def values(source: random.Random, longest: int) -> str:
    return "".join(source.choices(source.choice(ALPHABETS), k=source.randint(1, longest)))


def links(source: random.Random) -> Iterator[str]:
    """Digital Links, and other texts of all lengths."""
    while True:
        value = values(source, source.choice((12, 60, 150)))
        if source.random() < 0.6:
            digits = "".join(source.choices("0123456789", k=14))
            stem = source.choice(("https://id.gs1.org", "https://example.com/a", "HTTPS://X.COM"))
            value = f"{stem}/01/{digits}/10/{values(source, 20)}/21/{value}"
        yield value


def compare_qr(count: int, source: random.Random) -> Comparison:
    found, generated = Comparison(count), links(source)
    wanted = {version: round(count * share / 100) for version, share in enumerate(SHARES, 1)}
    while any(wanted.values()):
        texts = [next(generated) for _ in range(1000)]
        level = source.choice(LEVELS)
        for symbols in qr.encode(texts, level).groups:
            version = (symbols.modules.shape[1] - 17) // 4
            if version > LARGEST_VERSION:
                continue
            version_range = next(at for at, last in enumerate(LAST_VERSIONS) if version <= last)
            left = wanted[version]
            for place, modules in zip(symbols.places[:left], symbols.modules, strict=False):
                cuts = segments(kinds_of(texts[place].encode()), version_range)
                theirs = library_symbol(texts[place], cuts, level)
                is_equal = np.array_equal(theirs, modules)
                found.add(f"version {version:2}", f"{level} {texts[place]}", is_equal=is_equal)
                wanted[version] -= 1
    return found


def element_strings(source: random.Random) -> Iterator[str]:
    """Some with a GTIN, a date, a lot and a serial, some with much more."""
    while True:
        fixed = "01" + "".join(source.choices("0123456789", k=14))
        if source.random() < 0.3:
            fixed += "17" + "".join(source.choices("0123456789", k=6))
        said = [
            ai + values(source, longest)
            for ai, longest, share in (("10", 20, 0.6), ("21", 20, 0.6), ("91", 90, 0.1))
            if source.random() < share
        ]
        yield fixed + GS.join(said)


def compare_datamatrix(count: int, source: random.Random) -> Comparison:
    found, generated = Comparison(count), element_strings(source)
    while found.compared.total() < count:
        payloads = [next(generated) for _ in range(source.choice((1, 7, 300, 1000)))]
        shape: datamatrix.Shape = source.choice(("square", "square", "rectangular"))
        separator: datamatrix.Separator = source.choice(("fnc1", "gs"))
        encoded = datamatrix.encode(payloads, shape, separator)
        ours = {
            place: (symbols.name, modules)
            for symbols in encoded.groups
            for place, modules in zip(symbols.places, symbols.modules, strict=True)
        }
        for place, payload in enumerate(payloads):
            data = FNC1 + (payload if separator == "gs" else payload.replace(GS, FNC1))
            rows = libdmtx.encode(
                data.encode("latin-1"), fnc1=ord(FNC1), rectangular=shape == "rectangular"
            )
            name, modules = ours.get(place, ("none that fits", None))
            theirs: Any = None if rows is None else np.array([bytearray(row) for row in rows])
            missing = theirs is None or modules is None
            is_equal = theirs is modules if missing else np.array_equal(theirs, modules)
            found.add(name, f"{shape} {separator} {payload}", is_equal=is_equal)
    return found


COMPARISONS: dict[str, Callable[[int, random.Random], Comparison]] = {
    "qr": compare_qr,
    "datamatrix": compare_datamatrix,
}


def main() -> None:
    kind, count, seed = (*sys.argv[1:], *("qr", "1000000", "1")[len(sys.argv) - 1 :])
    found = COMPARISONS[kind](int(count), random.Random(int(seed)))
    found.report()
    sys.exit(1 if found.differing else 0)


if __name__ == "__main__":
    main()
