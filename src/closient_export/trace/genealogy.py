"""The picture of a trace: lots, places, what became what, and what was shipped where."""

from collections.abc import Iterator

from closient_export.trace.deliveries import added_up, amounts_of, left_from, party_of, received_at
from closient_export.trace.descriptions import site_of
from closient_export.trace.picture import (
    Diagram,
    DiagramLink,
    DiagramLot,
    DiagramPlace,
    DiagramShipment,
)
from closient_export.trace.report import TraceReport
from closient_export.trace.summaries import lot_summaries
from closient_export.trace.wording import country, territory

__all__ = ["diagram_of"]


def diagram_of(report: TraceReport) -> Diagram:
    """The values that a picture of the lots' genealogy is drawn from."""
    lots = tuple(_lots(report))
    shipments = tuple(_shipments(report))
    ends = {place for each in shipments for place in (each.origin, each.destination)}
    places = sorted({lot.place for lot in lots}.union(ends) - {""})
    asked = ", ".join(report.facts.code(lot) for lot in report.graph.asked[:3])
    more = len(report.graph.asked) - 3
    return Diagram(
        title=f"Where {asked}{f' and {more} more lots' if more > 0 else ''} came from and went",
        subtitle=", ".join(
            f"{len(things)} {noun}{'s' * (len(things) != 1)}"
            for things, noun in ((lots, "lot"), (places, "place"), (shipments, "shipment"))
        ),
        lots=lots,
        places=tuple(DiagramPlace(id=p, **_name(report, p)) for p in places),
        links=tuple(_links(report)),
        shipments=shipments,
        truncated=bool(report.graph.truncated),
    )


def _name(report: TraceReport, place: str) -> dict[str, str]:
    location = report.facts.descriptions.location(place)
    if location is None:
        return {"name": place, "locality": ""}
    nation = country(location.country)
    state = location.state or territory(location.country)
    parts = (location.city, state, "" if nation == "n/a" else nation)
    return {
        "name": location.business_name or place,
        "locality": ", ".join(filter(None, parts)),
    }


def _lots(report: TraceReport) -> Iterator[DiagramLot]:
    for lot in lot_summaries(report):
        origin = report.facts.classified.origin(lot.uri)
        yield DiagramLot(
            id=lot.uri,
            code=lot.code,
            product=lot.product,
            place=site_of(origin.event.place) if origin is not None else "",
            quantity=lot.made,
            created=origin.event.local_date if origin is not None else None,
            asked=lot.relation == "asked",
            hops=lot.hops,
            errors=lot.errors,
            warnings=lot.warnings,
            harvested_only=report.facts.classified.harvested_only(lot.uri),
        )


def _links(report: TraceReport) -> Iterator[DiagramLink]:
    facts = report.facts
    for source, target, transformation in report.graph.links():
        portions = [portion for _, portion in transformation.inputs]
        amounts = amounts_of(portions, source, by_container=False)
        origin = facts.classified.origin(source)
        completed = transformation.completion(target)
        yield DiagramLink(
            source=source,
            target=target,
            label=str(facts.classified.transformation(transformation).cte or "Transformation"),
            date=completed.local_date,
            quantity=added_up(amounts),
            doubtful=origin is not None and origin.event.time > completed.time,
        )


def _shipments(report: TraceReport) -> Iterator[DiagramShipment]:
    """What was shipped and where it arrived; moves before a code is assigned are not shown."""
    facts = report.facts
    for lot in report.graph.lots:
        for delivery in facts.deliveries.get(lot, ()):
            shipped = delivery.shipped.event if delivery.shipped else None
            received = delivery.received[0].event if delivery.received else None
            moved = delivery.shipped or delivery.received[0]
            if facts.classified.movement(moved, lot).cte is None:
                continue
            amounts = amounts_of(moved.portions, lot, by_container=False)
            origin = left_from(shipped) if shipped else party_of(moved.event.sources)
            ends = moved.event.destinations
            destination = received_at(received) if received else party_of(ends)
            yield DiagramShipment(
                lot=lot,
                origin=site_of(origin),
                destination=site_of(destination),
                shipped=shipped.local_date if shipped else None,
                received=received.local_date if received else None,
                quantity=added_up(amounts),
            )
