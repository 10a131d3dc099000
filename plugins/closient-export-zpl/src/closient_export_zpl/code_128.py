"""GS1-128 as field data of ^BC in mode N, which leaves the choice of code sets to the sender.

Modes A and D choose in the printer, and do not say how wide the symbol becomes.
"""

__all__ = ["FNC1", "code_128"]

FNC1 = "\x1d"
"""How an element string writes the function character that separates its elements."""

_START_B, _START_C = ">:", ">;"
_TO_B, _TO_C = ">6", ">5"
_FNC1 = ">8"
_ESCAPES = {">": ">0", "^": "><", "~": ">=", FNC1: _FNC1}
"""What code set B has no plain character for (invocation codes, ^BC)."""

_NEVER = 10**6


def code_128(data: str) -> tuple[str, int]:
    r"""The shortest GS1-128 symbol for some data, all printable ASCII, and `FNC1`.

    Returns:
        The field data, and the number of symbol characters: start, FNC1, data, and code set
        characters, without check and stop character.

    >>> code_128("0109506000134352" + "10A>B" + FNC1 + "21001234")
    ('>;>80109506000134352>610A>0B>8>521001234', 19)
    """
    in_c, in_b = _lengths(data)
    is_c = in_c[0] <= in_b[0]
    field_data = (_START_C if is_c else _START_B) + _FNC1
    at = 0
    while at < len(data):
        if data[at] == FNC1:
            field_data += _FNC1
            at += 1
        elif is_c and _is_pair(data, at) and in_c[at] == 1 + in_c[at + 2]:
            field_data += data[at : at + 2]
            at += 2
        elif not is_c and in_b[at] == 1 + in_b[at + 1]:
            field_data += _ESCAPES.get(data[at], data[at])
            at += 1
        else:
            field_data += _TO_B if is_c else _TO_C
            is_c = not is_c
    return field_data, 2 + min(in_c[0], in_b[0])


def _lengths(data: str) -> tuple[list[int], list[int]]:
    """How many symbol characters the data needs from each place on, in code sets C and B."""
    in_c, in_b = [0] * (len(data) + 1), [0] * (len(data) + 1)
    for at in reversed(range(len(data))):
        if data[at] == FNC1:
            stay_c = 1 + in_c[at + 1]
        else:
            stay_c = 1 + in_c[at + 2] if _is_pair(data, at) else _NEVER
        stay_b = 1 + in_b[at + 1]
        in_c[at] = min(stay_c, 1 + stay_b)
        in_b[at] = min(stay_b, 1 + stay_c)
    return in_c, in_b


def _is_pair(data: str, at: int) -> bool:
    pair = data[at : at + 2]
    return len(pair) == 2 and pair.isascii() and pair.isdigit()
