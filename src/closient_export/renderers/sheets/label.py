"""One label: its symbol, its text, and where they are on it."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from closient_export.errors import ExportError, RenderError
from closient_export.gs1 import digital_link
from closient_export.plugins import Subject
from closient_export.renderers.barcodes_1d import WIDEST_GS1_128, linear_symbol
from closient_export.renderers.drawing import pdf
from closient_export.renderers.drawing.artwork import Artwork
from closient_export.renderers.drawing.fonts import FontChain, prepared
from closient_export.renderers.drawing.linear import draw_linear
from closient_export.renderers.matrix import encoded
from closient_export.renderers.sheets.config import LineKind, SheetConfig
from closient_export.renderers.sheets.layout import (
    Layout,
    Line,
    Room,
    WrittenLine,
    write_above,
)
from closient_export.renderers.sheets.lines import AUTO, NAMED, choices_of, texts_of
from closient_export.renderers.sheets.repeated_layouts import lay_out_alike
from closient_export.renderers.symbols import datamatrix, qr
from closient_export.renderers.symbols.linear import LinearSymbol
from closient_export.renderers.symbols.matrix import MatrixSymbols
from closient_export.renderers.symbols.specifications import (
    DATAMATRIX_X_DIMENSIONS,
    LINEAR_SPECIFICATIONS,
    QR_X_DIMENSIONS,
    Environment,
    LinearSpecification,
    XDimension,
    sizes_in,
)

__all__ = ["Label", "LabelArtist"]


_T = TypeVar("_T")

_X_STEP = 0.001
"""How closely the largest X-dimension is found, in mm."""


class Label:
    """A drawn label: page content, and what the manifest says of it."""

    def __init__(self, payload: str, symbol: str) -> None:
        self.payload = payload
        self.symbol = symbol
        self.width_mm = 0.0
        self.note = ""
        self.content: list[bytes] = []
        self.fonts: set[int] = set()

    def write(self, lines: Iterable[WrittenLine], fonts: FontChain) -> None:
        """Add the lines of text."""
        for line in lines:
            self.fonts.add(line.font)
            x, y = pdf.number(line.x), pdf.number(-line.baseline)
            glyphs = fonts.fonts[line.font].glyphs(line.text)
            size = pdf.number(line.size)
            text = f"BT /F{line.font} {size} Tf {x} {y} Td <{glyphs}> Tj ET"
            self.content.append(text.encode("ascii"))


class LabelArtist:
    """Draws labels in the fonts it is given."""

    def __init__(self, fonts: FontChain) -> None:
        self._fonts = fonts

    def draw_all(
        self, subjects: Sequence[Subject], config: SheetConfig
    ) -> Iterator[Label | ExportError]:
        """The label of each subject, or why it cannot be drawn."""
        if config.symbol in ("qr", "datamatrix"):
            labels = self._matrix_labels(subjects, config)
            yield from (labels[place] for place in range(len(subjects)))
        else:
            for subject in subjects:
                try:
                    yield self._linear_label(subject, config)
                except ExportError as error:
                    yield error

    def _matrix_labels(
        self, subjects: Sequence[Subject], config: SheetConfig
    ) -> dict[int, Label | ExportError]:
        """By place among the subjects."""
        if config.symbol == "qr":
            tables = QR_X_DIMENSIONS
            groups, errors = encoded(
                subjects,
                lambda elements: digital_link(elements, config.digital_link_stem),
                lambda links: qr.encode(links, config.error_correction),
            )
        else:
            tables = DATAMATRIX_X_DIMENSIONS
            groups, errors = encoded(
                subjects,
                lambda elements: elements.raw(),
                lambda data: datamatrix.encode(data, "square", "fnc1"),
            )
        labels: dict[int, Label | ExportError] = {**errors}
        for group in groups:
            try:
                x_range = _x_range(_table(group.symbols.name, tables, config), config)
            except RenderError as error:
                labels |= dict.fromkeys(group.places, error)
                continue
            paths = pdf.matrix_paths(group.symbols)
            for place, payload, path in zip(group.places, group.payloads, paths, strict=True):
                label = Label(payload, group.symbols.name)
                try:
                    layout = self._layout(subjects[place], group.symbols, x_range, label, config)
                except ExportError as error:
                    labels[place] = error
                    continue
                label.width_mm = group.symbols.width * layout.x_dimension
                margin = group.symbols.quiet_zone * layout.x_dimension
                corner = (layout.x + margin, layout.y + margin)
                label.content.append(pdf.placed_path(path, *corner, layout.x_dimension))
                label.write(layout.lines, self._fonts)
                labels[place] = label
        return labels

    def _layout(
        self,
        subject: Subject,
        symbols: MatrixSymbols,
        x_range: XDimension,
        label: Label,
        config: SheetConfig,
    ) -> Layout:
        """Where a matrix symbol goes, as large as the lines of text leave room for."""
        room, modules = _room(config), (float(symbols.width), float(symbols.height))
        return self._first_fit(
            subject,
            config,
            choices_of(config.lines),
            label,
            lambda lines: lay_out_alike(room, modules, x_range, lines, self._fonts),
        )

    def _first_fit(
        self,
        subject: Subject,
        config: SheetConfig,
        choices: Sequence[tuple[LineKind, ...]],
        label: Label,
        fit: Callable[[list[Line]], _T],
    ) -> _T:
        """What the first choice of lines that fits gives, or the failure of the last one."""
        *larger, least = choices
        for kinds in larger:
            lines = self._lines(subject, kinds, config, label)
            with suppress(RenderError):
                return fit(lines)
        return fit(self._lines(subject, least, config, label))

    def _linear_label(self, subject: Subject, config: SheetConfig) -> Label:
        symbol = linear_symbol(subject, "gtin" if config.symbol == "gtin" else "gs1_128")
        specification = _table(symbol.kind, LINEAR_SPECIFICATIONS[symbol.kind], config)
        x_range = _x_range(specification.x_dimension, config)
        label = Label(symbol.payload, symbol.kind)
        room = _inner_rectangle(_room(config))
        choices = choices_of(config.lines)
        if choices is AUTO and symbol.kind == "GS1-128":
            choices = NAMED
        self._first_fit(
            subject,
            config,
            choices,
            label,
            lambda lines: self._draw_bars(
                label, symbol, x_range, specification, room, lines, config
            ),
        )
        return label

    def _draw_bars(
        self,
        label: Label,
        symbol: LinearSymbol,
        x_range: XDimension,
        specification: LinearSpecification,
        room: Room,
        lines: Sequence[Line],
        config: SheetConfig,
    ) -> None:
        """The largest bars that the label has room for, below the lines of text."""

        def drawn(x_dimension: float) -> Artwork:
            return draw_linear(
                symbol,
                x_dimension_mm=x_dimension,
                height_mm=config.height_mm or specification.height(x_dimension),
                text=True,
                bearer_bars="horizontal",
                title="",
            )

        width = room.width - 2 * room.margin
        if symbol.kind == "GS1-128":
            width = min(width, WIDEST_GS1_128)
        low, high = x_range.minimum, min(x_range.maximum, width / symbol.width)
        if high < low:
            raise RenderError(
                f"expected room for {symbol.width * low:.1f} mm of {symbol.kind}, at an "
                f"X-dimension of {low} mm; the label has {width:.1f} mm"
            )
        lowest, available = drawn(low).height, room.height - 2 * room.margin
        if lowest > available:
            bars = config.height_mm or specification.height(low)
            raise RenderError(
                f"expected room for {lowest:.1f} mm of {symbol.kind}, whose bars are {bars:.1f} mm "
                f"high at an X-dimension of {low} mm; the label has {available:.1f} mm"
            )
        written, top = write_above(room, lines, self._fonts, least_below=lowest)
        below = room.height - room.margin - top
        artwork = drawn(high)
        if artwork.height > below:
            while high - low > _X_STEP:
                middle = (low + high) / 2
                low, high = (middle, high) if drawn(middle).height <= below else (low, middle)
            high, artwork = low, drawn(low)
        label.width_mm = artwork.width
        label.symbol = f"{symbol.kind} X={high:.3f}"
        down = max(below - artwork.height, 0) / 2
        left = (room.width - artwork.width) / 2
        label.content.append(pdf.artwork_content(artwork, left, top + down).encode("ascii"))
        label.write((line._replace(baseline=line.baseline + down) for line in written), self._fonts)

    def _lines(
        self,
        subject: Subject,
        kinds: Sequence[LineKind],
        config: SheetConfig,
        label: Label,
    ) -> list[Line]:
        lines = []
        for kind in kinds:
            for text in texts_of(subject, kind):
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


def _table(name: str, tables: Mapping[Environment, _T], config: SheetConfig) -> _T:
    """What holds where the symbol will be read."""
    environment = config.environment or "retail_pos"
    if config.environment is None and environment not in tables:
        environment = "general_distribution"
    return sizes_in(tables, environment, name)


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
