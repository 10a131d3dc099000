"""PDF: drawings as page content, and documents written as a stream.

reportlab keeps every page of a document in memory until it is saved. Here a page is written when it
is full, so that memory does not grow with the number of labels; reportlab reads the fonts. There is
no clock and no random identifier in a document (ISO 32000-1; all units are millimetres within a
page).
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import BinaryIO, Literal, NamedTuple

from closient_export.compression import Compressor
from closient_export.renderers.drawing._glyphs import GLYPHS
from closient_export.renderers.drawing.artwork import UNITS_PER_EM, Artwork, Pieces
from closient_export.renderers.drawing.fonts import Font
from closient_export.renderers.symbols.matrix import MatrixSymbols

__all__ = [
    "Attachment",
    "Black",
    "Document",
    "artwork_content",
    "circle",
    "ink",
    "matrix_paths",
    "number",
    "placed_path",
]

Black = Literal["gray", "k"]

_POINTS_PER_MM = 72 / 25.4
_OPERATORS = {"M": "m", "L": "l", "Q": "c", "Z": "h"}


def number(value: float) -> str:
    """A number as PDF writes it: never with an exponent."""
    text = f"{value:.5f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def ink(black: Black) -> str:
    """The operators that choose black for filling and for lines."""
    return "0 g 0 G" if black == "gray" else "0 0 0 1 k 0 0 0 1 K"


def matrix_paths(symbols: MatrixSymbols) -> Iterator[bytes]:
    """Matrix symbols as one path each, in modules and downwards from the first one's corner."""
    from closient_export.renderers.drawing.runs import RunTexts  # noqa: PLC0415 - brings numpy

    return RunTexts("{x} {y} ", "{length} 1 re\n").of(symbols.modules)


def placed_path(path: bytes, x: float, y: float, scale: float) -> bytes:
    """A path filled, so many times as large, with its upper left corner at `x` and `y`."""
    factor = number(scale)
    start = f"q {factor} 0 0 -{factor} {number(x)} {number(-y)} cm\n"
    return b"".join((start.encode("ascii"), path, b"f Q"))


def artwork_content(artwork: Artwork, x: float, y: float) -> str:
    """A drawing with its upper left corner at `x` and `y`."""
    parts = [f"q 1 0 0 1 {number(x)} {number(-y)} cm"]
    for bars in artwork.bars:
        scales = f"{_factor(bars.unit)} 0 0 {number(-bars.height)}"
        parts.append(f"q {scales} {number(bars.x)} {number(-bars.y)} cm")
        widths = [*map(int, "".join(bars.patterns))]
        starts = [0, *accumulate(widths)]
        parts += [
            f"{start} 0 {width} 1 re"
            for start, width in zip(starts[::2], widths[::2], strict=False)
        ]
        parts.append("f Q")
    for bar in artwork.rectangles:
        numbers = (bar.x, -bar.y - bar.height, bar.width, bar.height)
        parts.append(f"{' '.join(map(number, numbers))} re f")
    for text in artwork.texts:
        scale = _factor(text.size / UNITS_PER_EM)
        parts.append(f"q {scale} 0 0 {scale} {number(text.x)} {number(-text.baseline)} cm")
        parts += map(_GLYPHS.__getitem__, text.text)
        parts.append("Q")
    return " ".join([*parts, "Q"])


def _factor(value: float) -> str:
    """A factor by which many small numbers are multiplied."""
    return f"{value:.9f}".rstrip("0").rstrip(".")


def _glyph(character: str) -> str:
    """A character at the origin, which then is where the next one starts."""
    parts = []
    x = y = 0.0
    for command, numbers in GLYPHS[character][1]:
        points = numbers
        if command == "Q":
            # PDF has only cubic curves; these have the same shape.
            a, b, c, d = numbers
            points = (_third(x, a), _third(y, b), _third(c, a), _third(d, b), c, d)
        parts.append(" ".join([*map(str, points), _OPERATORS[command]]))
        if numbers:
            x, y = numbers[-2:]
    outline = " ".join([*parts, "f"]) if parts else ""
    return f"{outline} 1 0 0 1 {GLYPHS[character][0]} 0 cm"


def _third(end: float, control: float) -> int:
    return round((end + 2 * control) / 3)


_GLYPHS = Pieces(_glyph)


def circle(x: float, y: float, radius: float) -> str:
    """A circle as four curves."""
    bend = 0.5522847498 * radius
    points = (
        (x + radius, y + bend, x + bend, y + radius, x, y + radius),
        (x - bend, y + radius, x - radius, y + bend, x - radius, y),
        (x - radius, y - bend, x - bend, y - radius, x, y - radius),
        (x + bend, y - radius, x + radius, y - bend, x + radius, y),
    )
    curves = " ".join(f"{' '.join(map(number, quarter))} c" for quarter in points)
    return f"{number(x + radius)} {number(y)} m {curves} h"


class Attachment(NamedTuple):
    """A file within a document, already compressed."""

    name: str
    chunks: Iterator[bytes]
    length: int
    """Of the chunks together, in bytes."""
    plain_length: int


class Document:
    """A document that is written page by page to a stream that need not be seekable."""

    def __init__(
        self, out: BinaryIO, *, width_mm: float, height_mm: float, recipe: Compressor
    ) -> None:
        self._out = out
        self._recipe = recipe
        self._size = (width_mm * _POINTS_PER_MM, height_mm * _POINTS_PER_MM)
        self._offset = 0
        self._offsets: dict[int, int] = {}
        self._last = 0
        self._pages: list[int] = []
        self._tree, self._resources = self._reserve(), self._reserve()
        # The second line tells transports that what follows is not text.
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._offset += len(data)

    def _reserve(self) -> int:
        self._last += 1
        return self._last

    def _object(self, body: str | bytes, identifier: int | None = None) -> int:
        identifier = identifier or self._reserve()
        self._offsets[identifier] = self._offset
        data = body.encode("ascii") if isinstance(body, str) else body
        self._write(b"%d 0 obj\n" % identifier + data + b"\nendobj\n")
        return identifier

    def _stream(self, data: bytes, entries: str = "") -> int:
        packed = self._recipe.zlib_stream(data)
        head = f"<< /Length {len(packed)} /Filter /FlateDecode {entries}>>\nstream\n"
        return self._object(head.encode("ascii") + packed + b"\nendstream")

    def page(self, content: Iterable[bytes]) -> None:
        """Write a page; its content is in millimetres, y upwards from its upper left corner."""
        width, height = self._size
        scale = number(_POINTS_PER_MM)
        to_millimetres = f"{scale} 0 0 {scale} 0 {number(height)} cm".encode("ascii")
        stream = self._stream(b"\n".join((to_millimetres, *content)))
        self._pages.append(
            self._object(
                f"<< /Type /Page /Parent {self._tree} 0 R /Resources {self._resources} 0 R "
                f"/MediaBox [0 0 {number(width)} {number(height)}] /Contents {stream} 0 R >>"
            )
        )

    def finish(self, fonts: dict[str, Font], attachment: Attachment) -> None:
        """Write what all pages share, the attached file, and the end.

        Args:
            fonts: By the names that the pages' content uses.
            attachment: The file.
        """
        names = " ".join(f"/{name} {self._font(font)} 0 R" for name, font in fonts.items())
        self._object(f"<< /Font << {names} >> >>", self._resources)
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        tree = f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>"
        self._object(tree, self._tree)
        file = self._attach(attachment)
        # Printers that shrink a page to fit would move every label (ISO 32000-1 12.2).
        catalog = self._object(
            f"<< /Type /Catalog /Pages {self._tree} 0 R "
            "/ViewerPreferences << /PrintScaling /None >> "
            f"/Names << /EmbeddedFiles << /Names [({attachment.name}) {file} 0 R] >> >> >>"
        )
        self._trailer(catalog)

    def _attach(self, file: Attachment) -> int:
        stream = self._reserve()
        self._offsets[stream] = self._offset
        head = (
            f"<< /Type /EmbeddedFile /Subtype /text#2Fcsv /Filter /FlateDecode "
            f"/Length {file.length} /Params << /Size {file.plain_length} >> >>"
        )
        self._write(f"{stream} 0 obj\n{head}\nstream\n".encode("ascii"))
        for chunk in file.chunks:
            self._write(chunk)
        self._write(b"\nendstream\nendobj\n")
        return self._object(
            f"<< /Type /Filespec /F ({file.name}) /UF ({file.name}) /EF << /F {stream} 0 R >> >>"
        )

    def _font(self, font: Font) -> int:
        """A font embedded whole, its text addressed by glyph (ISO 32000-1 9.7.4)."""
        face = font.face
        name = face.name.decode("ascii")
        file = self._stream(font.data, f"/Length1 {len(font.data)} ")
        box = " ".join(str(round(value)) for value in face.bbox)
        descriptor = self._object(
            f"<< /Type /FontDescriptor /FontName /{name} /Flags {face.flags} /FontBBox [{box}] "
            f"/ItalicAngle {number(face.italicAngle)} /Ascent {round(face.ascent)} "
            f"/Descent {round(face.descent)} /CapHeight {round(face.capHeight)} "
            f"/StemV {round(face.stemV)} /FontFile2 {file} 0 R >>"
        )
        by_glyph = {glyph: code for code, glyph in sorted(face.charToGlyph.items(), reverse=True)}
        widths = " ".join(
            f"{glyph} [{round(face.charWidths[code])}]" for glyph, code in sorted(by_glyph.items())
        )
        descendant = self._object(
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDToGIDMap /Identity "
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            f"/FontDescriptor {descriptor} 0 R /DW {round(face.defaultWidth)} /W [{widths}] >>"
        )
        to_unicode = self._stream(_to_unicode(by_glyph))
        return self._object(
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
            f"/DescendantFonts [{descendant} 0 R] /ToUnicode {to_unicode} 0 R >>"
        )

    def _trailer(self, catalog: int) -> None:
        start = self._offset
        rows = [b"0000000000 65535 f \n"]
        rows += [b"%010d 00000 n \n" % self._offsets[n] for n in range(1, self._last + 1)]
        self._write(b"xref\n0 %d\n" % len(rows) + b"".join(rows))
        self._write(
            b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
            % (len(rows), catalog, start)
        )


_CMAP_ROWS = 100
"""A CMap maps so many characters in one block, at most."""


def _to_unicode(by_glyph: dict[int, int]) -> bytes:
    """What readers copy and search: the character of each glyph."""
    pairs = [
        f"<{glyph:04x}> <{chr(code).encode('utf-16-be').hex()}>"
        for glyph, code in sorted(by_glyph.items())
    ]
    blocks = [pairs[start : start + _CMAP_ROWS] for start in range(0, len(pairs), _CMAP_ROWS)]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CMapName /ToUnicode def /CMapType 2 def",
        "1 begincodespacerange <0000> <ffff> endcodespacerange",
    ]
    for block in blocks:
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode("ascii")
