"""Symbols made in batches are those of segno, module for module."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from closient_export.renderers.symbols import qr
from closient_export.renderers.symbols.matrix import EncodedPayloads
from closient_export.renderers.symbols.qr.batches import fit, library_symbol
from closient_export.renderers.symbols.qr.segments import LAST_VERSIONS, kinds_of, segments
from closient_export.renderers.symbols.qr.structure import LARGEST_VERSION, capacity

LEVELS: tuple[qr.ErrorCorrection, ...] = ("L", "M", "Q", "H")
ALPHABETS = ("0123456789", "0123456789ABCDEF", "https://id.gs1.org/01/21/%-_~abcXYZ0123456789", "z")


def differing(texts: list[str], level: qr.ErrorCorrection) -> list[str]:
    """The texts whose symbols are not segno's."""
    encoded = qr.encode(texts, level)
    assert not encoded.errors
    found = []
    for symbols in encoded.groups:
        version = (symbols.modules.shape[1] - 17) // 4
        version_range = next(at for at, last in enumerate(LAST_VERSIONS) if version <= last)
        for place, modules in zip(symbols.places, symbols.modules, strict=True):
            text = texts[place]
            cuts = segments(kinds_of(text.encode()), version_range)
            if not np.array_equal(library_symbol(text, cuts, level), modules):
                found.append(text)
    return found


def text_of_length(length: int, alphabet: str, source: random.Random) -> str:
    return "".join(source.choice(alphabet) for _ in range(length))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("version", range(1, LARGEST_VERSION + 2))
def test_symbols_of_every_version_are_those_of_segno(
    version: int, level: qr.ErrorCorrection
) -> None:
    source = random.Random(f"{version} {level}")  # noqa: S311 - only has to be the same each time
    texts = []
    for alphabet in ALPHABETS:
        text = ""
        while fit(kinds_of(text.encode()), level)[0] < version:
            text += text_of_length(1, alphabet, source)
        texts += [text, *(text_of_length(len(text), alphabet, source) for _ in range(2))]
    sizes = {symbols.modules.shape[1] for symbols in qr.encode(texts, level).groups}
    assert 17 + 4 * version in sizes
    assert differing(texts, level) == []


@given(st.lists(st.text("aAZ0123456789/:%", min_size=1, max_size=180), max_size=6))
@settings(max_examples=60)
def test_symbols_of_any_texts_are_those_of_segno(texts: list[str]) -> None:
    for level in LEVELS:
        assert differing(texts, level) == []


def test_symbols_of_a_run_of_serials_are_those_of_segno() -> None:
    source = random.Random(8)  # noqa: S311 - only has to be the same each time
    texts = [
        f"https://id.gs1.org/01/09506000134352/10/L{source.randrange(10**4):04}/21/{serial:09}"
        for serial in source.sample(range(10**9), 300)
    ]
    assert differing(texts, "M") == []


@given(st.lists(st.text("xX1", min_size=1, max_size=40), min_size=1, max_size=12), st.data())
def test_a_symbol_does_not_depend_on_its_neighbours(texts: list[str], data: st.DataObject) -> None:
    def modules(encoded: EncodedPayloads) -> dict[int, bytes]:
        return {
            place: each.tobytes()
            for symbols in encoded.groups
            for place, each in zip(symbols.places, symbols.modules, strict=True)
        }

    together = modules(qr.encode(texts, "Q"))
    order = data.draw(st.permutations(range(len(texts))))
    again = modules(qr.encode([texts[place] for place in order], "Q"))
    assert {order[at]: found for at, found in again.items()} == together
    alone = [modules(qr.encode([text], "Q"))[0] for text in texts]
    assert alone == [together[place] for place in range(len(texts))]


def test_more_symbols_than_are_judged_at_once() -> None:
    texts = [f"{number:08}" for number in range(1000)]
    (symbols,) = qr.encode(texts, "H").groups
    assert symbols.places == tuple(range(1000))
    for place in (0, 255, 256, 511, 512, 999):
        (alone,) = qr.encode([texts[place]], "H").groups
        assert np.array_equal(alone.modules[0], symbols.modules[place])


def test_threads_do_not_disturb_each_other() -> None:
    def made(start: int) -> bytes:
        texts = [f"{number:08}" for number in range(start, start + 2000)]
        (symbols,) = qr.encode(texts, "M").groups
        return symbols.modules.tobytes()

    starts = [7919 * step for step in range(24)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(made, starts)) == list(map(made, starts))


@pytest.mark.parametrize("level", LEVELS)
def test_thousands_of_small_symbols_are_those_of_segno(level: qr.ErrorCorrection) -> None:
    source = random.Random(f"small {level}")  # noqa: S311 - only has to be the same each time
    texts = [
        text_of_length(source.randint(1, 6), source.choice(ALPHABETS), source) for _ in range(2500)
    ]
    assert differing(texts, level) == []


def test_all_masks_are_chosen_as_segno_chooses_them() -> None:
    texts = [f"https://example.com/{number}" for number in range(700)]
    masks = Counter(
        segno.make(text, error="m", micro=False, boost_error=False).mask for text in texts
    )
    assert set(masks) == set(range(8))
    assert differing(texts, "M") == []


def test_a_text_that_fills_its_symbol_has_no_room_for_a_terminator() -> None:
    for level in LEVELS:
        for version in (1, 4, 9):
            room = (capacity(version, level) - 4 - 8) // 8
            assert differing(["q" * room, "q" * (room - 1)], level) == []
