"""The problems of a payload, each with its path, out of what cattrs raises."""

import re
from collections.abc import Iterator
from typing import Any

import attrs
from cattrs import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)

from closient_export.errors import Gs1Error, Problem, RequestError, shown, suggestion

__all__ = ["join", "key", "problems_of"]


def problems_of(error: BaseException, path: str) -> Iterator[Problem]:
    """The tree of exceptions that cattrs raises, as a list with paths."""
    if isinstance(error, BaseValidationError):
        for inner in error.exceptions:
            yield from problems_of(inner, join(path, _step(inner)))
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [field.name for field in attrs.fields(error.cl)]
        for name in sorted(error.extra_fields):
            accepted = f"{', '.join(known)}{suggestion(name, known)}"
            yield Problem(join(path, key(name)), f"unknown key, expected one of {accepted}")
    elif isinstance(error, RequestError):
        for problem in error.problems:
            yield Problem(join(path, problem.path), problem.message)
    elif isinstance(error, KeyError):
        yield Problem(join(path, str(error.args[0])), "required, but missing")
    elif isinstance(error, Gs1Error):
        yield Problem(path, f"{shown(error.value)}: {error.expectation}")
    elif isinstance(error, ValueError | TypeError):
        field, message = _said(error.args)
        is_within = bool(field) and field != path.rpartition(".")[2]
        yield Problem(join(path, field) if is_within else path, message)
    else:
        raise error


_OF_ATTRS = re.compile(
    r"(?P<length>Length of )?'(?P<field>\w+)' must be (?P<relation><=|>=|<|>) (?P<bound>.*?): (?P<value>.*)",
    re.DOTALL,
)
_RELATIONS = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than"}
_WITH_VALUE = 4
"""How many arguments those errors of attrs have that carry a value: message, field, rule, value."""


def _said(arguments: tuple[Any, ...]) -> tuple[str, str]:
    """What an error says, as this library would where attrs' own validators say it of a field."""
    if not arguments:
        return "", "invalid value"
    message = str(arguments[0])
    if len(arguments) == _WITH_VALUE and isinstance(arguments[1], attrs.Attribute):
        _, field, rule, value = arguments
        if isinstance(rule, re.Pattern):
            return field.name, f"expected text that matches {rule.pattern}, got {shown(value)}"
        if " must be in " in message:
            words = list(map(str, rule))
            hint = suggestion(value, words)
            return field.name, f"expected one of {', '.join(words)}, got {shown(value)}{hint}"
    if found := _OF_ATTRS.fullmatch(message):
        bound = f"{_RELATIONS[found['relation']]} {found['bound']}"
        length = "a length of " if found["length"] else ""
        return found["field"], f"expected {length}{bound}, got {found['value']}"
    return "", message


def _step(error: BaseException) -> str:
    """Which field or which index of the outer value an inner exception is about."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, IterableValidationNote):
            return f"[{note.index}]"
        if isinstance(note, AttributeValidationNote) and not isinstance(error, KeyError):
            return note.name
    return ""


def key(name: str) -> str:
    """A key of the payload as a path shows it: whatever it is, it stays on its line."""
    return name if name.isidentifier() and name.isascii() and len(name) < 80 else shown(name)


def join(path: str, step: str) -> str:
    """A path and one more step: a field's name, or an index in brackets."""
    return path + step if not path or not step or step.startswith("[") else f"{path}.{step}"
