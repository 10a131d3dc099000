"""GS1 DataMatrix symbols made in batches, beside those of libdmtx, zint and zxing-cpp's reader."""

import random
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from readers import encoded as modules_of
from readers import read

from closient_export import ElementString
from closient_export.errors import RendererLoadError, RenderError
from closient_export.renderers.symbols import libdmtx
from closient_export.renderers.symbols.datamatrix import Separator, Shape, encode
from closient_export.renderers.symbols.datamatrix.structure import SIZES
from closient_export.renderers.symbols.matrix import EncodedPayloads
from closient_export.testing.strategies import cset82_text, digits, element_strings, subjects

SQUARES = {*range(10, 28, 2), *range(32, 53, 4), *range(64, 105, 8), 120, 132, 144}
RECTANGLES = {(8, 18), (8, 32), (12, 26), (12, 36), (16, 36), (16, 48)}
GTIN = "0109506000134352"
UPPER, LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"

Rows = list[bytes]

shapes = st.sampled_from(("square", "rectangular"))
separators = st.sampled_from(("fnc1", "gs"))
long_ones = st.lists(st.sampled_from([cset82_text(1, 90), digits(90)]), min_size=2, max_size=8)
payloads = st.one_of(
    subjects().map(lambda subject: subject.element_string().raw()),
    element_strings().map(ElementString.raw),
    st.builds((GTIN + "10{}\x1d21{}").format, digits(6), digits(9)),
    st.builds((GTIN + "21{}").format, st.text(UPPER + "0123456789", min_size=1, max_size=20)),
    long_ones.flatmap(lambda found: st.tuples(*found)).map(
        lambda values: "\x1d".join(f"{92 + at}{value}" for at, value in enumerate(values))
    ),
)


def symbols(encoded: EncodedPayloads) -> dict[int, tuple[str, Rows]]:
    """Name and rows of each symbol."""
    return {
        place: (group.name, [row.tobytes() for row in modules])
        for group in encoded.groups
        for place, modules in zip(group.places, group.modules, strict=True)
    }


def of_libdmtx(payload: str, shape: Shape, separator: Separator) -> Rows | None:
    """The rows of the symbol of the library, where FNC1 is another byte than ours."""
    data = payload if separator == "gs" else payload.replace("\x1d", "\xe8")
    rows = libdmtx.encode(
        ("\xe8" + data).encode("latin-1"), fnc1=0xE8, rectangular=shape == "rectangular"
    )
    return list(rows) if rows else None


def check_against_libdmtx(some: Sequence[str], shape: Shape, separator: Separator) -> None:
    encoded = encode(some, shape, separator)
    found = symbols(encoded)
    assert found.keys() | encoded.errors.keys() == set(range(len(some)))
    assert not found.keys() & encoded.errors.keys()
    for place, payload in enumerate(some):
        rows = of_libdmtx(payload, shape, separator)
        if rows is None:
            assert str(encoded.errors[place]) == (
                f"an element string of {len(payload) + 1} characters does not fit a {shape} "
                "Data Matrix"
            )
        else:
            assert found[place] == (f"GS1 DataMatrix {len(rows)}x{len(rows[0])}", rows)


@given(st.lists(payloads, max_size=40), shapes, separators)
def test_module_for_module_those_of_libdmtx(
    some: list[str], shape: Shape, separator: Separator
) -> None:
    check_against_libdmtx(some, shape, separator)


@pytest.mark.parametrize("alphabet", [UPPER, LOWER, UPPER + "0123456789", "-/AB*>", "_a.B1", "0A"])
@pytest.mark.parametrize("shape", ["square", "rectangular"])
def test_libdmtx_makes_what_a_mixture_of_encodations_makes_smaller(
    shape: Shape, alphabet: str
) -> None:
    drawn = random.Random(alphabet)  # noqa: S311 - repeatable
    texts = ["".join(drawn.choices(alphabet, k=length)) for length in range(1, 91) for _ in "12"]
    check_against_libdmtx([f"{GTIN}91{text}" for text in texts], shape, "fnc1")
    check_against_libdmtx([f"91{text}\x1d2112" for text in texts], shape, "gs")


@pytest.mark.parametrize(("shape", "separator"), [("square", "fnc1"), ("rectangular", "gs")])
def test_tens_of_thousands_of_serials(shape: Shape, separator: Separator) -> None:
    drawn = random.Random(shape)  # noqa: S311 - repeatable
    some = [
        f"{GTIN}10L{drawn.randrange(10**4):04}\x1d21{drawn.randrange(10 ** drawn.randint(1, 20))}"
        for _ in range(20_000)
    ]
    in_ascii = [
        libdmtx._encode(
            b"\xe8"
            + text.replace("\x1d", "\x1d" if separator == "gs" else "\xe8").encode("latin-1"),
            0xE8,
            shape == "rectangular",
            libdmtx._ASCII,
        )
        for text in some
    ]
    found = symbols(encode(some, shape, separator))
    assert [tuple(found[place][1]) for place in range(len(some))] == in_ascii


@given(st.lists(payloads, min_size=1, max_size=20), shapes, separators, st.randoms())
def test_a_batch_makes_no_difference(
    some: list[str], shape: Shape, separator: Separator, drawn: random.Random
) -> None:
    together = encode(some, shape, separator)
    found = symbols(together)
    order = list(range(len(some)))
    drawn.shuffle(order)
    shuffled = symbols(encode([some[place] for place in order], shape, separator))
    assert {order[place]: symbol for place, symbol in shuffled.items()} == found
    for place, payload in enumerate(some):
        alone = encode([payload], shape, separator)
        assert symbols(alone).get(0) == found.get(place)
        assert str(alone.errors.get(0)) == str(together.errors.get(place))


@settings(max_examples=20)
@given(st.lists(payloads, min_size=1, max_size=10), shapes, separators)
def test_a_reader_finds_the_element_string(
    some: list[str], shape: Shape, separator: Separator
) -> None:
    for group in encode(some, shape, separator).groups:
        for place, modules in zip(group.places, group.modules, strict=True):
            framed = np.pad(modules, group.quiet_zone)
            assert framed.shape == (group.height, group.width)
            image = Image.fromarray(np.where(framed.repeat(4, 0).repeat(4, 1), 0, 255).astype("u1"))
            assert read(image) == [(some[place], "]d2")]


@pytest.mark.parametrize(
    ("shape", "number"), [(shape, number) for shape in SIZES for number in range(len(SIZES[shape]))]
)
def test_each_size_from_the_first_to_the_last_payload_it_holds(shape: Shape, number: int) -> None:
    size = SIZES[shape][number]
    least = SIZES[shape][number - 1].data_count + 1 if number else 2
    # After FNC1, each pair of digits is a codeword.
    some = [
        ("91" + "0123456789" * 60)[: 2 * (count - 1)] for count in range(least, size.data_count + 1)
    ]
    (group,) = encode(some, shape, "fnc1").groups
    assert group.name == f"GS1 DataMatrix {size.height}x{size.width}"
    assert group.places == tuple(range(len(some)))
    assert group.modules.shape == (len(some), size.height, size.width)
    check_against_libdmtx([*some[:3], *some[-3:]], shape, "fnc1")


@pytest.mark.parametrize("length", [560, 700, 1500, 3000])
def test_larger_squares_are_those_of_libdmtx(length: int) -> None:
    check_against_libdmtx(["91" + "7" * length, "91" + "Ab" * (length // 3)], "square", "fnc1")


@given(payloads, separators)
def test_sizes_are_those_of_the_standard_and_never_the_extension(
    payload: str, separator: Separator
) -> None:
    for shape in ("square", "rectangular"):
        for group in encode([payload], shape, separator).groups:
            height, width = group.modules.shape[1:]
            if shape == "square":
                assert height == width in SQUARES
            else:
                assert (height, width) in RECTANGLES


pairs = st.integers(1, 10).flatmap(lambda count: digits(2 * count))


@given(pairs, pairs)
def test_module_for_module_the_symbol_of_another_encoder(lot: str, serial: str) -> None:
    # Of pairs of digits all encoders make ASCII codewords.
    elements = ElementString([("01", "09506000134352"), ("10", lot), ("21", serial)])
    theirs = modules_of(
        zxingcpp.create_barcode(
            elements.bracketed().replace("(", "[").replace(")", "]"),
            zxingcpp.BarcodeFormat.DataMatrix,
            gs1=True,
            force_square=True,
        )
    )
    _, ours = symbols(encode([elements.raw()], "square", "fnc1"))[0]
    assert len(ours) <= len(theirs)
    if len(ours) == len(theirs):
        assert ours == theirs


def test_what_does_not_fit_is_an_error_of_its_own() -> None:
    some = [f"{GTIN}10{'x' * 20}\x1d21{'Y' * 20}\x1d240{'x' * 30}", f"{GTIN}10A"]
    encoded = encode([*some, "91" + "7" * 4000], "rectangular", "fnc1")
    assert symbols(encoded).keys() == {1}
    assert {place: str(error) for place, error in encoded.errors.items()} == {
        0: "an element string of 96 characters does not fit a rectangular Data Matrix",
        2: "an element string of 4003 characters does not fit a rectangular Data Matrix",
    }
    assert all(isinstance(error, RenderError) for error in encoded.errors.values())
    encoded = encode(["91" + "7" * 4000], "square", "fnc1")
    assert str(encoded.errors[0]) == (
        "an element string of 4003 characters does not fit a square Data Matrix"
    )
    assert not encoded.groups


def test_no_payloads_make_no_symbols() -> None:
    encoded = encode([], "square", "fnc1")
    assert not encoded.groups
    assert not encoded.errors


def test_the_separators_differ_in_the_symbol() -> None:
    some = [f"{GTIN}10A1\x1d217"]
    assert symbols(encode(some, "square", "fnc1")) != symbols(encode(some, "square", "gs"))


def test_libdmtx_is_only_needed_where_a_mixture_of_encodations_may_be_smaller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> None:
        raise RendererLoadError("no libdmtx")

    monkeypatch.setattr(libdmtx, "load", missing)
    some = [f"{GTIN}10L0001\x1d21{number:09}" for number in range(100)]
    some += [f"{GTIN}21AB-{number:04}" for number in range(100)]
    assert sum(map(len, encode(some, "square", "fnc1").groups)) == 200
    with pytest.raises(RendererLoadError, match="no libdmtx"):
        encode([*some, f"{GTIN}21ABCDEFGHIJKLMNOP"], "square", "fnc1")


def test_importing_it_loads_neither_numpy_nor_libdmtx() -> None:
    code = (
        "import sys, closient_export.renderers.symbols.datamatrix;"
        "print({'numpy', 'pylibdmtx'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "set()\n"
