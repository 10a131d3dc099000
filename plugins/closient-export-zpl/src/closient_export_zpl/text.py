"""The text of a label: which lines, and how large they are printed.

A printer does not say how wide text becomes in its scalable font. No character is wider than what ^A0 is
told, so each is given that much room.
"""

import math
from collections.abc import Sequence
from datetime import date
from textwrap import wrap

from attrs import frozen

from closient_export.plugins import RenderError, Subject
from closient_export_zpl.config import LineKind, ZplConfig
from closient_export_zpl.field_data import field, printable

__all__ = ["Area", "Line", "lines_of", "print_lines"]

_LEADING = 1.25
"""From line to line, as a multiple of the height; what is more than that is for accents."""
_NARROWEST, _COMFORTABLE = 0.5, 0.75
"""Widths of a character, as a part of its height: what a number may come down to, and a name."""
_FEWEST_DOTS = 10
"""Scalable fonts are not narrower (^A)."""

_TITLES = {"gtin": "GTIN", "lot": "LOT", "serial": "SER", "expiry": "EXP", "best_before": "BB"}


@frozen
class Line:
    """A line of text as it is wanted."""

    kind: str
    """What to call it where it does not fit."""
    text: str
    wrap: bool
    """Whether it may go on in further lines, which would tear a number apart."""


@frozen(kw_only=True)
class Area:
    """Room for text, in dots."""

    left: int
    top: int
    right: int
    bottom: int


def lines_of(subject: Subject, kinds: Sequence[LineKind]) -> list[Line]:
    """The lines of these kinds; none where the subject has no such thing.

    Raises:
        Gs1Error: GS1's rules forbid the lot or the serial.
    """
    return [line for kind in kinds for line in _lines(subject, kind)]


def _lines(subject: Subject, kind: LineKind) -> list[Line]:
    if kind == "hri":
        elements = subject.element_string()
        return [Line(f"hri ({ai})", f"({ai}) {value}", wrap=False) for ai, value in elements]
    value = getattr(subject, kind, None)
    text = value.isoformat() if isinstance(value, date) else printable(str(value or ""))
    if not text:
        return []
    titled = f"{_TITLES[kind]} {text}" if kind in _TITLES else text
    return [Line(kind, titled, wrap=kind not in _TITLES)]


def print_lines(lines: Sequence[Line], area: Area, config: ZplConfig) -> str:
    """The commands that print the lines, each as wide as there is room for, up to as wide as high.

    Raises:
        RenderError: there is not room for all.
    """
    height = config.dots(config.text_height_mm)
    room = max(0, area.right - area.left)
    printed = [each for line in lines for each in _printed(line, height, room, config)]
    step = math.ceil(height * _LEADING)
    needed = len(printed) * step
    if printed and area.top + needed > area.bottom:
        raise RenderError(
            f"the text, {len(printed)} lines, is {config.millimetres(needed):.1f} mm high, the room "
            f"for it {config.millimetres(max(0, area.bottom - area.top)):.1f} mm"
        )
    first = area.top + step - height
    return "".join(
        f"^FO{area.left},{first + number * step}^A0N,{height},{width}{field(text)}"
        for number, (text, width) in enumerate(printed)
    )


def _printed(line: Line, height: int, room: int, config: ZplConfig) -> list[tuple[str, int]]:
    """The lines that a line becomes, and how wide their characters are, in dots."""
    narrowest = max(math.ceil(height * _NARROWEST), _FEWEST_DOTS)
    longest = room // narrowest
    width = room // max(math.ceil(height * _COMFORTABLE), _FEWEST_DOTS)
    texts = wrap(line.text, width) if line.wrap and width else [line.text]
    count = max(map(len, texts))
    if count > longest:
        raise RenderError(
            f"the line {line.kind}, {count} characters, is {config.millimetres(count * narrowest):.1f} mm "
            f"wide, the room for it {config.millimetres(room):.1f} mm"
        )
    return [(text, min(height, room // count)) for text in texts]
