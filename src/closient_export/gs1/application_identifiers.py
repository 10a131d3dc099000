"""What GS1 says about each application identifier (AI), from its Barcode Syntax Dictionary."""

import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property

from attrs import frozen

from closient_export.errors import Gs1Error
from closient_export.gs1._application_identifiers import ROWS
from closient_export.gs1.linters import CSET_82, LINTERS, Fault, Linter
from closient_export.gs1.linters.characters import lint_cset82

__all__ = ["ApplicationIdentifier", "Component", "application_identifiers", "find_at_start"]

_CHARACTER_SETS = {"N": "csetnumeric", "X": "cset82", "Y": "cset39", "Z": "cset64"}
_AI_LENGTHS = (2, 3, 4)


@frozen
class Component:
    """One part of an AI's data field: so many characters of a type, with rules of its own."""

    shortest: int
    longest: int
    optional: bool
    linters: tuple[Linter, ...]
    """That of the character set first."""


@frozen(kw_only=True)
class ApplicationIdentifier:
    """An AI: the format of its data and how it goes with others."""

    ai: str
    """Two to four digits."""
    title: str
    """GS1's data title, such as ``BATCH/LOT``; empty for a few."""
    components: tuple[Component, ...]
    predefined_length: bool
    """No separator follows, because readers know the length (GenSpecs 7.8.5)."""
    link_attribute: bool
    """May stand in the query of a Digital Link."""
    requirements: tuple[tuple[tuple[str, ...], ...], ...]
    """All must hold; each is a choice of groups, a group a set of patterns (``31nn``)."""
    exclusions: tuple[str, ...]
    """Patterns of AIs that it may not stand beside."""
    link_qualifiers: tuple[tuple[str, ...], ...] | None
    """If it is a Digital Link key, the ordered sequences of its qualifiers; else ``None``."""

    @cached_property
    def shortest(self) -> int:
        """The fewest characters its data can have."""
        return sum(part.shortest for part in self.components if not part.optional)

    @cached_property
    def longest(self) -> int:
        """The most characters its data can have."""
        return sum(part.longest for part in self.components)

    @cached_property
    def _right(self) -> re.Pattern[str] | None:
        """Matches all right data and nothing else, where a character set is all that data need."""
        part = self.components[0]
        if len(self.components) > 1 or part.linters != (lint_cset82,):
            return None
        return re.compile(f"[{re.escape(CSET_82)}]{{{part.shortest},{part.longest}}}")

    def check(self, value: str) -> None:
        """Check the data: its length, then each component with its linters.

        Raises:
            Gs1Error: with the first rule that is broken.
        """
        if self._right is not None and self._right.fullmatch(value):
            return
        if fault := self._fault(value):
            raise Gs1Error(fault.rule, fault.expectation, self.ai, value)

    def _fault(self, value: str) -> Fault | None:
        if not self.shortest <= len(value) <= self.longest:
            few, many = self.shortest, self.longest
            expected = f"{few}" if few == many else f"{few} to {many}"
            rule = "ai_value_too_short" if len(value) < few else "ai_value_too_long"
            expectation = f"expected {expected} characters, got {len(value)}"
            return Fault(rule, expectation, 0, len(value))
        start = 0
        for part in self.components:
            if part.optional and start == len(value):
                break
            data = value[start : start + part.longest]
            if len(data) < part.shortest:
                expectation = (
                    f"expected {part.shortest} characters from character {start + 1} on, "
                    f"got {len(data)}"
                )
                return Fault("ai_component_too_short", expectation, start, len(value))
            for linter in part.linters:
                if fault := linter(data):
                    return fault
            start += len(data)
        return None


def _components(
    specifications: Iterable[tuple[str, int, int, bool, tuple[str, ...]]],
) -> tuple[Component, ...]:
    return tuple(
        Component(
            shortest,
            longest,
            optional,
            tuple(LINTERS[name] for name in (_CHARACTER_SETS[kind], *linters)),
        )
        for kind, shortest, longest, optional, linters in specifications
    )


@cache
def application_identifiers() -> Mapping[str, ApplicationIdentifier]:
    """All of them by their digits, in ascending order."""
    table = {}
    for first, last, title, flags, components, requirements, exclusions, qualifiers in ROWS:
        parts = _components(components)
        for number in range(int(first), int(last) + 1):
            ai = f"{number:0{len(first)}}"
            table[ai] = ApplicationIdentifier(
                ai=ai,
                title=title,
                components=parts,
                predefined_length="*" in flags,
                link_attribute="?" in flags,
                requirements=requirements,
                exclusions=exclusions,
                link_qualifiers=qualifiers,
            )
    return table


def find_at_start(text: str) -> ApplicationIdentifier:
    """The AI that `text` starts with; no AI is the start of another.

    Raises:
        Gs1Error: GS1 has assigned none of that kind.
    """
    table = application_identifiers()
    for length in _AI_LENGTHS:
        if found := table.get(text[:length]):
            return found
    raise Gs1Error(
        "unknown_ai", "expected an application identifier that GS1 has assigned", value=text[:4]
    )
