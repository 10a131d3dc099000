"""Which subjects a label export is about."""

from typing import Any

from closient_export.gs1 import Gtin
from closient_export.requests import LabelFilters
from closient_export.subjects import Lot, Scope, Serial, Subject

__all__ = ["Selects"]


class Selects:
    """Whether a subject is of the scope and satisfies all filters."""

    def __init__(
        self, scope: Scope, filters: LabelFilters, lots: frozenset[tuple[Gtin, str]]
    ) -> None:
        self._scope = scope
        self._filters = filters
        self._lots = lots
        self._gtins = _set(filters.gtins)
        self._lot_ids = _set(filters.lot_ids)
        self._serial_ids = _set(filters.serial_ids)

    def __call__(self, subject: Subject) -> bool:
        """Whether it does."""
        filters = self._filters
        return (
            subject.scope is self._scope
            and (self._gtins is None or subject.gtin in self._gtins)
            and (filters.product_id is None or subject.product_id == filters.product_id)
            and (self._serial_ids is None or subject.id in self._serial_ids)
            and self._has_lot(subject)
            and (filters.lot_run_id is None or _run(subject) == filters.lot_run_id)
            and not (filters.never_printed and _printed(subject))
        )

    def _has_lot(self, subject: Subject) -> bool:
        if self._lot_ids is None:
            return True
        if isinstance(subject, Serial):
            return (subject.gtin, subject.lot) in self._lots
        return isinstance(subject, Lot) and subject.id in self._lot_ids


def _run(subject: Subject) -> str | None:
    return subject.lot_run_id if isinstance(subject, Lot | Serial) else None


def _printed(subject: Subject) -> bool:
    return isinstance(subject, Lot | Serial) and subject.printed_at is not None


def _set(values: tuple[Any, ...] | None) -> frozenset[Any] | None:
    return None if values is None else frozenset(values)
