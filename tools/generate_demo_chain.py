"""Generate the sample chain that ``closient-export demo`` traces.

    python tools/generate_demo_chain.py [--check]

writes ``src/closient_export/demo/chain/``: for each of eight invented companies the EPCIS 2.0
document that its own system would export, and ``master_data.json`` with what EPCIS cannot carry.
With ``--check`` it writes nothing and exits with 1 when a file is out of date.

The lot the demo asks for is ``https://id.gs1.org/01/10614141003034/10/CK26090``, a Caesar kit with
smoked salmon: upstream are three fields and two fishing trips, downstream the four stores that it
is shipped to.

Two things are wrong on purpose, and nothing else: the distribution centre's pallet for Baker City
is never received, and Twin Falls receives 10 cases of the kit where 12 were shipped. The story is
in ``docs/sample-chain.md``. The company prefixes are those GS1 uses in examples, the telephone
numbers those kept for fiction.
"""

import json
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "src" / "closient_export" / "demo" / "chain"
STEM = "https://id.gs1.org"
Json = dict[str, Any]


# GS1 keys, as Digital Links


def with_check_digit(digits: str) -> str:
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


WELLTON, BARD, COOLING, PACKING = "9521141", "95211602", "9521173", "952118301"
LANDING, ELISE, NORSEMAN, SMOKEHOUSE = "9506000", "9521226", "9521233", "952119240"
KITCHENS, SAUCES, GROCER = "0614141", "9521215", "952120075"
PREFIXES = (
    WELLTON, BARD, COOLING, PACKING, LANDING, ELISE, NORSEMAN, SMOKEHOUSE, KITCHENS, SAUCES, GROCER,
)  # fmt: skip


def gln(prefix: str, reference: int) -> str:
    return with_check_digit(prefix + str(reference).zfill(12 - len(prefix)))


def sscc(prefix: str, serial: int, extension: int = 0) -> str:
    reference = str(serial).zfill(16 - len(prefix))
    return f"{STEM}/00/{with_check_digit(f'{extension}{prefix}{reference}')}"


# Places, parties and products


class Place(NamedTuple):
    id: str
    party: str
    business_name: str
    phone: str
    street: str
    city: str
    state: str
    postal_code: str
    latitude: str
    longitude: str
    offset: int
    """Hours from UTC on the days of the story."""
    growing_area: str | None = None
    source_reference: str | None = None

    @property
    def gln(self) -> str:
        return self.id.split("/")[4]


def place(
    prefix: str,
    reference: int,
    business_name: str,
    phone: str,
    street: str,
    city: str,
    state: str,
    postal_code: str,
    latitude: str,
    longitude: str,
    *,
    offset: int,
    source_reference: str | None = None,
) -> Place:
    return Place(
        id=f"{STEM}/414/{gln(prefix, reference)}",
        party=f"{STEM}/417/{gln(prefix, 0)}",
        business_name=business_name,
        phone=phone,
        street=street,
        city=city,
        state=state,
        postal_code=postal_code,
        latitude=latitude,
        longitude=longitude,
        offset=offset,
        source_reference=source_reference,
    )


def field(farm: Place, name: str, latitude: str, longitude: str, identifier: str) -> Place:
    """A field: of the farm's GLN with an extension (AI 254), or with a GLN of its own."""
    return farm._replace(id=identifier, latitude=latitude, longitude=longitude, growing_area=name)


# fmt: off
FARM_A = place(
    WELLTON, 1, "Wellton Mesa Farms LLC", "+1 928 555 0141", "29850 E Mesa Lateral Rd", "Wellton",
    "AZ", "85356", "32.6412", "-114.1533", offset=-7,
)
FIELD_7 = field(FARM_A, "Block 7 East", "32.6449", "-114.1498", f"{FARM_A.id}/254/B7E")
FIELD_9 = field(FARM_A, "Block 9 West", "32.6467", "-114.1621", f"{FARM_A.id}/254/B9W")
FARM_B = place(
    BARD, 1, "Bard Flats Growers", "+1 760 555 0118", "1475 Perez Ditch Rd", "Bard",
    "CA", "92222", "32.7893", "-114.5561", offset=-7,
)
FIELD_3 = field(
    FARM_B, "Ranch 3 North, lot 12", "32.7941", "-114.5527", f"{STEM}/414/{gln(BARD, 312)}"
)
COOLER = place(
    COOLING, 1, "Coldwash Cooling Co.", "+1 928 555 0157", "4415 E Gila Ridge Spur", "Yuma",
    "AZ", "85365", "32.6690", "-114.5480", offset=-7,
)
PACKER = place(
    PACKING, 1, "Two Ditch Packing LLC", "+1 928 555 0173", "2290 S Packers Way", "Yuma",
    "AZ", "85365", "32.6747", "-114.5702", offset=-7,
)
DOCK = place(
    LANDING, 1, "Salt Chuck Landing, Inc.", "+1 907 555 0162", "310 Cannery Float Rd", "Sitka",
    "AK", "99835", "57.0573", "-135.3497", offset=-8,
)
BOAT_ELISE = place(
    ELISE, 1, "Marit Elise Fisheries LLC", "+1 907 555 0129", "118 Halibut Flats Rd", "Sitka",
    "AK", "99835", "57.0610", "-135.3580", offset=-8,
)
BOAT_NORSEMAN = place(
    NORSEMAN, 1, "Little Norseman Fisheries", "+1 907 555 0184", "22 Skiff Harbor Ln", "Petersburg",
    "AK", "99833", "56.8125", "-132.9556", offset=-8,
)
SMOKER = place(
    SMOKEHOUSE, 1, "North Jetty Smokehouse, Inc.", "+1 360 555 0175", "901 Boatyard Loop",
    "Bellingham", "WA", "98225", "48.7554", "-122.5013", offset=-7,
    source_reference="https://north-jetty.example/lot-codes",
)
PLANT = place(
    KITCHENS, 1, "Saltbush Fresh Kitchens", "+1 801 555 0123", "1860 W Greasewood Ave",
    "Salt Lake City", "UT", "84104", "40.7456", "-111.9443", offset=-6,
)
SAUCE_MAKER = place(
    SAUCES, 1, "Junction Sauce Works", "+1 801 555 0188", "77 W Roundhouse St", "Ogden",
    "UT", "84401", "41.2214", "-111.9792", offset=-6,
)
CENTRE = place(
    GROCER, 1, "Trellis Markets Distribution Center", "+1 208 555 0130", "5200 E Beet Dump Rd",
    "Nampa", "ID", "83687", "43.6021", "-116.5014", offset=-6,
)
BOISE = place(
    GROCER, 4, "Trellis Market #4", "+1 208 555 0144", "7315 W Cottonwood Ct", "Boise",
    "ID", "83704", "43.6291", "-116.2837", offset=-6,
)
TWIN_FALLS = place(
    GROCER, 9, "Trellis Market #9", "+1 208 555 0149", "640 Canyon Rim Plaza", "Twin Falls",
    "ID", "83301", "42.5790", "-114.4609", offset=-6,
)
POCATELLO = place(
    GROCER, 11, "Trellis Market #11", "+1 208 555 0151", "1208 Portneuf Bench Dr", "Pocatello",
    "ID", "83201", "42.9003", "-112.4341", offset=-6,
)
BAKER_CITY = place(
    GROCER, 15, "Trellis Market #15", "+1 541 555 0155", "2105 Powder River Ave", "Baker City",
    "OR", "97814", "44.7749", "-117.8344", offset=-7,
)
# fmt: on
PLACES = (
    FARM_A,
    FIELD_7,
    FIELD_9,
    FARM_B,
    FIELD_3,
    COOLER,
    PACKER,
    DOCK,
    SMOKER,
    PLANT,
    SAUCE_MAKER,
    CENTRE,
    BOISE,
    TWIN_FALLS,
    POCATELLO,
    BAKER_CITY,
)  # fmt: skip
PARTIES = {each.party: each for each in reversed((*PLACES, BOAT_ELISE, BOAT_NORSEMAN))}
"""Where a company has its office: at the first of its places."""
PARTIES[CENTRE.party] = CENTRE._replace(business_name="Trellis Markets, Inc.")


class Product(NamedTuple):
    id: str
    product_name: str
    brand: str
    commodity: str
    variety: str
    packaging_size: str
    packaging_style: str
    food_traceability_list_category: str | None
    species: str | None = None
    packaged: bool = True


def product(
    prefix: str,
    indicator: int,
    reference: int,
    product_name: str,
    brand: str,
    commodity: str,
    variety: str,
    packaging_size: str,
    packaging_style: str,
    *,
    listed_as: str | None = None,
    species: str | None = None,
    packaged: bool = True,
) -> Product:
    item = str(reference).zfill(12 - len(prefix))
    return Product(
        id=f"{STEM}/01/{with_check_digit(f'{indicator}{prefix}{item}')}",
        product_name=product_name,
        brand=brand,
        commodity=commodity,
        variety=variety,
        packaging_size=packaging_size,
        packaging_style=packaging_style,
        food_traceability_list_category=listed_as,
        species=species,
        packaged=packaged,
    )


CHINOOK = "Chinook salmon (Oncorhynchus tshawytscha)"
# fmt: off
HEADS_A = product(
    WELLTON, 0, 21, "Romaine lettuce, whole heads, field bin", "Wellton Mesa", "Lettuce",
    "Romaine", "550 lb", "Field bin", listed_as="LeafyGreens",
)
HEADS_B = product(
    BARD, 0, 7, "Romaine lettuce, whole heads, field bin", "Bard Flats", "Lettuce",
    "Romaine", "625 lb", "Field bin", listed_as="LeafyGreens",
)
CARTON = product(
    PACKING, 1, 40, "Romaine lettuce, whole heads, 40 lb", "Two Ditch", "Lettuce",
    "Romaine", "40 lb", "Lined carton", listed_as="LeafyGreens",
)
SALMON = product(
    LANDING, 0, 13, "King salmon, troll-caught, headed and gutted, on ice", "Salt Chuck", "Salmon",
    "Chinook", "500 lb", "Insulated tote", listed_as="FinfishOther",
    species=CHINOOK, packaged=False,
)
FLAKES = product(
    SMOKEHOUSE, 1, 5, "Hot-smoked king salmon flakes, 3 x 5 lb", "North Jetty", "Smoked salmon",
    "Chinook", "3 x 5 lb", "Vacuum pouches in a case",
    listed_as="SmokedFinfish", species=CHINOOK,
)
PORTIONS = product(
    SMOKEHOUSE, 1, 9, "Hot-smoked king salmon portions, 12 x 4 oz", "North Jetty", "Smoked salmon",
    "Chinook", "12 x 4 oz", "Vacuum packs in a case",
    listed_as="SmokedFinfish", species=CHINOOK,
)
DRESSING = product(
    SAUCES, 1, 2, "Caesar dressing, 4 x 5 lb", "Junction", "Salad dressing", "Caesar", "4 x 5 lb",
    "Pouches in a case",
)
BASE = product(
    KITCHENS, 0, 300, "Romaine, cored, chopped and washed, bulk", "Saltbush", "Fresh-cut lettuce",
    "Romaine", "450 lb", "Lined bin", listed_as="LeafyGreensFreshCut",
)
CHOPPED = product(
    KITCHENS, 1, 301, "Chopped romaine, 12 x 9 oz", "Saltbush", "Bagged salad", "Romaine",
    "12 x 9 oz", "Film bags in a case", listed_as="LeafyGreensFreshCut",
)
FAMILY = product(
    KITCHENS, 1, 302, "Chopped romaine, family size, 6 x 22 oz", "Saltbush", "Bagged salad",
    "Romaine", "6 x 22 oz", "Film bags in a case",
    listed_as="LeafyGreensFreshCut",
)
KIT = product(
    KITCHENS, 1, 303, "Caesar kit with hot-smoked king salmon, 6 x 11 oz", "Saltbush", "Salad kit",
    "Romaine with smoked Chinook salmon", "6 x 11 oz", "Lidded bowls in a case",
    listed_as="LeafyGreensFreshCut",
)
# fmt: on
PRODUCTS = (
    HEADS_A,
    HEADS_B,
    CARTON,
    SALMON,
    FLAKES,
    PORTIONS,
    DRESSING,
    BASE,
    CHOPPED,
    FAMILY,
    KIT,
)  # fmt: skip


class Lot(NamedTuple):
    id: str
    unit: str


def lot(product: Product, code: str, unit: str = "CS") -> Lot:
    return Lot(f"{product.id}/10/{quote(code, safe='')}", unit)


HARVEST_7 = lot(HEADS_A, "0323-B7E", "LBR")
HARVEST_9 = lot(HEADS_A, "0323-B9W", "LBR")
HARVEST_3 = lot(HEADS_B, "R3N-0324", "LBR")
PACKED_1 = lot(CARTON, "TD26083A")
PACKED_2 = lot(CARTON, "TD26084A")
PACKED_3 = lot(CARTON, "TD26084B")
LANDED_1 = lot(SALMON, "ME/0313", "LBR")
LANDED_2 = lot(SALMON, "LN/0316", "LBR")
SMOKED_FLAKES = lot(FLAKES, "HS26083F")
SMOKED_PORTIONS = lot(PORTIONS, "HS26083R")
CAESAR = lot(DRESSING, "CD-260211")
WASHED = lot(BASE, "RB26089", "LBR")
BAGS = lot(CHOPPED, "CR26089")
FAMILY_BAGS = lot(FAMILY, "CF26089")
KITS = lot(KIT, "CK26090")

ROMAINE_1, ROMAINE_2, ROMAINE_3, ROMAINE_4 = (sscc(PACKING, 71200 + n) for n in range(4))
TRAILER = sscc(PACKING, 880, extension=9)
FLAKES_PALLET, PORTIONS_PALLET = sscc(SMOKEHOUSE, 1501), sscc(SMOKEHOUSE, 1502)
SALAD_1, SALAD_2, SALAD_3 = (sscc(KITCHENS, 903310 + n, extension=1) for n in range(3))
TO_BOISE, TO_TWIN_FALLS, TO_BAKER_CITY, TO_POCATELLO = (
    sscc(GROCER, 40210 + n, extension=3) for n in range(4)
)


# Events, with Digital Links and the bare words of the CBV


def amount(lot: Lot, quantity: int) -> Json:
    return {"epcClass": lot.id, "quantity": quantity, "uom": lot.unit}


def amounts(*lots: tuple[Lot, int]) -> list[Json]:
    return [amount(*each) for each in lots]


def paper(kind: str, issuer: Place, number: str) -> Json:
    return {"type": kind, "bizTransaction": f"urn:epcglobal:cbv:bt:{issuer.gln}:{number}"}


def parties(key: str, where: Place | None, owner: Place | None) -> list[Json]:
    found = [{"type": "location", key: where.id}] if where else []
    return [*found, {"type": "owning_party", key: owner.party}] if owner else found


def event(
    kind: str,
    when: str,
    at: Place,
    step: str,
    disposition: str,
    papers: Iterable[Json] = (),
    *,
    action: str | None = "OBSERVE",
    found_at: Place | None = None,
    source: Place | None = None,
    source_owner: Place | None = None,
    destination: Place | None = None,
    **what: Any,
) -> Json:
    """An event; `when` is local time at the place `at`.

    Args:
        found_at: Where the objects are afterwards, the business location.
        source_owner: Who gave the food, where that is not the owner of `source`.
        what: Fields of the objects, in the form of EPCIS.
    """
    sources = parties("source", source, source_owner or source)
    destinations = parties("destination", destination, destination)
    return {
        "type": kind,
        "eventID": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{at.id}#{when} {step}')}",
        "eventTime": f"2026-{when}:00{at.offset:+03}:00",
        "eventTimeZoneOffset": f"{at.offset:+03}:00",
        **({"action": action} if action else {}),
        "bizStep": step,
        "disposition": disposition,
        "readPoint": {"id": at.id},
        **({"bizLocation": {"id": found_at.id}} if found_at else {}),
        **({"bizTransactionList": list(papers)} if papers else {}),
        **({"sourceList": sources} if sources else {}),
        **({"destinationList": destinations} if destinations else {}),
        **what,
    }


def made(when: str, at: Place, inputs: Any, outputs: Any, papers: Any, ilmd: Json) -> Json:
    return event(
        "TransformationEvent", when, at, "creating_class_instance", "active", papers,
        action=None, found_at=at, inputQuantityList=amounts(*inputs),
        outputQuantityList=amounts(*outputs), ilmd=ilmd,
    )  # fmt: skip


def packed(when: str, at: Place, parent: str, *papers: Json, **what: Any) -> Json:
    return event(
        "AggregationEvent", when, at, "packing", "in_progress", papers, action="ADD", found_at=at,
        parentID=parent, **what,
    )  # fmt: skip


def unpacked(when: str, at: Place, parent: str, **what: Any) -> Json:
    return event(
        "AggregationEvent", when, at, "unpacking", "in_progress", action="DELETE", found_at=at,
        parentID=parent, **what,
    )  # fmt: skip


def moved(step: str, when: str, at: Place, destination: Place, *papers: Json, **what: Any) -> Json:
    """Goods leave: `transporting` before the initial packing, `shipping` after it."""
    return event(
        "ObjectEvent", when, at, step, "in_transit", papers, source=at, destination=destination,
        **what,
    )  # fmt: skip


def received(when: str, at: Place, source: Place, *papers: Json, **what: Any) -> Json:
    kind = "AggregationEvent" if "parentID" in what else "ObjectEvent"
    return event(
        kind, when, at, "receiving", "in_progress", papers, found_at=at, source=source,
        destination=at, **what,
    )  # fmt: skip


def harvested(when: str, farm: Place, area: Place, log: str, *lots: tuple[Lot, int]) -> Json:
    return event(
        "ObjectEvent", when, farm, "creating_class_instance", "active",
        [paper("prodorder", farm, log)], action="ADD", found_at=area, quantityList=amounts(*lots),
        ilmd={"gs1:harvestDate": f"2026-{when[:5]}"},
    )  # fmt: skip


# fmt: off
LOAD_A = amounts((HARVEST_7, 1075), (HARVEST_9, 650))
LOAD_B = amounts((HARVEST_3, 1250))
WELLTON_EVENTS = [
    harvested("03-23T05:40", FARM_A, FIELD_7, "HARVEST-0323-07", (HARVEST_7, 1075)),
    harvested("03-23T07:10", FARM_A, FIELD_9, "HARVEST-0323-09", (HARVEST_9, 650)),
    moved(
        "transporting", "03-23T09:00", FARM_A, COOLER, paper("bol", FARM_A, "WM-1187"),
        quantityList=LOAD_A,
    ),
]
BARD_EVENTS = [
    harvested("03-24T06:15", FARM_B, FIELD_3, "FT-20260324-12", (HARVEST_3, 1250)),
    moved(
        "transporting", "03-24T09:30", FARM_B, COOLER, paper("bol", FARM_B, "BF-0440"),
        quantityList=LOAD_B,
    ),
]


def cooled(when: str, started: str, load: list[Json], log: str, temperature: float) -> Json:
    sensors: Json = {
        "sensorMetadata": {
            "startTime": f"2026-{started}:00-07:00",
            "endTime": f"2026-{when}:00-07:00",
            "deviceID": f"{STEM}/8004/{COOLING}TUBE2",
        },
        "sensorReport": [{"type": "Temperature", "value": temperature, "uom": "CEL"}],
    }
    return event(
        "ObjectEvent", when, COOLER, "other", "in_progress", [paper("prodorder", COOLER, log)],
        found_at=COOLER, quantityList=load, sensorElementList=[sensors],
    )


COOLING_EVENTS = [
    received(
        "03-23T10:05", COOLER, FARM_A, paper("recadv", COOLER, "R-26-0771"),
        paper("bol", FARM_A, "WM-1187"), quantityList=LOAD_A,
    ),
    cooled("03-23T11:30", "03-23T11:02", LOAD_A, "VAC-26-0318", 1.6),
    moved(
        "transporting", "03-24T06:30", COOLER, PACKER, paper("bol", COOLER, "CW-5521"),
        quantityList=LOAD_A,
    ),
    received(
        "03-24T10:20", COOLER, FARM_B, paper("recadv", COOLER, "R-26-0774"),
        paper("bol", FARM_B, "BF-0440"), quantityList=LOAD_B,
    ),
    cooled("03-24T11:40", "03-24T11:13", LOAD_B, "VAC-26-0322", 1.9),
    moved(
        "transporting", "03-24T14:00", COOLER, PACKER, paper("bol", COOLER, "CW-5524"),
        quantityList=LOAD_B,
    ),
]
INITIAL_PACKING = [
    made(
        "03-24T12:00", PACKER, [(HARVEST_7, 1075)], [(PACKED_1, 26)],
        [paper("prodorder", PACKER, "RUN-083-1")], {"gs1:packagingDate": "2026-03-24"},
    ),
    made(
        "03-25T09:30", PACKER, [(HARVEST_9, 650), (HARVEST_3, 340)], [(PACKED_2, 24)],
        [paper("prodorder", PACKER, "RUN-084-1")], {"gs1:packagingDate": "2026-03-25"},
    ),
    made(
        "03-25T11:00", PACKER, [(HARVEST_3, 910)], [(PACKED_3, 22)],
        [paper("prodorder", PACKER, "RUN-084-2")], {"gs1:packagingDate": "2026-03-25"},
    ),
]
ROMAINE_ORDER = paper("po", PLANT, "4500081172")
PACKING_EVENTS = [
    received(
        "03-24T07:15", PACKER, COOLER, paper("recadv", PACKER, "GR-20811"),
        paper("bol", COOLER, "CW-5521"), quantityList=LOAD_A,
    ),
    received(
        "03-24T14:50", PACKER, COOLER, paper("recadv", PACKER, "GR-20816"),
        paper("bol", COOLER, "CW-5524"), quantityList=LOAD_B,
    ),
    *INITIAL_PACKING,
    packed(
        "03-25T13:00", PACKER, ROMAINE_1, ROMAINE_ORDER, childQuantityList=amounts((PACKED_1, 18)),
    ),
    packed(
        "03-25T13:20", PACKER, ROMAINE_2, ROMAINE_ORDER,
        childQuantityList=amounts((PACKED_1, 8), (PACKED_2, 16)),
    ),
    packed(
        "03-25T13:40", PACKER, ROMAINE_3, ROMAINE_ORDER,
        childQuantityList=amounts((PACKED_2, 8), (PACKED_3, 10)),
    ),
    packed(
        "03-25T14:00", PACKER, ROMAINE_4, paper("po", CENTRE, "TM-771208"),
        childQuantityList=amounts((PACKED_3, 12)),
    ),
    packed(
        "03-25T17:00", PACKER, TRAILER, ROMAINE_ORDER, childEPCs=[ROMAINE_1, ROMAINE_2, ROMAINE_3],
    ),
    moved(
        "shipping", "03-25T18:30", PACKER, PLANT, paper("desadv", PACKER, "ASN-30415"),
        paper("bol", PACKER, "TD-60326-1"), epcList=[TRAILER],
    ),
    moved(
        "shipping", "03-26T05:00", PACKER, CENTRE, paper("desadv", PACKER, "ASN-30419"),
        paper("bol", PACKER, "TD-60326-2"), epcList=[ROMAINE_4],
    ),
]


def landed(when: str, boat: Place, vessel: str, trip: tuple[str, str], ticket: str,
           *lots: tuple[Lot, int]) -> Json:
    return event(
        "ObjectEvent", when, DOCK, "creating_class_instance", "active",
        [paper("cert", DOCK, ticket), paper("recadv", DOCK, f"WT-{ticket[-4:]}")],
        action="ADD", found_at=DOCK, source_owner=boat, destination=DOCK,
        quantityList=amounts(*lots),
        ilmd={
            "gs1:fishType": CHINOOK,
            "gs1:catchZone": ["FAO 67"],
            "gs1:harvestDateStart": trip[0],
            "gs1:harvestDateEnd": trip[1],
            "cbvmda:vesselName": vessel,
        },
    )


LANDINGS = [
    landed(
        "03-13T15:20", BOAT_ELISE, "Marit Elise", ("2026-03-10", "2026-03-13"), "FISH-TICKET-1133",
        (LANDED_1, 320),
    ),
    landed(
        "03-16T11:00", BOAT_NORSEMAN, "Little Norseman", ("2026-03-12", "2026-03-15"),
        "FISH-TICKET-1140", (LANDED_2, 210),
    ),
]
CATCH = amounts((LANDED_1, 320), (LANDED_2, 210))
LANDING_EVENTS = [
    *LANDINGS,
    moved(
        "shipping", "03-17T19:00", DOCK, SMOKER, paper("desadv", DOCK, "SC-ASN-88"),
        paper("bol", DOCK, "SC-2610"), quantityList=CATCH,
    ),
]
SMOKING = [
    made(
        "03-24T16:00", SMOKER, [(LANDED_1, 320), (LANDED_2, 210)],
        [(SMOKED_FLAKES, 12), (SMOKED_PORTIONS, 48)], [paper("prodorder", SMOKER, "BATCH-26-083")],
        {"gs1:productionDate": "2026-03-24", "gs1:expirationDate": "2026-05-05"},
    ),
]
SMOKEHOUSE_EVENTS = [
    received(
        "03-20T08:30", SMOKER, DOCK, paper("recadv", SMOKER, "NJ-R-0207"),
        paper("bol", DOCK, "SC-2610"), quantityList=CATCH,
    ),
    *SMOKING,
    packed(
        "03-25T08:00", SMOKER, FLAKES_PALLET, paper("po", PLANT, "4500081190"),
        childQuantityList=amounts((SMOKED_FLAKES, 12)),
    ),
    packed(
        "03-25T08:40", SMOKER, PORTIONS_PALLET, paper("po", CENTRE, "TM-771233"),
        childQuantityList=amounts((SMOKED_PORTIONS, 48)),
    ),
    moved(
        "shipping", "03-25T10:00", SMOKER, PLANT, paper("desadv", SMOKER, "NJ-A-0551"),
        paper("bol", SMOKER, "NJ-B-0551"), epcList=[FLAKES_PALLET],
    ),
    moved(
        "shipping", "03-25T10:30", SMOKER, CENTRE, paper("desadv", SMOKER, "NJ-A-0552"),
        paper("bol", SMOKER, "NJ-B-0552"), epcList=[PORTIONS_PALLET],
    ),
]
SALAD_MAKING = [
    made(
        "03-30T15:30", PLANT, [(WASHED, 1480)], [(BAGS, 120), (FAMILY_BAGS, 80)],
        [paper("prodorder", PLANT, "WO-260330-2")], {"gs1:bestBeforeDate": "2026-04-13"},
    ),
    made(
        "03-31T11:00", PLANT, [(WASHED, 320), (SMOKED_FLAKES, 7), (CAESAR, 4)], [(KITS, 120)],
        [paper("prodorder", PLANT, "WO-260331-1")], {"gs1:bestBeforeDate": "2026-04-12"},
    ),
]
SALAD_ORDER = paper("po", CENTRE, "TM-771390")
KITCHENS_EVENTS = [
    received(
        "03-26T14:10", PLANT, PACKER, paper("recadv", PLANT, "5000126604"),
        paper("bol", PACKER, "TD-60326-1"), epcList=[TRAILER],
    ),
    unpacked("03-26T14:30", PLANT, TRAILER, childEPCs=[ROMAINE_1, ROMAINE_2, ROMAINE_3]),
    unpacked("03-26T15:00", PLANT, ROMAINE_1, childQuantityList=amounts((PACKED_1, 18))),
    unpacked(
        "03-26T15:10", PLANT, ROMAINE_2,
        childQuantityList=amounts((PACKED_1, 8), (PACKED_2, 16)),
    ),
    unpacked(
        "03-26T15:20", PLANT, ROMAINE_3,
        childQuantityList=amounts((PACKED_2, 8), (PACKED_3, 10)),
    ),
    received(
        "03-26T16:40", PLANT, SMOKER, paper("recadv", PLANT, "5000126611"),
        paper("bol", SMOKER, "NJ-B-0551"), parentID=FLAKES_PALLET,
        childQuantityList=amounts((SMOKED_FLAKES, 12)),
    ),
    unpacked("03-26T17:00", PLANT, FLAKES_PALLET),
    received(
        "03-27T09:15", PLANT, SAUCE_MAKER, paper("recadv", PLANT, "5000126640"),
        quantityList=amounts((CAESAR, 10)),
    ),
    made(
        "03-30T09:00", PLANT, [(PACKED_1, 26), (PACKED_2, 24), (PACKED_3, 10)], [(WASHED, 1800)],
        [paper("prodorder", PLANT, "WO-260330-1")], {"gs1:productionDate": "2026-03-30"},
    ),
    *SALAD_MAKING,
    packed("03-31T13:00", PLANT, SALAD_1, SALAD_ORDER, childQuantityList=amounts((BAGS, 120))),
    packed(
        "03-31T13:30", PLANT, SALAD_2, SALAD_ORDER,
        childQuantityList=amounts((FAMILY_BAGS, 80), (KITS, 84)),
    ),
    packed("03-31T13:45", PLANT, SALAD_3, SALAD_ORDER, childQuantityList=amounts((KITS, 36))),
    moved(
        "shipping", "03-31T21:15", PLANT, CENTRE, paper("desadv", PLANT, "8000417730"),
        paper("bol", PLANT, "SB-20260331-4"), epcList=[SALAD_1, SALAD_2, SALAD_3],
    ),
]
SALAD_BOL = paper("bol", PLANT, "SB-20260331-4")
INBOUND_EVENTS = [
    received(
        "03-26T13:15", CENTRE, SMOKER, paper("recadv", CENTRE, "RC-118802"),
        paper("bol", SMOKER, "NJ-B-0552"), epcList=[PORTIONS_PALLET],
    ),
    unpacked(
        "03-26T13:40", CENTRE, PORTIONS_PALLET,
        childQuantityList=amounts((SMOKED_PORTIONS, 48)),
    ),
    received(
        "03-27T09:00", CENTRE, PACKER, paper("recadv", CENTRE, "RC-118829"),
        paper("bol", PACKER, "TD-60326-2"), parentID=ROMAINE_4,
        childQuantityList=amounts((PACKED_3, 12)),
    ),
    unpacked("03-27T09:40", CENTRE, ROMAINE_4, childQuantityList=amounts((PACKED_3, 12))),
    received(
        "04-01T05:50", CENTRE, PLANT, paper("recadv", CENTRE, "RC-118901"), SALAD_BOL,
        parentID=SALAD_1, childQuantityList=amounts((BAGS, 120)),
    ),
    received(
        "04-01T05:55", CENTRE, PLANT, paper("recadv", CENTRE, "RC-118902"), SALAD_BOL,
        parentID=SALAD_2, childQuantityList=amounts((FAMILY_BAGS, 80), (KITS, 84)),
    ),
    received(
        "04-01T06:00", CENTRE, PLANT, paper("recadv", CENTRE, "RC-118903"), SALAD_BOL,
        parentID=SALAD_3, childQuantityList=amounts((KITS, 36)),
    ),
    unpacked("04-01T06:30", CENTRE, SALAD_1),
    unpacked(
        "04-01T06:45", CENTRE, SALAD_2,
        childQuantityList=amounts((FAMILY_BAGS, 80), (KITS, 84)),
    ),
]


def sent(when: str, store: Place, number: int, *pallets: str) -> Json:
    return moved(
        "shipping", when, CENTRE, store, paper("desadv", CENTRE, f"TR-{number}"),
        paper("bol", CENTRE, f"LD-{number}"), epcList=list(pallets),
    )


def arrived(when: str, store: Place, number: int, **what: Any) -> Json:
    return received(
        when, store, CENTRE, paper("recadv", store, f"SR-{number}"),
        paper("bol", CENTRE, f"LD-{number}"), **what,
    )


FOR_BOISE = amounts((BAGS, 30), (KITS, 24), (SMOKED_PORTIONS, 20))
FOR_TWIN_FALLS = amounts((BAGS, 20), (KITS, 12))
FOR_BAKER_CITY = amounts((FAMILY_BAGS, 16), (KITS, 18))
FOR_POCATELLO = amounts((FAMILY_BAGS, 24), (PACKED_3, 12), (SMOKED_PORTIONS, 16))
GROCER_EVENTS = [
    *INBOUND_EVENTS,
    packed(
        "04-01T14:00", CENTRE, TO_BOISE, paper("po", BOISE, "ST4-5518"),
        childQuantityList=FOR_BOISE,
    ),
    packed(
        "04-01T14:20", CENTRE, TO_TWIN_FALLS, paper("po", TWIN_FALLS, "ST9-3107"),
        childQuantityList=FOR_TWIN_FALLS,
    ),
    packed(
        "04-01T14:40", CENTRE, TO_BAKER_CITY, paper("po", BAKER_CITY, "ST15-0926"),
        childQuantityList=FOR_BAKER_CITY,
    ),
    packed(
        "04-01T15:00", CENTRE, TO_POCATELLO, paper("po", POCATELLO, "ST11-4471"),
        childQuantityList=FOR_POCATELLO,
    ),
    sent("04-02T04:00", BOISE, 90611, TO_BOISE),
    sent("04-02T04:20", TWIN_FALLS, 90612, TO_TWIN_FALLS),
    sent("04-02T04:40", BAKER_CITY, 90613, TO_BAKER_CITY),  # the gap: never received
    sent("04-02T05:00", POCATELLO, 90614, SALAD_3, TO_POCATELLO),
    arrived(
        "04-02T06:10", BOISE, 90611, parentID=TO_BOISE, childQuantityList=FOR_BOISE,
    ),
    unpacked("04-02T07:00", BOISE, TO_BOISE),
    arrived(  # the contradiction: 12 cases of the kit were shipped
        "04-02T08:05", TWIN_FALLS, 90612, parentID=TO_TWIN_FALLS,
        childQuantityList=amounts((BAGS, 20), (KITS, 10)),
    ),
    arrived("04-02T10:30", POCATELLO, 90614, epcList=[SALAD_3, TO_POCATELLO]),
    unpacked("04-02T11:00", POCATELLO, SALAD_3),
    unpacked("04-02T11:10", POCATELLO, TO_POCATELLO, childQuantityList=FOR_POCATELLO),
]
# fmt: on


# Documents, each in its company's style


def as_link(uri: str) -> str:
    return uri


def as_own_link(uri: str) -> str:
    return uri.replace(STEM, "https://id.trellis.example/p", 1)


def as_urn(uri: str) -> str:
    """The EPC URN, which unlike the Digital Link says where the company prefix ends."""
    elements = uri.removeprefix(f"{STEM}/").split("/")
    ai, key, *qualifiers = elements
    moved_digits = {"00": 1, "01": 1}.get(ai, 0)
    body = key[moved_digits:-1]
    prefix = next(prefix for prefix in PREFIXES if body.startswith(prefix))
    parts = f"{prefix}.{key[:moved_digits]}{body[len(prefix) :]}"
    match ai, qualifiers:
        case "00", []:
            return f"urn:epc:id:sscc:{parts}"
        case "01", []:
            return f"urn:epc:idpat:sgtin:{parts}.*"
        case "01", ["10", code]:
            return f"urn:epc:class:lgtin:{parts}.{code}"
        case "417", []:
            return f"urn:epc:id:pgln:{parts}"
        case "414", _:
            return f"urn:epc:id:sgln:{parts}.{qualifiers[1] if qualifiers else 0}"
    raise ValueError(uri)


Word = Callable[[str, str, str], str]
"""Writes a CBV word, given what its list is called in URNs and in web addresses."""


def bare(_urn: str, _web: str, word: str) -> str:
    return word


def urn_word(urn: str, _web: str, word: str) -> str:
    return f"urn:epcglobal:cbv:{urn}:{word}"


def curie(_urn: str, web: str, word: str) -> str:
    return f"cbv:{web}-{word}"


def web_word(_urn: str, web: str, word: str) -> str:
    return f"https://ref.gs1.org/cbv/{web}-{word}"


class Document(NamedTuple):
    name: str
    created: str
    events: list[Json]
    repeated: list[Json]
    """Partners' events that the company passes on with its own, in its own style."""
    identifier: Callable[[str], str]
    word: Word
    queried: bool = False
    """The answer to a query: no header, times in UTC, the times of recording."""


TYPES = {
    "bizTransactionList": ("btt", "BTT"),
    "sourceList": ("sdt", "SDT"),
    "destinationList": ("sdt", "SDT"),
}
WORDS = {"bizStep": ("bizstep", "BizStep"), "disposition": ("disp", "Disp")}


def styled(value: Any, document: Document, key: str = "") -> Any:
    """`value`, the member `key` of an event, as the company's system writes it."""
    if isinstance(value, list):
        return [styled(each, document, key) for each in value]
    if isinstance(value, dict):
        written = {name: styled(each, document, name) for name, each in value.items()}
        if key in TYPES:
            written["type"] = document.word(*TYPES[key], value["type"])
        return written
    if key in WORDS:
        return document.word(*WORDS[key], value)
    if isinstance(value, str) and value.startswith(f"{STEM}/"):
        return document.identifier(value)
    return value


def as_recorded(event: Json, repeated: bool) -> Json:
    """`event` with its times as a repository answers: in UTC, and when it was recorded."""
    time = datetime.fromisoformat(event["eventTime"])
    recorded = time + (timedelta(hours=31) if repeated else timedelta(minutes=2, seconds=11))
    utc = timedelta(0)
    times = {
        "eventTime": f"{time - (time.utcoffset() or utc):%Y-%m-%dT%H:%M:%S.000Z}",
        "recordTime": f"{recorded - (recorded.utcoffset() or utc):%Y-%m-%dT%H:%M:%S.000Z}",
    }
    members = {**event, **times}
    order = ["type", "eventID", "eventTime", "recordTime"]
    return {key: members[key] for key in [*order, *(k for k in event if k not in order)]}


def mentioned(value: Any) -> Iterator[str]:
    """The places, parties and products that an event names."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from mentioned(each)
    elif isinstance(value, str) and value.startswith((f"{STEM}/414/", f"{STEM}/417/")):
        yield value
    elif isinstance(value, str) and value.startswith(f"{STEM}/01/"):
        yield value.partition("/10/")[0]


def attributes(document: Document, values: Json) -> list[Json]:
    prefix = "urn:epcglobal:cbv:mda#" if document.identifier is as_urn else "cbvmda:"
    return [{"id": f"{prefix}{key}", "attribute": value} for key, value in values.items() if value]


def address(place: Place) -> Json:
    return {
        "name": place.business_name,
        "streetAddressOne": place.street,
        "city": place.city,
        "state": place.state,
        "postalCode": place.postal_code,
        "countryCode": "US",
        "latitude": place.latitude,
        "longitude": place.longitude,
    }


def description(product: Product) -> Json:
    return {
        "descriptionShort": product.product_name,
        "netContentDescription": product.packaging_size,
        "countryOfOrigin": "US",
        "speciesForFisheryStatisticsPurposesName": product.species and "Oncorhynchus tshawytscha",
        "speciesForFisheryStatisticsPurposesCode": product.species and "CHI",
    }


def header(document: Document, events: list[Json]) -> Json:
    names = set(mentioned(events))
    rows: dict[str, dict[str, Json]] = {
        "EPCClass": {each.id: description(each) for each in PRODUCTS},
        "Location": {each.id: address(each) for each in PLACES},
        "Party": {party: address(each) for party, each in PARTIES.items()},
    }
    vocabularies = []
    for kind, elements in rows.items():
        written = [
            {"id": document.identifier(each), "attributes": attributes(document, values)}
            for each, values in sorted(elements.items())
            if each in names
        ]
        if written:
            vocabularies.append(
                {"type": f"urn:epcglobal:epcis:vtype:{kind}", "vocabularyElementList": written}
            )
    return {"epcisMasterData": {"vocabularyList": vocabularies}}


def written(document: Document) -> Json:
    repeated = {event["eventID"] for event in document.repeated}
    events = sorted(
        [*document.repeated, *document.events],
        key=lambda event: datetime.fromisoformat(event["eventTime"]),
    )
    shell: Json = {
        "@context": [
            "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
            {"cbv": "https://ref.gs1.org/cbv/", "cbvmda": "urn:epcglobal:cbv:mda:"},
        ],
        "type": "EPCISQueryDocument" if document.queried else "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": document.created,
    }
    if document.queried:
        recorded = [as_recorded(each, each["eventID"] in repeated) for each in events]
        results: Json = {
            "queryName": "SimpleEventQuery",
            "resultsBody": {"eventList": styled(recorded, document)},
        }
        return {**shell, "epcisBody": {"queryResults": results}}
    return {
        **shell,
        "epcisHeader": header(document, events),
        "epcisBody": {"eventList": styled(events, document)},
    }


DOCUMENTS = (
    Document("wellton-mesa-farms", "2026-03-23T18:00:00-07:00", WELLTON_EVENTS, [], as_link, bare),
    Document("bard-flats-growers", "2026-03-24T17:30:00-07:00", BARD_EVENTS, [], as_urn, urn_word),
    Document("coldwash-cooling", "2026-03-24T20:00:00-07:00", COOLING_EVENTS, [], as_link, bare),
    Document(
        "two-ditch-packing", "2026-03-27T16:00:00Z", PACKING_EVENTS,
        [*WELLTON_EVENTS, *BARD_EVENTS, *COOLING_EVENTS], as_link, curie, queried=True,
    ),
    Document(
        "salt-chuck-landing", "2026-03-17T20:15:00-08:00", LANDING_EVENTS, [], as_urn, web_word
    ),
    Document(
        "north-jetty-smokehouse", "2026-03-25T12:00:00-07:00", SMOKEHOUSE_EVENTS, LANDINGS, as_urn,
        web_word,
    ),
    Document(
        "saltbush-fresh-kitchens", "2026-03-31T22:00:00-06:00", KITCHENS_EVENTS,
        [*INITIAL_PACKING, *SMOKING], as_link, curie,
    ),
    Document(
        "trellis-markets", "2026-04-03T08:00:00-06:00", GROCER_EVENTS,
        [*INITIAL_PACKING[2:], *SMOKING, *SALAD_MAKING], as_own_link, bare,
    ),
)  # fmt: skip


def place_row(identifier: str, place: Place) -> Json:
    row = {**place._asdict(), "id": identifier, "country": "US"}
    return {
        key: row[key]
        for key in (
            "id", "business_name", "phone", "street", "city", "state", "postal_code", "country",
            "latitude", "longitude", "growing_area", "source_reference",
        )
        if row[key] is not None
    }  # fmt: skip


def product_row(product: Product) -> Json:
    category = product.food_traceability_list_category
    row = {
        **product._asdict(),
        "on_food_traceability_list": category is not None,
        "food_traceability_list_category": category,
    }
    return {key: value for key, value in row.items() if value is not None}


def master_data() -> Json:
    return {
        "places": [
            *(place_row(each.id, each) for each in PLACES),
            *(
                place_row(party, each._replace(growing_area=None, source_reference=None))
                for party, each in sorted(PARTIES.items())
            ),
        ],
        "products": [product_row(each) for each in PRODUCTS],
    }


def files() -> dict[str, str]:
    contents = {f"{each.name}.jsonld": written(each) for each in DOCUMENTS}
    contents["master_data.json"] = master_data()
    return {
        name: json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        for name, value in contents.items()
    }


def main() -> int:
    code = 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        path = FOLDER / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            print(f"{path.relative_to(ROOT)} is out of date: run {Path(__file__).name}")
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
