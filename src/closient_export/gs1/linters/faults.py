"""What a linter is, and what it finds."""

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Fault", "Linter", "outside", "whole"]


class Fault(NamedTuple):
    """What is wrong with a piece of data, and where in it."""

    rule: str
    """The stable name of the rule that is broken."""
    expectation: str
    """What was expected, for a person."""
    start: int
    """Index of the first offending character."""
    stop: int
    """Index after the last offending character."""


Linter = Callable[[str], Fault | None]
"""Takes the data of a component and returns the first fault, or ``None``."""


def whole(data: str, rule: str, expectation: str) -> Fault:
    """A fault of the data as a whole."""
    return Fault(rule, expectation, 0, len(data))


def outside(data: str, allowed: str, rule: str, expectation: str) -> Fault | None:
    """The first character that is not allowed."""
    for position, character in enumerate(data):
        if character not in allowed:
            return Fault(
                rule,
                f"expected {expectation}, got {character!r} at character {position + 1}",
                position,
                position + 1,
            )
    return None
