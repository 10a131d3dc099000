"""Gzip data that are sent, however they come."""

import gzip
import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from closient_export.errors import RequestError
from closient_export.host.inflating import Inflating
from closient_export.host.problems import Refused

MEMBERS = st.lists(st.binary(max_size=400), min_size=1, max_size=4)


def inflated(packed: bytes, *, size: int, most: int) -> bytes:
    """What is sent in chunks of some size, inflated."""
    file = io.BytesIO()
    inflating = Inflating(file, most)
    for start in range(0, len(packed), size):
        inflating.write(packed[start : start + size])
    inflating.end()
    return file.read()


@given(MEMBERS, st.integers(0, 20), st.integers(1, 300))
def test_gzip_data_are_inflated_in_whatever_pieces_they_come(
    members: list[bytes], zeros: int, size: int
) -> None:
    packed = b"".join(map(gzip.compress, members)) + bytes(zeros)
    whole = gzip.decompress(packed)
    assume(not whole.startswith(b"\x1f\x8b"))
    assert inflated(packed, size=size, most=len(whole)) == whole
    if whole:
        with pytest.raises(Refused) as refused:
            inflated(packed, size=size, most=len(whole) - 1)
        assert refused.value.status == 413


@given(st.binary(max_size=400), st.data(), st.integers(1, 300))
def test_gzip_data_are_whole_or_refused(content: bytes, data: st.DataObject, size: int) -> None:
    packed = gzip.compress(content)
    part = packed[: data.draw(st.integers(0, len(packed) - 1))]
    changed = packed[:-8] + bytes(byte ^ 1 for byte in packed[-8:])
    for broken in (part, changed, packed + packed[:10], gzip.compress(packed)):
        with pytest.raises(RequestError):
            inflated(broken, size=size, most=1000)


def test_a_small_piece_may_hold_much_and_no_more_than_is_allowed_is_kept() -> None:
    packed = gzip.compress(bytes(100_000_000), 1)
    file = io.BytesIO()
    with pytest.raises(Refused):
        Inflating(file, 1_000_000).write(packed)
    assert len(file.getvalue()) <= 1_000_000
