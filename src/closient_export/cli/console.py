"""What all commands share: what they say, how they fail, and how pairs are given."""

import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

import click

from closient_export.errors import RendererError, TraceWriterError

__all__ = [
    "OWNER",
    "FailedExport",
    "check_distinct",
    "counted",
    "prefer_option",
    "read_pairs",
    "say",
    "traceback_option",
    "tracebacks",
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


traceback_option = click.option(
    "--traceback",
    "with_tracebacks",
    is_flag=True,
    help="Where a plugin fails, print its own traceback to standard error.",
)


@contextmanager
def tracebacks(wanted: bool) -> Iterator[None]:
    """Print where plugins fail, if that is wanted: when they are loaded and when they work."""
    if not wanted:
        yield
        return
    logger, handler = logging.getLogger("closient_export.execution"), _Tracebacks()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    except (RendererError, TraceWriterError, FailedExport) as error:
        if error.__cause__ is not None:
            _say_traceback(error)
        raise
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


class _Tracebacks(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1]:
            _say_traceback(record.exc_info[1])


def _say_traceback(error: BaseException) -> None:
    say("".join(traceback.format_exception(error)).rstrip())
