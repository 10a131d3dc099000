"""EPCIS events as the library asks for them."""

import hashlib
from collections.abc import Iterable, Iterator

from attrs import frozen
from django.db import DatabaseError, transaction
from django.db.models import Q

from closient_export.adapters.sql.event_text import event_from_text, event_to_text
from closient_export.epcis import Event, class_of
from closient_export.errors import EventSourceError
from closient_export.ports import FrontierQuery
from exports.models import EpcisEvent, EventName, Organisation
from exports.queries import AnyOf


@frozen
class OrmEventSource:
    """A `closient_export.ports.EventSource` of an organisation's events."""

    owner: str

    def fetch(self, query: FrontierQuery) -> Iterator[Event]:
        """The events that a query asks for, and all with their event ids."""
        ours = EpcisEvent.objects.filter(organisation__slug=self.owner)
        days = Q()
        if query.since is not None:
            days &= Q(day__gte=query.since)
        if query.until is not None:
            days &= Q(day__lte=query.until)
        found = ours.filter(days)
        if not query.everything:
            found = ours.filter(naming(query.ids) | (naming(query.products) & days))
        copies = found.exclude(event_id="").values("event_id")
        answer = ours.filter(Q(pk__in=found.values("pk")) | Q(event_id__in=copies))
        try:
            yield from map(event_from_text, answer.values_list("body", flat=True).iterator())
        except DatabaseError as error:
            raise EventSourceError("the events cannot be read", retryable=True) from error


def add_events(organisation: Organisation, events: Iterable[Event]) -> int:
    """Take in events, all or none, each of them once; returns how many are new."""
    count = 0
    with transaction.atomic():
        for event in events:
            body = event_to_text(event)
            row, is_new = EpcisEvent.objects.get_or_create(
                organisation=organisation,
                digest=digest_of(body),
                defaults={
                    "event_id": digest_of(event.event_id) if event.event_id else "",
                    "day": event.local_date,
                    "body": body,
                },
            )
            if is_new:
                count += 1
                names = set(event.named_ids())
                names |= {product for name in names if (product := class_of(name))}
                rows = [EventName(event=row, name=digest_of(name)) for name in names]
                EventName.objects.bulk_create(rows)
    return count


def naming(identifiers: Iterable[str]) -> Q:
    """The events that name some things."""
    names = EventName.objects.filter(name__in=AnyOf(map(digest_of, identifiers)))
    return Q(pk__in=names.values("event"))


def digest_of(text: str) -> str:
    """What a text is looked up by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
