"""JSON of any length, read piece by piece: the outer values are walked, the inner ones decoded."""

import codecs
import gzip
import json
import zlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO, NoReturn, cast

__all__ = ["JsonStream", "JsonSyntaxError"]

_CHUNK = 1 << 20
_BLANKS = " \t\r\n"
_NEAR_THE_END = 32
"""A fault this near the end of what has been read may only say that the rest is missing."""


class JsonSyntaxError(ValueError):
    """The text is no JSON from some line on; the message says where and what was expected."""


def _refuse_constant(name: str) -> NoReturn:
    message = f"expected a number, got {name}"
    raise JsonSyntaxError(message)


class JsonStream:
    """The text of a binary stream, plain or gzipped, as JSON values one after the other.

    Args:
        stream: Read once, from where it stands.
        longest_value: How many characters one decoded value may have; more is refused, so that
            memory stays bounded.
    """

    def __init__(self, stream: BinaryIO, *, longest_value: int = 1 << 26) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)
        self._longest = longest_value
        self._text = ""
        self._at = 0
        self._lines_before = 0
        self._ended = False
        self._opened = False

    @property
    def line(self) -> int:
        """The line where it stands, from 1 on."""
        return 1 + self._lines_before + self._text.count("\n", 0, self._at)

    def _open(self) -> None:
        self._opened = True
        first = self._read(2)
        if first == b"\x1f\x8b":
            whole = cast("BinaryIO", _Chained(first, self._stream))
            self._stream = cast("BinaryIO", gzip.GzipFile(fileobj=whole))
        else:
            self._text += self._decode.decode(first)

    def _read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise JsonSyntaxError(
                f"{self._where()}expected whole gzip data, got {error}"
            ) from error

    def _where(self) -> str:
        return f"line {self.line}: "

    def _fill(self, size: int = _CHUNK) -> bool:
        """Read more; what lies behind is dropped. Returns whether there was more."""
        if not self._opened:
            self._open()
        if self._ended:
            return False
        data = self._read(size)
        self._ended = not data
        self._lines_before += self._text.count("\n", 0, self._at)
        try:
            self._text = self._text[self._at :] + self._decode.decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            raise JsonSyntaxError(
                f"{self._where()}expected text in UTF-8, got the byte "
                f"0x{error.object[error.start]:02x}"
            ) from error
        self._at = 0
        return not self._ended

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in _BLANKS:
                at += 1
            self._at = at
            if at < len(text):
                return text[at]
            if not self._fill():
                return ""

    def expect(self, character: str) -> None:
        """Pass over `character`, the only one that may come."""
        if (found := self.peek()) != character:
            got = repr(found) if found else "the end of the text"
            raise JsonSyntaxError(f"{self._where()}expected {character!r}, got {got}")
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
                cut_off = (
                    error.msg.startswith("Unterminated string")
                    or error.pos >= len(self._text) - _NEAR_THE_END
                )
                if cut_off and len(self._text) - self._at > self._longest:
                    raise JsonSyntaxError(
                        f"{self._where()}expected a value of at most {self._longest:,} characters"
                    ) from error
                if not (cut_off and self._fill(size)):
                    raise broken from error
                size *= 2
            except RecursionError:
                raise JsonSyntaxError(
                    f"{self._where()}expected less deeply nested values"
                ) from None
            except JsonSyntaxError as error:
                raise JsonSyntaxError(f"{self._where()}{error}") from error
            except ValueError as error:  # a whole number of thousands of digits
                raise JsonSyntaxError(f"{self._where()}expected a shorter number") from error
            else:
                if end == len(self._text) and self._fill():
                    continue  # a number may go on
                self._at = end
                return value

    def _broken(self, error: json.JSONDecodeError) -> JsonSyntaxError:
        line = 1 + self._lines_before + self._text.count("\n", 0, error.pos)
        if error.pos >= len(self._text):
            return JsonSyntaxError(f"line {line}: expected more JSON, got the end of the text")
        return JsonSyntaxError(f"line {line}: expected JSON: {error.msg}")

    def value_at_hand(self) -> Any:
        """The next value if all of it has been read already, else ``None``; it stays the next one."""
        self.peek()
        try:
            return self._json.raw_decode(self._text, self._at)[0]
        except (ValueError, RecursionError):
            return None

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

    def skip_to_next_line_with(self, character: str) -> bool:
        """Leave the rest of the line, and any further line that does not start with `character`."""
        while True:
            found = self._text.find(f"\n{character}", self._at)
            if found >= 0:
                self._at = found + 1
                return True
            self._at = max(self._at, len(self._text) - 1)
            if not self._fill():
                return False


class _Chained:
    """A stream with the bytes that have been read from it put back in front."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first = first
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        return self._rest.read(size)
