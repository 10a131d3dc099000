"""How few codewords a mixture of encodations could take (ISO/IEC 16022 5.2).

libdmtx chooses mixtures by rules of its own, and is slow. Most element strings are mainly digits, of
which ASCII encodation makes the most: no mixture gives them a smaller symbol. To know that, it is
enough to know a number of codewords which no mixture goes below. It is found from left to right, for
many element strings at once: the fewest codewords that end in each state of each encodation.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["fewest_codewords", "fewest_codewords_by_count"]

_NEVER = 1 << 16
_LAST = 4
"""Characters at the end of which an encodation may leave as many as two codewords to ASCII."""
_NOTHING = 0
"""No character of an element string: what shorter ones are filled up with."""
_CHARACTERS = np.arange(256)


def _one_of(characters: str) -> "NDArray[np.bool_]":
    return np.isin(_CHARACTERS, list(characters.encode()))


_DIGITS = _one_of("0123456789")
_UPPER = _one_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LOWER = _one_of("abcdefghijklmnopqrstuvwxyz")
_SPACE = _one_of(" ")
_X12 = _DIGITS | _UPPER | _SPACE | _one_of("\r*>")

_ASCII_COSTS = np.where(_CHARACTERS == _NOTHING, 0, 1).astype(np.int32)
_SHIFTED = np.array(
    [~(_DIGITS | _UPPER | _SPACE), ~(_DIGITS | _LOWER | _SPACE), np.zeros(256, np.bool_)]
)
"""By encodation - C40, Text and X12 (5.2.5 to 5.2.7) -, the characters that are two values."""
_TRIPLE_COSTS = np.where(
    [_CHARACTERS != _NOTHING, _CHARACTERS != _NOTHING, _X12], 0, _NEVER
).astype(np.int32)
_EDIFACT_COSTS = np.where((_CHARACTERS >= 32) & (_CHARACTERS <= 94), 0, _NEVER).astype(np.int32)
_BASE_256_COSTS = np.where(_CHARACTERS == _NOTHING, _NEVER, 1).astype(np.int32)


def fewest_codewords_by_count(
    counts: "NDArray[np.intp]", singles: "NDArray[np.intp]"
) -> "NDArray[np.intp]":
    """A number of codewords that no mixture goes below, from two numbers alone.

    Pairs of digits take the least in ASCII encodation, separators take no less in any other; a
    character by itself takes at least two thirds of a codeword, after a latch.

    Args:
        counts: How many codewords the element strings have in ASCII encodation.
        singles: How many of them are one character of data each.
    """
    return counts - np.maximum(singles // 3 - 1, 0)


def fewest_codewords(texts: Sequence[bytes]) -> "NDArray[np.int32]":
    """A number of codewords that no mixture goes below.

    It is the fewest but for what depends on the symbol's capacity: close to the end, the return to
    ASCII encodation counts as nothing.

    Args:
        texts: Element strings, each of which starts with FNC1.
    """
    longest = max(map(len, texts))
    joined = b"".join(text.rjust(longest, bytes([_NOTHING])) for text in texts)
    columns = np.frombuffer(joined, np.uint8).reshape(len(texts), longest).T
    states = _States.at_start(len(texts))
    for place, column in enumerate(columns):
        states = states.after(column, unlatch=int(longest - place > _LAST))
    return states.fewest()


class _States(NamedTuple):
    """The fewest codewords for what was read so far, by the state that it ends in and by text."""

    ascii: "NDArray[np.int32]"
    pair: "NDArray[np.int32]"
    """In ASCII encodation, the codeword lets a second digit in."""
    triples: "NDArray[np.int32]"
    """In C40, Text and X12, by how many values of the last three are taken."""
    quadruples: "NDArray[np.int32]"
    """In EDIFACT, by how many characters of the last four are taken."""
    base_256: "NDArray[np.int32]"

    @classmethod
    def at_start(cls, count: int) -> Self:
        """Nothing is read, and the encodation is ASCII."""
        ascii_ = np.zeros(count, np.int32)
        pair, triples, quadruples, base_256 = (
            np.full((*shape, count), _NEVER, np.int32) for shape in ((), (3, 3), (4,), ())
        )
        return cls(ascii_, pair, triples, quadruples, base_256)

    def fewest(self) -> "NDArray[np.int32]":
        """In whatever state."""
        triples = self.triples.reshape(9, -1)
        ways = [self.ascii, *triples, *self.quadruples, self.base_256]
        fewest: NDArray[np.int32] = np.minimum.reduce(ways)
        return fewest

    def after(self, characters: "NDArray[np.uint8]", *, unlatch: int) -> Self:
        """The states after one character more of each text.

        Args:
            characters: One of each text.
            unlatch: What leaving an encodation costs here.
        """
        # C40 and Text are left after three values, the last of which may be a lone shift.
        ways = [
            self.ascii,
            *(self.triples[:, (0, 2)].reshape(6, -1) + unlatch),
            *(self.quadruples[:3] + unlatch),
            self.quadruples[3],
            self.base_256,
        ]
        ascii_ = np.minimum.reduce(ways)
        none, one, two = np.moveaxis(self.triples, 1, 0)
        none = np.minimum(none, ascii_ + 1)
        # Two codewords are counted with the first of three values.
        plain, shifted = (two, none + 2, one), (one, two + 2, none + 2)
        triples = np.where(_SHIFTED[:, None, characters], np.stack(shifted, 1), np.stack(plain, 1))
        # Three codewords are counted with the first three of four characters.
        first = np.minimum(self.quadruples[0], ascii_ + 1)
        quadruples = np.stack([self.quadruples[3], first + 1, *(self.quadruples[1:3] + 1)])
        after_pair = np.where(_DIGITS[characters], self.pair, _NEVER)
        alone = ascii_ + _ASCII_COSTS[characters]
        return type(self)(
            np.minimum(alone, after_pair),
            np.where(_DIGITS[characters], alone, _NEVER),
            np.minimum(triples + _TRIPLE_COSTS[:, None, characters], _NEVER),
            np.minimum(quadruples + _EDIFACT_COSTS[characters], _NEVER),
            np.minimum(self.base_256, ascii_ + 2) + _BASE_256_COSTS[characters],
        )
