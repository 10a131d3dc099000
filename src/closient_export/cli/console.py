"""What all commands share: what they say, how they fail, and how pairs are given."""

import click

__all__ = ["FailedExport", "counted", "prefer_option", "read_pairs", "say"]


class FailedExport(Exception):
    """What was asked for rightly has failed; the message says why."""


def say(message: str) -> None:
    """Tell people; results go to standard output instead."""
    click.echo(message, err=True)


def counted(number: int, noun: str) -> str:
    """A number of things, in words."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


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
