"""What stands beside the end of a line: half of it above the line, half of it below."""

from collections.abc import Iterable
from functools import cached_property

from attrs import field, frozen

from closient_export.trace.picture.shapes import ERROR, INK, label
from closient_export.trace.picture.text import fit, fit_end, measure

__all__ = ["Note", "lot_fact"]

_SIZE, _LINE = 9.5, 12.0
_WIDEST = 184.0


def lot_fact(code: str) -> str:
    """Which lot it is, by the end of its code, which tells it from others."""
    word = "lot "
    return word + fit_end(code, _SIZE, _WIDEST - measure(word, _SIZE))


def _known(facts: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, facts))


@frozen
class Note:
    """Facts about what a line stands for; one that begins with ``!`` is a warning."""

    facts: tuple[str, ...] = field(converter=_known)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The facts in as few lines as their order and the room allow, warnings in their own."""
        lines: list[str] = []
        for fact in self.facts:
            together = f"{lines[-1]} · {fact}" if lines else fact
            if (
                lines
                and not lines[-1].startswith("!")
                and fit(together, _SIZE, _WIDEST) == together
            ):
                lines[-1] = together
            else:
                lines.append(fact)
        return tuple(lines)

    @property
    def width(self) -> float:
        """The room that the longest line takes."""
        return min(max((measure(line, _SIZE) for line in self.lines), default=0.0), _WIDEST)

    @property
    def height(self) -> float:
        """The room that it takes with the line in the middle."""
        return 2 * _LINE * self._above + 8

    @property
    def _above(self) -> int:
        return (len(self.lines) + 1) // 2

    def drawn(self, x: float, y: float) -> str:
        """The texts around a line at `y`."""
        above = self._above
        return "".join(
            label(
                x,
                y - 4 - (above - 1 - n) * _LINE if n < above else y + 10.5 + (n - above) * _LINE,
                line,
                _SIZE,
                _WIDEST,
                fill=ERROR if line.startswith("!") else INK,
            )
            for n, line in enumerate(self.lines)
        )
