import io
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from readers import encoded, modules, quiet_zone, rasterise_svg, read
from strategies import digits, subjects

from closient_export import ElementString, Gtin, Lot, parse_element_string
from closient_export.errors import RendererLoadError, RenderError
from closient_export.renderers.datamatrix import DataMatrixPngRenderer, DataMatrixSvgRenderer
from closient_export.renderers.drawing import png
from closient_export.renderers.symbols import datamatrix, libdmtx
from closient_export.subjects import Subject

PNG = DataMatrixPngRenderer()
SVG = DataMatrixSvgRenderer()
SQUARES = {*range(10, 28, 2), *range(32, 53, 4), *range(64, 105, 8), 120, 132, 144}
RECTANGLES = {(8, 18), (8, 32), (12, 26), (12, 36), (16, 36), (16, 48)}


@given(subjects, st.sampled_from(["fnc1", "gs"]))
def test_png_says_the_element_string(subject: Subject, separator: str) -> None:
    drawing = PNG.draw(subject, PNG.config(separator=separator))
    raw = subject.element_string().raw()
    assert drawing.payload == raw
    assert read(Image.open(io.BytesIO(drawing.data))) == [(raw, "]d2")]


@given(subjects)
def test_svg_says_the_element_string(subject: Subject) -> None:
    drawing = SVG.draw(subject, SVG.config())
    assert read(rasterise_svg(drawing.data, dpi=300)) == [(subject.element_string().raw(), "]d2")]


@given(subjects)
def test_squares_are_those_of_the_standard(subject: Subject) -> None:
    symbol = datamatrix.encode(subject.element_string(), "square", "fnc1")
    assert len(symbol.rows) == len(symbol.rows[0]) in SQUARES
    data = png.draw_matrix(symbol, pixels=3, dpi=300)
    found = modules(Image.open(io.BytesIO(data)), 3)
    assert quiet_zone(found) == (1, 1, 1, 1)
    inner = [row[1:-1] for row in found[1:-1]]
    assert all(row[0] for row in inner)
    assert all(inner[-1])


@given(subjects)
def test_rectangles_are_those_of_the_standard_and_never_the_extension(subject: Subject) -> None:
    try:
        symbol = datamatrix.encode(subject.element_string(), "rectangular", "fnc1")
    except RenderError as error:
        assert "does not fit a rectangular Data Matrix" in str(error)  # noqa: PT017
        return
    assert (len(symbol.rows), len(symbol.rows[0])) in RECTANGLES
    image = Image.open(io.BytesIO(png.draw_matrix(symbol, pixels=4, dpi=300)))
    assert read(image) == [(subject.element_string().raw(), "]d2")]


pairs = st.integers(1, 10).flatmap(lambda count: digits(2 * count))


@given(pairs, pairs)
def test_module_for_module_the_symbol_of_another_encoder(lot: str, serial: str) -> None:
    # Of pairs of digits all encoders make ASCII codewords.
    elements = ElementString([("01", "09506000134352"), ("10", lot), ("21", serial)])
    symbol = datamatrix.encode(elements, "square", "fnc1")
    theirs = zxingcpp.create_barcode(
        elements.bracketed().replace("(", "[").replace(")", "]"),
        zxingcpp.BarcodeFormat.DataMatrix,
        gs1=True,
        force_square=True,
    )
    rows = encoded(theirs)
    assert len(symbol.rows) <= len(rows)
    if len(symbol.rows) == len(rows):
        assert list(symbol.rows) == rows


def test_dmtxread_agrees(tmp_path: Path) -> None:
    lot = Lot(gtin=Gtin.parse("9506000134352"), lot="abC/12")
    path = tmp_path / "x.png"
    path.write_bytes(PNG.draw(lot, PNG.config(dpi=600)).data)
    done = subprocess.run(["dmtxread", "-n", "-G", "29", path], capture_output=True, check=True)
    assert done.stdout.rstrip(b"\n").lstrip(b"\x1d") == lot.element_string().raw().encode()


def test_too_much_for_a_rectangle() -> None:
    elements = parse_element_string(
        "(01)09506000134352(10)abcdefghijklmnopqrst(21)ABCDEFGHIJKLMNOPQRST(240)" + "x" * 30
    )
    with pytest.raises(RenderError, match="does not fit a rectangular Data Matrix"):
        datamatrix.encode(elements, "rectangular", "fnc1")


def test_a_machine_without_libdmtx_gets_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    libdmtx.load.cache_clear()
    for name in [name for name in sys.modules if name.startswith("pylibdmtx")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(RendererLoadError) as caught:
        DataMatrixSvgRenderer()
    libdmtx.load.cache_clear()
    assert str(caught.value) == (
        "GS1 DataMatrix needs the library libdmtx, which is not installed: install Debian's "
        "package libdmtx0b (libdmtx0t64 from Debian 13 on), or Homebrew's libdmtx"
    )


def test_the_separators_differ_in_the_symbol() -> None:
    elements = ElementString([("01", "09506000134352"), ("10", "A1"), ("21", "7")])
    fnc1, gs = (datamatrix.encode(elements, "square", separator) for separator in ("fnc1", "gs"))
    assert fnc1.rows != gs.rows
