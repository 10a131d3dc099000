"""Short ids: a UUID written with 22 letters and digits that cannot be mistaken for each other."""

import uuid
from typing import NewType

from closient_export.errors import shown

__all__ = ["ALPHABET", "LENGTH", "ShortId", "new_short_id", "parse_short_id"]

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""shortuuid's own: no 0, 1, I, O and l."""
LENGTH = 22

ShortId = NewType("ShortId", str)


def new_short_id() -> ShortId:
    """A random one, not to be guessed."""
    import shortuuid  # noqa: PLC0415 - loaded when first needed

    return ShortId(shortuuid.ShortUUID(alphabet=ALPHABET).encode(uuid.uuid4()))


def parse_short_id(text: object) -> ShortId:
    """`text` itself, if it writes a UUID in this form.

    Raises:
        ValueError: it does not.

    >>> parse_short_id("MMr86QwRRjvDGR6MjGRNdQ")
    'MMr86QwRRjvDGR6MjGRNdQ'
    """
    if isinstance(text, str) and len(text) == LENGTH and set(text) <= set(ALPHABET):
        number = 0
        for character in text:
            number = number * len(ALPHABET) + ALPHABET.index(character)
        if number < 1 << 128:
            return ShortId(text)
    message = (
        f"expected a short id, {LENGTH} characters without 0, 1, I, O and l, got {shown(text)}"
    )
    raise ValueError(message)
