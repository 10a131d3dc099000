"""Short ids, and moments of time."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from closient_export.ids import ALPHABET, LENGTH, ShortId

__all__ = ["short_ids", "times"]


def short_ids() -> st.SearchStrategy[ShortId]:
    """Short ids of any UUID."""
    return st.uuids().map(lambda value: _short_id(value.int))


def _short_id(number: int) -> ShortId:
    text = ""
    for _ in range(LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        text = ALPHABET[rest] + text
    return ShortId(text)


def times() -> st.SearchStrategy[datetime]:
    """Moments of this century with their zone, to the microsecond."""
    zones = st.just(UTC) | st.integers(-14 * 60, 14 * 60).map(
        lambda minutes: timezone(timedelta(minutes=minutes))
    )
    return st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=zones)
