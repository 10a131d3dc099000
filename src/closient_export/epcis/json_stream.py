"""JSON of any length, read piece by piece: the outer values are walked, the inner ones decoded."""

import codecs
import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, NoReturn

from closient_export.epcis.byte_stream import BROKEN_GZIP, ByteStream
from closient_export.errors import shown

__all__ = ["JsonStream", "JsonSyntaxError"]

_CHUNK = 1 << 20
_BLANKS = re.compile(r"[ \t\r\n]*")
_BAD_BYTE = re.compile("[\udc80-\udcff]")
"""How Python's ``surrogateescape`` marks each byte that is no UTF-8."""
_NEAR_THE_END = 32
"""A fault this near the end of what has been read may only say that the rest is missing."""
_LONGEST_INT = 18


class JsonSyntaxError(ValueError):
    """The text is no JSON from some line on; the message says where and what was expected."""


def _refuse_constant(name: str) -> NoReturn:
    message = f"expected a number, got {name}"
    raise JsonSyntaxError(message)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        message = "expected a number with a shorter exponent"
        raise JsonSyntaxError(message) from None


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) <= _LONGEST_INT else Decimal(text)


class JsonStream:
    """The text of a binary stream, plain or gzipped, as JSON values one after the other.

    Args:
        stream: Read once, from where it stands.
        longest_value: How many characters one decoded value may have; more is refused, so that
            memory stays bounded.
    """

    def __init__(self, stream: BinaryIO, *, longest_value: int = 1 << 26) -> None:
        self._bytes = ByteStream(stream)
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape").decode
        self._json = json.JSONDecoder(
            parse_float=_decimal, parse_int=_whole, parse_constant=_refuse_constant
        )
        self._longest = longest_value
        self._text = ""
        self._at = 0
        self._passed = 0
        self._lines_passed = 0
        self._has_bad_bytes = False
        self._ended = False

    @property
    def position(self) -> int:
        """How many characters lie behind."""
        return self._passed + self._at

    def error(self, expected: str, at: int | None = None) -> JsonSyntaxError:
        """An error about what stands here, or at an index of what has been read."""
        line = 1 + self._lines_passed + self._text.count("\n", 0, self._at if at is None else at)
        return JsonSyntaxError(f"line {line}: {expected}")

    def _fill(self, size: int | None = None) -> bool:
        """Read more, and drop what lies behind; returns whether there was more."""
        if self._ended:
            return False
        try:
            data = self._bytes.read(size or _CHUNK)
        except BROKEN_GZIP as error:
            raise self.error(f"expected whole gzip data, got {shown(str(error))}") from error
        self._ended = not data
        more = self._decode(data, self._ended)
        if self._ended and not more:
            return False
        behind = max(self._at - 1, 0)  # one character stays: does a line start after it?
        self._lines_passed += self._text.count("\n", 0, behind)
        self._passed += behind
        self._text = self._text[behind:] + more
        self._at -= behind
        self._has_bad_bytes = not self._text.isascii() and bool(_BAD_BYTE.search(self._text))
        return True

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            self._at = _BLANKS.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._fill():
                return ""

    def expect(self, character: str) -> None:
        """Pass over `character`, the only one that may come."""
        if (found := self.peek()) != character:
            got = shown(found) if found else "the end of the text"
            raise self.error(f"expected {character!r}, got {got}")
        self._at += 1

    def value(self) -> Any:
        """The next value, decoded whole.

        Raises:
            JsonSyntaxError: it is broken, cut off, nested too deeply, or too long.
        """
        self.peek()
        size = _CHUNK
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                broken = self._broken(error)
                if not self._may_be_cut_off(error):
                    raise broken from error
                self._check_length(len(self._text))
                if not self._fill(size):
                    raise broken from error
                size *= 2
            except RecursionError as error:
                raise self.error("expected less deeply nested values") from error
            except JsonSyntaxError as error:
                raise self.error(str(error)) from error
            else:
                is_number = isinstance(value, int | Decimal)
                self._check(end)
                if is_number and len(self._text) - end < len("e+1") and self._fill(size):
                    size *= 2
                    continue  # it may go on
                self._at = end
                return value

    def _may_be_cut_off(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or (
            error.pos >= len(self._text) - _NEAR_THE_END
        )

    def _broken(self, error: json.JSONDecodeError) -> JsonSyntaxError:
        if error.pos >= len(self._text):
            return self.error("expected more JSON, got the end of the text", error.pos)
        if _BAD_BYTE.match(self._text, error.pos):
            return self._bad_byte(error.pos)
        return self.error(f"expected JSON: {error.msg}", error.pos)

    def check_length(self, length: int) -> None:
        """Refuse what is longer than one value may be.

        Raises:
            JsonSyntaxError: it is.
        """
        if length > self._longest:
            raise self.error(f"expected a value of at most {self._longest:,} characters")

    def _check_length(self, end: int) -> None:
        self.check_length(end - self._at)

    def _check(self, end: int) -> None:
        self._check_length(end)
        if self._has_bad_bytes and (bad := _BAD_BYTE.search(self._text, self._at, end)):
            raise self._bad_byte(bad.start())

    def _bad_byte(self, at: int) -> JsonSyntaxError:
        byte = ord(self._text[at]) - 0xDC00
        return self.error(f"expected text in UTF-8, got the byte 0x{byte:02x}", at)

    def object_at_hand(self, *, without: str) -> dict[str, Any] | None:
        """Pass over the next value if it is an object that has been read whole already.

        Args:
            without: The object must not have this member; else nothing happens either.
        """
        self.peek()
        try:
            value, end = self._json.raw_decode(self._text, self._at)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict) or without in value:
            return None
        self._check(end)
        self._at = end
        return value

    def members(self) -> Iterator[str]:
        """Walk into an object: each key, after which its value must be read before going on."""
        self.expect("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            if self.peek() != '"':
                self.expect('"')
            key = self.value()
            self.expect(":")
            yield key
            if self.peek() != ",":
                self.expect("}")
                return
            self._at += 1

    def elements(self) -> Iterator[int]:
        """Walk into a list: each index, after which its value must be read before going on."""
        self.expect("[")
        if self.peek() == "]":
            self._at += 1
            return
        index = 0
        while True:
            yield index
            if self.peek() != ",":
                self.expect("]")
                return
            self._at += 1
            index += 1

    def skip_to_line_with(self, character: str, *, after: int) -> bool:
        """Leave everything up to the next line that starts with `character`.

        Args:
            character: What the line starts with.
            after: A `position`; the line starts further on. It may start right here.

        Returns:
            Whether there is such a line.
        """
        while True:
            start = max(self._at - 1, after - self._passed, 0)
            found = self._text.find(f"\n{character}", start)
            if found >= 0:
                self._at = found + 1
                return True
            self._at = len(self._text)
            if not self._fill():
                return False
