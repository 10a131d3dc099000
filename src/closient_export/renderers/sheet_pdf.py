"""Sheets of labels as PDF: a symbol and lines of text for each lot or serial, on label stock."""

import csv
import io
import math
import os
import pickle
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal, Self

from attrs import Attribute, field, frozen

from closient_export.errors import ExportError, RenderError
from closient_export.gs1 import CANONICAL_STEM, digital_link
from closient_export.plugins import (
    IDENTIFYING_COLUMNS,
    RENDERER_API,
    Part,
    Problem,
    RequestError,
    Scope,
    Subject,
    csv_cell,
    identifiers_of,
    utf8,
)
from closient_export.renderers.barcodes_1d import LOWEST_BARS, WIDEST_GS1_128, linear_symbol
from closient_export.renderers.drawing import pdf
from closient_export.renderers.drawing.artwork import Artwork
from closient_export.renderers.drawing.fonts import Font, FontChain, prepared
from closient_export.renderers.drawing.linear import draw_linear
from closient_export.renderers.labels import Layout, Line, Room, WrittenLine, lay_out, write_above
from closient_export.renderers.qr_codes import check_link_stem
from closient_export.renderers.symbols import datamatrix, qr
from closient_export.renderers.symbols.linear import LinearSymbol
from closient_export.renderers.symbols.matrix import MatrixSymbol
from closient_export.renderers.symbols.specifications import (
    DATAMATRIX_X_DIMENSIONS,
    LINEAR_SPECIFICATIONS,
    QR_X_DIMENSIONS,
    Environment,
    XDimension,
)
from closient_export.renderers.templates import LabelTemplate, find_template

__all__ = ["SHEET_COLUMNS", "SheetConfig", "SheetRenderer"]

SymbolKind = Literal["qr", "datamatrix", "gs1_128", "gtin"]
LineKind = Literal[
    "auto",
    "product_name",
    "brand",
    "gtin",
    "lot",
    "serial",
    "expiry",
    "best_before",
    "production_date",
    "hri",
]

FONTS_VARIABLE = "CLOSIENT_EXPORT_FONTS"
"""Names TrueType files of the host's, tried in order after the built-in font."""

_PLACE_COLUMNS = (
    "index", "page", "row", "column", "left_mm", "top_mm", "right_mm", "bottom_mm",
)  # fmt: skip
SHEET_COLUMNS = (
    *_PLACE_COLUMNS, *IDENTIFYING_COLUMNS, "payload", "symbol", "width_mm", "status", "error",
)  # fmt: skip
"""Of the manifest: a row for each printed label, and one for each item that has none."""


def _within(
    low: float, high: float, unit: str = ""
) -> Callable[[Any, "Attribute[Any]", Any], None]:
    def check(_instance: Any, _attribute: "Attribute[Any]", value: float | None) -> None:
        if value is not None and not low <= value <= high:
            message = f"expected {low} to {high}{unit}, got {value}"
            raise ValueError(message)

    return check


def _check_template(_instance: Any, _attribute: "Attribute[Any]", value: str) -> None:
    find_template(value)


@frozen(kw_only=True)
class SheetConfig:
    """The knobs of a sheet of labels."""

    sheet_template: str = field(default="63up_1in_letter", validator=_check_template)
    """The label stock: a key of the built-in templates, or a product number such as ``5160``."""
    custom_template: LabelTemplate | None = None
    """Label stock of your own, instead."""
    symbol: SymbolKind = "qr"
    """A QR Code, a GS1 DataMatrix, GS1-128, or the linear symbol of the bare GTIN."""
    lines: tuple[LineKind, ...] = ("auto",)
    """The text, top to bottom; ``auto`` takes as much of product name, lot, serial and expiry as
    there is room for, and no line at all is an empty list."""
    environment: Environment | None = None
    """Where the symbol will be read; ``retail_pos`` for matrix symbols, else
    ``general_distribution``."""
    x_dimension_mm: float | None = field(default=None, validator=_within(0.1, 3, " mm"))
    """The width of a module in millimetres; as large as fits if not given."""
    digital_link_stem: str = field(default=CANONICAL_STEM, validator=check_link_stem)
    """What comes before the first AI of a QR Code's Digital Link."""
    error_correction: qr.ErrorCorrection = "M"
    """Of QR Codes."""
    label_margin_mm: float = field(default=1.0, validator=_within(0, 50, " mm"))
    """What stays white along the edge of a label."""
    start_position: int = field(default=1, validator=_within(1, 1_000_000))
    """The first label of the first sheet to print on, from 1, row by row: for part-used sheets."""
    skip_positions: tuple[int, ...] = ()
    """Labels of the first sheet that are missing."""
    copies: int = field(default=1, validator=_within(1, 1000))
    """Of each label, one after the other."""
    borders: bool = False
    """Whether the edges of the labels are drawn."""
    offset_x_mm: float = field(default=0.0, validator=_within(-50, 50, " mm"))
    """Moves everything to the right, for printers that do not."""
    offset_y_mm: float = field(default=0.0, validator=_within(-50, 50, " mm"))
    """Moves everything down."""
    scale_x: float = field(default=1.0, validator=_within(0.9, 1.1))
    """Stretches everything sideways, from the left edge."""
    scale_y: float = field(default=1.0, validator=_within(0.9, 1.1))
    """Stretches everything lengthways, from the top edge."""
    rotation_deg: float = field(default=0.0, validator=_within(-5, 5, " degrees"))
    """Turns everything clockwise about the middle of the page."""
    calibration_page: bool = False
    """Whether a page with the edges of all labels and two rulers comes first."""
    missing_glyphs: Literal["error", "omit"] = "error"
    """What becomes of a label with a line that no font can write: an error, or no such line."""
    black: pdf.Black = "gray"
    """Black as a grey level, or as full black ink alone."""

    def __attrs_post_init__(self) -> None:
        problems = []
        count = self.template.count
        if self.start_position > count:
            expected = f"expected 1 to {count}, got {self.start_position}"
            problems.append(Problem("start_position", expected))
        problems += [
            Problem(f"skip_positions[{index}]", f"expected 1 to {count}, got {position}")
            for index, position in enumerate(self.skip_positions)
            if not 1 <= position <= count
        ]
        if len(self.lines) > 1 and "auto" in self.lines:
            problems.append(Problem("lines", "expected 'auto' alone, or names of lines"))
        smallest = min(self.template.label_width_mm, self.template.label_height_mm)
        if 2 * self.label_margin_mm >= smallest:
            expected = f"expected less than half of {smallest} mm, got {self.label_margin_mm}"
            problems.append(Problem("label_margin_mm", expected))
        if problems:
            raise RequestError(problems)

    @property
    def template(self) -> LabelTemplate:
        """The label stock."""
        return self.custom_template or find_template(self.sheet_template)


class _Label:
    """A drawn label: page content, and what the manifest says of it."""

    def __init__(self, payload: str, symbol: str) -> None:
        self.payload = payload
        self.symbol = symbol
        self.width_mm = 0.0
        self.note = ""
        self.content: list[str] = []
        self.fonts: set[int] = set()

    def write(self, lines: Iterable[WrittenLine], fonts: FontChain) -> None:
        """Add the lines of text."""
        for line in lines:
            self.fonts.add(line.font)
            x, y = pdf.number(line.x), pdf.number(-line.baseline)
            glyphs = fonts.fonts[line.font].glyphs(line.text)
            size = pdf.number(line.size)
            self.content.append(f"BT /F{line.font} {size} Tf {x} {y} Td <{glyphs}> Tj ET")


class SheetRenderer:
    """Sheets of labels as PDF.

    Args:
        fonts: TrueType files that are tried after the built-in font, which writes Latin letters;
            those that the environment variable ``CLOSIENT_EXPORT_FONTS`` names if not given.
    """

    api_version: ClassVar[int] = RENDERER_API
    scopes: ClassVar[frozenset[Scope]] = frozenset({Scope.LOTS, Scope.SERIALS})
    config: ClassVar[type[Any]] = SheetConfig
    media_type: ClassVar[str] = "application/pdf"
    extension: ClassVar[str] = "pdf"
    writes_manifest: ClassVar[bool] = True

    def __init__(self, fonts: Sequence[Path] | None = None) -> None:
        if fonts is None:
            named = os.environ.get(FONTS_VARIABLE, "").split(os.pathsep)
            fonts = [Path(name) for name in named if name]
        self._fonts = FontChain([Font(), *map(Font, fonts)])

    def render_part(
        self, subjects: Iterable[Subject], config: SheetConfig, first_index: int
    ) -> Part:
        """Draw the labels; `assemble` gives them their places."""
        del first_index
        pieces: list[bytes] = []
        used: set[int] = set()
        failed_count = 0
        first_failure = None
        for subject in subjects:
            try:
                label = self._label(subject, config)
            except ExportError as error:
                failed_count += 1
                first_failure = first_failure or error.public_message
                pieces += [b"", _cells(subject, "", "", "", "failed", str(error))]
                continue
            used |= label.fonts
            width = f"{label.width_mm:.3f}"
            cells = _cells(subject, label.payload, label.symbol, width, "ok", label.note)
            pieces += ["\n".join(label.content).encode("ascii"), cells]
        return Part(
            item_count=len(pieces) // 2,
            failed_count=failed_count,
            first_failure=first_failure,
            body=(pickle.dumps(config), bytes(sorted(used)), *pieces),
        )

    def _label(self, subject: Subject, config: SheetConfig) -> _Label:
        if config.symbol in ("qr", "datamatrix"):
            return self._matrix_label(subject, config)
        return self._linear_label(subject, config)

    def _matrix_label(self, subject: Subject, config: SheetConfig) -> _Label:
        elements = subject.element_string()
        if config.symbol == "qr":
            link = digital_link(elements, config.digital_link_stem)
            symbol, tables = qr.encode(link, config.error_correction), QR_X_DIMENSIONS
        else:
            symbol = datamatrix.encode(elements, "square", "fnc1")
            tables = DATAMATRIX_X_DIMENSIONS
        x_range = _x_range(tables[config.environment or "retail_pos"], config)
        label = _Label(symbol.payload, symbol.name)
        layout = self._lay_out(subject, config, symbol, x_range, label)
        label.width_mm = symbol.width * layout.x_dimension
        label.content.append(pdf.matrix_content(symbol, layout.x, layout.y, layout.x_dimension))
        label.write(layout.lines, self._fonts)
        return label

    def _lay_out(
        self,
        subject: Subject,
        config: SheetConfig,
        symbol: MatrixSymbol,
        x_range: XDimension,
        label: _Label,
    ) -> Layout:
        """The first layout that fits; ``auto`` gives lines up for the symbol, the name first."""
        room = _room(config)
        modules = (float(symbol.width), float(symbol.height))
        failure: RenderError | None = None
        for kinds in _choices(config.lines):
            lines = self._lines(subject, kinds, config, label)
            try:
                return lay_out(room, modules, x_range, lines, self._fonts)
            except RenderError as error:
                failure = error
        assert failure is not None  # noqa: S101 - there is at least one choice
        raise failure

    def _linear_label(self, subject: Subject, config: SheetConfig) -> _Label:
        symbol = linear_symbol(subject, "gtin" if config.symbol == "gtin" else "gs1_128")
        specifications = LINEAR_SPECIFICATIONS[symbol.kind]
        environment = config.environment or "general_distribution"
        if environment not in specifications:
            raise RenderError(
                f"{symbol.kind} is not read in the environment '{environment}', expected one of "
                f"{', '.join(specifications)}"
            )
        specification = specifications[environment]
        x_range = _x_range(specification.x_dimension, config)
        label = _Label(symbol.payload, symbol.kind)
        room = _inner_rectangle(_room(config))
        width = room.width - 2 * room.margin
        if symbol.kind == "GS1-128":
            width = min(width, WIDEST_GS1_128)
        x_dimension = min(x_range.maximum, width / symbol.width)
        if x_dimension < x_range.minimum:
            raise RenderError(
                f"expected room for {symbol.width * x_range.minimum:.1f} mm of {symbol.kind}, at an "
                f"X-dimension of {x_range.minimum} mm; the label has {width:.1f} mm"
            )
        kinds: Sequence[LineKind] = config.lines
        if kinds == ("auto",):
            kinds = ("product_name",)
        lines = self._lines(subject, kinds, config, label)
        self._draw_bars(label, symbol, x_dimension, specification.height(x_dimension), room, lines)
        return label

    def _draw_bars(
        self,
        label: _Label,
        symbol: LinearSymbol,
        x_dimension: float,
        height: float,
        room: Room,
        lines: Sequence[Line],
    ) -> None:
        """Bars as high as there is room for below the lines of text."""

        def drawn(bar_height: float) -> Artwork:
            return draw_linear(
                symbol,
                x_dimension_mm=x_dimension,
                height_mm=bar_height,
                text=True,
                bearer_bars="horizontal",
                title="",
            )

        lowest = drawn(LOWEST_BARS)
        written, top = write_above(room, lines, self._fonts, least_below=lowest.height)
        spare = room.height - room.margin - top - lowest.height
        artwork = drawn(min(height, LOWEST_BARS + spare))
        label.width_mm = artwork.width
        label.symbol = f"{symbol.kind} X={x_dimension:.3f}"
        label.content.append(pdf.artwork_content(artwork, (room.width - artwork.width) / 2, top))
        label.write(written, self._fonts)

    def _lines(
        self,
        subject: Subject,
        kinds: Sequence[LineKind],
        config: SheetConfig,
        label: _Label,
    ) -> list[Line]:
        lines = []
        for kind in kinds:
            for text in _texts(subject, kind):
                try:
                    line = prepared(text)
                    if line:
                        shortens = kind in ("product_name", "brand")
                        lines.append(Line(line, self._fonts.choose(line), shortens))
                except RenderError as error:
                    if config.missing_glyphs == "error":
                        raise
                    label.note = f"left out: {error}"
        return lines

    def assemble(
        self, parts: Iterable[Part], out: BinaryIO, manifest: BinaryIO | None = None
    ) -> None:
        """Give the labels their places, page by page, and attach the manifest."""
        with _Rows(manifest) as rows:
            sheets: _Sheets | None = None
            index = 0
            for part in parts:
                config, used, *pieces = part.body
                sheets = sheets or _Sheets(out, pickle.loads(config), self._fonts)  # noqa: S301 - ours
                sheets.used |= set(used)
                for content, cells in zip(pieces[::2], pieces[1::2], strict=True):
                    places = sheets.place(content.decode("ascii")) if content else [_NOWHERE]
                    for place in places:
                        rows.write(f"{index},{place},".encode("ascii") + cells)
                    index += 1
            if sheets is not None:
                sheets.finish(rows)


_NOWHERE = ",,,,,,"
_UNIT = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
"""The matrix that moves nothing."""


class _Rows:
    """The manifest, compressed while it is written; it waits in a temporary file."""

    def __init__(self, copy: BinaryIO | None) -> None:
        self._copy = copy
        self._compressor = zlib.compressobj(6)
        self._file = tempfile.SpooledTemporaryFile(max_size=1 << 22)  # noqa: SIM115
        self.plain_length = 0

    def __enter__(self) -> Self:
        self.write((",".join(SHEET_COLUMNS) + "\r\n").encode("ascii"))
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def write(self, row: bytes) -> None:
        self.plain_length += len(row)
        self._file.write(self._compressor.compress(row))
        if self._copy is not None:
            self._copy.write(row)

    def compressed(self) -> tuple[Iterator[bytes], int]:
        """The chunks of the whole, and their length."""
        self._file.write(self._compressor.flush())
        length = self._file.tell()
        self._file.seek(0)
        return iter(lambda: self._file.read(1 << 16), b""), length


class _Sheets:
    """The pages: which label comes where, and what is drawn around it."""

    def __init__(self, out: BinaryIO, config: SheetConfig, fonts: FontChain) -> None:
        self._config = config
        self._template = config.template
        self._fonts = fonts
        self.used: set[int] = set()
        self._document = pdf.Document(
            out,
            width_mm=self._template.page_width_mm,
            height_mm=self._template.page_height_mm,
        )
        self._page = 1
        self._content: list[str] = []
        missing = {position - 1 for position in config.skip_positions}
        first = range(config.start_position - 1, self._template.count)
        self._free = iter([position for position in first if position not in missing])
        if config.calibration_page:
            self.used.add(0)
            self._document.page([*self._opening(), *_calibration(self._template, fonts.fonts[0])])
            self._page += 1

    def _opening(self) -> list[str]:
        """Black, and the corrections for the printer: stretch, then turn, then move."""
        config, template = self._config, self._template
        angle = math.radians(-config.rotation_deg)
        cosine, sine = math.cos(angle), math.sin(angle)
        x, y = template.page_width_mm / 2, -template.page_height_mm / 2
        matrices: tuple[tuple[float, ...], ...] = (
            (1, 0, 0, 1, config.offset_x_mm, -config.offset_y_mm),
            (cosine, sine, -sine, cosine, x - cosine * x + sine * y, y - sine * x - cosine * y),
            (config.scale_x, 0, 0, config.scale_y, 0, 0),
        )
        moves = [f"{' '.join(map(pdf.number, m))} cm" for m in matrices if m != _UNIT]
        return [pdf.ink(config.black), *moves]

    def place(self, content: str) -> list[str]:
        """Put the copies of a label on the next free places, and say which those are."""
        return [self._place_one(content) for _ in range(self._config.copies)]

    def _place_one(self, content: str) -> str:
        position = next(self._free, None)
        while position is None:
            self._turn()
            position = next(self._free, None)
        template = self._template
        left, top = template.corner(position)
        self._content.append(f"q 1 0 0 1 {pdf.number(left)} {pdf.number(-top)} cm")
        if self._config.borders:
            self._content.append(_edge(template))
        self._content += [content, "Q"]
        row, column = divmod(position, template.columns)
        corners = (left, top, left + template.label_width_mm, top + template.label_height_mm)
        return ",".join([str(self._page), str(row + 1), str(column + 1), *map(pdf.number, corners)])

    def _turn(self) -> None:
        self._document.page([*self._opening(), *self._content])
        self._content = []
        self._page += 1
        self._free = iter(range(self._template.count))

    def finish(self, rows: _Rows) -> None:
        """Write the last page and the end of the document."""
        if self._content:
            self._turn()
        chunks, length = rows.compressed()
        fonts = {f"F{index}": self._fonts.fonts[index] for index in sorted(self.used)}
        self._document.finish(
            fonts, pdf.Attachment("manifest.csv", chunks, length, rows.plain_length)
        )


def _edge(template: LabelTemplate) -> str:
    """The edge of a label, from its upper left corner, as a hairline."""
    width, height = template.label_width_mm, template.label_height_mm
    if template.shape == "rect":
        return f"0.1 w 0 0 {pdf.number(width)} {pdf.number(-height)} re S"
    return f"0.1 w {pdf.circle(width / 2, -width / 2, width / 2)} S"


_RULER_EDGE = 5.0
"""How far the rulers of the calibration page are from the edge of the paper, in mm."""


def _calibration(template: LabelTemplate, font: Font) -> Iterator[str]:
    """The edges of all labels, and a ruler along the top and the left."""
    for position in range(template.count):
        left, top = template.corner(position)
        yield f"q 1 0 0 1 {pdf.number(left)} {pdf.number(-top)} cm {_edge(template)} Q"
    yield "0.1 w"
    for along, length in enumerate((template.page_width_mm, template.page_height_mm)):
        for mark in range(int(_RULER_EDGE), int(length - _RULER_EDGE) + 1):
            tick = 3 if mark % 10 == 0 else 2 if mark % 5 == 0 else 1.2
            start = (mark, -_RULER_EDGE) if along == 0 else (_RULER_EDGE, -mark)
            end = (mark, -_RULER_EDGE - tick) if along == 0 else (_RULER_EDGE + tick, -mark)
            yield f"{pdf.number(start[0])} {pdf.number(start[1])} m"
            yield f"{pdf.number(end[0])} {pdf.number(end[1])} l S"
            if mark % 10 == 0:
                x, y = (mark + 0.4, -_RULER_EDGE - 3) if along == 0 else (_RULER_EDGE + 3.4, -mark)
                text = font.glyphs(str(mark))
                yield f"BT /F0 2 Tf {pdf.number(x)} {pdf.number(y)} Td <{text}> Tj ET"


def _room(config: SheetConfig) -> Room:
    template = config.template
    return Room(
        shape=template.shape,
        margin=config.label_margin_mm,
        width=template.label_width_mm,
        height=template.label_height_mm,
    )


def _inner_rectangle(room: Room) -> Room:
    """The label itself, or the square within a round one."""
    if room.shape == "rect":
        return room
    side = (room.width - 2 * room.margin) / math.sqrt(2)
    return Room(shape="rect", margin=(room.width - side) / 2, width=room.width, height=room.height)


def _x_range(allowed: XDimension, config: SheetConfig) -> XDimension:
    """What GS1 allows, or just what is asked for."""
    wanted = config.x_dimension_mm
    if wanted is None:
        return allowed
    if not allowed.minimum <= wanted <= allowed.maximum:
        raise RenderError(
            f"expected an X-dimension of {allowed.minimum} to {allowed.maximum} mm, got {wanted}"
        )
    return XDimension(wanted, wanted, wanted)


_AUTO: tuple[tuple[LineKind, ...], ...] = (
    ("product_name", "lot", "serial", "expiry"),
    ("lot", "serial", "expiry"),
    ("lot", "serial"),
    (),
)


def _choices(kinds: tuple[LineKind, ...]) -> tuple[tuple[LineKind, ...], ...]:
    return _AUTO if kinds == ("auto",) else (kinds,)


def _texts(subject: Subject, kind: LineKind) -> list[str]:
    """The lines of that kind; none where the subject has no such thing."""
    if kind == "hri":
        return [f"({ai}){value}" for ai, value in subject.element_string()]
    value = getattr(subject, kind, None)
    if value is None:
        return []
    text = value.isoformat() if isinstance(value, date) else str(value)
    return [f"{_TITLES[kind]} {text}" if kind in _TITLES else text]


_TITLES = {
    "gtin": "GTIN",
    "lot": "LOT",
    "serial": "SER",
    "expiry": "EXP",
    "best_before": "BEST BEFORE",
    "production_date": "PROD",
}
"""GS1's data titles, shortened where they are long."""


def _cells(
    subject: Subject, payload: str, symbol: str, width: str, status: str, error: str
) -> bytes:
    """The cells of the manifest that do not depend on the label's place."""
    identifiers = identifiers_of(subject)
    known = (identifiers.get(column, "") for column in IDENTIFYING_COLUMNS)
    row = io.StringIO(newline="")
    csv.writer(row).writerow(map(csv_cell, (*known, payload, symbol, width, status, error)))
    return utf8(row.getvalue())
