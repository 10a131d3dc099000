"""What events say beyond the standard: in extensions, and in the master data of their objects."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from closient_export.epcis import Event, parse_identifier

__all__ = ["REFERENCE_CLAIMS", "all_said", "claimed_source", "said"]

REFERENCE_CLAIMS = ("traceabilitylotcodesourcereference", "tlcsourcereference")
"""Under which an event may give the reference that stands for the source of a code."""
_SOURCE_CLAIMS = ("traceabilitylotcodesource", "tlcsource", "traceabilitylotcodesourcelocation")


def claimed_source(event: Event) -> str:
    """The place that an event says to be the source of its traceability lot codes, if it does."""
    claim = said(event, *_SOURCE_CLAIMS)
    return parse_identifier(claim).uri if claim else ""


def said(event: Event, *names: str) -> str:
    """What an event says, as text, under the first of its extensions with one of the names.

    Names are in lower case, without the prefix or namespace that vocabularies have; they may be at
    any depth.
    """
    return next(("; ".join(texts) for texts in _found(event, names)), "")


def all_said(event: Event, *names: str) -> tuple[str, ...]:
    """Each text that an event says under any of its extensions with one of the names, once.

    A landing may tell of several vessels and areas.
    """
    return tuple(dict.fromkeys(text for texts in _found(event, names) for text in texts))


def _found(event: Event, names: Collection[str]) -> Iterator[list[str]]:
    """The texts of each extension that has some, those that are nearer to the event first."""
    unread: list[Any] = [event.ilmd, event.extensions] if event.ilmd or event.extensions else []
    while unread:
        value = unread.pop(0)
        if isinstance(value, Mapping):
            for name, inner in value.items():
                if re.split("[:#/]", name)[-1].lower() in names and (texts := _texts(inner)):
                    yield texts
                unread.append(inner)
        elif isinstance(value, list):
            unread += value


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    if isinstance(value, Mapping):
        known = (_texts(value[key]) for key in ("@value", "id", "@id") if key in value)
        return next((texts for texts in known), [])
    return [value] if isinstance(value, str) and value else []
