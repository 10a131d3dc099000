"""What may be said of a renderer's knobs: which values they take, and what they mean."""

import ast
import inspect
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from itertools import pairwise
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from attrs import frozen

from closient_export.errors import RequestError
from closient_export.plugins import Renderer
from closient_export.wire.knobs import default_knobs, knobs_of, renderer_config

__all__ = ["KnobDescription", "describe_knobs", "field_docstrings", "values_of"]

_NUMBERS: Mapping[Any, str] = {int: "whole number", float: "number"}
_ABSURD = 10**12
"""A number that no knob takes; what it is refused with says which numbers it takes."""

Quote = Callable[[str], str]


@frozen(kw_only=True)
class KnobDescription:
    """One knob."""

    name: str
    values: str
    """Which values it takes, in words."""
    default: Any
    """As JSON."""
    meaning: str
    """The text under the field in the source of its config class; empty if there is none."""


def describe_knobs(renderer: Renderer, quote: Quote = str) -> Iterator[KnobDescription]:
    """The knobs of a renderer, in its order.

    Args:
        renderer: Whose knobs they are.
        quote: Applied to each word that is a value, where values are listed.
    """
    defaults = default_knobs(renderer)
    meanings = field_docstrings(renderer.config)
    for name, knob in knobs_of(renderer).items():
        values = values_of(knob.type, quote)
        if values in _NUMBERS.values():
            values = _range_of(renderer, name, quote) or values
        yield KnobDescription(
            name=name,
            values=values,
            default=defaults[knob.name],
            meaning=meanings.get(knob.name, ""),
        )


def values_of(kind: Any, quote: Quote = str) -> str:
    """Which values a type has, as JSON says them; ``object`` for one of several members.

    >>> values_of(Literal["L", "M"] | None), values_of(tuple[int, ...])
    ('L, M', 'list of whole number')
    """
    if get_origin(kind) in {Union, UnionType}:
        words = (values_of(each, quote) for each in get_args(kind) if each is not type(None))
        return " or ".join(words)
    if get_origin(kind) is Literal:
        return ", ".join(quote(str(value)) for value in get_args(kind))
    if get_origin(kind) is tuple:
        return f"list of {values_of(get_args(kind)[0], quote)}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(quote(str(member.value)) for member in kind)
    if kind is bool:
        return f"{quote('true')}, {quote('false')}"
    return "text" if kind is str else _NUMBERS.get(kind, "object")


def _range_of(renderer: Renderer, knob: str, quote: Quote) -> str:
    """Which numbers a knob takes, in its own words; empty if it does not say."""
    said = (_refusal(renderer, knob, number) for number in (-_ABSURD, _ABSURD))
    words = " and ".join(dict.fromkeys(filter(None, said)))
    return re.sub("'([^']*)'", lambda found: quote(found[1]), words)


def _refusal(renderer: Renderer, knob: str, number: int) -> str:
    try:
        renderer_config(renderer, {knob: number})
    except RequestError as error:
        for problem in error.problems:
            said = re.fullmatch(r"expected (.*\d.*), got .*", problem.message)
            if said and str(_ABSURD) in problem.message:
                return said[1]
    except Exception:
        return ""  # a plugin's validator that is not made for such numbers
    return ""


def field_docstrings(kind: type[Any]) -> Mapping[str, str]:
    """The text under each field of a class and its bases, each on one line, as far as there is source."""
    # Python 3.11 cannot parse in several threads at a time (its issue 106905).
    with _PARSING:
        if kind not in _DOCSTRINGS:
            bases = reversed(kind.__mro__[:-1])
            _DOCSTRINGS[kind] = {name: text for base in bases for name, text in _documented(base)}
        return _DOCSTRINGS[kind]


_PARSING = threading.Lock()
_DOCSTRINGS: dict[type[Any], Mapping[str, str]] = {}


def _documented(kind: type[Any]) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(inspect.cleandoc(inspect.getsource(kind)))
    except (OSError, TypeError, SyntaxError):
        return
    body = [line for node in tree.body if isinstance(node, ast.ClassDef) for line in node.body]
    for before, after in pairwise(body):
        match before, after:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())
