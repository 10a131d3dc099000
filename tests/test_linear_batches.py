"""Linear symbols drawn in batches: their bars in the files themselves, and what other programs see."""

import io
import re
import shutil
import subprocess
from collections.abc import Sequence
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import reportlab
from barcode.charsets import code128
from barcode.ean import EAN8, EAN13
from barcode.itf import ITF
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from readers import drawn, rasterise_eps, rasterise_pdf, rasterise_svg, read
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from closient_export import Gtin, Lot, Product, Serial
from closient_export.compression import STORED
from closient_export.errors import ExportError
from closient_export.plugins import Drawing
from closient_export.renderers.barcodes_1d import (
    LinearConfig,
    LinearEpsConfig,
    LinearEpsRenderer,
    LinearSvgRenderer,
    draw_bars,
    linear_symbol,
)
from closient_export.renderers.drawing import eps, pdf, svg
from closient_export.renderers.drawing._glyphs import GLYPHS
from closient_export.renderers.drawing.artwork import Artwork, Text, text_width
from closient_export.renderers.symbols.linear import LinearSymbol
from closient_export.subjects import Subject
from closient_export.testing.strategies import gtins, subjects

GTIN = Gtin.parse("9506000134352")
LONGEST = Serial(gtin=GTIN, lot="Aa1-", serial="LongestSerial7890")
SVG, EPS = LinearSvgRenderer(), LinearEpsRenderer()
MICROMETRE = 0.001
IDENTIFIERS = {"GS1-128": "]C1", "EAN-13": "]E0", "UPC-A": "]E0", "EAN-8": "]E4", "ITF-14": "]I1"}
short = st.text("ABCabc0123456789-/", min_size=1, max_size=10)
products = st.builds(Product, gtin=gtins())
short_subjects = products | st.builds(Lot, gtin=gtins(), lot=short, printed_at=st.none())
knobs = st.fixed_dictionaries(
    {"environment": st.just("other")},
    optional={
        "symbology": st.sampled_from(["auto", "gtin", "itf_14"]),
        "x_dimension_mm": st.floats(0.264, 0.495),
        "height_mm": st.floats(5.8, 60),
        "text": st.booleans(),
        "bearer_bars": st.sampled_from(["horizontal", "frame", "none"]),
    },
)


class Bar(NamedTuple):
    """Where a bar is, in mm from the upper left corner."""

    left: float
    right: float
    top: float
    bottom: float


def bars_in_svg(data: bytes) -> list[Bar]:
    rows = re.findall(
        rb'<path transform="translate\((\S+) (\S+)\)scale\((\S+) (\S+)\)" d="M0 0([^"]*)"/>', data
    )
    found = []
    for *numbers, path in rows:
        x, y, unit, height = map(float, numbers)
        assert re.fullmatch(rb"(v1h[1-9]v-1(m[1-9] 0|$))+", path)
        widths = list(map(int, re.findall(rb"[hm]([1-9])", path)))
        starts = [0, *accumulate(widths)]
        for start, width in zip(starts[::2], widths[::2], strict=False):
            found.append(Bar(x + start * unit, x + (start + width) * unit, y, y + height))
    return found


def bars_in_eps(data: bytes) -> list[Bar]:
    box = re.search(rb"%%HiResBoundingBox: 0 0 \S+ (\S+)\n", data)
    assert box is not None
    page = float(box[1]) / 72 * 25.4
    found = []
    for *numbers, digits in re.findall(
        rb"^(\S+) (\S+) (\S+) (\S+)\n\(([1-9\\\n]+)\)bars$", data, re.MULTILINE
    ):
        x, y, unit, height = map(float, numbers)
        widths = [int(chr(digit)) for digit in digits if digit not in b"\\\n"]
        starts = [0, *accumulate(widths)]
        for start, width in zip(starts[::2], widths[::2], strict=False):
            top = page - y - height
            found.append(Bar(x + start * unit, x + (start + width) * unit, top, page - y))
    return found


def bars_of(symbol: LinearSymbol, config: LinearConfig) -> list[Bar]:
    """The bars as GS1's proportions and the symbol's widths have them, nothing rounded."""
    artwork, x = draw_bars(symbol, config)
    bearer = 2 * x if symbol.kind == "ITF-14" and config.bearer_bars != "none" else 0
    side = bearer if config.bearer_bars == "frame" else 0
    height = config.height_mm or min(bars.height for bars in artwork.bars)
    found = []
    for run in symbol.runs:
        widths = [int(width) * symbol.unit for width in "".join(run.patterns)]
        starts = [run.start, *(run.start + end for end in accumulate(widths))]
        bottom = bearer + height + (5 * x if run.is_guard else 0)
        for start, width in zip(starts[::2], widths[::2], strict=False):
            left = side + (symbol.quiet_zones[0] + start) * x
            found.append(Bar(left, left + width * x, bearer, bottom))
    return found


@pytest.mark.parametrize("renderer", [SVG, EPS], ids=["svg", "eps"])
@given(subject=subjects() | products, given_knobs=knobs)
def test_bars_in_files_are_within_a_micrometre_of_their_places(
    renderer: Any, subject: Subject, given_knobs: dict[str, Any]
) -> None:
    config = renderer.config(**given_knobs)
    (drawing,) = renderer.draw_all([subject], config)
    if isinstance(drawing, ExportError):
        return
    symbol = linear_symbol(subject, config.symbology)
    found = (bars_in_svg if renderer is SVG else bars_in_eps)(drawing.data)
    exact = bars_of(symbol, config)
    assert len(found) == len(exact)
    assert np.abs(np.array(found) - np.array(exact)).max() < MICROMETRE
    quiet = symbol.quiet_zones[1] * draw_bars(symbol, config)[1]
    assert drawing.width_mm - found[-1].right >= quiet - MICROMETRE


# What the bars say


def values_of(symbol: LinearSymbol) -> list[int]:
    """The values of a GS1-128 symbol's characters, looked up by their bars."""
    by_widths = {
        "".join(str(len(list(run))) for _, run in groupby(code)): value
        for value, code in enumerate(code128.CODES)
    }
    (run,) = symbol.runs
    digits = "".join(run.patterns)
    assert digits.endswith("2331112")
    return [by_widths[digits[at : at + 6]] for at in range(0, len(digits) - 7, 6)]


def said_by(values: Sequence[int]) -> str:
    """What a reader makes of the values, by ISO/IEC 15417."""
    start, *rest, check = values
    assert (start + sum(at * value for at, value in enumerate(rest, 1))) % 103 == check
    assert rest[0] == 102
    code_set, text = {104: "B", 105: "C"}[start], ""
    for value in rest[1:]:
        if value == 102:
            text += "\x1d"
        elif (code_set, value) in (("B", 99), ("C", 100)):
            code_set = "C" if value == 99 else "B"
        else:
            assert value < (100 if code_set == "C" else 95)
            text += f"{value:02}" if code_set == "C" else chr(value + 32)
    return text


@given(subjects())
@settings(max_examples=300)
def test_gs1_128_says_its_element_string_by_the_tables(subject: Subject) -> None:
    if len(subject.element_string().raw()) <= 48:
        symbol = linear_symbol(subject, "gs1_128")
        assert said_by(values_of(symbol)) == symbol.payload == subject.element_string().raw()


@pytest.mark.skipif(shutil.which("zint") is None, reason="zint is not installed")
@given(st.lists(subjects(), min_size=1, max_size=60))
@settings(max_examples=12)
def test_gs1_128_is_never_longer_than_zints(some: list[Subject]) -> None:
    fitting = [each for each in some if len(each.element_string().raw()) <= 48]
    lines = [
        "".join(f"[{ai}]{value}" for ai, value in subject.element_string()) for subject in fitting
    ]
    options = ["--barcode=16", "--gs1nocheck", "--batch", "--direct", "--filetype=txt", "--input=-"]
    done = subprocess.run(
        ["zint", *options],
        input="\n".join([*lines, ""]),
        capture_output=True,
        check=True,
        text=True,
    )
    rows = done.stdout.splitlines()
    for subject, row in zip(fitting, rows, strict=True):
        modules = bin(int("1" + row.replace(" ", ""), 16))[3:].rstrip("0")
        assert linear_symbol(subject, "gs1_128").bars_width <= len(modules)


def modules_of(bars: Sequence[Bar], unit: float) -> str:
    """``1`` for each dark and ``0`` for each light unit from the first to the last bar."""
    first = bars[0].left
    edges = [round((edge - first) / unit) for bar in bars for edge in (bar.left, bar.right)]
    widths = np.diff(edges)
    return "".join("10"[place % 2] * width for place, width in enumerate(widths))


@given(gtins())
def test_bars_of_a_bare_gtin_are_python_barcodes(gtin: Gtin) -> None:
    library = {14: lambda: ITF(gtin.value, narrow=2, wide=5), 8: lambda: EAN8(gtin.native)}
    theirs = library.get(gtin.native_length, lambda: EAN13(gtin.value[1:]))().build()[0]
    for renderer, read_bars in ((SVG, bars_in_svg), (EPS, bars_in_eps)):
        config = renderer.config(symbology="gtin", environment="other", x_dimension_mm=0.4)
        bars = read_bars(drawn(renderer, Product(gtin=gtin), config).data)
        assert modules_of(bars, 0.2 if gtin.native_length == 14 else 0.4) == theirs


# What other programs see


@given(st.lists(short_subjects, min_size=1, max_size=4), knobs)
@settings(max_examples=25)
def test_what_is_drawn_together_is_read(some: list[Subject], given_knobs: dict[str, Any]) -> None:
    for renderer, rasterise in ((SVG, rasterise_svg), (EPS, rasterise_eps)):
        config = renderer.config(**{**given_knobs, "x_dimension_mm": None})
        for drawing in renderer.draw_all(some, config):
            assert isinstance(drawing, Drawing)
            identifier = IDENTIFIERS[drawing.symbol.split()[0]]
            assert read(rasterise(drawing.data, dpi=600)) == [(drawing.payload, identifier)]


@given(st.lists(subjects() | products, max_size=8), knobs, st.randoms())
def test_a_drawing_does_not_depend_on_its_neighbours(
    some: list[Subject], given_knobs: dict[str, Any], source: Any
) -> None:
    def text(found: object) -> object:
        return found if isinstance(found, Drawing) else (type(found), str(found))

    for renderer in (SVG, EPS):
        config = renderer.config(**given_knobs)
        together = [text(each) for each in renderer.draw_all(some, config)]
        order = source.sample(range(len(some)), len(some))
        again = [text(each) for each in renderer.draw_all([some[at] for at in order], config)]
        assert again == [together[at] for at in order]
        assert together == [text(*renderer.draw_all([each], config)) for each in some]


def dark_edges(image: Image.Image, y: int) -> list[int]:
    row = np.frombuffer(image.crop((0, y, image.width, y + 1)).tobytes(), np.uint8) < 128
    return [int(edge) + 1 for edge in np.flatnonzero(row[1:] != row[:-1])]


@pytest.mark.parametrize("subject", [LONGEST, Lot(gtin=GTIN, lot="A" * 20)], ids=["full", "wide"])
@pytest.mark.parametrize("dpi", [1200, 2400])
def test_edges_of_a_symbol_of_the_greatest_width_in_the_picture(subject: Subject, dpi: int) -> None:
    for renderer, rasterise in ((SVG, rasterise_svg), (EPS, rasterise_eps)):
        config = renderer.config(environment="other", height_mm=5.8, text=False)
        drawing = drawn(renderer, subject, config)
        assert drawing.width_mm == pytest.approx(165.1)
        found = dark_edges(rasterise(drawing.data, dpi=dpi).convert("L"), 100)
        bars = bars_of(linear_symbol(subject, "auto"), config)
        exact = [edge / 25.4 * dpi for bar in bars for edge in (bar.left, bar.right)]
        assert len(found) == len(exact)
        # A rasteriser paints a pixel that is half covered or, of EPS, at all covered.
        assert np.abs(np.array(found) - np.array(exact)).max() <= 1.05


@given(subjects() | products, knobs)
def test_eps_is_plain_lines(subject: Subject, given_knobs: dict[str, Any]) -> None:
    (drawing,) = EPS.draw_all([subject], LinearEpsConfig(**given_knobs))
    if isinstance(drawing, Drawing):
        for line in drawing.data.split(b"\n"):
            assert re.fullmatch(rb"[ -~]{0,255}", line)
        assert b"findfont" not in drawing.data
        assert b"CreationDate" not in drawing.data


def test_eps_leaves_its_host_as_it_was() -> None:
    drawing = drawn(EPS, LONGEST, LinearEpsConfig(environment="other"))
    names = b"/m /l /z /q /bars /text /glyph /glyphs"
    program = b"[ %s ] { 7 def } forall 11 22\n%s\n" % (names, drawing.data)
    told = (
        b"count = countdictstack = currentgray = 0 0 transform exch = = "
        b"m = l = z = q = bars = text = glyph = glyphs =\n"
    )

    def run(given: bytes) -> bytes:
        command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=nullpage", "-"]
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout

    before = run(b"[ %s ] { 7 def } forall 11 22\n%s" % (names, told))
    assert before.split()[0] == b"2"
    assert run(program + told) == before


def ink(image: Image.Image) -> Any:
    return np.array(image.convert("L")) < 128


def grown(dark: Any) -> Any:
    """The same with a pixel more all around."""
    padded = np.pad(dark, 1)
    rows, columns = dark.shape
    return np.any(
        [padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)], axis=0
    )


def test_characters_are_those_of_the_font_in_all_formats() -> None:
    characters, size, dpi, point = "".join(GLYPHS), 10, 600, 72 / 25.4
    width, height = 130, 80
    lines = [
        Text(characters[at : at + 15], 5, 12 + at / 15 * 12, size)
        for at in range(0, len(characters), 15)
    ]
    artwork = Artwork(width=width, height=height, texts=tuple(lines), title="")
    file = io.BytesIO()
    document = pdf.Document(file, width_mm=width, height_mm=height, recipe=STORED)
    document.page([pdf.artwork_content(artwork, 0, 0).encode("ascii")])
    document.finish({}, pdf.Attachment("none.csv", iter([b""]), 0, 0))
    pictures = {
        "svg": rasterise_svg(svg.draw_artwork(artwork), dpi=dpi),
        "eps": rasterise_eps(eps.draw_artwork(artwork, black="gray"), dpi=dpi),
        "pdf": rasterise_pdf(file.getvalue(), dpi=dpi)[0],
    }
    registerFont(TTFont("Vera", Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(width * point, height * point))
    canvas.setFont("Vera", size * point)
    for line in lines:
        for place, character in enumerate(line.text):
            left = line.x + text_width(line.text[:place], size)
            canvas.drawString(left * point, (height - line.baseline) * point, character)
    canvas.save()
    theirs = ink(rasterise_pdf(file.getvalue(), dpi=dpi)[0])
    assert theirs.sum() > 500_000
    for name, picture in pictures.items():
        ours = ink(picture)
        rows, columns = (min(sizes) for sizes in zip(ours.shape, theirs.shape, strict=True))
        ours, font = ours[:rows, :columns], theirs[:rows, :columns]
        # A pixel is four thousandths of the font size. Ghostscript paints all that is touched.
        reached = grown(grown(font)) if name == "eps" else grown(font)
        assert not (ours & ~reached).any()
        assert not (font & ~grown(ours)).any()
