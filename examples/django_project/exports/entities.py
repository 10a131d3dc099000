"""Products, lots and serials as the library asks for them."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from attrs import asdict, fields_dict, frozen
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q

from closient_export import Gtin, subjects
from closient_export.records import KeyRange, Plan
from closient_export.requests import LabelFilters
from closient_export.subjects import Scope, Subject
from exports.models import Lot, Organisation, Product, Serial
from exports.queries import AnyOf

MODELS: dict[Scope, Any] = {Scope.PRODUCTS: Product, Scope.LOTS: Lot, Scope.SERIALS: Serial}
KINDS: dict[Any, type[Subject]] = {
    Product: subjects.Product,
    Lot: subjects.Lot,
    Serial: subjects.Serial,
}


class Snapshot(NamedTuple):
    """The state of an organisation's entities at one time.

    Entities that are added later have higher keys than any range of a plan.
    """

    newest_lot: int
    """The highest key of a lot: serials are not of a selected lot because that is added later."""
    printings: int
    """How often printing had been noted."""

    @classmethod
    def now(cls, owner: str) -> "Snapshot":
        """As it is now."""
        lots = Lot.objects.filter(organisation__slug=owner)
        printings = Organisation.objects.filter(slug=owner).values_list("printings", flat=True)
        return cls(lots.aggregate(key=Max("pk"))["key"] or 0, printings.first() or 0)


@frozen
class OrmEntitySource:
    """A `closient_export.ports.EntitySource` of all organisations' entities."""

    def plan(self, owner: str, scope: Scope, filters: LabelFilters, *, part_size: int) -> Plan:
        """What scope and filters select now, cut into ranges."""
        then = Snapshot.now(owner)
        keys = selected(owner, scope, filters, then).values_list("pk", flat=True).iterator()
        ranges: list[KeyRange] = []
        while cut := list(islice(keys, part_size)):
            first_index = part_size * len(ranges)
            start, stop = str(cut[0]), str(cut[-1])
            ranges.append(KeyRange(first_index=first_index, count=len(cut), start=start, stop=stop))
        return Plan(snapshot=":".join(map(str, then)), ranges=tuple(ranges))

    def subjects(
        self, owner: str, scope: Scope, filters: LabelFilters, snapshot: str, keys: KeyRange
    ) -> Iterator[Subject]:
        """The entities of a range."""
        then = read_snapshot(snapshot)
        for row in in_range(selected(owner, scope, filters, then), keys):
            yield subject_of(row, then.printings)

    def record_printed(
        self,
        owner: str,
        scope: Scope,
        filters: LabelFilters,
        snapshot: str,
        printed: Iterable[tuple[KeyRange, Collection[int]]],
        at: datetime,
    ) -> None:
        """Note that the entities of some ranges were printed, all of them or none."""
        then = read_snapshot(snapshot)
        with transaction.atomic():
            organisation = Organisation.objects.filter(slug=owner)
            organisation.update(printings=F("printings") + 1)  # nobody else's until the end
            printing = organisation.values_list("printings", flat=True).first()
            for keys, failed in printed:
                rows = in_range(selected(owner, scope, filters, then), keys)
                if failed:
                    keyed = enumerate(list(rows.values_list("pk", flat=True)))
                    rows = rows.exclude(pk__in=[key for index, key in keyed if index in failed])
                rows.filter(printed_at=None).update(printed_at=at, printing=printing)


def read_snapshot(text: str) -> Snapshot:
    """The snapshot that a plan was made of."""
    return Snapshot(*map(int, text.split(":")))


def in_range(rows: Any, keys: KeyRange) -> Any:
    """Those of a range of a plan."""
    return rows.filter(pk__range=(int(keys.start), int(keys.stop)))


def selected(owner: str, scope: Scope, filters: LabelFilters, then: Snapshot) -> Any:
    """What scope and filters selected at the time of a snapshot, as a query."""
    ours = {"organisation__slug": owner}
    rows = MODELS[scope].objects.filter(**ours).order_by("pk")
    if filters.gtins is not None:
        rows = rows.filter(gtin__in=AnyOf(gtin.value for gtin in filters.gtins))
    if filters.product_id is not None:
        rows = rows.filter(product_id=filters.product_id)
    if filters.never_printed:
        rows = rows.filter(Q(printed_at=None) | Q(printing__gt=then.printings))
    if scope is Scope.PRODUCTS:
        of_lots = filters.lot_ids is not None or filters.lot_run_id is not None
        return rows.none() if of_lots else rows
    if filters.lot_run_id is not None:
        rows = rows.filter(lot_run_id=filters.lot_run_id)
    if filters.lot_ids is not None:
        lots = Lot.objects.filter(
            **ours, pk__lte=then.newest_lot, short_id__in=AnyOf(filters.lot_ids)
        )
        rows = rows.filter(Exists(lots.filter(gtin=OuterRef("gtin"), lot=OuterRef("lot"))))
    if filters.serial_ids is not None:
        rows = rows.filter(short_id__in=AnyOf(filters.serial_ids))
    return rows


def subject_of(row: Any, printings: int) -> Subject:
    """The entity of a row, printed or not as it was when printing had been noted so often."""
    kind = KINDS[type(row)]
    values: dict[str, Any] = {name: getattr(row, name, None) or None for name in fields_dict(kind)}
    values |= {"gtin": Gtin.parse(row.gtin), "id": row.short_id or None}
    if row.printing > printings:
        values.pop("printed_at", None)
    return kind(**values)


def row_of(organisation: Organisation, subject: Subject) -> Any:
    """The row of an entity, which gets an id if it has none."""
    values = asdict(subject, recurse=False)
    values |= {"gtin": subject.gtin.value, "short_id": values.pop("id")}
    said = {name: value for name, value in values.items() if value is not None}
    return MODELS[subject.scope](organisation=organisation, **said)


def add_entities(organisation: Organisation, given: Iterable[Subject]) -> None:
    """Keep more entities, all or none; none of them may be there yet."""
    rows = [row_of(organisation, subject) for subject in given]
    with transaction.atomic():
        for model in MODELS.values():
            model.objects.bulk_create([row for row in rows if isinstance(row, model)], 500)
