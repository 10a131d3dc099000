"""Reed-Solomon check codewords, as a linear map (ISO/IEC 18004 7.5, ISO/IEC 16022 5.7).

The check codewords of a message are the remainder of its polynomial by a generator polynomial over
GF(256). Remainders add up, and addition is XOR: the check codewords of any message are the sum of
those of its codewords taken one at a time, each a multiple of what a lone 1 in its place gives.
"""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["check_bits"]


@cache
def _powers(polynomial: int) -> tuple[list[int], list[int]]:
    """The powers of 2 in the field, twice over, and of each element which power it is."""
    exponentials, logarithms = [1], [0] * 256
    for _ in range(509):
        power = exponentials[-1] << 1
        exponentials.append(power ^ polynomial if power & 0x100 else power)
    for exponent in range(255):
        logarithms[exponentials[exponent]] = exponent
    return exponentials, logarithms


def _product(left: int, right: int, polynomial: int) -> int:
    exponentials, logarithms = _powers(polynomial)
    return exponentials[logarithms[left] + logarithms[right]] if left and right else 0


def _generator(count: int, polynomial: int, first_root: int) -> list[int]:
    """The coefficients of (x - 2^r)(x - 2^(r+1))…, highest first, without the leading 1."""
    coefficients = [1]
    for exponent in range(first_root, first_root + count):
        root = _powers(polynomial)[0][exponent]
        scaled = [_product(each, root, polynomial) for each in coefficients]
        coefficients = [a ^ b for a, b in zip([*coefficients, 0], [0, *scaled], strict=True)]
    return coefficients[1:]


def check_bits(
    data_count: int, check_count: int, *, polynomial: int, first_root: int
) -> "NDArray[np.uint8]":
    """The check codewords of each bit of a message alone.

    Args:
        data_count: How many data codewords the message has.
        check_count: How many check codewords it gets.
        polynomial: What makes the field, with its highest bit, such as 0x11D.
        first_root: The exponent of the generator polynomial's first root.

    Returns:
        By data codeword, by its bit from the most significant on, the check codewords.
    """
    generator = _generator(check_count, polynomial, first_root)
    remainder, of_ones = generator, [generator]
    for _ in range(data_count - 1):
        # One place further from the end is one more factor of x.
        head, *tail = remainder
        carried = [_product(head, each, polynomial) for each in generator]
        remainder = [a ^ b for a, b in zip([*tail, 0], carried, strict=True)]
        of_ones.append(remainder)
    return np.array(
        [
            [[_product(each, 0x80 >> bit, polynomial) for each in checks] for bit in range(8)]
            for checks in reversed(of_ones)
        ],
        np.uint8,
    )
