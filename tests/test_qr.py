import io
from collections.abc import Sequence

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from readers import drawn, encoded, modules, quiet_zone, rasterise_svg, read_qr_codes

from closient_export import RequestError, default_registry, digital_link, renderer_config
from closient_export.compression import compressor
from closient_export.errors import RenderError
from closient_export.renderers.drawing import png, svg
from closient_export.renderers.qr_codes import QrPngRenderer, QrSvgRenderer
from closient_export.renderers.symbols import qr
from closient_export.renderers.symbols.matrix import MatrixSymbols
from closient_export.renderers.symbols.qr.segments import Cut, kinds_of, segments
from closient_export.requests import RendererKey
from closient_export.subjects import Subject
from closient_export.testing.strategies import cset82_text, subjects

PNG = QrPngRenderer()
SVG = QrSvgRenderer()
BLACK = MatrixSymbols((0,), np.ones((1, 21, 21), np.uint8), 4, "all black")
levels = st.sampled_from(("L", "M", "Q", "H"))


def encode(text: str, level: qr.ErrorCorrection) -> MatrixSymbols:
    (symbol,) = qr.encode([text], level).groups
    return symbol


def draw_png(symbol: MatrixSymbols, *, pixels: int, dpi: int) -> bytes:
    (data,) = png.draw_matrices(symbol, pixels=pixels, dpi=dpi, compressor=compressor("fast"))
    return data


def draw_svg(symbol: MatrixSymbols, *, x_dimension_mm: float, title: str) -> bytes:
    (data,) = svg.draw_matrices(symbol, x_dimension_mm=x_dimension_mm, titles=[title])
    return data


def rows(symbol: MatrixSymbols) -> list[bytes]:
    return [row.tobytes() for row in symbol.modules[0]]


uris = st.text("ABCxyz0123456789/:.%?=-", min_size=1, max_size=120)


@given(subjects(), levels)
def test_png_says_the_digital_link(subject: Subject, level: str) -> None:
    config = PNG.config(error_correction=level)
    drawing = drawn(PNG, subject, config)
    link = digital_link(subject.element_string())
    assert drawing.payload == link
    assert read_qr_codes(Image.open(io.BytesIO(drawing.data))) == [(link, "]Q1")]


@given(subjects())
def test_svg_says_the_digital_link(subject: Subject) -> None:
    drawing = drawn(SVG, subject, SVG.config())
    link = digital_link(subject.element_string())
    assert read_qr_codes(rasterise_svg(drawing.data, dpi=300)) == [(link, "]Q1")]


@given(subjects(), st.integers(1, 12))
def test_png_has_whole_modules_and_a_quiet_zone_of_four(subject: Subject, pixels: int) -> None:
    symbol = encode(digital_link(subject.element_string()), "M")
    data = draw_png(symbol, pixels=pixels, dpi=300)
    found = modules(Image.open(io.BytesIO(data)), pixels)
    assert quiet_zone(found) == (4, 4, 4, 4)
    assert [bytes(row[4:-4]) for row in found[4:-4]] == rows(symbol)


@given(subjects())
def test_svg_has_whole_modules_and_a_quiet_zone_of_four(subject: Subject) -> None:
    symbol = encode(digital_link(subject.element_string()), "M")
    data = draw_svg(symbol, x_dimension_mm=0.495, title="a < b & c")
    found = modules(rasterise_svg(data, width=(symbol.width) * 4), 4)
    assert quiet_zone(found) == (4, 4, 4, 4)
    assert [bytes(row[4:-4]) for row in found[4:-4]] == rows(symbol)


@pytest.mark.parametrize("x_dimension", [0.396, 0.495, 0.99])
def test_svg_prints_at_its_x_dimension(x_dimension: float) -> None:
    symbol = encode("https://id.gs1.org/01/09506000134352", "M")
    data = draw_svg(symbol, x_dimension_mm=x_dimension, title="")
    image = rasterise_svg(data, dpi=1270).convert("L")  # 50 pixels to the millimetre
    assert image.width == pytest.approx((symbol.width) * x_dimension * 50, abs=1)
    top = image.crop((0, round(4.5 * x_dimension * 50), image.width, image.height)).tobytes()
    quiet = top.index(0)
    finder = top.index(255, quiet) - quiet
    assert quiet == pytest.approx(4 * x_dimension * 50, abs=1)
    assert finder == pytest.approx(7 * x_dimension * 50, abs=1)


@pytest.mark.parametrize(
    ("dpi", "x_dimension", "pixels"),
    [
        (300, None, 6),
        (600, None, 12),
        (203, None, 4),
        (300, 0.396, 5),
        (203, 0.99, 7),
        (150, 0.6, 4),
    ],
)
def test_png_rounds_the_module_up_to_whole_pixels(
    dpi: int, x_dimension: float | None, pixels: int
) -> None:
    config = PNG.config(dpi=dpi, x_dimension_mm=x_dimension)
    assert config.pixels == pixels
    subject_png = draw_png(BLACK, pixels=pixels, dpi=dpi)
    image = Image.open(io.BytesIO(subject_png))
    assert image.mode == "1"
    assert image.width == 29 * pixels
    assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)


@pytest.mark.parametrize(
    ("knobs", "problem"),
    [
        (
            {"x_dimension_mm": 0.3},
            "asset_config.x_dimension_mm: expected 0.396 to 0.99 mm in the environment "
            "'retail_pos', got 0.3",
        ),
        (
            {"x_dimension_mm": 0.5, "environment": "general_distribution"},
            "asset_config.x_dimension_mm: expected 0.743 to 1.5 mm in the environment "
            "'general_distribution', got 0.5",
        ),
        (
            {"dpi": 72, "environment": "other"},
            "asset_config.dpi: expected a resolution with a whole number of dots of 0.38 to 0.495 "
            "mm, got 72, where 1 dots are 0.353 mm",
        ),
        ({"dpi": 5}, "asset_config.dpi: expected 72 to 2400 dots to the inch, got 5"),
        ({"dpi": 300.5}, "asset_config.dpi: expected a whole number, got 300.5"),
        ({"dpi": True}, "asset_config.dpi: expected a whole number, got True"),
        (
            {"error_correction": "m"},
            "asset_config.error_correction: expected one of L, M, Q, H, got 'm'; did you mean 'M'?",
        ),
        (
            {"digital_link_stem": "example.com"},
            "asset_config.digital_link_stem: 'example.com': expected a stem like "
            "https://example.com/path",
        ),
        (
            {"digital_link_stem": "https://example.com/" + "x" * 190},
            "asset_config.digital_link_stem: expected a stem of at most 200 characters, got 210",
        ),
        (
            {"colour": "red"},
            "asset_config.colour: unknown knob, expected one of compression, digital_link_stem, dpi, "
            "environment, error_correction, x_dimension_mm",
        ),
    ],
)
def test_bad_knobs_are_refused(knobs: dict[str, object], problem: str) -> None:
    renderer = default_registry().renderer(RendererKey("qr_codes", "png"))
    with pytest.raises(RequestError) as caught:
        renderer_config(renderer, knobs)
    assert str(caught.value) == problem


def test_knobs_that_go_together_are_accepted_whatever_their_order() -> None:
    knobs = {"x_dimension_mm": 1.2, "environment": "general_distribution"}
    assert renderer_config(PNG, knobs).x_dimension == 1.2


@given(cset82_text(0, 30), st.sampled_from([0, 1, 2]))
def test_segments_follow_each_other(lot: str, version_range: int) -> None:
    text = f"https://id.gs1.org/01/09506000134352/10/{lot}"
    cuts = segments(kinds_of(text.encode()), version_range)
    ends = [0, *(cut.stop for cut in cuts)]
    assert [cut.start for cut in cuts] == ends[:-1]
    assert ends[-1] == len(text)


def bits(parts: Sequence[Cut]) -> int:
    """What segments cost in versions 1 to 9, by ISO/IEC 18004 7.4."""
    total = 0
    for mode, start, stop in parts:
        whole, rest = divmod(stop - start, 3)
        pairs, single = divmod(stop - start, 2)
        total += (
            4
            + {
                "numeric": 10 + 10 * whole + (0, 4, 7)[rest],
                "alphanumeric": 9 + 11 * pairs + 6 * single,
                "byte": 8 + 8 * (stop - start),
            }[mode]
        )
    return total


@given(st.text("A1a", min_size=1, max_size=9))
def test_no_other_segments_are_shorter(text: str) -> None:
    def ways(start: int) -> list[list[Cut]]:
        if start == len(text):
            return [[]]
        found = []
        for end in range(start + 1, len(text) + 1):
            piece = text[start:end]
            modes = ["byte"]
            modes += ["alphanumeric"] if "a" not in piece else []
            modes += ["numeric"] if set(piece) == {"1"} else []
            found += [[Cut(mode, start, end), *rest] for mode in modes for rest in ways(end)]
        return found

    assert bits(segments(kinds_of(text.encode()))) == min(map(bits, ways(0)))


@given(uris, levels)
def test_no_symbol_of_another_encoder_is_smaller(text: str, level: qr.ErrorCorrection) -> None:
    ours = encode(text, level)
    theirs = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    assert len(rows(ours)) <= len(encoded(theirs))


def test_symbol_is_of_the_level_that_was_asked_for() -> None:
    for level in ("L", "M", "Q", "H"):
        symbol = encode("https://id.gs1.org/01/09506000134352", level)
        data = draw_png(symbol, pixels=4, dpi=300)
        found = zxingcpp.read_barcodes(Image.open(io.BytesIO(data)).convert("L"))
        assert [code.ec_level for code in found] == [level]
        size = len(rows(symbol))
        assert symbol.name == f"QR {(size - 17) // 4}-{level} {size}x{size}"


def test_large_symbols_use_the_counts_of_their_versions() -> None:
    for length in (200, 300, 1500, 2900):
        text = "x" * length + "123456789"
        symbol = encode(text, "L")
        data = draw_png(symbol, pixels=3, dpi=300)
        assert read_qr_codes(Image.open(io.BytesIO(data))) == [(text, "]Q1")]


def test_text_that_fits_no_symbol_is_an_error_of_the_item() -> None:
    found = qr.encode(["x", "x" * 3000, "y"], "L")
    assert list(found.errors) == [1]
    assert isinstance(found.errors[1], RenderError)
    assert "3000 characters does not fit a QR Code at level L" in str(found.errors[1])
    assert [symbols.places for symbols in found.groups] == [(0, 2)]


def test_title_is_escaped_for_xml() -> None:
    data = draw_svg(BLACK, x_dimension_mm=1, title="<&>\x00\ud800é")
    assert b"<title>&lt;&amp;&gt;&#233;</title>" in data
