"""Compare symbols made in batches with those of the library that says what is right.

    python tools/compare_symbols.py qr [COUNT] [SEED]

Makes COUNT payloads (default 1,000,000) over all versions and levels that batches cover, most of them
Digital Links, and compares each symbol module for module with segno's. Prints how many were compared
and how many differ by version, and fails if any does. A million takes most of an hour.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np

from closient_export.renderers.symbols import qr
from closient_export.renderers.symbols.qr.batches import library_symbol
from closient_export.renderers.symbols.qr.segments import LAST_VERSIONS, kinds_of, segments
from closient_export.renderers.symbols.qr.structure import LARGEST_VERSION

LEVELS: tuple[qr.ErrorCorrection, ...] = ("L", "M", "Q", "H")
CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
ALPHABETS = ("0123456789", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789abcdef", CSET_82)
SHARES = (20, 20, 20, 20, 6, 4, 3, 2.5, 2, 1.5, 1)
"""How many of a hundred symbols are of each version: large ones take segno long."""


def payloads(source: random.Random) -> Iterator[str]:
    while True:
        alphabet = source.choice(ALPHABETS)
        value = "".join(source.choices(alphabet, k=source.randint(1, source.choice((12, 60, 320)))))
        if source.random() < 0.6:
            digits = "".join(source.choices("0123456789", k=14))
            lot = "".join(source.choices(source.choice(ALPHABETS), k=source.randint(1, 20)))
            stem = source.choice(("https://id.gs1.org", "https://example.com/a", "HTTPS://X.COM"))
            value = f"{stem}/01/{digits}/10/{lot}/21/{value}"
        yield value


def compare_qr(count: int, seed: int) -> int:
    source = random.Random(seed)
    generated = payloads(source)
    wanted = {version: round(count * share / 100) for version, share in enumerate(SHARES, 1)}
    compared: Counter[int] = Counter()
    differing: Counter[int] = Counter()
    reported = time.monotonic()
    while any(compared[version] < number for version, number in wanted.items()):
        texts = [next(generated) for _ in range(1000)]
        level = source.choice(LEVELS)
        for symbols in qr.encode(texts, level).groups:
            version = (symbols.modules.shape[1] - 17) // 4
            if version > LARGEST_VERSION:
                continue
            version_range = next(at for at, last in enumerate(LAST_VERSIONS) if version <= last)
            left = wanted[version] - compared[version]
            for place, modules in zip(symbols.places[:left], symbols.modules, strict=False):
                cuts = segments(kinds_of(texts[place].encode()), version_range)
                compared[version] += 1
                if not np.array_equal(library_symbol(texts[place], cuts, level), modules):
                    differing[version] += 1
                    print(f"differs at level {level}: {texts[place]!r}", flush=True)
        if time.monotonic() - reported > 60:
            reported = time.monotonic()
            print(f"{compared.total():,} of {count:,}", flush=True)
    print(f"{'version':>7} {'compared':>10} {'differ':>7}")
    for version in wanted:
        print(f"{version:>7} {compared[version]:>10,} {differing[version]:>7,}")
    print(f"{'all':>7} {compared.total():>10,} {differing.total():>7,}")
    return differing.total()


def main() -> None:
    _, count, seed = (*sys.argv[1:], *("qr", "1000000", "1")[len(sys.argv) - 1 :])
    sys.exit(1 if compare_qr(int(count), int(seed)) else 0)


if __name__ == "__main__":
    main()
