import csv
import io
import math
import re
import subprocess
import zlib
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from readers import rasterise_pdf, read

from closient_export import (
    Gtin,
    LabelExportJob,
    LabelExportRequest,
    Lot,
    RequestError,
    Serial,
    default_registry,
    digital_link,
    renderer_config,
    run_label_export,
)
from closient_export.errors import RendererError, RendererLoadError, RenderError
from closient_export.plugins import ManifestRenderer, Subject, csv_value
from closient_export.renderers.drawing.fonts import Font, FontChain, prepared
from closient_export.renderers.sheet_pdf import FONTS_VARIABLE, SheetConfig, SheetRenderer
from closient_export.renderers.sheets.label import LabelArtist
from closient_export.renderers.sheets.templates import (
    LabelTemplate,
    built_in_templates,
    find_template,
)
from closient_export.requests import RendererKey
from closient_export.testing.strategies import subjects as any_subjects

GTIN = Gtin.parse("9506000134352")
REQUEST = LabelExportRequest(scope="serials", export_type="sheet_pdf", file_format="pdf")
DPI = 300
ARTIST = LabelArtist(FontChain([Font()]))
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def serials(count: int, name: str | None = "Curly kale 250 g") -> list[Subject]:
    return [
        Serial(
            gtin=GTIN, lot="KALE-117", serial=f"{n:04}", product_name=name, expiry=date(2027, 3, 31)
        )
        for n in range(count)
    ]


def make(
    subjects: list[Subject],
    renderer: SheetRenderer | None = None,
    *,
    part_size: int = 500,
    **knobs: Any,
) -> tuple[LabelExportJob, bytes]:
    renderer = renderer or SheetRenderer()
    out = io.BytesIO()
    job = run_label_export(
        LabelExportJob(request=REQUEST),
        renderer,
        renderer_config(renderer, knobs),
        subjects,
        out,
        total_items=len(subjects),
        part_size=part_size,
    )
    return job, out.getvalue()


def manifest(pdf: bytes) -> list[dict[str, str]]:
    document = pypdfium2.PdfDocument(pdf)
    (text,) = [
        bytes(document.get_attachment(n).get_data()).decode()
        for n in range(document.count_attachments())
    ]
    return list(csv.DictReader(io.StringIO(text, newline="")))


def cell(
    page: Image.Image, row: dict[str, str], margin_mm: float = 0, dpi: int = DPI
) -> Image.Image:
    edges = [float(row[edge]) for edge in ("left_mm", "top_mm", "right_mm", "bottom_mm")]
    signs = (1, 1, -1, -1)
    left, top, right, bottom = (
        round((e + s * margin_mm) * dpi / 25.4) for e, s in zip(edges, signs, strict=True)
    )
    return page.crop((left, top, right, bottom))


def check_cells(pdf: bytes, subjects: list[Subject], *, dpi: int = DPI) -> None:
    """Each label carries its own code at its own place."""
    pages = rasterise_pdf(pdf, dpi=dpi)
    for row in manifest(pdf):
        if row["status"] == "ok":
            subject = subjects[int(row["index"])]
            elements = subject.element_string()
            link = (digital_link(elements), "]Q1")
            expected = link if row["symbol"].startswith("QR") else (elements.raw(), "]d2")
            assert csv_value(row["payload"]) == expected[0]
            assert read(cell(pages[int(row["page"]) - 1], row)) == [expected]


def test_a_page_of_63_labels_each_with_its_own_code_at_its_own_place() -> None:
    subjects = serials(63)
    job, pdf = make(subjects)
    assert job.output_filename == f"sheet-{job.job_id[:4]}-63.pdf"
    assert len(rasterise_pdf(pdf, dpi=20)) == 1
    rows = manifest(pdf)
    assert [(row["row"], row["column"]) for row in rows] == [
        (str(1 + n // 7), str(1 + n % 7)) for n in range(63)
    ]
    check_cells(pdf, subjects)
    # the same by another program
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=DPI / 72, grayscale=True).to_pil()
    assert len(read(image)) == 63


def test_a_start_position_of_10_with_100_labels() -> None:
    _, pdf = make(serials(100), start_position=10)
    rows = manifest(pdf)
    assert [sum(row["page"] == page for row in rows) for page in ("1", "2", "3")] == [54, 46, 0]
    assert (rows[0]["row"], rows[0]["column"]) == ("2", "3")
    assert (rows[54]["page"], rows[54]["row"], rows[54]["column"]) == ("2", "1", "1")


def test_skipped_positions_and_copies() -> None:
    _, pdf = make(serials(3), sheet_template="5160", skip_positions=[2, 5], copies=2)
    rows = manifest(pdf)
    assert [row["index"] for row in rows] == ["0", "0", "1", "1", "2", "2"]
    assert [(row["row"], row["column"]) for row in rows] == [
        ("1", "1"), ("1", "3"), ("2", "1"), ("2", "3"), ("3", "1"), ("3", "2"),
    ]  # fmt: skip


@pytest.mark.parametrize("key", built_in_templates())
def test_every_template_keeps_its_labels_within_their_margins(key: str) -> None:
    template = find_template(key)
    lots: list[Subject] = [
        Lot(gtin=GTIN, lot=f"K{n}", product_name="Curly kale 250 g") for n in range(3)
    ]
    # the smallest labels have no room for a QR Code
    symbol = "datamatrix" if key in ("108up_0.75in_round_letter", "avery_5167") else "qr"
    knobs: dict[str, Any] = {"symbol": symbol, "environment": "other", "label_margin_mm": 0.5}
    job, pdf = make(lots, None, sheet_template=key, **knobs)
    assert job.error is None, job.error
    (page,) = rasterise_pdf(pdf, dpi=DPI)
    assert page.size == pytest.approx(
        (template.page_width_mm / 25.4 * DPI, template.page_height_mm / 25.4 * DPI), abs=1
    )
    check_cells(pdf, lots)
    for row in manifest(pdf):
        whole = cell(page, row)
        ink = ImageChops.invert(whole).point(lambda value: 255 * (value > 128))
        left, top, right, bottom = ink.getbbox() or (0, 0, 0, 0)
        pixel = DPI / 25.4
        if template.shape == "round":
            radius = whole.width / 2 - 0.5 * pixel + 1
            for y in range(top, bottom):
                line = ink.crop((0, y, ink.width, y + 1)).getbbox()
                if line:
                    reach = max(abs(line[0] - whole.width / 2), abs(line[2] - whole.width / 2))
                    assert math.hypot(reach, y - whole.height / 2) <= radius + 1
        else:
            assert min(left, top) >= 0.5 * pixel - 1.5
            assert whole.width - right >= 0.5 * pixel - 1.5
            assert whole.height - bottom >= 0.5 * pixel - 1.5


@settings(max_examples=10)
@given(st.lists(any_subjects(), min_size=1, max_size=8), st.integers(1, 7))
def test_bytes_do_not_depend_on_the_parts(subjects: list[Subject], part_size: int) -> None:
    knobs: dict[str, Any] = {"sheet_template": "avery_5163", "start_position": 3}
    whole, parts = make(subjects, **knobs)[1], make(subjects, part_size=part_size, **knobs)[1]
    assert whole == parts


@settings(max_examples=10)
@given(st.lists(any_subjects(), min_size=1, max_size=6))
def test_any_subjects_are_read_back_from_their_places(subjects: list[Subject]) -> None:
    job, pdf = make(subjects, sheet_template="avery_5164", lines=["hri"])
    assert job.error is None
    check_cells(pdf, subjects)


def test_the_quiet_zone_is_kept_beside_the_text() -> None:
    _, pdf = make(serials(1), sheet_template="5160")
    (row,) = manifest(pdf)
    image = rasterise_pdf(pdf, dpi=600)[0]
    left, top = float(row["left_mm"]) + 1, float(row["top_mm"])
    symbol_mm = float(row["width_mm"])
    x = symbol_mm / 41  # 33 modules and the quiet zones
    pixel = 600 / 25.4
    right_zone = image.crop(
        (
            round((left + 37 * x) * pixel) + 1,
            round(top * pixel),
            round((left + 41 * x) * pixel),
            round((top + 25) * pixel),
        )
    )
    assert right_zone.getextrema() == (255, 255)
    finder = image.crop(
        (round((left + 4 * x) * pixel), 0, round((left + 11 * x) * pixel), image.height)
    )
    assert finder.point(lambda value: 255 * (value < 128)).getbbox() is not None


@pytest.mark.parametrize(
    ("symbol", "template", "identifier"),
    [("datamatrix", "63up_1in_letter", "]d2"), ("gs1_128", "5163", "]C1"), ("gtin", "5163", "]E0")],
)
def test_other_symbols_on_sheets(symbol: str, template: str, identifier: str) -> None:
    subjects: list[Subject] = [Lot(gtin=GTIN, lot=f"K{n}", product_name="Kale") for n in range(3)]
    environment = "other" if symbol != "datamatrix" else None
    job, pdf = make(subjects, symbol=symbol, sheet_template=template, environment=environment)
    assert job.error is None, job.error
    (page,) = rasterise_pdf(pdf, dpi=DPI)
    for row, subject in zip(manifest(pdf), subjects, strict=True):
        expected = GTIN.native if symbol == "gtin" else subject.element_string().raw()
        assert read(cell(page, row)) == [(expected, identifier)]


@pytest.mark.parametrize(
    ("gtin", "template", "environment", "height", "x_dimension"),
    [
        # the largest bars that GS1's proportion has room for, not the widest
        ("9506000134352", "l7160", "other", 22.85 / 0.330, None),
        ("9506000134352", "5163", "general_distribution", 45.70 / 0.660, None),
        ("96385074", "5163", None, 36.46 / 0.660, 0.660),
        ("10012345678902", "5163", None, 31.75, None),
    ],
)
def test_bars_on_sheets_are_as_high_as_gs1_asks_for(
    gtin: str, template: str, environment: str | None, height: float, x_dimension: float | None
) -> None:
    lot = Lot(gtin=Gtin.parse(gtin), lot="K1", product_name="Kale")
    job, pdf = make(
        [lot], lines=[], symbol="gtin", sheet_template=template, environment=environment
    )
    assert job.error is None, job.error
    (row,) = manifest(pdf)
    x = float(row["symbol"].rpartition("=")[2])
    if x_dimension is not None:
        assert x == x_dimension
    label = cell(rasterise_pdf(pdf, dpi=600)[0], row, dpi=600)
    left, _, right, _ = (edge / 600 * 25.4 for edge in ink(label))
    assert right - left <= float(row["width_mm"]) + 0.1
    # the commonest run of ink down a column: most bars are no guards
    threshold = label.point(lambda value: 255 * (value < 128))
    columns = (threshold.crop((n, 0, n + 1, label.height)) for n in range(label.width))
    runs = [max(map(len, column.tobytes().split(b"\0"))) for column in columns]
    tall = [run for run in runs if run > 5 / 25.4 * 600]
    bearer_bars = 2 * 2 * x
    expected = 31.75 + bearer_bars if height == 31.75 else height * x
    assert max(set(tall), key=tall.count) / 600 * 25.4 == pytest.approx(expected, abs=0.15)


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    box = image.point(lambda value: 255 * (value < 128)).getbbox()
    assert box is not None
    return box


def test_bars_that_have_no_room_are_refused_or_asked_for() -> None:
    knobs: dict[str, Any] = {
        "symbol": "gtin", "sheet_template": "5160", "environment": "general_distribution",
    }  # fmt: skip
    job, _ = make([Lot(gtin=GTIN, lot="K1")], **knobs)
    assert job.error is not None
    assert job.error.endswith(
        "expected room for 40.2 mm of EAN-13, whose bars are 34.3 mm high at an X-dimension of "
        "0.495 mm; the label has 23.4 mm"
    )
    job, pdf = make([Lot(gtin=GTIN, lot="K1")], height_mm=10, **knobs)
    assert job.error is None
    assert manifest(pdf)[0]["symbol"].startswith("EAN-13 X=0.")


def test_what_the_bars_do_not_say_is_written_beside_them(tmp_path: Path) -> None:
    def text(symbol: str) -> list[str]:
        path = tmp_path / "x.pdf"
        path.write_bytes(
            make(serials(1), symbol=symbol, sheet_template="5163", environment="other")[1]
        )
        done = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, text=True)
        return done.stdout.split()

    assert " ".join(text("gtin")) == "Curly kale 250 g LOT KALE-117 SER 0000 EXP 2027-03-31"
    assert " ".join(text("gs1_128")) == "Curly kale 250 g"


def test_text_is_text_and_its_font_is_embedded(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(make(serials(1), sheet_template="5160")[1])
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, text=True)
    assert text.stdout.split("\n")[:4] == [
        "Curly kale 250 g", "LOT KALE-117", "SER 0000", "EXP 2027-03-31",
    ]  # fmt: skip
    fonts = subprocess.run(["pdffonts", path], check=True, capture_output=True, text=True).stdout
    assert (
        "BitstreamVeraSans-Roman              CID TrueType      Identity-H       yes no  yes"
        in fonts
    )


def test_ghostscript_finds_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(make(serials(70), borders=True, calibration_page=True, rotation_deg=1.0)[1])
    command = [
        "gs",
        "-q",
        "-dSAFER",
        "-dBATCH",
        "-dNOPAUSE",
        "-dPDFSTOPONERROR",
        "-sDEVICE=nullpage",
    ]
    done = subprocess.run([*command, path], check=True, capture_output=True, text=True)
    assert done.stdout + done.stderr == ""


def test_printers_are_asked_not_to_scale() -> None:
    pdf = make(serials(1))[1]
    assert b"/ViewerPreferences << /PrintScaling /None >>" in pdf
    assert b"Date" not in pdf


def darkest(image: Image.Image) -> int:
    return min(image.convert("L").tobytes())


def ink_box(pdf: bytes) -> tuple[float, float, float, float]:
    """The bounds of the ink of the first page, in millimetres."""
    page = rasterise_pdf(pdf, dpi=DPI)[0]
    box = page.point(lambda value: 255 * (value < 128)).getbbox()
    assert box is not None
    left, top, right, bottom = (edge / DPI * 25.4 for edge in box)
    return left, top, right, bottom


def test_calibration_moves_stretches_and_turns() -> None:
    knobs: dict[str, Any] = {"sheet_template": "avery_5160", "borders": True, "lines": []}
    plain = ink_box(make(serials(30), **knobs)[1])
    moved = ink_box(make(serials(30), offset_x_mm=2, offset_y_mm=-3, **knobs)[1])
    assert moved == pytest.approx((plain[0] + 2, plain[1] - 3, plain[2] + 2, plain[3] - 3), abs=0.1)
    stretched = ink_box(make(serials(30), scale_x=0.98, scale_y=1.02, **knobs)[1])
    expected = (plain[0] * 0.98, plain[1] * 1.02, plain[2] * 0.98, plain[3] * 1.02)
    assert stretched == pytest.approx(expected, abs=0.1)
    turned = make(serials(30), rotation_deg=1, **knobs)[1]
    # clockwise: the upper left corner goes up and to the right, about the middle of the page
    page = rasterise_pdf(turned, dpi=DPI)[0]
    sine, cosine = math.sin(math.radians(1)), math.cos(math.radians(1))
    x, y = plain[0] - 107.95, plain[1] - 139.7
    corner = (107.95 + x * cosine - y * sine, 139.7 + x * sine + y * cosine)
    left, top = (round((edge - 0.5) * DPI / 25.4) for edge in corner)
    assert darkest(page.crop((left, top, left + 12, top + 12))) < 128
    assert len(read(page)) == 30


def test_the_calibration_page_has_all_labels_and_two_rulers() -> None:
    pdf = make(serials(1), calibration_page=True)[1]
    pages = rasterise_pdf(pdf, dpi=DPI)
    assert len(pages) == 2
    assert manifest(pdf)[0]["page"] == "2"
    dark = pages[0].point(lambda value: 255 * (value < 160))
    # a tick every ten millimetres, from 10 mm to 210 mm, in a strip below the top ruler's edge
    for millimetre in range(10, 211, 10):
        x = round(millimetre * DPI / 25.4)
        assert dark.crop((x - 3, round(6 * DPI / 25.4), x + 4, round(7 * DPI / 25.4))).getbbox()
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert "100" in text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Капуста", "no font has the characters U+041A, U+0430, U+043F and 3 more of 'Капуста'"),
        ("羽衣甘蓝", "no font has the characters U+7FBD, U+8863, U+7518 and 1 more of '羽衣甘蓝'"),
        ("كرنب", "the script of U+0643 in 'كرنب' cannot be written: it needs shaping"),
        ("केल", "the script of U+0915 in 'केल' cannot be written: it needs shaping"),
        ("ᠮᠣᠩᠭᠣᠯ", "the script of U+182E in 'ᠮᠣᠩᠭᠣᠯ' cannot be written: it needs shaping"),
        ("a\x07b", "expected text to write, got U+0007"),
    ],
)
def test_names_that_cannot_be_written_are_refused_and_never_blank(name: str, message: str) -> None:
    job, pdf = make([*serials(1), *serials(1, name)], sheet_template="5163")
    assert job.failed_items == 1
    good, bad = manifest(pdf)
    assert (good["status"], bad["status"], bad["page"]) == ("ok", "failed", "")
    assert bad["error"] == message


def test_a_line_that_cannot_be_written_may_be_left_out_if_so_declared() -> None:
    job, pdf = make(serials(1, "羽衣甘蓝"), sheet_template="5163", missing_glyphs="omit")
    assert job.failed_items == 0
    (row,) = manifest(pdf)
    assert row["error"].startswith("left out: no font has the characters")
    assert "LOT KALE-117" in pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()


@pytest.mark.parametrize("name", ["Капуста кудрявая", "Crème brûlée à l’ancienne", "e\u0301té"])
def test_a_font_of_the_hosts_writes_other_scripts(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FONTS_VARIABLE, str(DEJAVU))
    job, pdf = make(serials(1, name), SheetRenderer(), sheet_template="5163")
    assert job.failed_items == 0
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert prepared(name) in text


def test_parts_in_other_fonts_or_with_other_knobs_are_not_joined() -> None:
    with_font = SheetRenderer([DEJAVU])
    part = with_font.render_part(serials(1, "Капуста"), SheetConfig(sheet_template="5160"), 0)
    for other in (SheetRenderer([]), SheetRenderer([DEJAVU.with_name("DejaVuSans-Bold.ttf")])):
        with pytest.raises(RendererError, match="written in other fonts"):
            other.assemble([part], io.BytesIO())
    knobs = with_font.render_part(serials(1), SheetConfig(borders=True), 1)
    with pytest.raises(RendererError, match="other knobs"):
        with_font.assemble([part, knobs], io.BytesIO())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "No such file or directory"),
        (b"ttcf" + bytes(100), "got another file"),
        (b"OTTO" + bytes(100), "got another file"),
        (b"", "got another file"),
        (DEJAVU.read_bytes()[:3000], "expected .* to be one font with TrueType outlines"),
    ],
)
def test_fonts_that_cannot_be_used_are_refused_at_once(
    tmp_path: Path, data: bytes | None, message: str
) -> None:
    path = tmp_path / "font.ttf"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(RendererLoadError, match=message):
        SheetRenderer([path])


def test_a_font_without_latin_letters_says_what_it_lacks() -> None:
    font = Font()
    font.face = SimpleNamespace(charToGlyph={ord("中"): 5, ord("\r"): 0})
    assert font.missing("中") == font.missing("") == []
    assert font.missing("中A") == ["A"]


def test_a_name_that_needs_two_fonts() -> None:
    chain = FontChain([_Letters("ab"), _Letters("cd")])
    assert [chain.choose("ab"), chain.choose("dc")] == [0, 1]
    with pytest.raises(RenderError, match="no one font has all characters of 'ac'"):
        chain.choose("ac")
    with pytest.raises(RenderError, match=r"no font has the characters U\+0065 of 'ae'"):
        chain.choose("ae")


class _Letters(Font):
    """A font of a few letters."""

    def __init__(self, letters: str) -> None:
        super().__init__()
        self.letters = letters

    def missing(self, text: str) -> list[str]:
        return [character for character in text if character not in self.letters]


def test_very_long_names_take_no_longer_than_what_fits() -> None:
    # minutes, if every shorter name were measured
    _, pdf = make(serials(2, "Curly kale " * 30_000), sheet_template="5160")
    assert len(manifest(pdf)) == 2


def test_long_names_give_way_and_identifiers_never_do() -> None:
    _, pdf = make(serials(1, "Curly kale " * 20), sheet_template="5160")
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert "Curly kale" in text
    assert "…" in text
    lot: list[Subject] = [Lot(gtin=GTIN, lot="W" * 20)]
    job, _ = make(lot, lines=["lot"])
    assert job.error is not None
    assert "expected room for a symbol of" in job.error


@pytest.mark.parametrize(
    ("knobs", "problem"),
    [
        (
            {"sheet_template": "5159"},
            "asset_config.sheet_template: expected one of 63up_1in_letter",
        ),
        ({"colour": 1}, "asset_config.colour: unknown knob, expected one of black, borders"),
        ({"copies": "2"}, "asset_config.copies: expected a whole number, got '2'"),
        ({"copies": 0}, "asset_config.copies: expected 1 to 1000, got 0"),
        ({"start_position": 64}, "asset_config.start_position: expected 1 to 63, got 64"),
        ({"skip_positions": [1, 0]}, "asset_config.skip_positions[1]: expected 1 to 63, got 0"),
        (
            {"start_position": 62, "skip_positions": [63, 62]},
            "asset_config.skip_positions: expected to leave a label of the first sheet",
        ),
        ({"label_margin_mm": 13}, "asset_config.label_margin_mm: expected less than half of 25.4"),
        ({"lines": ["price"]}, "asset_config.lines[0]: expected one of auto, product_name, brand"),
        ({"lines": ["auto", "lot"]}, "asset_config.lines: expected 'auto' alone"),
        ({"scale_x": 2}, "asset_config.scale_x: expected 0.9 to 1.1, got 2.0"),
        (
            {"custom_template": {"columns": 2}},
            "asset_config.custom_template.page_width_mm: required, but missing",
        ),
    ],
)
def test_bad_knobs_are_refused(knobs: dict[str, Any], problem: str) -> None:
    renderer = default_registry().renderer(RendererKey("sheet_pdf", "pdf"))
    with pytest.raises(RequestError) as caught:
        renderer_config(renderer, knobs)
    assert any(str(p).startswith(problem) for p in caught.value.problems), str(caught.value)


CUSTOM: dict[str, Any] = {
    "page_width_mm": 100,
    "page_height_mm": 60,
    "columns": 2,
    "rows": 1,
    "label_width_mm": 40,
    "label_height_mm": 40,
    "left_mm": 5,
    "top_mm": 10,
    "pitch_x_mm": 45,
    "pitch_y_mm": 45,
}


def test_label_stock_of_ones_own() -> None:
    subjects = serials(3)
    _, pdf = make(subjects, custom_template=CUSTOM)
    assert [row["page"] for row in manifest(pdf)] == ["1", "1", "2"]
    check_cells(pdf, subjects)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"left_mm": 20}, "expected columns that end within 100.0 mm, got 105.00 mm"),
        ({"top_mm": 30}, "expected rows that end within 60.0 mm, got 70.00 mm"),
        (
            {"pitch_x_mm": 30},
            "expected columns that do not overlap, got labels of 40.0 mm every 30.0",
        ),
        ({"shape": "round", "label_width_mm": 41}, "expected round labels as wide as high"),
        ({"left_mm": -1}, "asset_config.custom_template.left_mm: expected at least 0, got -1.0"),
    ],
)
def test_templates_that_do_not_fit_their_page(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(RequestError) as caught:
        renderer_config(SheetRenderer(), {"custom_template": CUSTOM | change})
    assert problem in str(caught.value)


def test_symbols_that_do_not_fit_their_label_name_the_size() -> None:
    job, _ = make(serials(1), sheet_template="avery_5167")
    assert job.error == (
        "None of the 1 items can be drawn; the first: expected room for a symbol of 16.2 x 16.2 mm, "
        "at an X-dimension of 0.396 mm; the label has 10.7 x 10.7 mm"
    )
    (error,) = ARTIST.draw_all(serials(1), SheetConfig(x_dimension_mm=0.2))
    assert isinstance(error, RenderError)
    assert "expected an X-dimension of 0.396 to 0.99 mm, got 0.2" in str(error)
    (error,) = ARTIST.draw_all(serials(1), SheetConfig(symbol="gs1_128", environment="other"))
    assert isinstance(error, RenderError)
    assert re.search(r"expected room for .* mm of GS1-128", str(error))


def test_the_built_in_label_stock() -> None:
    templates = built_in_templates()
    assert len(templates) == 24
    assert templates["63up_1in_letter"].count == 63
    assert find_template("5160") is templates["avery_5160"]
    assert find_template("l7160") is templates["avery_l7160"]
    with pytest.raises(ValueError, match="expected columns that end within"):
        LabelTemplate(**CUSTOM | {"columns": 3})


def test_the_manifest_beside_the_sheet() -> None:
    renderer = SheetRenderer()
    assert isinstance(renderer, ManifestRenderer)
    out, beside = io.BytesIO(), io.BytesIO()
    run_label_export(
        LabelExportJob(request=REQUEST),
        renderer,
        SheetConfig(),
        serials(3),
        out,
        total_items=3,
        manifest=beside,
    )
    rows = list(csv.DictReader(io.StringIO(beside.getvalue().decode(), newline="")))
    assert rows == manifest(out.getvalue())


def page_contents(pdf: bytes) -> bytes:
    """Of all pages of a sheet."""
    streams = re.findall(
        rb"<< /Length \d+ /Filter /FlateDecode >>\nstream\n(.*?)\nendstream", pdf, re.DOTALL
    )
    return b"\n".join(map(zlib.decompress, streams))


def test_k_only_black() -> None:
    grey, ink = (page_contents(make(serials(1), black=black)[1]) for black in ("gray", "k"))
    assert b"\n0 g 0 G\n" in grey
    assert b"\n0 0 0 1 k 0 0 0 1 K\n" in ink
    assert b"0 g" not in ink


def test_borders_are_those_of_the_labels() -> None:
    def outline(template: str) -> list[bool]:
        """Whether there is ink at a corner of the first label, and in the middle of its left edge."""
        _, pdf = make(serials(1), sheet_template=template, borders=True, lines=[])
        (row,) = manifest(pdf)
        left, top, bottom = (float(row[edge]) for edge in ("left_mm", "top_mm", "bottom_mm"))
        page = rasterise_pdf(pdf, dpi=600)[0]
        found = []
        for y in (top, (top + bottom) / 2):
            x_pixel, y_pixel = round(left / 25.4 * 600), round(y / 25.4 * 600)
            box = (x_pixel - 4, y_pixel - 4, x_pixel + 5, y_pixel + 5)
            found.append(darkest(page.crop(box)) < 128)
        return found

    assert outline("avery_5160") == [True, True]
    assert outline("12up_2in_round_letter") == [False, True]
