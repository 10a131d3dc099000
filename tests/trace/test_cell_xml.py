import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from enum import StrEnum
from itertools import count, product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from closient_export.trace import cell_xml
from closient_export.trace.cell_xml import DATE, NUMBER, QUOTED, TEXT, ColumnXml
from closient_export.trace.sheets import Cell, Column, ColumnStyle, Link, Mark, Marked, Sheet
from closient_export.trace.worksheet import Page

LOOKS = ("", "wrap", "link", *Mark, *ColumnStyle)
STYLES = dict(zip(product(LOOKS, (TEXT, QUOTED, NUMBER, DATE)), count()))
ROW = cell_xml.ROW.decode()

texts = st.text(max_size=6) | st.text("=+-@＝ _x0041&<\t\r\n\x01\ud800ä", max_size=8)
numbers = st.integers() | st.booleans() | st.decimals() | st.decimals(-1000, 1000, places=4)
values: st.SearchStrategy[Any] = (
    texts
    | st.sampled_from([1, True, Decimal(1), Decimal("1.0"), Decimal("-0"), 0, None, "", "1"])
    | numbers
    | st.dates()
    | st.dates(date(1900, 2, 26), date(1900, 3, 3))
    | st.sampled_from(Mark)
)
cells: st.SearchStrategy[Cell] = (
    values
    | st.builds(Marked, values, st.sampled_from(Mark))
    | st.builds(Link, text=texts, sheet=st.just("Main"), row=st.just(2))
)


def column(look: str = "") -> ColumnXml:
    return ColumnXml("AB", look, STYLES, lambda _, link: bool(link.text))


def written(*rows: Sequence[Cell]) -> str:
    columns = tuple(
        Column(heading=f"{at}", width=9, style=ColumnStyle.PLAIN) for at, _ in enumerate(rows[0])
    )
    page = Page(Sheet(name="Main", columns=columns, rows=()), STYLES, lambda _: "'Main'!A2")
    text = b"".join(page.write(rows, selected=True)).decode()
    return text[text.index("</row>") + len("</row>") :]


def is_signalling(cell: Cell) -> bool:
    value = cell.value if isinstance(cell, Marked) else cell
    return isinstance(value, Decimal) and value.is_snan()


@given(st.lists(cells, max_size=30), st.sampled_from(["", "wrap"]))
def test_what_is_remembered_is_what_would_be_written(some: list[Cell], look: str) -> None:
    remembered = column(look)
    for cell in [*some, *some]:
        if not is_signalling(cell):
            assert remembered[cell] == column(look).write(cell)


@given(st.lists(cells, min_size=1, max_size=9))
@example([Link(text="a", sheet="Main", row=2), Decimal("sNaN"), Link(text="", sheet="", row=1)])
def test_a_row_is_its_cells_whatever_came_before(some: list[Cell]) -> None:
    once, twice = written(some), written(some, some)
    row = once[: once.index("</sheetData>")]
    again = re.sub(r'(<row r="|<c r="[A-Z]+)2"', r'\g<1>3"', row)
    assert twice.startswith(f"{row}{again}</sheetData>")
    assert twice.count("<hyperlink ") == 2 * once.count("<hyperlink ")


@given(st.decimals(allow_nan=False, allow_infinity=False) | st.integers() | numbers)
@example(Decimal("1.234567890123456"))
@example(Decimal(123456789012345))
@example(Decimal(-12345678901234))
@example(Decimal("0.1230"))
@example(Decimal("1E+3"))
@example(Decimal("-0.0"))
@example(10**14)
@example(True)
def test_numbers_are_in_the_one_notation_that_they_have(number: int | Decimal) -> None:
    given_number = Decimal(number)
    exact = Context(prec=15, Emin=-290, Emax=300, traps=[]).normalize(given_number)
    xml = column().write(number).decode()
    if not given_number.is_finite() or exact != given_number:
        assert f'<c r="AB{ROW}" s="{STYLES["", TEXT]}" t="inlineStr">' in xml or "preserve" in xml
        return
    plain = abs(exact.adjusted()) <= 15
    want = f"{exact:f}" if plain else str(exact)
    assert xml == f'<c r="AB{ROW}" s="{STYLES["", NUMBER]}"><v>{want}</v></c>'


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (1, 1.0),
        (Decimal("2.5"), 2.5),
        (Marked(1, Mark.DERIVED), Marked(1.0, Mark.DERIVED)),  # type: ignore[arg-type]
        (date(2025, 1, 1), datetime(2025, 1, 1, tzinfo=UTC)),
        ("a", b"a"),
        (None, ()),
        ("", []),
    ],
)
def test_a_value_for_no_cell_is_an_error_after_one_that_equals_it(good: Any, bad: Any) -> None:
    with pytest.raises(TypeError, match="not for a cell"):
        written([good], [good], [bad])


def test_a_value_without_a_hash_does_not_stop_a_row() -> None:
    nan = Decimal("sNaN")
    link = Link(text="to", sheet="Main", row=2)
    found = written([link, nan, Marked(nan, Mark.DERIVED)])
    assert found.count(">sNaN</t>") == 2
    assert found.count("<hyperlink ") == 1


def test_little_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_xml, "_REMEMBERED", 3)
    found = column()
    for text in ("a", "b", "c", "d", "x" * 201, "a"):
        assert f">{text}<".encode() in found[text]
    assert list(found) == ["d", "a"]
    for cell in (1, Decimal("0.5"), Marked(1, Mark.DERIVED), Marked("x" * 201, Mark.DERIVED)):
        found[cell]
        assert cell not in found


def test_words_that_are_texts_of_a_kind_of_their_own_are_texts() -> None:
    class Word(StrEnum):
        ONE = "one"

    found = column()
    assert found[Word.ONE] == found["one"] == column()["one"]
