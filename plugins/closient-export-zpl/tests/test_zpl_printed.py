"""Labels as another implementation of ZPL prints them, read by zxing-cpp."""

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import product
from typing import Any

import pytest
import zxingcpp
from attrs import evolve
from closient_export_zpl import ZplConfig, ZplRenderer
from closient_export_zpl.layout import lay_out
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from programming_guide import fields_of
from zebrash import Printer, printer

from closient_export import Gtin, Lot, Product, Serial
from closient_export.plugins import Subject
from closient_export.testing.strategies import subjects

GTIN = Gtin.parse("9506000134352")
HOSTILE = ("../../x", "_5E", "__1_dNNN", ">;>8", ">0><", "%", "%5E", "*+,-./:;<=>?", "A&\"'()!")
NAME = "^XZ^XA~DG ^FD \\5E _5E \\& >8 Grünkohl € 250 g"
IDENTIFIERS = {"qr": "]Q1", "datamatrix": "]d2", "gs1_128": "]C1"}
RESOLUTIONS = (203, 300, 600)


@pytest.fixture(scope="module")
def zebra(request: pytest.FixtureRequest) -> Iterator[Printer]:
    with printer(request.config.cache.mkdir("zpl-renderer-js-3.4.0")) as found:
        yield found


def config(**knobs: Any) -> ZplConfig:
    usual: dict[str, Any] = {"width_mm": 76.2, "height_mm": 50.0}
    if knobs["symbol"] == "gs1_128":
        usual = {"width_mm": 170.0, "height_mm": 60.0, "environment": "other"}
    return ZplConfig(**{**usual, **knobs})


def printed(zebra: Printer, zpl: str, knobs: ZplConfig) -> list[Image.Image]:
    size = {"width_mm": knobs.width_mm, "height_mm": knobs.height_mm}
    return zebra.print(zpl, **size, dots_per_mm=knobs.dots_per_mm)


def read(image: Image.Image) -> list[tuple[str, str]]:
    return [
        (code.symbology_identifier, code.bytes.decode("latin-1"))
        for code in zxingcpp.read_barcodes(image)
    ]


@pytest.mark.parametrize(("symbol", "dpi"), [*product(IDENTIFIERS, RESOLUTIONS)])
def test_every_symbol_says_what_the_manifest_says(zebra: Printer, symbol: str, dpi: int) -> None:
    knobs = config(symbol=symbol, dpi=dpi)
    if symbol != "gs1_128":
        knobs = evolve(knobs, width_mm=60, height_mm=30)  # large ones take long to draw
    some: list[Subject] = [
        Product(gtin=GTIN, product_name=NAME),
        Lot(gtin=GTIN, lot="KALE-117", product_name=NAME),
        *(Serial(gtin=GTIN, serial=text, product_name=NAME) for text in HOSTILE),
        *(Lot(gtin=GTIN, lot=text, brand=NAME) for text in HOSTILE),
    ]
    some = [each for each in some if zebrash_reads(each, knobs)]
    assert len(some) >= 12
    renderer = ZplRenderer()
    part = renderer.render_part(some, knobs, 0)
    out = BytesIO()
    renderer.assemble([part], out)
    assert part.failed == ()
    images = printed(zebra, out.getvalue().decode(), knobs)
    wanted = [[(IDENTIFIERS[symbol], lay_out(each, knobs).payload)] for each in some]
    assert [read(image) for image in images] == wanted


def zebrash_reads(subject: Subject, knobs: ZplConfig) -> bool:
    """Whether zebrash reads the symbol's field data as the programming guide says.

    In ^BC it takes code set C after B for FNC4, and forgets a last character that follows an
    invocation code. `test_zpl_text` reads such data by the guide.
    """
    data = fields_of(lay_out(subject, knobs).zpl)[0].data
    return knobs.symbol != "gs1_128" or not (">5" in data or re.search(">.[^>]$", data))


SUBJECTS = subjects({*ZplRenderer.scopes})


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_what_is_printed_stays_in_its_place(zebra: Printer, data: st.DataObject) -> None:
    subject = data.draw(SUBJECTS)
    symbol = data.draw(st.sampled_from(sorted(IDENTIFIERS)))
    knobs = config(
        symbol=symbol,
        dpi=data.draw(st.sampled_from(RESOLUTIONS[:2])),  # others take long to draw
        margin_mm=data.draw(st.sampled_from([0.0, 1.0, 2.5])),
        text_height_mm=data.draw(st.sampled_from([2.0, 2.5])),
        lines=("product_name", "brand", "gtin", "lot", "serial", "expiry", "best_before", "hri"),
    )
    without = lay_out_or_none(subject, evolve(knobs, lines=()))
    label = lay_out_or_none(subject, knobs)
    if label is None or without is None or not zebrash_reads(subject, knobs):
        return
    # On paper that is larger than the label, so that nothing is cut off unseen.
    paper = evolve(knobs, width_mm=knobs.width_mm + 10, height_mm=knobs.height_mm + 10)
    size = f"^PW{knobs.dots(knobs.width_mm)}^LL{knobs.dots(knobs.height_mm)}"
    [image] = printed(zebra, label.zpl.replace(size, ""), paper)
    margin = knobs.dots(knobs.margin_mm)
    left, top, right, bottom = ink(image)
    assert min(left, top) >= margin
    assert right <= knobs.dots(knobs.width_mm) - margin
    assert bottom <= knobs.dots(knobs.height_mm) - margin
    [code] = zxingcpp.read_barcodes(image)
    assert code.symbology_identifier == IDENTIFIERS[symbol]
    assert code.bytes.decode("latin-1") == label.payload
    # The symbol alone has its quiet zones, where the text is not, either.
    [alone] = printed(zebra, without.zpl.replace(size, ""), paper)
    left, top, right, bottom = ink(alone)
    module = module_width(alone, (left, top, right, bottom), symbol)
    quiet = {"qr": 4, "datamatrix": 1, "gs1_128": 10}[symbol] * module
    box = (left - quiet, top, right + quiet, bottom)
    if symbol != "gs1_128":
        box = (left - quiet, top - quiet, right + quiet, bottom + quiet)
    assert min(box) >= margin
    assert image.crop(box).tobytes() == alone.crop(box).tobytes()
    if label.width_mm == without.width_mm:
        assert box[2] - box[0] == label.width_mm * knobs.dots_per_mm


def lay_out_or_none(subject: Subject, knobs: ZplConfig) -> Any:
    part = ZplRenderer().render_part([subject], knobs, 0)
    return None if part.failed else lay_out(subject, knobs)


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    found = ImageOps.invert(image).getbbox()
    assert found is not None
    return found


def module_width(image: Image.Image, box: tuple[int, int, int, int], symbol: str) -> int:
    """From what is printed: the finder of a QR Code has 7 modules, the start of GS1-128 2."""
    left, top, right, _ = box
    row = image.crop((left, top, right, top + 1)).tobytes()
    if symbol == "datamatrix":  # dark and light by turns
        return row.index(b"\xff")
    return row.index(b"\xff") // {"qr": 7, "gs1_128": 2}[symbol]
