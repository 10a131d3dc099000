"""Where the symbol and the text of a label go; what does not fit is an error, never cut off.

A square symbol is at the left and the text beside it, bars are at the top and the text below.
"""

import math
from collections.abc import Sequence
from contextlib import suppress

from attrs import frozen

from closient_export.plugins import RenderError, Subject
from closient_export_zpl.config import ZplConfig
from closient_export_zpl.symbols import Symbol, make_symbol
from closient_export_zpl.text import Area, Line, lines_of, print_lines

__all__ = ["Label", "lay_out"]

_GAP_MM = 1.0
"""Between symbol and text."""
_LONGEST_GS1_128_MM = 165.1
"""With its quiet zones (GenSpecs 5.4.4.3)."""

_SETTINGS = "^XA^CI28^MUD^JMA^LH0,0^FWN^LRN^PMN"
"""UTF-8, dots, all of them, from the corner on, neither turned nor reversed nor mirrored: printers keep
what another label has said of these."""


@frozen(kw_only=True)
class Label:
    """A label as ZPL, and what the manifest says of it."""

    zpl: str
    payload: str
    symbol: str
    width_mm: float


def lay_out(subject: Subject, config: ZplConfig) -> Label:
    """The label of a subject.

    Raises:
        ExportError: the symbol cannot be made, or something does not fit.
    """
    symbol = make_symbol(subject.element_string(), config)
    lines = lines_of(subject, config.lines)
    *wider, narrowest = config.module_widths
    for module in wider:
        with suppress(RenderError):
            return _label(symbol, lines, module, config)
    return _label(symbol, lines, narrowest, config)


def _label(symbol: Symbol, lines: Sequence[Line], module: int, config: ZplConfig) -> Label:
    """The label with modules of so many dots.

    Raises:
        RenderError: something does not fit.
    """
    width, height = config.dots(config.width_mm), config.dots(config.height_mm)
    margin = math.ceil(round(config.margin_mm * config.dots_per_mm, 6))
    right, bottom = width - margin, height - margin
    quiet = symbol.quiet * module
    bars = symbol.rows * module or config.bar_height
    wide = symbol.columns * module + 2 * quiet
    high = bars + 2 * quiet if symbol.rows else bars
    if margin + wide > right or margin + high > bottom:
        raise RenderError(
            f"the {symbol.name} with its quiet zones is {_size(wide, high, config)} mm, "
            f"the label within its margins {_size(right - margin, bottom - margin, config)} mm"
        )
    if not symbol.rows and config.millimetres(wide) > _LONGEST_GS1_128_MM:
        got = f"{config.millimetres(wide):.1f} mm"
        raise RenderError(f"expected GS1-128 of at most {_LONGEST_GS1_128_MM} mm, got {got}")
    gap = config.dots(_GAP_MM)
    left, top = (margin + wide + gap, margin) if symbol.rows else (margin, margin + high + gap)
    area = Area(left=left, top=top, right=right, bottom=bottom)
    x, y = margin + quiet, margin + (quiet if symbol.rows else 0)
    fields = symbol.commands(x, y, module, bars) + print_lines(lines, area, config)
    return Label(
        zpl=f"{_SETTINGS}^PW{width}^LL{height}{fields}^PQ{config.copies}^XZ\n",
        payload=symbol.payload,
        symbol=symbol.name,
        width_mm=config.millimetres(wide),
    )


def _size(width: int, height: int, config: ZplConfig) -> str:
    return f"{config.millimetres(width):.1f} x {config.millimetres(height):.1f}"
