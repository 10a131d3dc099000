"""Supply networks of any length as EPCIS 2.0 documents, for benchmarks.

A network is made of chains, each the produce of three farms on one day: harvested, cooled, packed,
shipped as a truckload of pallets, blended into one lot at a fresh-cut plant, portioned into three
lots, and shipped through a distribution centre to four stores. A longer network has more chains, not
longer ones: chain 7 is the same in all of them. The chains share places and products, and what is
left of a packed lot goes into the next blend of its plant, up to the fourth: a trace stays as small
as it is, however long the network is.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from hashlib import blake2b
from itertools import count, pairwise
from pathlib import Path
from typing import Any

from attrs import frozen

from closient_export.gs1.linters.check_characters import check_digit

__all__ = [
    "CHAINS_A_DAY",
    "EVENTS_OF_CHAIN",
    "FIRST_DAY",
    "PORTION_PRODUCT",
    "events_of",
    "lots_to_ask",
    "rework_lot",
    "write_network",
    "write_rework",
]

EVENTS_OF_CHAIN = 63
CHAINS_A_DAY = 40
CHAINS_OF_GROUP = 4
"""So many blends of a plant are linked, each by what is left of a lot from the one before."""
FIRST_DAY = datetime(2027, 3, 1, tzinfo=UTC)
_SEED = 204
_LINK = "https://id.gs1.org"
_ZONES = {hours: timezone(timedelta(hours=hours)) for hours in (-7, -6)}

_Event = dict[str, Any]


@frozen
class _Words:
    """How a partner writes words of the CBV."""

    step: str
    disposition: str
    document: str
    party: str


_BARE = _Words("", "", "", "")
_CURIES = _Words("cbv:BizStep-", "cbv:Disp-", "cbv:BTT-", "cbv:SDT-")
_URNS = _Words(*(f"urn:epcglobal:cbv:{kind}:" for kind in ("bizstep", "disp", "btt", "sdt")))


@frozen
class _Place:
    """A place with the company that runs it."""

    number: int
    kind: str
    words: _Words
    zone: int
    """Hours from UTC."""
    town: str
    state: str

    @property
    def prefix(self) -> str:
        return f"95211{self.number:02d}"

    @property
    def gln(self) -> str:
        return _with_check_digit(f"{self.prefix}00001")

    @property
    def id(self) -> str:
        if self.words is _URNS:
            return f"urn:epc:id:sgln:{self.prefix}.00001.0"
        return f"{_LINK}/414/{self.gln}"

    @property
    def owner(self) -> str:
        if self.words is _URNS:
            return f"urn:epc:id:pgln:{self.prefix}.00000"
        return f"{_LINK}/417/{_with_check_digit(f'{self.prefix}00000')}"

    def lot(self, item: str, lot: str) -> str:
        """A lot of one of the company's products, in canonical form."""
        return f"{_LINK}/01/{_gtin(self.prefix, item)}/10/{lot}"

    def pallet(self, number: int) -> str:
        """One of the company's logistic units."""
        return f"{_LINK}/00/{_with_check_digit(f'1{self.prefix}{number:09d}')}"


def _with_check_digit(digits: str) -> str:
    return digits + check_digit(digits)


def _gtin(prefix: str, item: str) -> str:
    """Of an indicator digit and an item reference."""
    return _with_check_digit(f"{item[0]}{prefix}{item[1:]}")


_KINDS: tuple[tuple[str, int, _Words, int, str, str], ...] = (
    ("Farm", 24, _URNS, -7, "Yuma", "AZ"),
    ("Cooling", 4, _BARE, -7, "Yuma", "AZ"),
    ("Packing", 4, _CURIES, -7, "Yuma", "AZ"),
    ("Fresh Kitchens", 3, _CURIES, -6, "Salt Lake City", "UT"),
    ("Distribution", 3, _BARE, -6, "Denver", "CO"),
    ("Market", 40, _BARE, -6, "Boulder", "CO"),
)
_CROPS = ("romaine", "iceberg", "spinach", "cilantro", "cucumber", "cabbage")
_CUTS = ("chopped", "shredded", "salad kit")
_HARVESTED, _PACKED, _BLENDED, _PORTIONED = "0000{}0", "1000{}1", "0000{}2", "10{}0{}3"
"""Indicator and item reference, by the number of the crop, and of the cut."""


def _places() -> dict[str, list[_Place]]:
    numbers = count()
    return {
        kind: [_Place(next(numbers), kind, words, zone, town, state) for _ in range(size)]
        for kind, size, words, zone, town, state in _KINDS
    }


_PLACES = _places()
PORTION_PRODUCT = f"{_LINK}/01/{_gtin(_PLACES['Fresh Kitchens'][0].prefix, '100003')}"
"""The first cut of the first crop from the first plant."""


def _number(*of: object) -> int:
    """A number that looks random, the same in every run."""
    text = "/".join(map(str, (_SEED, *of)))
    return int.from_bytes(blake2b(text.encode(), digest_size=6).digest())


def _pick(kind: str, *of: object) -> _Place:
    places = _PLACES[kind]
    return places[_number(kind, *of) % len(places)]


def _urn(link: str, place: _Place) -> str:
    """A lot as its maker writes it, if he writes URNs."""
    _, gtin, _, lot = link.removeprefix(f"{_LINK}/").split("/")
    reference = gtin.removeprefix(gtin[0] + place.prefix)[:-1]
    return f"urn:epc:class:lgtin:{place.prefix}.{gtin[0]}{reference}.{lot}"


def _quantity(lot: str, quantity: int, uom: str = "CS") -> _Event:
    return {"epcClass": lot, "quantity": quantity, "uom": uom}


class _Chain:
    """The events of one chain; `_Chain.events` has them once it is made."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.events: list[_Event] = []
        self.group, self.turn = divmod(number, CHAINS_OF_GROUP)
        self.crop = _number("crop", self.group) % len(_CROPS)
        self.farms = [
            _PLACES["Farm"][(_number("farm", number) + each) % len(_PLACES["Farm"])]
            for each in range(3)
        ]
        self.cooler, self.packer = _pick("Cooling", number), _pick("Packing", self.group)
        self.plant = _pick("Fresh Kitchens", self.group)
        self.centre = _pick("Distribution", number)
        day = FIRST_DAY + timedelta(days=number // CHAINS_A_DAY)
        self.start = day + timedelta(hours=12, minutes=number % CHAINS_A_DAY)

    def at(self, hours: float) -> datetime:
        """So many hours after the start."""
        return self.start + timedelta(hours=hours)

    def add(
        self, kind: str, action: str, step: str, place: _Place, time: datetime, **members: Any
    ) -> None:
        words = place.words
        seed = f"{_SEED}/{self.number}/{len(self.events)}"
        moves = step in ("shipping", "transporting")
        disposition = "in_transit" if moves else "active" if kind[0] == "T" else "in_progress"
        event = {
            "type": kind,
            "eventID": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, seed)}",
            "eventTime": time.astimezone(_ZONES[place.zone]).isoformat(),
            "eventTimeZoneOffset": f"{place.zone:+03d}:00",
            "recordTime": f"{time + timedelta(minutes=2):%Y-%m-%dT%H:%M:%S.000Z}",
            "bizStep": words.step + step,
            "disposition": words.disposition + disposition,
            "readPoint": {"id": place.id},
        }
        if action:
            event["action"] = action
        if not moves:
            event["bizLocation"] = {"id": place.id}
        self.events.append(event | members)

    def documents(self, place: _Place, *kinds: str) -> list[_Event]:
        return [
            {
                "type": place.words.document + kind,
                "bizTransaction": f"urn:epcglobal:cbv:bt:{place.gln}:{kind.upper()}-{self.number}",
            }
            for kind in kinds
        ]

    def route(self, place: _Place, origin: _Place, destination: _Place) -> _Event:
        """The sources and destinations as `place` writes them."""
        kinds: Sequence[tuple[str, Callable[[_Place], str]]] = (
            ("location", lambda end: end.id),
            ("owning_party", lambda end: end.owner),
        )
        return {
            f"{name}List": [
                {"type": place.words.party + kind, name: who(end)} for kind, who in kinds
            ]
            for name, end in (("source", origin), ("destination", destination))
        }

    def harvested(self, each: int) -> str:
        item = _HARVESTED.format(self.crop)
        return self.farms[each].lot(item, f"F{self.number:07d}{each}")

    def packed(self, each: int) -> str:
        return self.packer.lot(_PACKED.format(self.crop), f"P{self.number:07d}{each}")

    def blended(self) -> str:
        return self.plant.lot(_BLENDED.format(self.crop), f"B{self.number:07d}")

    def portioned(self, cut: int) -> str:
        item = _PORTIONED.format(cut, self.crop)
        return self.plant.lot(item, f"C{self.number:07d}{cut}")

    def run(self) -> list[_Event]:
        for each in range(3):
            self.harvest(each)
        self.load_truck()
        self.cut()
        self.deliver()
        for each in range(4):
            self.stock(each)
        return self.events

    def harvest(self, each: int) -> None:
        """From the field over the cooler to the packing house, in bins that have no code yet."""
        farm, cooler, packer = self.farms[each], self.cooler, self.packer
        lot, pounds = self.harvested(each), 1000 + 10 * each
        lot_of_farm = [_quantity(_urn(lot, farm), pounds, "LBR")]
        lots = [_quantity(lot, pounds, "LBR")]
        to_cooler = self.documents(farm, "bol")
        self.add(
            *("ObjectEvent", "ADD", "creating_class_instance", farm, self.at(each / 4)),
            bizTransactionList=self.documents(farm, "prodorder"),
            quantityList=lot_of_farm,
            ilmd={"gs1:harvestDate": f"{self.start:%Y-%m-%d}"},
        )
        self.add(
            *("ObjectEvent", "OBSERVE", "transporting", farm, self.at(2 + each / 4)),
            bizTransactionList=to_cooler,
            **self.route(farm, farm, cooler),
            quantityList=lot_of_farm,
        )
        self.add(
            *("ObjectEvent", "OBSERVE", "receiving", cooler, self.at(3 + each / 4)),
            bizTransactionList=self.documents(cooler, "recadv") + to_cooler,
            **self.route(cooler, farm, cooler),
            quantityList=lots,
        )
        report = {"type": "Temperature", "value": 1.6, "uom": "CEL"}
        self.add(
            *("ObjectEvent", "OBSERVE", "other", cooler, self.at(5 + each / 4)),
            bizTransactionList=self.documents(cooler, "prodorder"),
            quantityList=lots,
            sensorElementList=[{"sensorReport": [report]}],
        )
        to_packer = self.documents(cooler, "bol")
        self.add(
            *("ObjectEvent", "OBSERVE", "transporting", cooler, self.at(8 + each / 4)),
            bizTransactionList=to_packer,
            **self.route(cooler, cooler, packer),
            quantityList=lots,
        )
        self.add(
            *("ObjectEvent", "OBSERVE", "receiving", packer, self.at(10 + each / 4)),
            bizTransactionList=self.documents(packer, "recadv") + to_packer,
            **self.route(packer, cooler, packer),
            quantityList=lots,
        )
        self.add(
            *("TransformationEvent", "", "creating_class_instance", packer, self.at(24 + each)),
            bizTransactionList=self.documents(packer, "prodorder"),
            inputQuantityList=lots,
            outputQuantityList=[_quantity(self.packed(each), 40)],
            ilmd={"gs1:packagingDate": f"{self.at(24 + each):%Y-%m-%d}"},
        )

    def load_truck(self) -> None:
        """Six pallets in one load from the packing house to the plant, and out of it again."""
        packer, plant = self.packer, self.plant
        load = packer.pallet(self.number * 10)
        pallets = [packer.pallet(self.number * 10 + each + 1) for each in range(6)]
        for each, pallet in enumerate(pallets):
            self.add(
                *("AggregationEvent", "ADD", "packing", packer, self.at(30 + each / 8)),
                bizTransactionList=self.documents(plant, "po"),
                parentID=pallet,
                childQuantityList=[_quantity(self.packed(each // 2), 20)],
            )
        self.add(
            *("AggregationEvent", "ADD", "packing", packer, self.at(32)),
            parentID=load,
            childEPCs=pallets,
        )
        papers = self.documents(packer, "desadv", "bol")
        route = self.route(packer, packer, plant)
        self.add(
            *("ObjectEvent", "OBSERVE", "shipping", packer, self.at(33)),
            # One shipment in twenty lacks its papers.
            bizTransactionList=papers if _number("papers", self.number) % 20 else [],
            **route,
            epcList=[load],
        )
        self.add(
            *("ObjectEvent", "OBSERVE", "receiving", plant, self.at(45)),
            bizTransactionList=self.documents(plant, "recadv") + papers[1:],
            **route,
            epcList=[load],
        )
        self.add(
            *("AggregationEvent", "DELETE", "unpacking", plant, self.at(46)),
            parentID=load,
            childEPCs=pallets,
        )
        for each, pallet in enumerate(pallets):
            self.add(
                *("AggregationEvent", "DELETE", "unpacking", plant, self.at(47 + each / 8)),
                parentID=pallet,
                childQuantityList=[_quantity(self.packed(each // 2), 20)],
            )

    def cut(self) -> None:
        """Three lots become one, with what the blend before has left, and one becomes three."""
        plant, blend = self.plant, self.blended()
        is_last = self.turn == CHAINS_OF_GROUP - 1
        inputs = [
            _quantity(self.packed(each), 40 if each < 2 or is_last else 30) for each in range(3)
        ]
        if self.turn:
            inputs.append(_quantity(_Chain(self.number - 1).packed(2), 10))
        pounds = 25 * sum(used["quantity"] for used in inputs)
        self.add(
            *("TransformationEvent", "", "creating_class_instance", plant, self.at(60)),
            bizTransactionList=self.documents(plant, "prodorder"),
            inputQuantityList=inputs,
            outputQuantityList=[_quantity(blend, pounds, "LBR")],
        )
        best_before = f"{self.at(24 * 14):%Y-%m-%d}"
        self.add(
            *("TransformationEvent", "", "creating_class_instance", plant, self.at(64)),
            bizTransactionList=self.documents(plant, "prodorder"),
            inputQuantityList=[_quantity(blend, pounds, "LBR")],
            outputQuantityList=[_quantity(self.portioned(cut), 200) for cut in range(3)],
            ilmd={"gs1:bestBeforeDate": best_before},
        )

    def deliver(self) -> None:
        """A pallet of each cut to the distribution centre."""
        plant, centre = self.plant, self.centre
        pallets = [plant.pallet(self.number * 10 + cut) for cut in range(3)]
        for cut, pallet in enumerate(pallets):
            self.add(
                *("AggregationEvent", "ADD", "packing", plant, self.at(68 + cut / 4)),
                bizTransactionList=self.documents(centre, "po"),
                parentID=pallet,
                childQuantityList=[_quantity(self.portioned(cut), 200)],
            )
        papers, route = self.documents(plant, "desadv", "bol"), self.route(plant, plant, centre)
        self.add(
            *("ObjectEvent", "OBSERVE", "shipping", plant, self.at(72)),
            bizTransactionList=papers,
            **route,
            epcList=pallets,
        )
        self.add(
            *("ObjectEvent", "OBSERVE", "receiving", centre, self.at(84)),
            bizTransactionList=self.documents(centre, "recadv") + papers[1:],
            **self.route(centre, plant, centre),
            epcList=pallets,
        )
        for cut, pallet in enumerate(pallets):
            self.add(
                *("AggregationEvent", "DELETE", "unpacking", centre, self.at(85 + cut / 4)),
                parentID=pallet,
            )

    def stock(self, each: int) -> None:
        """A mixed pallet to one of the stores."""
        centre = self.centre
        stores = _PLACES["Market"]
        store = stores[(_number("store", self.number) + each) % len(stores)]
        pallet = centre.pallet(self.number * 10 + each)
        lots = [_quantity(self.portioned(cut), 50) for cut in range(3)]
        papers, route = self.documents(centre, "bol"), self.route(centre, centre, store)
        self.add(
            *("AggregationEvent", "ADD", "packing", centre, self.at(100 + each / 4)),
            bizTransactionList=self.documents(store, "po"),
            parentID=pallet,
            childQuantityList=lots,
        )
        self.add(
            *("ObjectEvent", "OBSERVE", "shipping", centre, self.at(104 + each / 4)),
            bizTransactionList=papers,
            **route,
            epcList=[pallet],
        )
        if each == 0 and _number("short", self.number) % 20 == 0:
            lots = [*lots[:2], _quantity(self.portioned(2), 48)]  # one store in eighty gets less
        self.add(
            *("AggregationEvent", "OBSERVE", "receiving", store, self.at(110 + each / 4)),
            bizTransactionList=self.documents(store, "recadv") + papers,
            **route,
            parentID=pallet,
            childQuantityList=lots,
        )
        self.add(
            *("AggregationEvent", "DELETE", "unpacking", store, self.at(112 + each / 4)),
            parentID=pallet,
        )


def _chains_of(events: int) -> int:
    return max(2, round(events / EVENTS_OF_CHAIN))


def _days(chains: int) -> Iterator[range]:
    """The chains of each day."""
    for first in range(0, chains, CHAINS_A_DAY):
        yield range(first, min(first + CHAINS_A_DAY, chains))


def events_of(events: int) -> int:
    """How many events a network of about so many has."""
    return _chains_of(events) * EVENTS_OF_CHAIN


def write_network(path: Path, events: int) -> None:
    """Write a network of about so many events, day by day."""
    chains = _chains_of(events)
    _write(path, (event for day in _days(chains) for event in _of_day(day)), _master_data())


def _of_day(day: range) -> list[_Event]:
    """In order of time, as they would be captured."""
    found = [event for number in day for event in _Chain(number).run()]
    return sorted(found, key=lambda event: str(event["recordTime"]))


def lots_to_ask(events: int, most: int = 24) -> list[str]:
    """Blends from all over a network of about so many events, each of another group of chains."""
    groups = max(1, _chains_of(events) // CHAINS_OF_GROUP)
    asked = min(groups, most)
    chains = [each * groups // asked * CHAINS_OF_GROUP + 1 for each in range(asked)]
    return [_Chain(number).blended() for number in chains]


def rework_lot(number: int) -> str:
    """A lot of the chain that `write_rework` writes."""
    return _PLACES["Fresh Kitchens"][0].lot("000002", f"R{number:07d}")


def write_rework(path: Path, lots: int) -> None:
    """Write one chain of so many lots, each made from the one before."""
    plant = _PLACES["Fresh Kitchens"][0]

    def events() -> Iterator[_Event]:
        for number, (used, made) in enumerate(pairwise(map(rework_lot, range(lots)))):
            chain = _Chain(number)
            chain.add(
                *("TransformationEvent", "", "creating_class_instance", plant, chain.at(0)),
                bizTransactionList=chain.documents(plant, "prodorder"),
                inputQuantityList=[_quantity(used, 100, "LBR")],
                outputQuantityList=[_quantity(made, 100, "LBR")],
            )
            yield from chain.events

    _write(path, events(), _master_data())


def _write(path: Path, events: Iterator[_Event], vocabularies: list[_Event]) -> None:
    context = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"]
    head = {
        "@context": [*context, {"cbv": "https://ref.gs1.org/cbv/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": f"{FIRST_DAY:%Y-%m-%dT%H:%M:%SZ}",
        "epcisHeader": {"epcisMasterData": {"vocabularyList": vocabularies}},
    }
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head)[:-1])
        file.write(', "epcisBody": {"eventList": [')
        for number, event in enumerate(events):
            file.write(",\n" if number else "\n")
            file.write(json.dumps(event))
        file.write("\n]}}\n")


def _master_data() -> list[_Event]:
    places = [
        _place_data(place, identifier)
        for places in _PLACES.values()
        for place in places
        for identifier in (place.id, place.owner)
    ]
    return [
        {"type": "urn:epcglobal:epcis:vtype:Location", "vocabularyElementList": places},
        {"type": "urn:epcglobal:epcis:vtype:EPCClass", "vocabularyElementList": _product_data()},
    ]


def _place_data(place: _Place, identifier: str) -> _Event:
    return _element(
        identifier,
        name=f"{place.kind} {place.number}",
        phone=f"+1 555 555 01{place.number:02d}",
        streetAddressOne=f"{100 + place.number} Main St",
        city=place.town,
        state=place.state,
        postalCode=f"85{place.number:03d}",
        countryCode="US",
    )


def _product_data() -> list[_Event]:
    def product(place: _Place, item: str, name: str, size: str, crop: str) -> _Event:
        return _element(
            f"{_LINK}/01/{_gtin(place.prefix, item)}",
            descriptionShort=name,
            brandName=place.kind,
            netContentDescription=size,
            packaging="case",
            commodity=crop,
        )

    return [
        made
        for number, crop in enumerate(_CROPS)
        for made in (
            *(
                product(farm, _HARVESTED.format(number), f"Field {crop}", "bin", crop)
                for farm in _PLACES["Farm"]
            ),
            *(
                product(packer, _PACKED.format(number), f"Packed {crop}", "24 ct", crop)
                for packer in _PLACES["Packing"]
            ),
            *(
                product(plant, _BLENDED.format(number), f"Cut {crop}", "tote", crop)
                for plant in _PLACES["Fresh Kitchens"]
            ),
            *(
                product(plant, _PORTIONED.format(cut, number), f"{crop}, {words}", "6 x 1 lb", crop)
                for plant in _PLACES["Fresh Kitchens"]
                for cut, words in enumerate(_CUTS)
            ),
        )
    ]


def _element(identifier: str, **attributes: str) -> _Event:
    return {
        "id": identifier,
        "attributes": [
            {"id": f"urn:epcglobal:cbv:mda#{name}", "attribute": value}
            for name, value in attributes.items()
        ],
    }
