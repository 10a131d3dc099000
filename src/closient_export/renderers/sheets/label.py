"""One label: its symbol, its text, and where they are on it."""

import math
from collections.abc import Iterable, Sequence
from datetime import date

from closient_export.errors import RenderError
from closient_export.gs1 import digital_link
from closient_export.plugins import Subject
from closient_export.renderers.barcodes_1d import LOWEST_BARS, WIDEST_GS1_128, linear_symbol
from closient_export.renderers.drawing import pdf
from closient_export.renderers.drawing.artwork import Artwork
from closient_export.renderers.drawing.fonts import FontChain, prepared
from closient_export.renderers.drawing.linear import draw_linear
from closient_export.renderers.sheets.config import LineKind, SheetConfig
from closient_export.renderers.sheets.layout import (
    Layout,
    Line,
    Room,
    WrittenLine,
    lay_out,
    write_above,
)
from closient_export.renderers.symbols import datamatrix, qr
from closient_export.renderers.symbols.linear import LinearSymbol
from closient_export.renderers.symbols.matrix import MatrixSymbol
from closient_export.renderers.symbols.specifications import (
    DATAMATRIX_X_DIMENSIONS,
    LINEAR_SPECIFICATIONS,
    QR_X_DIMENSIONS,
    XDimension,
)

__all__ = ["Label", "LabelArtist"]


class Label:
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


class LabelArtist:
    """Draws labels in the fonts it is given."""

    def __init__(self, fonts: FontChain) -> None:
        self._fonts = fonts

    def draw(self, subject: Subject, config: SheetConfig) -> Label:
        """The label of one subject.

        Raises:
            ExportError: it cannot be drawn.
        """
        if config.symbol in ("qr", "datamatrix"):
            return self._matrix_label(subject, config)
        return self._linear_label(subject, config)

    def _matrix_label(self, subject: Subject, config: SheetConfig) -> Label:
        elements = subject.element_string()
        if config.symbol == "qr":
            link = digital_link(elements, config.digital_link_stem)
            symbol, tables = qr.encode(link, config.error_correction), QR_X_DIMENSIONS
        else:
            symbol = datamatrix.encode(elements, "square", "fnc1")
            tables = DATAMATRIX_X_DIMENSIONS
        x_range = _x_range(tables[config.environment or "retail_pos"], config)
        label = Label(symbol.payload, symbol.name)
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
        label: Label,
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

    def _linear_label(self, subject: Subject, config: SheetConfig) -> Label:
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
        label = Label(symbol.payload, symbol.kind)
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
        label: Label,
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
        label: Label,
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
