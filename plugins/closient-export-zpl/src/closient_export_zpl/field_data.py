r"""Field data (^FD): text that no printer takes for a command.

Every field has ^FH with `INDICATOR`, and of ASCII only what means nothing to a printer goes out as it is;
the rest as hexadecimal codes of its bytes in UTF-8 (^CI28). A printer undoes that before it looks for the
escapes of a bar code, so those are written first.
"""

import re

__all__ = ["INDICATOR", "field", "printable"]

INDICATOR = "\\"
"""Not the underscore, which is the usual one and which lots and serials may have."""

_UNSAFE = re.compile(r"[^ -}]|[\\^]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\s]+")


def field(data: str) -> str:
    r"""The commands ^FH, ^FD and ^FS for the data of a field.

    >>> field("100 % ~Käse^")
    '^FH\\^FD100 % \\7EK\\C3\\A4se\\5E^FS'
    """
    return f"^FH{INDICATOR}^FD{_UNSAFE.sub(_hexadecimal, data)}^FS"


def _hexadecimal(match: re.Match[str]) -> str:
    return "".join(f"{INDICATOR}{byte:02X}" for byte in match[0].encode())


def printable(text: str) -> str:
    r"""A line of text without what no font has: white space and control characters as one blank.

    >>> printable("Curly\tkale\r\n\x00250 g ")
    'Curly kale 250 g'
    """
    return _CONTROL.sub(" ", text).strip(" ")
