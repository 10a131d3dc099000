"""What events say beyond the standard: in extensions, and in the master data of their objects."""

import re
from collections.abc import Mapping
from typing import Any

from closient_export.epcis import Event, parse_identifier

__all__ = ["REFERENCE_CLAIMS", "claimed_source", "said"]

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
    if not (event.ilmd or event.extensions):
        return ""
    unread: list[Any] = [event.ilmd, event.extensions]
    while unread:
        value = unread.pop(0)
        if isinstance(value, Mapping):
            for name, inner in value.items():
                if re.split("[:#/]", name)[-1].lower() in names and (text := _as_text(inner)):
                    return text
                unread.append(inner)
        elif isinstance(value, list):
            unread += value
    return ""


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(filter(None, map(_as_text, value)))
    if isinstance(value, Mapping):
        return next((_as_text(value[key]) for key in ("@value", "id", "@id") if key in value), "")
    return value if isinstance(value, str) else ""
