"""The symbols of a label: what they say, how many modules they take, and the commands for them.

Printers make symbols, and do not say how large these become before they print. So every choice that they
would have is made here: the mode of a QR Code, the size of a GS1 DataMatrix, the code sets of GS1-128.
"""

from collections.abc import Callable, Mapping

from attrs import frozen

from closient_export import ElementString, digital_link
from closient_export.plugins import RenderError
from closient_export_zpl.code_128 import FNC1, code_128
from closient_export_zpl.config import ZplConfig
from closient_export_zpl.dimensions import SymbolKind
from closient_export_zpl.field_data import field

__all__ = ["Symbol", "make_symbol"]

_DATA_CODEWORDS: Mapping[str, tuple[int, ...]] = {
    "L": (
        *(19, 34, 55, 80, 108, 136, 156, 194, 232, 274, 324, 370, 428, 461, 523, 589, 647, 721, 795, 861),
        *(932, 1006, 1094, 1174, 1276, 1370, 1468, 1531, 1631, 1735, 1843, 1955, 2071, 2191, 2306, 2434),
        *(2566, 2702, 2812, 2956),
    ),
    "M": (
        *(16, 28, 44, 64, 86, 108, 124, 154, 182, 216, 254, 290, 334, 365, 415, 453, 507, 563, 627, 669),
        *(714, 782, 860, 914, 1000, 1062, 1128, 1193, 1267, 1373, 1455, 1541, 1631, 1725, 1812, 1914),
        *(1992, 2102, 2216, 2334),
    ),
    "Q": (
        *(13, 22, 34, 48, 62, 76, 88, 110, 132, 154, 180, 206, 244, 261, 295, 325, 367, 397, 445, 485),
        *(512, 568, 614, 664, 718, 754, 808, 871, 911, 985, 1033, 1115, 1171, 1231, 1286, 1354, 1426),
        *(1502, 1582, 1666),
    ),
    "H": (
        *(9, 16, 26, 36, 46, 60, 66, 86, 100, 122, 140, 158, 180, 197, 223, 253, 283, 313, 341, 385),
        *(406, 442, 464, 514, 538, 596, 628, 661, 701, 745, 793, 845, 901, 961, 986, 1054, 1096, 1142),
        *(1222, 1276),
    ),
}  # fmt: skip
"""Of QR Codes, by error correction level and version (ISO/IEC 18004, table 7)."""

_SIDES = (10, 12, 14, 16, 18, 20, 22, 24, 26, 32, 36, 40, 44, 48)
_CODEWORDS_OF_SIDE = dict(
    zip(_SIDES, (3, 5, 8, 12, 18, 22, 30, 36, 44, 62, 86, 114, 144, 174), strict=True)
)
"""Data codewords of square Data Matrix symbols that ^BX can be told to make (ISO/IEC 16022, table 7)."""
_SPARE_CODEWORDS = 2
"""A printer chooses how it encodes, and may lose so many on a change of mode that does not pay."""

_ESCAPE = "#"
"""Of ^BX: no GS1 data have it, so that none need escaping; the usual one differs between printers."""
_FNC1 = f"{_ESCAPE}1"

_LONGEST_GS1_128 = 48
"""Characters, with AIs and separators (GenSpecs 5.4.4.3)."""


@frozen(kw_only=True)
class Symbol:
    """A symbol, as large as its data want it."""

    name: str
    payload: str
    """What a reader returns."""
    columns: int
    """Modules from the first dark one to the last."""
    rows: int
    """The same from top to bottom; 0 for bars, which are as high as they are wanted."""
    quiet: int
    """Modules that stay white at the sides, and for squares also above and below."""
    commands: Callable[[int, int, int, int], str]
    """The commands that print it at x and y, with modules so wide and bars so high, all in dots."""


def make_symbol(elements: ElementString, config: ZplConfig) -> Symbol:
    """The symbol for an element string.

    Raises:
        ExportError: there is none that can say it.
    """
    return _MAKERS[config.symbol](elements, config)


def _qr(elements: ElementString, config: ZplConfig) -> Symbol:
    link = digital_link(elements, config.digital_link_stem)
    level = config.error_correction
    version = _version(len(link), level)
    side = 17 + 4 * version
    # Manual input of bytes, since printers differ in how they divide text into modes.
    data = field(f"{level}M,B{len(link):04}{link}")

    def commands(x: int, y: int, module: int, _height: int) -> str:
        # ^BQ prints as far below its origin as bars are high by ^BY, which outlasts a label.
        return f"^BY1,3,1^FO{x},{y - 1}^BQN,2,{module}{data}"

    name = f"QR {version}-{level} {side}x{side}"
    return Symbol(name=name, payload=link, columns=side, rows=side, quiet=4, commands=commands)


def _version(length: int, level: str) -> int:
    for version, codewords in enumerate(_DATA_CODEWORDS[level], 1):
        header = 12 if version < 10 else 20  # bits: the mode, and how many bytes follow
        if header + 8 * length <= 8 * codewords:
            return version
    raise RenderError(f"a Digital Link of {length} characters is too long for a QR Code at {level}")


def _datamatrix(elements: ElementString, _config: ZplConfig) -> Symbol:
    raw = elements.raw()
    codewords = 1 + _ascii_codewords(raw) + _SPARE_CODEWORDS
    side = next((side for side, room in _CODEWORDS_OF_SIDE.items() if room >= codewords), None)
    if side is None:
        raise RenderError(f"{len(raw)} characters are too many for the GS1 DataMatrix of ^BX")
    data = field(f"{_FNC1}{raw.replace(FNC1, _FNC1)}")

    def commands(x: int, y: int, module: int, _height: int) -> str:
        return f"^FO{x},{y}^BXN,{module},200,{side},{side},,{_ESCAPE}{data}"

    return Symbol(
        name=f"GS1 DataMatrix {side}x{side}",
        payload=raw,
        columns=side,
        rows=side,
        quiet=1,
        commands=commands,
    )


def _ascii_codewords(data: str) -> int:
    """How many codewords some text takes in ASCII encodation, where a codeword holds two digits."""
    count = at = 0
    while at < len(data):
        at += 2 if data[at : at + 2].isdecimal() and at + 1 < len(data) else 1
        count += 1
    return count


def _gs1_128(elements: ElementString, _config: ZplConfig) -> Symbol:
    raw = elements.raw()
    if len(raw) > _LONGEST_GS1_128:
        expected = f"expected at most {_LONGEST_GS1_128} characters in a GS1-128 symbol"
        raise RenderError(f"{expected}, separators included, got {len(raw)}")
    field_data, count = code_128(raw)
    data = field(field_data)

    def commands(x: int, y: int, module: int, height: int) -> str:
        return f"^BY{module},3,{height}^FO{x},{y}^BCN,{height},N,N,N,N{data}"

    # With a check character, and a stop character that has a bar more than the others.
    columns = 11 * (count + 2) + 2
    return Symbol(name="GS1-128", payload=raw, columns=columns, rows=0, quiet=10, commands=commands)


_MAKERS: Mapping[SymbolKind, Callable[[ElementString, ZplConfig], Symbol]] = {
    "qr": _qr,
    "datamatrix": _datamatrix,
    "gs1_128": _gs1_128,
}
