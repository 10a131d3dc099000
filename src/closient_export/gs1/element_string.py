r"""Element strings: application identifiers with their data, in the forms that GS1 writes them.

======================  ==============================================
bracketed               ``(01)09506000134352(10)AB\(C(21)7``
raw, separators as GS   ``010950600013435210AB(C<GS>217``
human readable (HRI)    ``(01) 09506000134352 (10) AB(C (21) 7``
Digital Link            ``https://id.gs1.org/01/09506000134352/10/AB%28C/21/7``
======================  ==============================================
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import starmap
from typing import NamedTuple

from attrs import field, frozen

from closient_export.errors import Gs1Error
from closient_export.gs1.application_identifiers import (
    ApplicationIdentifier,
    application_identifiers,
    find_at_start,
)

__all__ = ["FNC1", "Element", "ElementString", "parse_element_string"]

FNC1 = "\x1d"
"""How a reader transmits the separator, and how `ElementString.raw` writes it: ASCII GS."""

_FIXED_KEY_LENGTHS = {"253": 13, "255": 13, "8003": 14}


class Element(NamedTuple):
    """An application identifier and its data."""

    ai: str
    value: str


@lru_cache(maxsize=1 << 12)
def _element(ai: str, value: str) -> Element:
    """A valid element; labels of one product, one lot or one day repeat each other's."""
    _find(ai).check(value)
    return Element(ai, value)


def _checked(pairs: Iterable[tuple[str, str]]) -> tuple[Element, ...]:
    """Valid elements, each once: GS1 tolerates a repetition that says the same."""
    elements = tuple(starmap(_element, pairs))
    if not elements:
        raise Gs1Error("no_elements", "expected at least one application identifier")
    if len(dict(elements)) < len(elements):
        elements = tuple(dict.fromkeys(elements))
        seen = set()
        for ai, value in elements:
            if ai in seen:
                raise Gs1Error(
                    "repeated_ai", "expected one value, got another one before", ai, value
                )
            seen.add(ai)
    return elements


@frozen
class ElementString:
    """Application identifiers with their data, each valid by itself and none contradicting.

    Which AIs must or may not stand together is judged over everything that marks an item, so a
    value may hold a part of it; `check_associations` judges the whole. Two element strings are
    equal when they say the same: the order has no meaning.

    Raises:
        Gs1Error: an unknown AI, data that breaks its rules, or one AI with two values.
    """

    elements: tuple[Element, ...] = field(converter=_checked, eq=frozenset)

    def __iter__(self) -> Iterator[Element]:
        return iter(self.elements)

    def get(self, ai: str) -> str | None:
        """The data of an AI, or ``None``."""
        return next((element.value for element in self.elements if element.ai == ai), None)

    def check_associations(self) -> None:
        """Check what must and what must not stand together (GenSpecs 4.13).

        Raises:
            Gs1Error: a mandatory association is missing, or a pair is invalid.
        """
        present = [element.ai for element in self.elements]
        for ai, value in self.elements:
            entry = _find(ai)
            for pattern in entry.exclusions:
                if clash := next((o for o in present if o != ai and _matches(o, pattern)), None):
                    raise Gs1Error(
                        "invalid_pair", f"expected not to stand beside ({clash})", ai, value
                    )
            for choice in entry.requirements:
                if not any(_all_present(group, present) for group in choice):
                    expected = " or ".join("".join(f"({x})" for x in group) for group in choice)
                    raise Gs1Error(
                        "missing_association", f"expected to stand beside {expected}", ai, value
                    )
        self._check_signature()

    def _check_signature(self) -> None:
        if self.get("8030") is None:
            return
        for ai, length in _FIXED_KEY_LENGTHS.items():
            value = self.get(ai)
            if value is not None and len(value) <= length:
                raise Gs1Error(
                    "signature_without_serial",
                    "expected the optional serial component beside a digital signature (8030)",
                    ai,
                    value,
                )

    def bracketed(self) -> str:
        r"""The bracketed form, which `parse_element_string` reads; ``(`` in data as ``\(``.

        >>> ElementString([("01", "09506000134352"), ("10", "AB(C")]).bracketed()
        '(01)09506000134352(10)AB\\(C'
        """
        return "".join(f"({ai}){value.replace('(', chr(92) + '(')}" for ai, value in self)

    def hri(self) -> str:
        """The text for people, one space after each AI and between elements (GenSpecs 4.14).

        >>> ElementString([("01", "09506000134352"), ("10", "ABC123")]).hri()
        '(01) 09506000134352 (10) ABC123'
        """
        return " ".join([f"({ai}) {value}" for ai, value in self.elements])

    def raw(self) -> str:
        r"""AIs and data as symbols carry them, `FNC1` only where it is needed (GenSpecs 7.8.5).

        The FNC1 that opens the symbol belongs to the symbology and is not included.

        >>> ElementString([("10", "ABC123"), ("21", "7")]).raw()
        '10ABC123\x1d217'
        """
        text = ""
        needs_separator = False
        for ai, value in self:
            text += (FNC1 if needs_separator else "") + ai + value
            needs_separator = not _find(ai).predefined_length
        return text


def parse_element_string(text: str, *, associations: bool = True) -> ElementString:
    r"""Read an element string in its bracketed or its raw form.

    The bracketed form starts with ``(``; a ``(`` within data is written ``\(``. In the raw form
    the separator is `FNC1` or ``^``, which no data can contain; one may open the text and one may
    follow any element (GenSpecs 7.8.6.3).

    Args:
        text: The element string.
        associations: Whether what must and must not stand together is checked too.

    Raises:
        Gs1Error: with the AI, the value and the first rule that is broken.

    >>> parse_element_string("(01)09506000134352(10)ABC123").raw()
    '010950600013435210ABC123'
    >>> parse_element_string("010950600013435210ABC123").get("10")
    'ABC123'
    """
    elements = ElementString(_bracketed(text) if text.startswith("(") else _raw(text))
    if associations:
        elements.check_associations()
    return elements


_BRACKETED = re.compile(r"\(([0-9]+)\)((?:[^(\\]|\\\(|\\)*)", re.DOTALL)


def _bracketed(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        match = _BRACKETED.match(text, position)
        if match is None:
            raise Gs1Error(
                "malformed_brackets",
                rf"expected an AI in parentheses at character {position + 1}, and '(' in data as '\('",
                value=text,
            )
        yield match[1], match[2].replace(r"\(", "(")
        position = match.end()


def _raw(text: str) -> Iterator[tuple[str, str]]:
    rest = text.replace("^", FNC1).removeprefix(FNC1)
    while rest:
        entry = find_at_start(rest)
        rest = rest.removeprefix(entry.ai)
        if entry.predefined_length:
            value, rest = rest[: entry.longest], rest[entry.longest :]
            rest = rest.removeprefix(FNC1)
        else:
            value, _, rest = rest.partition(FNC1)
        yield entry.ai, value


def _find(ai: str) -> ApplicationIdentifier:
    entry = application_identifiers().get(ai)
    if entry is None:
        raise Gs1Error(
            "unknown_ai", "expected an application identifier that GS1 has assigned", value=ai
        )
    return entry


def _matches(ai: str, pattern: str) -> bool:
    return len(ai) == len(pattern) and all(p in ("n", c) for c, p in zip(ai, pattern, strict=True))


def _all_present(group: Iterable[str], present: Iterable[str]) -> bool:
    return all(any(_matches(ai, pattern) for ai in present) for pattern in group)
