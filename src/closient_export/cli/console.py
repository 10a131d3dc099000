"""What all commands share: what they say, how they fail, and how pairs are given."""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import click

__all__ = [
    "OWNER",
    "FailedExport",
    "check_distinct",
    "counted",
    "prefer_option",
    "read_pairs",
    "say",
]


OWNER = "local"
"""Whose everything is that the command line works on."""


class FailedExport(Exception):
    """What was asked for rightly has failed; the message says why."""


def say(message: str) -> None:
    """Tell people; results go to standard output instead."""
    click.echo(message, err=True)


def counted(number: int, noun: str) -> str:
    """A number of things, in words."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def check_distinct(paths: Mapping[str, Path | None]) -> None:
    """Nothing that is read or written may be written over."""
    given = [(name, path) for name, path in paths.items() if path is not None]
    for (other_name, other), (name, path) in combinations(given, 2):
        both_exist = other.exists() and path.exists()
        if other.resolve() == path.resolve() or (both_exist and other.samefile(path)):
            message = f"expected another file than that of {other_name}"
            raise click.BadParameter(message, param_hint=f"'{name}'")


def read_pairs(
    _context: object, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """The pairs of an option that is given as NAME=VALUE, perhaps often."""
    pairs = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"expected NAME=VALUE, got {value!r}", param=parameter)
        if name in pairs:
            raise click.BadParameter(f"{name!r} is given twice", param=parameter)
        pairs[name] = text
    return pairs


prefer_option = click.option(
    "--prefer",
    multiple=True,
    metavar="PAIR=DISTRIBUTION",
    callback=read_pairs,
    help="Which distribution's renderer to take for a pair that several claim.",
)
