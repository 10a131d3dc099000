"""TrueType fonts: what a text looks like in them, and what they cannot write."""

import hashlib
import unicodedata
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from closient_export.errors import RendererLoadError, RenderError, shown

__all__ = ["Font", "FontChain", "prepared"]


def _built_in() -> Path:
    import reportlab  # noqa: PLC0415 - loaded when first needed

    return Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"


_SIMPLE = (
    "LATIN ", "GREEK ", "CYRILLIC ", "ARMENIAN ", "GEORGIAN ", "ETHIOPIC ", "CHEROKEE ", "CJK ",
    "HIRAGANA ", "KATAKANA", "HANGUL SYLLABLE", "HANGUL LETTER", "BOPOMOFO ", "YI ", "IDEOGRAPHIC ",
    "FULLWIDTH ", "HALFWIDTH ", "MODIFIER LETTER ", "FEMININE ORDINAL", "MASCULINE ORDINAL",
    "MICRO SIGN", "SCRIPT SMALL L",
)  # fmt: skip
"""How Unicode names letters that are written one after the other, each as it is."""
_TRUETYPE = (b"\0\1\0\0", b"true")
"""How files of one font with TrueType outlines begin."""


class Font:
    """A TrueType font, read when it is first asked for anything.

    Args:
        path: The file; Bitstream Vera Sans if not given.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path

    def __getstate__(self) -> dict[str, Path | None]:
        return {"path": self.path}

    @cached_property
    def face(self) -> Any:
        """Reportlab's reading of the file."""
        from reportlab.pdfbase.ttfonts import TTFontFile  # noqa: PLC0415

        return TTFontFile(str(self.path or _built_in()))

    @cached_property
    def data(self) -> bytes:
        """The file itself."""
        return (self.path or _built_in()).read_bytes()

    @cached_property
    def digest(self) -> str:
        """Of the file: glyphs have other numbers in another version of a font."""
        return hashlib.sha256(self.data).hexdigest()

    def check(self) -> None:
        """Read the font now.

        Raises:
            RendererLoadError: it cannot be used.
        """
        expected = f"expected {self.path} to be one font with TrueType outlines"
        try:
            if not self.data.startswith(_TRUETYPE):
                raise RendererLoadError(f"{expected}, got another file")
            self.face  # noqa: B018 - reads it
        except OSError as error:
            raise RendererLoadError(f"{expected}: {error.strerror}") from error
        except RendererLoadError:
            raise
        except Exception as error:
            # reportlab raises whatever a broken table leads to
            raise RendererLoadError(f"{expected}: {error}") from error

    @cached_property
    def _glyph_codes(self) -> dict[int, str]:
        """By character, its glyph's number as four hexadecimal digits."""
        return {code: f"{glyph:04x}" for code, glyph in self.face.charToGlyph.items() if glyph}

    @cached_property
    def _characters(self) -> frozenset[str]:
        """All that it has a glyph for."""
        return frozenset(map(chr, self._glyph_codes))

    @cached_property
    def digits_are_alike(self) -> bool:
        """Whether all digits are equally wide, as they are in nearly all fonts."""
        return len({self.face.charWidths.get(ord(digit)) for digit in "0123456789"}) == 1

    def missing(self, text: str) -> list[str]:
        """The characters that it has no glyph for."""
        if self._characters.issuperset(text):
            return []
        return [character for character in text if character not in self._characters]

    def width(self, text: str, size: float) -> float:
        """How wide text is, in the unit of the font size."""
        widths = self.face.charWidths
        return float(sum(widths[ord(character)] for character in text)) * size / 1000

    def fitting(self, text: str, size: float, room: float) -> int:
        """How many of the first characters are no wider than `room`."""
        widths = self.face.charWidths
        left = room * 1000 / size
        for count, character in enumerate(text):
            left -= widths[ord(character)]
            if left < 0:
                return count
        return len(text)

    def glyphs(self, text: str) -> str:
        """The text as hexadecimal glyph numbers, four digits for each."""
        return text.translate(self._glyph_codes)


class FontChain:
    """Fonts in the order in which they are tried; a line is written in one of them."""

    def __init__(self, fonts: Sequence[Font]) -> None:
        self.fonts = tuple(fonts)

    def choose(self, text: str) -> int:
        """The index of the first font that has all of the text.

        Raises:
            RenderError: no font has, with the characters that are missing.
        """
        for index, font in enumerate(self.fonts):
            if not font.missing(text):
                return index
        of_fonts = [frozenset(font.missing(text)) for font in self.fonts]
        nowhere = frozenset.intersection(*of_fonts)
        if not nowhere:
            raise RenderError(f"no one font has all characters of {shown(text, 40)}")
        unique = [character for character in dict.fromkeys(text) if character in nowhere]
        shown_characters = ", ".join(f"U+{ord(character):04X}" for character in unique[:3])
        more = f" and {len(unique) - 3} more" if len(unique) > 3 else ""
        raise RenderError(
            f"no font has the characters {shown_characters}{more} of {shown(text, 40)}"
        )


def prepared(text: str) -> str:
    """`text` as one line of composed characters that can be written one after the other.

    Raises:
        RenderError: it needs shaping or runs from right to left, which would come out wrong.
    """
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if line.isascii() and line.isprintable():
        return line
    for character in line:
        category = unicodedata.category(character)
        right_to_left = unicodedata.bidirectional(character) in ("R", "AL", "AN")
        shaped = category.startswith("L") and not unicodedata.name(character, "").startswith(
            _SIMPLE
        )
        if right_to_left or category.startswith("M") or shaped:
            raise RenderError(
                f"the script of U+{ord(character):04X} in {shown(text, 40)} cannot be written: it "
                "needs shaping"
            )
        if category.startswith("C"):
            raise RenderError(f"expected text to write, got U+{ord(character):04X}")
    return line
