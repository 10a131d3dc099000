"""What a finding is: something missing, inconsistent, or against the rule."""

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import count, groupby
from types import MappingProxyType

from attrs import field, frozen, validators

from closient_export.trace.kdes import CriticalTrackingEvent, key_data_elements

__all__ = ["RULES", "Finding", "Severity", "Thresholds"]


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """Something that the rule requires is missing or contradicted."""
    WARNING = "warning"
    """The records do not fit together."""
    NOTE = "note"
    """Something was assumed or left out."""


@frozen(kw_only=True)
class Thresholds:
    """What is small enough to be no finding."""

    quantity: Decimal = field(default=Decimal(0), validator=validators.ge(Decimal(0)))
    """How far a received quantity may be from the shipped one, as a fraction of it."""
    balance: Decimal = field(default=Decimal(0), validator=validators.ge(Decimal(0)))
    """How much more of a lot may leave a place than came, as a fraction of what came."""
    clock: timedelta = field(default=timedelta(0), validator=validators.ge(timedelta(0)))
    """How far time may run backwards."""


RULES: Mapping[str, tuple[Severity, str, str]] = MappingProxyType(
    {
        # rule: how much it matters, the paragraph of 21 CFR, what would fix it
        "missing-element": (Severity.ERROR, "", "Ask whoever captured the event for it."),
        "missing-location": (Severity.ERROR, "1.1310", "Describe the place in the master data."),
        "missing-product": (Severity.ERROR, "1.1310", "Describe the product in the master data."),
        "source-missing": (
            Severity.ERROR,
            "1.1340(a)(7)",
            "Get the event that made the lot from whoever assigned its code, or a traceability "
            "lot code source reference.",
        ),
        "source-contradicted": (
            Severity.ERROR,
            "1.1320",
            "Ask the partner whose record names another place than where the code was assigned.",
        ),
        "code-changed": (
            Severity.ERROR,
            "1.1320(b)",
            "Record the transformation, or correct the lot in the receipt.",
        ),
        "code-kept": (
            Severity.WARNING,
            "1.1350(a)(2)(i)",
            "Give what was made a lot of its own.",
        ),
        "assigned-in-transit": (
            Severity.WARNING,
            "1.1320(b)",
            "Record where the code was assigned, or give the move the action OBSERVE.",
        ),
        "product-changed": (
            Severity.ERROR,
            "1.1345(a)(3)",
            "Correct the product in the receipt, or record the transformation.",
        ),
        "no-lot": (Severity.ERROR, "1.1350(a)", "Record the lot, not only the product."),
        "not-received": (
            Severity.WARNING,
            "1.1345(a)",
            "Get the receiving event, or declare the shipment void.",
        ),
        "not-shipped": (Severity.WARNING, "1.1340(a)", "Get the shipping event."),
        "quantity-differs": (
            Severity.WARNING,
            "1.1345(a)(2)",
            "Settle which count is right, and correct the other event.",
        ),
        "time-backwards": (Severity.WARNING, "", "Correct the time of one of the events."),
        "input-after-output": (
            Severity.WARNING,
            "1.1350(a)(2)(iii)",
            "Correct the time of one of the events of the transformation.",
        ),
        "unbalanced": (Severity.WARNING, "", "Find the missing or doubled event."),
        "unknown-content": (
            Severity.WARNING,
            "",
            "Get the event that says what was packed into the container.",
        ),
        "unclassified": (
            Severity.WARNING,
            "",
            "Give the event a business step of the CBV, or classify it in the host.",
        ),
        "two-events-one-id": (Severity.WARNING, "", "Give one of the events another id."),
        "container-reused": (Severity.WARNING, "", "Record when the container was emptied."),
        "lot-unknown": (
            Severity.ERROR,
            "1.1455(c)",
            "Check the lot, and whether its events were given.",
        ),
        "truncated": (Severity.ERROR, "1.1455(c)", "Trace again with a higher limit."),
        "refused": (Severity.ERROR, "1.1455(c)", "Get a corrected document."),
        "excluded": (Severity.NOTE, "", "Nothing, if the correction is right."),
        "assumed": (Severity.NOTE, "", "Classify the event in the host, if this is wrong."),
        "content-inferred": (Severity.NOTE, "", "Get the event that packed the container."),
        "check-digit": (Severity.NOTE, "", "Correct the identifier in the events."),
    }
)


_LONGEST = 500
_LONG_NAME = re.compile(r"(\S{60})\S{40,}(\S{30})")


def _one_line(text: str) -> str:
    """Text that fits into a line whatever the identifiers in it are: no control characters."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    short = _LONG_NAME.sub(r"\1…\2", words)
    return short if len(short) <= _LONGEST else f"{short[: _LONGEST - 1]}…"


@frozen(kw_only=True)
class Finding:
    """One thing that whoever answers for the records should look at."""

    rule: str = field(validator=validators.in_(RULES))
    found: str = field(converter=_one_line)
    """What was found, in a sentence; long identifiers are shortened."""
    lot: str = ""
    """The canonical URI of the lot concerned."""
    event: str = ""
    """The key of the event concerned."""
    element: str = field(default="", converter=_one_line)
    """The key data element concerned, or the identifier of what is not described."""
    cte: CriticalTrackingEvent | None = None
    row: int | None = None
    """The first row of the sheet of `cte` that it is about, from 0 on."""
    columns: tuple[str, ...] = ()
    """The letters of the columns in which that row lacks something."""
    row_count: int = 0
    """How many rows it is about."""
    cfr: str = ""
    """The paragraph, where it is not the rule's usual one."""

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return RULES[self.rule][0]

    @property
    def paragraph(self) -> str:
        """The paragraph of 21 CFR, empty where it is about the data alone."""
        return self.cfr or RULES[self.rule][1] or (self.cte.paragraph if self.cte else "")

    @property
    def fix(self) -> str:
        """What would fix it."""
        return RULES[self.rule][2]

    @property
    def cells(self) -> str:
        """Its columns, such as ``column K`` or ``columns J to P, X``; empty without one."""
        if self.cte is None or not self.columns:
            return ""
        letters = [element.column for element in key_data_elements(self.cte)]
        number = count()
        runs = groupby(sorted(map(letters.index, self.columns)), lambda at: at - next(number))
        ends = [(letters[run[0]], letters[run[-1]]) for run in (list(run) for _, run in runs)]
        spans = [first if first == last else f"{first} to {last}" for first, last in ends]
        return f"{'column' if len(self.columns) == 1 else 'columns'} {', '.join(spans)}"

    @property
    def where(self) -> str:
        """The cells of the workbook, such as ``Shipping, row 3, columns J to P``.

        As much as is known of them; of several rows the first one.
        """
        row = f"row {self.row + 2}" if self.row is not None else ""
        return ", ".join(filter(None, (self.cte or "", row, self.cells)))

    @property
    def order(self) -> tuple[int, str, str, str, str, str, str, int]:
        """Worst first."""
        rank = list(Severity).index(self.severity)
        place = (self.cte or "", -1 if self.row is None else self.row)
        return (rank, self.rule, self.lot, self.element, self.found, self.event, *place)
