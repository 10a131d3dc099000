"""Labels as text, by exact values and by what the programming guide says of it."""

import csv
import io
import re
from datetime import date
from typing import Any, Literal

import pytest
import zxingcpp
from attrs import evolve
from closient_export_zpl import ZplConfig, ZplRenderer
from closient_export_zpl.code_128 import FNC1, code_128
from closient_export_zpl.field_data import field
from closient_export_zpl.layout import lay_out
from hypothesis import given
from hypothesis import strategies as st
from programming_guide import bars_of, codewords_of, fields_of, formats_of, unescaped
from segno import consts

from closient_export import Gtin, Lot, Product, Serial, default_registry, renderer_config
from closient_export.plugins import RenderError, RequestError, Subject, csv_value
from closient_export.testing.strategies import (
    cset82_text,
    gtins,
    hostile_text,
    lot_codes,
    serial_numbers,
)

GTIN = Gtin.parse("9506000134352")
SALAD = Serial(
    gtin=GTIN,
    lot="A>B_5E%",
    serial="../x0012",
    product_name="Grüne ^Soße~",
    expiry=date(2027, 3, 31),
)
Level = Literal["L", "M", "Q", "H"]
START = r"^XA^CI28^MUD^JMA^LH0,0^FWN^LRN^PMN"


def test_a_qr_code_and_its_text() -> None:
    label = lay_out(SALAD, ZplConfig(lines=("product_name", "hri", "expiry"), copies=3))
    link = "https://id.gs1.org/01/09506000134352/10/A%3EB_5E%25/21/..%2Fx0012?17=270331"
    assert label.payload == link
    assert label.symbol == "QR 5-M 37x37"
    assert label.width_mm == 45 * 0.5
    assert label.zpl == (
        START + r"^PW609^LL406"
        r"^BY1,3,1^FO24,23^BQN,2,4^FH\^FDMM,B0075" + link + "^FS"
        r"^FO196,13^A0N,20,20^FH\^FDGr\C3\BCne \5ESo\C3\9Fe\7E^FS"
        r"^FO196,38^A0N,20,20^FH\^FD(01) 09506000134352^FS"
        r"^FO196,63^A0N,20,20^FH\^FD(17) 270331^FS"
        r"^FO196,88^A0N,20,20^FH\^FD(10) A>B_5E%^FS"
        r"^FO196,113^A0N,20,20^FH\^FD(21) ../x0012^FS"
        r"^FO196,138^A0N,20,20^FH\^FDEXP 2027-03-31^FS"
        "^PQ3^XZ\n"
    )


def test_a_gs1_datamatrix() -> None:
    label = lay_out(SALAD, ZplConfig(symbol="datamatrix", dpi=300, lines=()))
    assert label.payload == "01095060001343521727033110A>B_5E%\x1d21../x0012"
    assert label.symbol == "GS1 DataMatrix 24x24"
    assert label.zpl == (
        START + r"^PW914^LL609^FO20,20^BXN,8,200,24,24,,#^FH\^FD"
        r"#101095060001343521727033110A>B_5E%#121../x0012^FS^PQ1^XZ" + "\n"
    )


def test_gs1_128() -> None:
    knobs = ZplConfig(
        symbol="gs1_128", dpi=203, width_mm=170, environment="other", lines=("serial",)
    )
    label = lay_out(SALAD, knobs)
    assert label.payload == "01095060001343521727033110A>B_5E%\x1d21../x0012"
    assert label.symbol == "GS1-128"
    # Start C, FNC1, 13 pairs, code B, 7 and FNC1 and 6 characters, code C, 2 pairs, check, stop.
    assert label.width_mm == (11 * 35 + 13 - 11 + 20) * 3 / 8
    assert label.zpl == (
        START + r"^PW1360^LL406^BY3,3,102^FO38,8^BCN,102,N,N,N,N^FH\^FD"
        r">;>801095060001343521727033110>6A>0B_5E%>821../x>50012^FS"
        r"^FO8,123^A0N,20,20^FH\^FDSER ../x0012^FS^PQ1^XZ" + "\n"
    )


@given(text=st.text() | hostile_text())
def test_no_text_is_a_command(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    start, data, end = field(text).partition(field("")[:-3])[1], field(text)[7:-3], field(text)[-3:]
    assert (start, end) == ("^FH\\^FD", "^FS")
    assert all(" " <= character <= "}" and character != "^" for character in data)
    assert unescaped(data) == text


@given(name=st.text() | hostile_text(), brand=st.text() | hostile_text())
def test_no_name_changes_the_commands_of_a_label(name: str, brand: str) -> None:
    knobs = ZplConfig(width_mm=300, height_mm=1000, lines=("product_name", "brand"))
    name, brand = name[:200], brand[:200]
    label = lay_out(Product(gtin=GTIN, product_name=name, brand=brand), knobs).zpl
    assert label.isascii()
    assert label.count("\n") == 1
    commands = formats_of(label)
    [symbol, *lines] = fields_of(label)
    assert commands == [
        [*formats_of(START)[0], "^PW", "^LL"]
        + ["^BY", "^FO", "^BQ", "^FH", "^FD", "^FS"]
        + ["^FO", "^A0", "^FH", "^FD", "^FS"] * len(lines)
        + ["^PQ", "^XZ"]
    ]
    assert symbol.data == f"MM,B0036https://id.gs1.org/01/{GTIN}"
    printed = "".join("".join(line.data.split()) for line in lines)
    wanted = "".join(c for c in name + brand if not c.isspace() and not unprintable(c))
    assert printed == wanted


def unprintable(character: str) -> bool:
    return not " " <= character < "\x7f" and (
        character < "\xa0" or "\ud800" <= character <= "\udfff"
    )


def element_strings() -> st.SearchStrategy[str]:
    lots = st.one_of(lot_codes(), st.text("0123456789", min_size=1, max_size=20))
    return st.builds(
        lambda gtin, lot, serial: f"01{gtin}10{lot}{FNC1}21{serial}",
        gtins(),
        lots,
        serial_numbers(),
    ).filter(lambda text: len(text) <= 48)


@given(data=element_strings() | cset82_text())
def test_code_128_says_the_data_by_the_programming_guide(data: str) -> None:
    field_data, count = code_128(data)
    words = codewords_of(field_data)
    assert len(words) == count + 2
    [code] = zxingcpp.read_barcodes(bars_of(field_data))
    assert (code.symbology_identifier, code.bytes.decode("latin-1")) == ("]C1", data)


@given(data=st.text("01aB" + FNC1, min_size=1, max_size=12))
def test_no_choice_of_code_sets_is_shorter(data: str) -> None:
    _, count = code_128(data)
    assert count == shortest(data)


def shortest(data: str) -> int:
    """By trying all: at each place go on, or change the code set first."""
    reached = {(0, False), (0, True)}
    for count in range(2, 3 * len(data) + 3):
        if any(at == len(data) for at, _ in reached):
            return count
        reached = {step for at, is_c in reached for step in steps(data, at, is_c=is_c)}
    raise AssertionError(data)


def steps(data: str, at: int, *, is_c: bool) -> set[tuple[int, bool]]:
    found = {(at, not is_c)}
    if data[at] == FNC1 or not is_c:
        found.add((at + 1, is_c))
    elif data[at : at + 2].isdigit() and len(data[at : at + 2]) == 2:
        found.add((at + 2, is_c))
    return found


@pytest.mark.parametrize("level", ["L", "M", "Q", "H"])
def test_qr_codes_have_the_version_that_their_bytes_need(level: Level) -> None:
    capacities: Any = consts.SYMBOL_CAPACITY
    levels = {"L": consts.ERROR_LEVEL_L, "M": consts.ERROR_LEVEL_M}
    levels |= {"Q": consts.ERROR_LEVEL_Q, "H": consts.ERROR_LEVEL_H}
    for version in range(1, 41):
        bits = capacities[version][levels[level]]
        capacity = (bits - 4 - (8 if version < 10 else 16)) // 8
        for length, wanted in ((capacity, version), (capacity + 1, version + 1)):
            if length >= 40 and wanted <= 40:
                assert qr_version(length, level) == wanted
        if capacity + 1 >= 40 and version == 40:
            with pytest.raises(RenderError, match="too long for a QR Code"):
                qr_version(capacity + 1, level)


def qr_version(length: int, level: Level) -> int:
    """Of the Digital Link of that length."""
    usual = len(f"https://a.b/01/{GTIN}")
    stem = "https://a.b/" + "x" * (length - usual - 1) if length > usual else "https://a.b"
    knobs = ZplConfig(
        digital_link_stem=stem, error_correction=level, width_mm=300, height_mm=300, lines=()
    )
    label = lay_out(Product(gtin=GTIN), knobs)
    assert len(label.payload) == length
    return int(label.symbol.split("-")[0].removeprefix("QR "))


def render(subjects: list[Subject], **knobs: Any) -> tuple[str, list[dict[str, str]], Any]:
    renderer = ZplRenderer()
    part = renderer.render_part(subjects, ZplConfig(**knobs), 7)
    out, manifest = io.BytesIO(), io.BytesIO()
    renderer.assemble([part], out, manifest)
    rows = csv.DictReader(io.StringIO(manifest.getvalue().decode(), newline=""))
    return out.getvalue().decode(), list(rows), part


TOO_LONG: list[tuple[Subject, dict[str, Any], str]] = [
    (
        Product(gtin=GTIN),
        {"width_mm": 15, "lines": ()},
        "the QR 3-M 29x29 with its quiet zones is 18.5 x 18.5 mm, the label within its margins 13.0 x 48.8 mm",
    ),
    (
        Product(gtin=GTIN),
        {"symbol": "datamatrix", "height_mm": 5, "lines": ()},
        "the GS1 DataMatrix 16x16 with its quiet zones is 6.8 x 6.8 mm, the label within its margins 74.1 x 3.0 mm",
    ),
    (
        Lot(gtin=GTIN, lot="KALE-117"),
        {"symbol": "gs1_128", "lines": ()},
        "the GS1-128 with its quiet zones is 132.0 x 31.8 mm, the label within its margins 74.1 x 48.8 mm",
    ),
    (
        Lot(gtin=GTIN, lot="A" * 20),
        {"symbol": "gs1_128", "lines": (), "width_mm": 300},
        "expected GS1-128 of at most 165.1 mm, got 198.0 mm",
    ),
    (
        Serial(gtin=GTIN, lot="A" * 20, serial="1" * 20),
        {"symbol": "gs1_128"},
        "expected at most 48 characters in a GS1-128 symbol, separators included, got 61",
    ),
    (
        Lot(gtin=GTIN, lot="A" * 20),
        {"width_mm": 40, "lines": ("lot",)},
        "the line lot, 24 characters, is 30.0 mm wide, the room for it 16.5 mm",
    ),
    (
        Lot(gtin=GTIN, lot="1"),
        {"height_mm": 23, "text_height_mm": 8, "lines": ("lot", "lot", "gtin")},
        "the line gtin, 19 characters, is 76.0 mm wide, the room for it 54.6 mm",
    ),
    (
        Lot(gtin=GTIN, lot="1"),
        {"height_mm": 23, "text_height_mm": 8, "lines": ("lot", "lot", "lot")},
        "the text, 3 lines, is 30.0 mm high, the room for it 21.0 mm",
    ),
    (
        Lot(gtin=GTIN, lot="^XZ^XA"),
        {},
        "(10) '^XZ^XA': expected a character of GS1 character set 82, got '^' at character 1",
    ),
    (
        Lot(gtin=GTIN, lot="."),
        {},
        "(10) '.': expected not '.' or '..', which URLs drop from a path",
    ),
]


@pytest.mark.parametrize(("subject", "knobs", "error"), TOO_LONG)
def test_what_does_not_fit_is_counted_and_named(
    subject: Subject, knobs: dict[str, Any], error: str
) -> None:
    zpl, rows, part = render([subject, subject], **knobs)
    assert zpl == ""
    assert (part.item_count, part.failed) == (2, (0, 1))
    assert [csv_value(row["error"]) for row in rows] == [error, error]
    assert [row["status"] for row in rows] == ["failed", "failed"]
    said = re.sub(r"^(\([0-9]+\)) '.*?'", r"\1", error)  # without the value
    assert part.first_failure == said


@pytest.mark.parametrize(("width_mm", "dots"), [(80, 18), (100, 20), (60, 12), (53.5, 10)])
def test_numbers_become_narrower_down_to_half_their_height(width_mm: float, dots: int) -> None:
    lot = Lot(gtin=GTIN, lot="A" * 20)
    [_, line] = fields_of(lay_out(lot, ZplConfig(width_mm=width_mm, lines=("lot",))).zpl)
    assert line == (f"^FO180,13^A0N,20,{dots}", f"LOT {'A' * 20}")
    with pytest.raises(RenderError, match=r"^the line lot, 24 characters, is 30\.0 mm wide"):
        lay_out(lot, ZplConfig(width_mm=53.375, lines=("lot",)))


def test_names_go_on_in_further_lines() -> None:
    product = Product(gtin=GTIN, product_name="Kale salad with a very long name")
    fields = fields_of(lay_out(product, ZplConfig(width_mm=48, lines=("product_name",))).zpl)
    assert [(line.commands, line.data) for line in fields[1:]] == [
        ("^FO164,13^A0N,20,19", "Kale salad"),
        ("^FO164,38^A0N,20,19", "with a very"),
        ("^FO164,63^A0N,20,19", "long name"),
    ]


def test_lines_fill_the_label_to_its_margin() -> None:
    lot = Lot(gtin=GTIN, lot="1")
    knobs = ZplConfig(text_height_mm=4, lines=("lot",) * 4, height_mm=22)
    fields = fields_of(lay_out(lot, knobs).zpl)
    assert [line.commands.partition("^A0")[0] for line in fields[1:]] == [
        *("^FO164,16", "^FO164,56", "^FO164,96", "^FO164,136")  # each 32 high, the margin at 168
    ]
    with pytest.raises(RenderError, match=r"^the text, 4 lines, is 20\.0 mm high, .* 19\.9 mm$"):
        lay_out(lot, evolve(knobs, height_mm=21.875))


def test_others_are_printed_and_the_manifest_tells_of_all() -> None:
    good = [Lot(gtin=GTIN, lot="=1+1"), Serial(gtin=GTIN, serial="0012")]
    bad = Lot(gtin=GTIN, lot="~DG")
    zpl, rows, part = render([good[0], bad, good[1]], symbol="datamatrix")
    assert zpl == "".join(lay_out(each, ZplConfig(symbol="datamatrix")).zpl for each in good)
    assert part.failed == (1,)
    told = [(row["index"], csv_value(row["lot"]), row["serial"], row["status"]) for row in rows]
    assert told == [("7", "=1+1", "", "ok"), ("8", "~DG", "", "failed"), ("9", "", "0012", "ok")]
    assert rows[0]["lot"] == "'=1+1"
    assert rows[0]["payload"] == "010950600013435210=1+1"
    assert rows[0]["width_mm"] == "12.500"


def test_modules_become_narrower_where_that_is_legal_and_needed() -> None:
    knobs = ZplConfig(symbol="gs1_128", environment="other", dpi=600, lines=())
    lot = Lot(gtin=GTIN, lot="A")  # 167 modules and two quiet zones of 10
    for width_mm, module in ((100, 10), (80, 10), (79.8, 9), (60, 7), (50, 6)):
        zpl = lay_out(lot, evolve(knobs, width_mm=width_mm)).zpl
        assert f"^BY{module},3," in zpl
    with pytest.raises(RenderError, match=r"is 46\.8 x 12\.7 mm, .* 46\.0 x 48\.8 mm"):
        lay_out(lot, evolve(knobs, width_mm=48))
    with pytest.raises(RenderError, match=r"is 77\.9 x"):  # not if a width is asked for
        lay_out(lot, evolve(knobs, width_mm=79, x_dimension_mm=0.4166))


REFUSED = [
    ({"symbol": "gs1_128", "environment": "retail_pos"}, "asset_config.environment: expected one of general_distribution, other for gs1_128, got retail_pos"),
    ({"x_dimension_mm": 0.3}, "asset_config.x_dimension_mm: expected 0.396 to 0.99 mm in the environment 'retail_pos', got 0.3"),
    ({"environment": "other"}, "asset_config.dpi: expected a print head that has modules of 0.38 to 0.495 mm in whole dots, as many as ZPL takes, got 203"),
    ({"symbol": "gs1_128", "dpi": 600}, "asset_config.dpi: expected a print head that has modules of 0.495 to 1.016 mm in whole dots, as many as ZPL takes, got 600"),
    ({"text_height_mm": 1.0}, "asset_config.text_height_mm: expected at least 1.25 mm, which are 10 dots, got 1.0"),
    ({"width_mm": 5}, "asset_config.width_mm: expected 10 to 300 mm, got 5.0"),
    ({"digital_link_stem": "ftp://x"}, "asset_config.digital_link_stem: 'ftp://x': expected a stem like https://example.com/path"),
    ({"dpi": 204}, "asset_config.dpi: expected one of 203, 300, 600, got 204"),
    ({"copies": 0}, "asset_config.copies: expected 1 to 99999999, got 0"),
]  # fmt: skip


@pytest.mark.parametrize(("knobs", "problem"), REFUSED)
def test_knobs_that_make_no_label_are_refused(knobs: dict[str, Any], problem: str) -> None:
    with pytest.raises(RequestError) as caught:
        renderer_config(ZplRenderer(), knobs)
    assert str(caught.value) == problem


def test_this_suite_does_not_install_the_plugin() -> None:
    assert "zpl_labels" not in default_registry().export_types()


@pytest.mark.parametrize(
    ("knobs", "dots"),
    [
        ({"symbol": "qr", "dpi": 203}, [4]),
        ({"symbol": "qr", "dpi": 300}, [6, 5]),
        ({"symbol": "qr", "dpi": 600}, [12, 11, 10]),
        ({"symbol": "qr", "dpi": 300, "environment": "other"}, [5]),
        ({"symbol": "qr", "dpi": 203, "environment": "general_distribution"}, [6]),
        ({"symbol": "datamatrix", "dpi": 203}, [5, 4, 3]),
        ({"symbol": "datamatrix", "dpi": 600}, [15, 14, 13, 12, 11, 10, 9]),
        ({"symbol": "gs1_128", "dpi": 203}, [4]),
        ({"symbol": "gs1_128", "dpi": 203, "environment": "other"}, [3, 2]),
        ({"symbol": "qr", "dpi": 300, "x_dimension_mm": 0.5}, [6]),
        ({"symbol": "qr", "dpi": 300, "x_dimension_mm": 0.51}, [7]),
        ({"symbol": "qr", "dpi": 300, "x_dimension_mm": 0.990}, [11]),
    ],
)
def test_modules_are_whole_dots_within_what_gs1_allows(
    knobs: dict[str, Any], dots: list[int]
) -> None:
    assert list(ZplConfig(**knobs).module_widths) == dots
