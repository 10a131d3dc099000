"""What the jobs have in common: the rules of their fields, and of what may follow what."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from attrs import Attribute

from closient_export.errors import InvalidTransitionError, shown

__all__ = ["as_utc", "check_transition", "check_utc", "natural", "require", "utc"]

S = TypeVar("S", bound=StrEnum)


def require(condition: bool, expectation: str) -> None:
    """Refuse what does not meet an expectation."""
    if not condition:
        raise ValueError(expectation)


def natural(_instance: object, attribute: "Attribute[int]", value: object) -> None:
    """A validator: a whole number from 0 on."""
    valid = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    require(valid, f"{attribute.name}: expected a whole number from 0 on, got {value!r}")


def as_utc(value: datetime) -> datetime:
    """A converter: an aware time in UTC; anything else as it is, for `check_utc` to refuse."""
    try:
        return value if value.utcoffset() is None else value.astimezone(UTC)
    except (AttributeError, OverflowError):  # no time, or one that UTC puts outside Python's years
        return value


def check_utc(_instance: object, attribute: "Attribute[datetime]", value: object) -> None:
    """A validator: a time that `as_utc` has stored in UTC."""
    _require_utc(attribute.name, value)


def utc(name: str, value: datetime) -> datetime:
    """The time that is passed as `name`, in UTC.

    Raises:
        ValueError: its zone is not said.
    """
    time = as_utc(value)
    _require_utc(name, time)
    return time


def _require_utc(name: str, value: object) -> None:
    valid = isinstance(value, datetime) and value.tzinfo is UTC
    require(valid, f"{name}: expected a time with its zone, got {shown(value)}")


def check_transition(transitions: Mapping[S, frozenset[S]], before: S, after: S) -> None:
    """Refuse what the table of a job's states does not allow.

    Raises:
        InvalidTransitionError: nothing leads from the one state to the other.
    """
    if after not in transitions[before]:
        raise InvalidTransitionError(f"a job that is {before} cannot become {after}")
