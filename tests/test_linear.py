import re
import subprocess
from typing import Any

import pytest
import zxingcpp
from barcode.codex import Gs1_128
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from readers import drawn, encoded, rasterise_eps, rasterise_svg, read

from closient_export import ElementString, Gtin, Lot, Product, Serial, parse_element_string
from closient_export.errors import Gs1Error, RenderError
from closient_export.renderers.barcodes_1d import (
    LinearConfig,
    LinearEpsConfig,
    LinearEpsRenderer,
    LinearSvgRenderer,
    draw_bars,
    linear_symbol,
)
from closient_export.renderers.drawing import eps
from closient_export.renderers.drawing.artwork import CAPITAL_HEIGHT, Artwork, text_width
from closient_export.renderers.drawing.linear import draw_linear
from closient_export.renderers.symbols.linear import (
    LinearSymbol,
    encode_gs1_128,
    encode_gtin,
    encode_itf_14,
)
from closient_export.renderers.symbols.specifications import LINEAR_SPECIFICATIONS
from closient_export.subjects import Subject
from closient_export.testing.strategies import gtins, subjects

SVG, EPS = LinearSvgRenderer(), LinearEpsRenderer()
SMALL = LinearConfig(environment="other")
SMALL_EPS = LinearEpsConfig(environment="other")
IDENTIFIERS = {"GS1-128": "]C1", "EAN-13": "]E0", "UPC-A": "]E0", "EAN-8": "]E4", "ITF-14": "]I1"}
products = st.builds(Product, gtin=gtins())
# what is short enough for 48 characters and 165.1 mm
short = st.text("ABCabc0123456789-/", min_size=1, max_size=10)
short_subjects = st.builds(Lot, gtin=gtins(), lot=short, printed_at=st.none()) | st.builds(
    Serial, gtin=gtins(), serial=short, printed_at=st.none()
)


@given(short_subjects | products)
def test_svg_says_what_it_should(subject: Subject) -> None:
    drawing = drawn(SVG, subject, SMALL)
    kind = drawing.symbol.split()[0]
    assert read(rasterise_svg(drawing.data, dpi=600)) == [(drawing.payload, IDENTIFIERS[kind])]


@given(short_subjects | products)
def test_eps_says_what_it_should(subject: Subject) -> None:
    drawing = drawn(EPS, subject, SMALL_EPS)
    kind = drawing.symbol.split()[0]
    assert read(rasterise_eps(drawing.data, dpi=600)) == [(drawing.payload, IDENTIFIERS[kind])]


@given(subjects())
def test_gs1_128_is_drawn_or_refused_for_its_length(subject: Subject) -> None:
    raw = subject.element_string().raw()
    try:
        drawing = drawn(SVG, subject, SMALL)
    except RenderError as error:
        assert len(raw) > 48 or "at most 165.1 mm" in str(error)  # noqa: PT017
    else:
        assert len(raw) <= 48
        assert drawing.width_mm is not None
        assert drawing.width_mm <= 165.1 + 1e-9


def bars_of(text: str) -> str:
    """python-barcode's pattern of a GS1-128 symbol."""
    return str(Gs1_128(text.replace("\x1d", "\xf1")).build()[0])


def widths_of(symbol: LinearSymbol) -> list[float]:
    """The widths of all bars and spaces, in X."""
    digits = "".join(pattern for run in symbol.runs for pattern in run.patterns)
    return [int(digit) * symbol.unit for digit in digits]


def pattern(symbol: LinearSymbol) -> str:
    return "".join("10"[index % 2] * int(width) for index, width in enumerate(widths_of(symbol)))


@given(subjects())
def test_gs1_128_is_never_longer_than_python_barcodes_and_says_the_same(subject: Subject) -> None:
    elements = subject.element_string()
    if len(elements.raw()) > 48:
        with pytest.raises(RenderError, match="at most 48 characters in a GS1-128 symbol"):
            encode_gs1_128(elements)
        return
    ours, theirs = pattern(encode_gs1_128(elements)), bars_of(elements.raw())
    assert len(ours) <= len(theirs)
    for bars in (ours, theirs):
        row = bytes(0 if bar == "1" else 255 for bar in "0" * 10 + bars + "0" * 10)
        image = Image.frombytes("L", (len(row), 1), row).resize((3 * len(row), 60), 0)
        assert read(image) == [(elements.raw(), "]C1")]


@pytest.mark.parametrize(
    "text",
    [
        "(01)09506000134352(10)123456",
        "(01)09506000134352(21)12345678",
        "(00)006141411234567890",
        "(01)09506000134352(17)260200(10)ABC123",
        "(01)19506000134359(3103)000195",
    ],
)
def test_gs1_128_bar_for_bar_as_python_barcode_where_that_is_minimal(text: str) -> None:
    elements = parse_element_string(text, associations=False)
    assert pattern(encode_gs1_128(elements)) == bars_of(elements.raw())


def test_gs1_128_where_python_barcode_is_not_minimal() -> None:
    # GenSpecs shows this symbol with 255 modules; python-barcode makes 277.
    elements = parse_element_string("(403)402621(401)950110153B01001", associations=False)
    assert encode_gs1_128(elements).bars_width == 255
    assert len(bars_of(elements.raw())) == 277


@given(gtins())
def test_ean_and_itf_as_zint_makes_them(gtin: Gtin) -> None:
    formats = {
        "EAN-13": zxingcpp.BarcodeFormat.EAN13,
        "UPC-A": zxingcpp.BarcodeFormat.UPCA,
        "EAN-8": zxingcpp.BarcodeFormat.EAN8,
    }
    symbol = encode_gtin(gtin)
    if symbol.kind == "ITF-14":
        assert symbol.bars_width == 4 + 7 * (6 + 4 * 2.5) + 4.5
        return
    theirs = zxingcpp.create_barcode(gtin.native, formats[symbol.kind])
    first = [module == 1 for module in encoded(theirs)[0]]
    dark = [index for index, module in enumerate(first) if module]
    bars = "".join("01"[module] for module in first[dark[0] : dark[-1] + 1])
    assert pattern(symbol) == bars


def test_published_ean_13() -> None:
    # GenSpecs 5.2.2: the pattern of 2112345678900 has the sets of its first digit, 2: AABBAB.
    symbol = encode_gtin(Gtin.parse("2112345678900"))
    digits = "001100100110010011011010000101000110111001"
    assert pattern(symbol)[:45] == "101" + digits


@pytest.mark.parametrize(
    ("native", "kind", "quiet"),
    [
        ("9506000134352", "EAN-13", (11, 7)),
        ("614141000036", "UPC-A", (9, 9)),
        ("95200002", "EAN-8", (7, 7)),
        ("19506000134359", "ITF-14", (10, 10)),
    ],
)
def test_a_bare_gtin_by_its_native_length(native: str, kind: str, quiet: tuple[int, int]) -> None:
    product = Product(gtin=Gtin.parse(native))
    symbol = linear_symbol(product, "auto")
    assert (symbol.kind, symbol.quiet_zones) == (kind, quiet)
    lot = Lot(gtin=product.gtin, lot="A")
    assert linear_symbol(lot, "gtin").kind == kind
    assert linear_symbol(lot, "itf_14").kind == "ITF-14"
    assert linear_symbol(lot, "auto").kind == "GS1-128"


def runs(image: Image.Image, y: int) -> list[tuple[bool, int]]:
    """Light and dark runs of a row of pixels, with their widths."""
    found: list[tuple[bool, int]] = []
    for pixel in image.crop((0, y, image.width, y + 1)).tobytes():
        dark = pixel < 128
        if found and found[-1][0] == dark:
            found[-1] = (dark, found[-1][1] + 1)
        else:
            found.append((dark, 1))
    return found


@pytest.mark.parametrize("native", ["9506000134352", "614141000036", "95200002", "19506000134359"])
@pytest.mark.parametrize("environment", ["general_distribution", "other"])
def test_sizes_on_the_raster_are_those_of_gs1s_tables(native: str, environment: Any) -> None:
    config = LinearConfig(environment=environment, symbology="gtin", text=False)
    product = Product(gtin=Gtin.parse(native))
    symbol = linear_symbol(product, "gtin")
    specification = LINEAR_SPECIFICATIONS[symbol.kind][config.environment]
    x = specification.x_dimension.target
    scale = 40  # pixels to the millimetre
    image = rasterise_svg(drawn(SVG, product, config).data, dpi=round(25.4 * scale)).convert("L")
    bearer = 2 * x if symbol.kind == "ITF-14" else 0
    row = runs(image, round((bearer + 3) * scale))
    left, *bars, right = row
    assert (left[0], right[0]) == (False, False)
    assert left[1] == pytest.approx(symbol.quiet_zones[0] * x * scale, abs=2)
    assert right[1] == pytest.approx(symbol.quiet_zones[1] * x * scale, abs=2)
    widths = [width for _, width in bars]
    assert widths == pytest.approx([width * x * scale for width in widths_of(symbol)], abs=2)
    # the height of a bar that is no guard, the third of EAN or the first of ITF-14
    first = left[1] + sum(widths[:4]) + widths[4] // 2
    column = image.crop((first, 0, first + 1, image.height)).tobytes()
    height = sum(pixel < 128 for pixel in column) / scale
    expected = specification.bar_height
    if specification.nominal:
        expected *= x / specification.nominal
    guard = 0 if symbol.kind != "UPC-A" else 5 * x
    assert height == pytest.approx(expected + guard + 2 * bearer, abs=0.1)


@pytest.mark.parametrize(("bearers", "sides"), [("horizontal", 0), ("frame", 1), ("none", None)])
def test_bearer_bars_lie_outside_the_quiet_zones(bearers: Any, sides: int | None) -> None:
    config = LinearConfig(symbology="itf_14", bearer_bars=bearers, text=False)
    product = Product(gtin=Gtin.parse("19506000134359"))
    artwork, x = draw_bars(encode_itf_14(product.gtin), config)
    image = rasterise_svg(SVG.encode(artwork, config), dpi=1016).convert("L")
    top = runs(image, 10)
    if sides is None:
        assert not top[0][0]
        return
    assert top[0] in ((True, image.width), (True, image.width - 1))
    middle = runs(image, image.height // 2)
    assert middle[0][0] == bool(sides)
    quiet = middle[sides][1] / 40
    assert quiet == pytest.approx(10 * x, abs=0.05)
    bearer = image.crop((image.width // 2, 0, image.width // 2 + 1, image.height)).tobytes()
    assert sum(pixel < 128 for pixel in bearer) >= 2 * 2 * x * 40 - 2


@pytest.mark.parametrize(
    ("lot", "knobs", "message"),
    [
        ("A" * 20, {}, "at most 165.1 mm, got 196.0 mm at an X-dimension of 0.495 mm"),
        (
            "A",
            {"environment": "retail_pos"},
            "GS1-128 has no size in the environment 'retail_pos', expected one of "
            "general_distribution, other",
        ),
        ("A", {"x_dimension_mm": 0.3}, "expected an X-dimension of 0.495 to 1.016 mm for GS1-128"),
        ("A" * 10, {"x_dimension_mm": 1.016}, "at most 165.1 mm, got"),
    ],
)
def test_what_no_legal_size_fits(lot: str, knobs: dict[str, Any], message: str) -> None:
    subject = Lot(gtin=Gtin.parse("9506000134352"), lot=lot)
    with pytest.raises(RenderError) as caught:
        SVG.draw(subject, LinearConfig(**knobs))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"x_dimension_mm": 0}, "expected more than 0 and at most 10 mm, got 0"),
        ({"height_mm": 5}, "expected 5.8 to 200 mm, got 5"),
    ],
)
def test_bad_knobs_are_refused(knobs: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LinearConfig(**knobs)


def test_the_x_dimension_shrinks_to_what_fits() -> None:
    lot = Lot(gtin=Gtin.parse("9506000134352"), lot="A" * 20)
    drawing = drawn(SVG, lot, SMALL)
    assert drawing.width_mm == pytest.approx(165.1)
    assert drawing.symbol == "GS1-128 X=0.417"


def test_lots_that_gs1_forbids_are_refused_as_in_other_symbols() -> None:
    with pytest.raises(Gs1Error, match="character set 82"):
        SVG.draw(Lot(gtin=Gtin.parse("9506000134352"), lot="A#"), LinearConfig())


def test_the_bounding_box_is_exact() -> None:
    product = Product(gtin=Gtin.parse("19506000134359"))
    drawing = drawn(EPS, product, LinearEpsConfig(symbology="itf_14", text=False))
    box = re.search(rb"%%HiResBoundingBox: 0 0 (\S+) (\S+)", drawing.data)
    assert box is not None
    width, height = float(box[1]), float(box[2])
    assert width == pytest.approx((drawing.width_mm or 0) / 25.4 * 72, abs=1e-4)
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=bbox", "-"]
    done = subprocess.run(command, input=drawing.data, capture_output=True, check=True)
    ink = re.search(rb"%%HiResBoundingBox: (\S+) (\S+) (\S+) (\S+)", done.stderr)
    assert ink is not None
    # the bearer bars reach from edge to edge
    assert list(map(float, ink.groups())) == pytest.approx([0, 0, width, height], abs=0.05)


def test_black_as_ink_alone() -> None:
    lot = Lot(gtin=Gtin.parse("9506000134352"), lot="A1")
    grey, ink = (drawn(EPS, lot, LinearEpsConfig(black=black)).data for black in ("gray", "k"))
    assert b"\n0 setgray\n" in grey
    assert b"\n0 0 0 1 setcmykcolor\n" in ink
    assert b"setgray" not in ink
    assert b"CreationDate" not in grey


@given(st.text(max_size=300))
def test_no_title_breaks_out_of_its_comment(title: str) -> None:
    artwork = Artwork(width=10, height=10, title=title)
    data = eps.draw_artwork(artwork, black="gray")
    assert data.isascii()
    assert data.count(b"\n") == 13
    (line,) = [line for line in data.split(b"\n") if line.startswith(b"%%Title: ")]
    assert re.fullmatch(rb"%%Title: \((?:[^()\\]|\\[0-7]{3})*\)", line)


def test_the_text_is_that_of_the_elements_in_parentheses() -> None:
    elements = ElementString([("01", "09506000134352"), ("10", "A(1)")])
    assert encode_gs1_128(elements).text == ("(01)09506000134352", "(10)A(1)")
    data = drawn(SVG, Lot(gtin=Gtin.parse("9506000134352"), lot="A(1)"), SMALL).data
    assert data.count(b"<path") == 3
    assert b"<text" not in data


@pytest.mark.parametrize(
    ("native", "digits"),
    [
        ("9506000134352", ["9", "506000", "134352"]),
        ("614141000036", ["6", "14141", "00003", "6"]),
        ("95200002", ["9520", "0002"]),
    ],
)
def test_the_digits_of_ean_and_upc_are_where_they_belong(native: str, digits: list[str]) -> None:
    symbol = linear_symbol(Product(gtin=Gtin.parse(native)), "gtin")
    x = 0.33
    artwork = draw_linear(
        symbol, x_dimension_mm=x, height_mm=22.85, text=True, bearer_bars="none", title=""
    )
    written = sorted(artwork.texts, key=lambda text: text.x)
    assert [text.text for text in written] == digits
    # below the bars, within the symbol and beside the guards
    heights = {round(bars.height, 3) for bars in artwork.bars}
    assert heights == {22.85, round(22.85 + 5 * x, 3)}
    for text in artwork.texts:
        top = text.baseline - CAPITAL_HEIGHT * text.size
        assert 22.85 + 0.5 * x - 1e-6 <= top <= 22.85 + 4 * x
        assert 1.5 <= CAPITAL_HEIGHT * text.size <= 8.3 * x + 1e-6
        assert text.baseline <= artwork.height
        assert text.x >= 0
        assert text.x + text_width(text.text, text.size) <= artwork.width + 1e-6
    # UPC-A's outer digits have high bars above them
    outer = symbol.kind == "UPC-A"
    tall = sum(len(bars.patterns) for bars in artwork.bars if bars.height > 22.85 + x)
    assert tall == (10 if outer else 6)


def test_the_text_below_gs1_128_is_legible_and_clear_of_the_bars() -> None:
    symbol = linear_symbol(Lot(gtin=Gtin.parse("9506000134352"), lot="A1"), "gs1_128")
    artwork = draw_linear(
        symbol, x_dimension_mm=0.495, height_mm=31.75, text=True, bearer_bars="none", title=""
    )
    (line,) = artwork.texts
    assert line.text == "(01)09506000134352(10)A1"
    assert CAPITAL_HEIGHT * line.size == pytest.approx(2.5)
    assert line.baseline - CAPITAL_HEIGHT * line.size >= 31.75 + 1
