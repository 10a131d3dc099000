"""The picture of a genealogy whose lots link to pages."""

from datetime import date
from itertools import pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from closient_export.testing.strategies import hostile_text
from closient_export.trace.picture import Diagram, DiagramLink, DiagramLot, svg

SVG = "{http://www.w3.org/2000/svg}"


def diagram(*codes: str) -> Diagram:
    lots = tuple(
        DiagramLot(
            id=f"id:{number}",
            code=code,
            product="",
            place="",
            quantity="",
            created=date(2027, 3, 31),
            asked=not number,
            hops=number,
        )
        for number, code in enumerate(codes)
    )
    links = tuple(
        DiagramLink(
            source=before.id, target=after.id, label="", date=None, quantity="", doubtful=False
        )
        for before, after in pairwise(lots)
    )
    return Diagram(
        title="", subtitle="", lots=lots, places=(), links=links, shipments=(), truncated=False
    )


@given(st.lists(hostile_text(), min_size=1, max_size=4), st.data())
def test_lots_with_an_address_are_links_and_nothing_else_changes(
    codes: list[str], data: st.DataObject
) -> None:
    drawn = diagram(*codes)
    some = data.draw(st.sets(st.sampled_from([lot.id for lot in drawn.lots]), min_size=1))
    addresses = {lot: f"/lots/{lot}?{data.draw(hostile_text())}" for lot in sorted(some)}
    linked = svg(drawn, addresses=addresses)
    root = ET.fromstring(linked)  # noqa: S314 - it is ours
    found = {link.get("href") for link in root.iter(f"{SVG}a")}
    assert len(found) == len(addresses)
    assert all(any(f"/lots/{lot}?" in (href or "") for href in found) for lot in some)
    assert root.get("role") == "group"

    for parent in list(root.iter()):
        for place, child in enumerate(list(parent)):
            if child.tag == f"{SVG}a":
                [card] = child
                card.tail = child.tail
                parent[place] = card
    root.set("role", "img")
    plain = ET.fromstring(svg(drawn))  # noqa: S314
    assert ET.tostring(root) == ET.tostring(plain)


def test_without_addresses_there_is_no_link() -> None:
    drawn = diagram("A", "B")
    assert svg(drawn) == svg(drawn, addresses={})
    assert "<a " not in svg(drawn)
