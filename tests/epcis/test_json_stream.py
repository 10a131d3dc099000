"""JSON read in pieces is the JSON that Python's own reader knows."""

import io
import json
from decimal import Decimal
from typing import Any, BinaryIO, cast

import pytest
from epcis_samples import Trickle, gzipped, json_values
from hypothesis import example, given
from hypothesis import strategies as st

from closient_export.epcis import json_stream
from closient_export.epcis.json_stream import JsonStream, JsonSyntaxError


def plain(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def walked(stream: JsonStream) -> Any:
    """A value whose objects and lists are all walked, to the last."""
    found = stream.peek()
    if found == "{":
        return {key: walked(stream) for key in stream.members()}
    if found == "[":
        return [walked(stream) for _ in stream.elements()]
    return stream.value()


def fault_of(data: bytes) -> str:
    stream = JsonStream(io.BytesIO(data))
    try:
        while stream.peek():
            stream.value()
    except JsonSyntaxError as error:
        return str(error)
    return ""


@given(st.lists(json_values, max_size=4), st.integers(1, 40), st.sampled_from([None, 1]))
@example([1.5e300, -0.5, 10**17, 10**30, 1e-7], 1, None)
@example(["é\u2028\U0001f600", "\\u0041\\", 'a"b'], 1, None)
def test_values_one_after_the_other(values: list[Any], chunk: int, indent: int | None) -> None:
    text = "\n".join(json.dumps(value, indent=indent, ensure_ascii=False) for value in values)
    expected = [plain(json.dumps(value)) for value in values]
    for read in (JsonStream.value, walked):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_stream, "_CHUNK", chunk)
            stream = JsonStream(io.BytesIO(text.encode("utf-8", "surrogatepass")))
            found = []
            while stream.peek():
                found.append(read(stream))
        assert found == expected


@given(json_values, st.lists(st.integers(1, 5), min_size=1, max_size=5))
def test_streams_that_give_little_at_once(value: Any, sizes: list[int]) -> None:
    data = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    for each in (data, gzipped(data), b"\xef\xbb\xbf" + data):
        stream = JsonStream(cast("BinaryIO", Trickle(each, sizes)))
        assert stream.value() == plain(json.dumps(value))
        assert not stream.peek()


def test_numbers() -> None:
    stream = JsonStream(io.BytesIO(b"1 1.50 1e400 123456789012345678 1234567890123456789 -7"))
    found = [stream.value() for _ in range(6)]
    assert found == [1, Decimal("1.50"), Decimal("1e400"), 123456789012345678, Decimal(1234567890123456789), -7]  # fmt: skip
    assert [type(number) for number in found] == [int, Decimal, Decimal, int, Decimal, int]
    assert JsonStream(io.BytesIO(b"7" * 5000)).value() == 10**5000 // 9 * 7


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"[1,\n2", "line 2: expected more JSON, got the end of the text"),
        (b'{"a": "b', "line 1: expected JSON: Unterminated string starting at"),
        (b'\n{"a": "b\n"}', "line 2: expected JSON: Invalid control character at"),
        (b"<xml/>", "line 1: expected JSON: Expecting value"),
        (b"\n\n[NaN]", "line 3: expected a number, got NaN"),
        (b"[-Infinity]", "line 1: expected a number, got -Infinity"),
        (b"[1e99999999999999999999]", "line 1: expected a number with a shorter exponent"),
        (b'["\xff"]', "line 1: expected text in UTF-8, got the byte 0xff"),
        (b'\n["\xc3"]', "line 2: expected text in UTF-8, got the byte 0xc3"),
        (b'["\xed\xa0\x80"]', "line 1: expected text in UTF-8, got the byte 0xed"),
        (b'"\xc3', "line 1: expected JSON: Unterminated string starting at"),
        (b"\xff\xfe[\x00]\x00", "line 1: expected text in UTF-8, got the byte 0xff"),
        (b"[" * 100_000, "line 1: expected less deeply nested values"),
        (b'{"a":' * 100_000, "line 1: expected less deeply nested values"),
        (
            gzipped(b"[1]" * 100)[:-9],
            "line 1: expected whole gzip data, got 'Compressed file ended before the "
            "end-of-stream marker was reached'",
        ),
        (
            b"\x1f\x8b\x00" + bytes(9),
            "line 1: expected whole gzip data, got 'Unknown compression method'",
        ),
    ],
)
def test_faults_say_where_and_what(data: bytes, fault: str) -> None:
    assert fault_of(data) == fault


def test_what_comes_before_a_fault_is_read() -> None:
    whole = b"".join(b'{"a": %d}\n' % number for number in range(50_000))
    damaged = bytearray(gzipped(whole))
    damaged[-6] ^= 1
    for data in (bytes(damaged), gzipped(whole)[:-8]):
        stream = JsonStream(io.BytesIO(data))
        assert [stream.value()["a"] for _ in range(50_000)] == list(range(50_000))
        with pytest.raises(JsonSyntaxError, match="line 50001: expected whole gzip data"):
            stream.peek()


def test_values_have_a_longest() -> None:
    long = json.dumps(["x" * 50] * 10)
    for data in (long, long[:-1], '"' + "x" * 200_000):
        stream = JsonStream(io.BytesIO(data.encode()), longest_value=100)
        with pytest.raises(JsonSyntaxError, match="line 1: expected a value of at most 100 char"):
            stream.value()
    stream = JsonStream(io.BytesIO(long.encode()), longest_value=100)
    assert walked(stream) == ["x" * 50] * 10


def test_an_object_at_hand_is_taken_unless_it_has_a_member() -> None:
    stream = JsonStream(io.BytesIO(b' {"a": 1} {"b": 2} [3] 4'))
    assert stream.object_at_hand(without="b") == {"a": 1}
    assert stream.object_at_hand(without="b") is None
    assert stream.object_at_hand(without="a") == {"b": 2}
    assert stream.object_at_hand(without="a") is None
    assert stream.value() == [3]
    assert stream.object_at_hand(without="a") is None
    assert stream.value() == 4
    assert stream.object_at_hand(without="a") is None


@pytest.mark.parametrize("chunk", [1, 2, 1 << 20])
def test_going_on_at_the_next_line(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", chunk)
    stream = JsonStream(io.BytesIO(b'{"a" 1}\n\n{"b": 2}\n {"c": 3}\n{'))
    assert stream.skip_to_line_with("{", after=0)
    assert stream.position == len('{"a" 1}\n\n')
    assert stream.value() == {"b": 2}
    assert stream.peek() == "{"
    assert stream.skip_to_line_with("{", after=stream.position)
    assert stream.peek() == "{"
    at = stream.position
    assert stream.skip_to_line_with("{", after=at - 1)
    assert stream.position == at
    assert not stream.skip_to_line_with("{", after=at)


def test_blanks_cost_little() -> None:
    stream = JsonStream(io.BytesIO(b" " * 20_000_000 + b"\n" * 1000))
    assert stream.peek() == ""
    assert str(stream.error("x")) == "line 1001: x"


@given(st.binary(max_size=30) | st.text('{}[]",:0123eE+-.\\ntrufals \n').map(str.encode))
def test_no_bytes_break_anything(data: bytes) -> None:
    if fault := fault_of(data):
        assert fault.startswith("line ")
        assert len(fault) < 300
    else:
        text = "" if b"\xef\xbb\xbf".startswith(data) else data.decode("utf-8-sig")
        decoder, at = json.JSONDecoder(), 0
        while rest := text[at:].lstrip(" \t\r\n"):
            _, at = decoder.raw_decode(text, len(text) - len(rest))
