"""Keys of artifacts that every store can take: names of folders and files, on any system."""

import re

from closient_export.errors import shown

__all__ = ["checked_key", "is_key", "may_begin_key"]

_LONGEST_KEY = 900
_LONGEST_PART = 200
_MOST_PARTS = 32
_PART = re.compile(rf"(?!\.{{1,2}}\Z)[A-Za-z0-9._-]{{1,{_LONGEST_PART}}}")


def is_key(text: str) -> bool:
    """Whether a key is of parts that are ``[A-Za-z0-9._-]+``, with ``/`` between them.

    No part is ``.`` or ``..`` or longer than 200, there are at most 32, and 900 characters in all.
    """
    parts = text.split("/", _MOST_PARTS)
    short = len(text) <= _LONGEST_KEY and len(parts) <= _MOST_PARTS
    return short and all(map(_PART.fullmatch, parts))


def checked_key(key: str) -> str:
    """The same key.

    Raises:
        ValueError: it is not one, such as one that leads out of the store.
    """
    if is_key(key):
        return key
    wanted = "parts of letters, digits and ._- with / between them"
    raise ValueError(f"the key of an artifact: expected {wanted}, got {shown(key)}")


def may_begin_key(prefix: str) -> bool:
    """Whether there can be a key that begins so."""
    return is_key(f"{prefix}x") or is_key(prefix)
