"""The pages of a sheet: which label comes where, what is drawn around it, and the manifest."""

import math
import tempfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Self

from closient_export.compression import Compressor
from closient_export.manifests import IDENTIFYING_COLUMNS
from closient_export.renderers.drawing import pdf
from closient_export.renderers.drawing.fonts import Font, FontChain
from closient_export.renderers.sheets.config import SheetConfig
from closient_export.renderers.sheets.templates import LabelTemplate

__all__ = ["NOWHERE", "SHEET_COLUMNS", "Rows", "Sheets"]

_PLACE_COLUMNS = (
    "index", "page", "row", "column", "left_mm", "top_mm", "right_mm", "bottom_mm",
)  # fmt: skip
SHEET_COLUMNS = (
    *_PLACE_COLUMNS, *IDENTIFYING_COLUMNS, "payload", "symbol", "width_mm", "compression", "status",
    "error",
)  # fmt: skip
"""Of the manifest: a row for each printed label, and one for each item that has none."""


NOWHERE = b",,,,,,"
"""The place of an item that has no label."""
_UNIT = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
"""The matrix that moves nothing."""


class Rows:
    """The manifest, compressed while it is written; it waits in a temporary file."""

    def __init__(self, copy: BinaryIO | None, recipe: Compressor) -> None:
        self._copy = copy
        self._compressor = recipe.begin(zlib.MAX_WBITS)
        self._file = tempfile.SpooledTemporaryFile(max_size=1 << 22)  # noqa: SIM115
        self.plain_length = 0

    def __enter__(self) -> Self:
        self.write((",".join(SHEET_COLUMNS) + "\r\n").encode("ascii"))
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def write(self, row: bytes) -> None:
        """Add a row."""
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


class _Place(NamedTuple):
    """A label of a page."""

    opening: bytes
    """Moves to its upper left corner, and draws its edge if that is wanted."""
    row: bytes
    """Where it is, as cells of the manifest."""


class Sheets:
    """The pages: which label comes where, and what is drawn around it."""

    def __init__(
        self, out: BinaryIO, config: SheetConfig, fonts: FontChain, recipe: Compressor
    ) -> None:
        self._config = config
        self._template = config.template
        self._fonts = fonts
        self.used: set[int] = set()
        self._document = pdf.Document(
            out,
            width_mm=self._template.page_width_mm,
            height_mm=self._template.page_height_mm,
            recipe=recipe,
        )
        self._page = 1
        self._content: list[bytes] = []
        self._places = [self._place(position) for position in range(self._template.count)]
        missing = {position - 1 for position in config.skip_positions}
        self._free: Iterator[_Place] = (
            place
            for position, place in enumerate(self._places)
            if position >= config.start_position - 1 and position not in missing
        )
        if config.calibration_page:
            self.used.add(0)
            self._document.page([*self._opening(), *_calibration(self._template, fonts.fonts[0])])
            self._page += 1

    def _opening(self) -> list[bytes]:
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
        return [line.encode("ascii") for line in (pdf.ink(config.black), *moves)]

    def place(self, content: bytes) -> list[bytes]:
        """Put the copies of a label on the next free places, and say which those are."""
        return [self._place_one(content) for _ in range(self._config.copies)]

    def _place_one(self, content: bytes) -> bytes:
        place = next(self._free, None)
        while place is None:
            self._turn()
            place = next(self._free, None)
        self._content += [place.opening, content, b"Q"]
        return b"%d,%b" % (self._page, place.row)

    def _place(self, position: int) -> _Place:
        template = self._template
        left, top = template.corner(position)
        opening = f"q 1 0 0 1 {pdf.number(left)} {pdf.number(-top)} cm"
        if self._config.borders:
            opening += f"\n{_edge(template)}"
        row, column = divmod(position, template.columns)
        edges = ",".join(map(pdf.number, self._printed(left, top)))
        return _Place(opening.encode("ascii"), f"{row + 1},{column + 1},{edges}".encode("ascii"))

    def _printed(self, left: float, top: float) -> tuple[float, float, float, float]:
        """Where the corrections for the printer put a label: the edges around its middle."""
        config, template = self._config, self._template
        half_width = config.scale_x * template.label_width_mm / 2
        half_height = config.scale_y * template.label_height_mm / 2
        x = config.scale_x * left + half_width - template.page_width_mm / 2
        y = config.scale_y * top + half_height - template.page_height_mm / 2
        angle = math.radians(config.rotation_deg)
        cosine, sine = math.cos(angle), math.sin(angle)
        x, y = x * cosine - y * sine, x * sine + y * cosine
        x += template.page_width_mm / 2 + config.offset_x_mm
        y += template.page_height_mm / 2 + config.offset_y_mm
        return x - half_width, y - half_height, x + half_width, y + half_height

    def _turn(self) -> None:
        self._document.page([*self._opening(), *self._content])
        self._content = []
        self._page += 1
        self._free = iter(self._places)

    def finish(self, rows: Rows) -> None:
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


def _calibration(template: LabelTemplate, font: Font) -> Iterator[bytes]:
    """The edges of all labels, and a ruler along the top and the left."""
    return (line.encode("ascii") for line in _rulers(template, font))


def _rulers(template: LabelTemplate, font: Font) -> Iterator[str]:
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
