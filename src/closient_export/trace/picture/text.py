"""Text for a picture: what of it can be seen, how wide it is, how much of it fits."""

import math
import unicodedata
from datetime import date
from functools import cache

__all__ = ["fit", "fit_end", "format_date", "largest", "measure", "printable", "split"]

_NARROW = frozenset("ijlI.,:;'!|()[]{}/\\ ftr-")
_WIDE = frozenset("mwMW@%&")


def format_date(day: date | None) -> str:
    """A date as mm/dd/yyyy; nothing for none.

    >>> format_date(date(2026, 4, 9))
    '04/09/2026'
    """
    return f"{day.month:02}/{day.day:02}/{day.year:04}" if day else ""


def printable(text: str) -> str:
    r"""`text` on one line, without what cannot be seen or would turn its neighbours around.

    Left out are control characters, surrogates, noncharacters and the marks that change the
    direction of writing, so that what is left may stand in XML and beside other text.

    >>> printable("Romaine\x00\n hearts ")
    'Romaine hearts'
    """
    spaced = "".join(" " if character.isspace() else character for character in text)
    return " ".join("".join(filter(_is_printable, spaced)).split())


def _is_printable(character: str) -> bool:
    # Cf holds the direction marks, and two joiners that letters need to take their shapes.
    if unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"}:
        return character in "\u200c\u200d"
    code = ord(character)
    return code & 0xFFFE != 0xFFFE and not 0xFDD0 <= code <= 0xFDEF


def measure(text: str, size: float, *, bold: bool = False) -> float:
    """The most room that `text` takes.

    Widths are those of the widest of the common sans-serif fonts: which one there is, is unknown.
    """
    return sum(map(_advance, text)) * size * (1.1 if bold else 1.0)


def fit(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """`text`, or as much of its start as fits into `width` with an ellipsis."""
    taken, fitting = 0.0, 0
    factor = size * (1.1 if bold else 1.0)
    for index, character in enumerate(text):
        taken += _advance(character) * factor
        if taken <= width - 0.9 * factor:
            fitting = index + 1
        if taken > width:
            return text[:fitting].rstrip() + "…"
    return text


def fit_end(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """As `fit`, but of a text whose end tells it from others, such as a lot code."""
    fitting = fit(text[::-1], size, width, bold=bold)
    return text if len(fitting) == len(text) else f"…{fitting[-2::-1].lstrip()}"


def split(text: str, size: float, width: float) -> tuple[str, str]:
    """What of `text` fits into a line, up to a blank, and the rest; all of it if it has no such blank."""
    fitting = fit(text, size, width)
    if len(fitting) == len(text) and fitting == text:
        return text, ""
    head, blank, _ = text[: len(fitting)].rpartition(" ")
    return (head, text[len(head) + 1 :]) if blank else (text, "")


def largest(text: str, size: float, width: float, *, least: float, bold: bool = False) -> float:
    """The size in which `text` fits into `width`, of those from `size` down to `least`."""
    taken = measure(text, size, bold=bold)
    if taken <= width:
        return size
    return max(least, math.floor(10 * size * width / taken) / 10)


@cache
def _advance(character: str) -> float:
    if character in _NARROW:
        return 0.38
    if character in _WIDE:
        return 1.0
    if character.isascii():
        return 0.72 if character.isupper() else 0.62
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0.0  # it stands on its neighbour
    if character < "\u0250" or character in "…→" or _is_joined(character):
        return 0.66
    return 0.85 if character < "\u0590" else 1.1


def _is_joined(character: str) -> bool:
    """Whether it is of the scripts around Arabic, whose letters are narrow where they join."""
    return "\u0590" <= character < "\u0800" or "\ufb1d" <= character < "\uff00"
