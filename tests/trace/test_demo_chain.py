"""The bundled sample chain is current, well-formed, and wrong in two places only.

Read here by hand, without the package's own reader of EPCIS, so that each checks the other.
"""

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from closient_export import Gtin
from closient_export.gs1.linters import check_digit

GENERATOR = Path(__file__).resolve().parents[2] / "tools" / "generate_demo_chain.py"
CHAIN = files("closient_export") / "demo" / "chain"
STEM = "https://id.gs1.org"
Json = dict[str, Any]

ASKED = f"{STEM}/01/10614141003034/10/CK26090"
NEVER_RECEIVED = f"{STEM}/00/395212007500402129"
CONTRADICTED = f"{STEM}/00/395212007500402112"

DOCUMENTS: dict[str, Json] = {
    path.name: json.loads(path.read_text("utf-8"))
    for path in sorted(CHAIN.iterdir(), key=lambda path: path.name)
    if path.name.endswith(".jsonld")
}
MASTER_DATA: dict[str, list[Json]] = json.loads((CHAIN / "master_data.json").read_text("utf-8"))
PLACES: dict[str, Json] = {row["id"]: row for row in MASTER_DATA["places"]}
PRODUCTS: dict[str, Json] = {row["id"]: row for row in MASTER_DATA["products"]}

URN = re.compile(r"urn:epc:(?:id|class|idpat):(sscc|sgtin|lgtin|pgln|sgln):(\d+)\.(\d*)(?:\.(.+))?")
WORD = re.compile(
    r"(?:urn:epcglobal:cbv:(?:bizstep|disp|btt|sdt):"
    r"|(?:https://ref\.gs1\.org/cbv/|cbv:)(?:BizStep|Disp|BTT|SDT)-)(\w+)"
)


def canonical(text: str) -> str:
    """An identifier as a Digital Link on GS1's own domain, a CBV word bare, other text as it is."""
    if word := WORD.fullmatch(text):
        return word[1]
    if text.startswith("https://id.trellis.example/p/"):
        return text.replace("https://id.trellis.example/p", STEM, 1)
    if not (urn := URN.fullmatch(text)):
        return text
    scheme, prefix, reference, more = urn.groups()
    if scheme in ("sscc", "sgtin", "lgtin"):
        reference, digits = reference[1:], reference[:1] + prefix
    else:
        digits = prefix
    key = digits + reference + check_digit(digits + reference)
    match scheme:
        case "sscc":
            return f"{STEM}/00/{key}"
        case "sgtin":
            return f"{STEM}/01/{key}"
        case "lgtin":
            return f"{STEM}/01/{key}/10/{more}"
        case "pgln":
            return f"{STEM}/417/{key}"
    return f"{STEM}/414/{key}" + ("" if more == "0" else f"/254/{more}")


def canonical_json(value: Any) -> Any:
    if isinstance(value, list):
        return [canonical_json(each) for each in value]
    if isinstance(value, dict):
        return {key: canonical_json(each) for key, each in value.items()}
    return canonical(value) if isinstance(value, str) else value


def events_of(document: Json) -> list[Json]:
    body = document["epcisBody"]
    if document["type"] == "EPCISQueryDocument":
        body = body["queryResults"]["resultsBody"]
    found: list[Json] = body["eventList"]
    return found


def headers() -> Iterator[tuple[str, Json]]:
    for document in DOCUMENTS.values():
        data = document.get("epcisHeader", {}).get("epcisMasterData", {})
        for vocabulary in data.get("vocabularyList", []):
            for element in vocabulary["vocabularyElementList"]:
                values = {
                    re.split("[#:]", each["id"])[-1]: each["attribute"]
                    for each in element["attributes"]
                }
                yield canonical(element["id"]), values


def instant(event: Json) -> datetime:
    return datetime.fromisoformat(event["eventTime"])


WRITTEN = [(name, each) for name, document in DOCUMENTS.items() for each in events_of(document)]
"""Each event as it stands, repetitions too."""
EVENTS: list[Json] = sorted(
    {each["eventID"]: canonical_json(each) for _, each in WRITTEN}.values(), key=instant
)
"""Each event once, in the order of time."""


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield value


def place_of(event: Json) -> str:
    text: str = event["readPoint"]["id"]
    return text


def location(event: Json, key: str) -> str | None:
    ends = event.get(f"{key}List", [])
    found = [each[key] for each in ends if each["type"] == "location"]
    return found[0] if found else None


def product_of(lot: str) -> Json:
    return PRODUCTS[lot.partition("/10/")[0]]


def test_the_files_are_what_the_generator_writes() -> None:
    done = subprocess.run(
        [sys.executable, GENERATOR, "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_eight_companies_write_in_their_own_styles() -> None:
    assert len(DOCUMENTS) == 8
    assert len(EVENTS) == 70
    assert len(WRITTEN) == 91, "a repetition more or less"
    steps = {event["bizStep"] for _, event in WRITTEN}
    assert {
        "shipping",
        "urn:epcglobal:cbv:bizstep:transporting",
        "cbv:BizStep-shipping",
        "https://ref.gs1.org/cbv/BizStep-shipping",
    } <= steps
    everything = set(strings([event for _, event in WRITTEN]))
    for start in ("urn:epc:class:lgtin:", "urn:epc:id:", STEM, "https://id.trellis.example/p/"):
        assert any(text.startswith(start) for text in everything)
    kinds = Counter(document["type"] for document in DOCUMENTS.values())
    assert kinds == {"EPCISDocument": 7, "EPCISQueryDocument": 1}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_has_the_shell_of_epcis_2(name: str) -> None:
    document = DOCUMENTS[name]
    assert document["@context"][0] == "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
    assert document["schemaVersion"] == "2.0"
    created = datetime.fromisoformat(document["creationDate"])
    events = events_of(document)
    assert events
    assert all(instant(event) < created for event in events)
    assert sorted(events, key=instant) == events


@pytest.mark.parametrize(("name", "event"), WRITTEN)
def test_an_event_has_what_epcis_requires(name: str, event: Json) -> None:
    assert re.fullmatch("urn:uuid:[0-9a-f-]{36}", event["eventID"]), name
    time, offset = instant(event), event["eventTimeZoneOffset"]
    assert re.fullmatch(r"-0[678]:00", offset)
    assert event["eventTime"].endswith(("Z", offset))
    assert time.utcoffset() is not None
    assert time.year == 2026
    assert {"bizStep", "disposition", "readPoint"} <= event.keys()
    if event["type"] == "TransformationEvent":
        assert event["inputQuantityList"]
        assert event["outputQuantityList"]
        assert "action" not in event
        return
    assert event["action"] in ("ADD", "OBSERVE", "DELETE")
    assert "ilmd" not in event or event["action"] == "ADD"
    if event["type"] == "AggregationEvent":
        assert event["parentID"]
        has_children = event.get("childEPCs") or event.get("childQuantityList")
        assert has_children or event["action"] == "DELETE"
    else:
        assert event["type"] == "ObjectEvent"
        assert event.get("epcList") or event.get("quantityList")


def test_an_event_says_the_same_wherever_it_is_repeated() -> None:
    said: dict[str, Json] = {}
    for name, event in WRITTEN:
        plain = canonical_json(event)
        plain.pop("recordTime", None)
        plain["eventTime"] = instant(event)
        assert said.setdefault(event["eventID"], plain) == plain, name


def test_every_key_has_its_check_digit() -> None:
    keys = set()
    for text in strings([*DOCUMENTS.values(), MASTER_DATA]):
        if urn := URN.fullmatch(text):
            scheme, prefix, reference, _ = urn.groups()
            lengths = {"sscc": 17, "sgtin": 13, "lgtin": 13, "pgln": 12, "sgln": 12}
            assert len(prefix + reference) == lengths[scheme], text
        if link := re.search(r"/(00|01|414|417)/(\d+)", canonical(text)):
            keys.add((link[1], link[2]))
        if paper := re.match(r"urn:epcglobal:cbv:bt:(\d+):.", text):
            keys.add(("414", paper[1]))
    lengths = {"00": 18, "01": 14, "414": 13, "417": 13}
    for ai, key in keys:
        assert len(key) == lengths[ai], key
        assert key[-1] == check_digit(key[:-1]), key
        prefix = key[1:] if ai in ("00", "01") else key
        assert prefix.startswith(("0614141", "952", "9506000")), key
        if ai == "01":
            assert Gtin.parse(key).value == key
    assert Counter(ai for ai, _ in keys) == {"00": 14, "01": 11, "414": 14, "417": 11}


def test_everything_named_is_described_in_full() -> None:
    for text in strings(EVENTS):
        if text.startswith((f"{STEM}/414/", f"{STEM}/417/")):
            assert text in PLACES
        elif text.startswith(f"{STEM}/01/"):
            assert text.partition("/10/")[0] in PRODUCTS
    required = {
        "business_name", "phone", "street", "city", "state", "postal_code", "country",
        "latitude", "longitude",
    }  # fmt: skip
    for row in PLACES.values():
        assert all(row[name] for name in required)
        assert re.fullmatch(r"\+1 \d{3} 555 01\d\d", row["phone"])
    for row in PRODUCTS.values():
        listed = row.get("food_traceability_list_category")
        assert row["on_food_traceability_list"] == bool(listed)
        for name in ("product_name", "brand", "commodity", "variety", "packaging_size"):
            assert row[name]
        assert row["packaging_style"]
    assert [row["brand"] for row in PRODUCTS.values() if not row["on_food_traceability_list"]] == [
        "Junction"
    ]


def test_headers_agree_with_the_master_data() -> None:
    described = set()
    for identifier, values in headers():
        described.add(identifier)
        if row := PLACES.get(identifier):
            assert values == {
                "name": row["business_name"],
                "streetAddressOne": row["street"],
                "city": row["city"],
                "state": row["state"],
                "postalCode": row["postal_code"],
                "countryCode": row["country"],
                "latitude": row["latitude"],
                "longitude": row["longitude"],
            }
        else:
            row = PRODUCTS[identifier]
            assert values["descriptionShort"] == row["product_name"]
            assert values["netContentDescription"] == row["packaging_size"]
    assert described == PLACES.keys() | PRODUCTS.keys()


def test_critical_tracking_events_name_their_documents_and_both_ends() -> None:
    for event in EVENTS:
        step = event["bizStep"]
        if step != "unpacking":
            assert event["bizTransactionList"], event
        if step in ("transporting", "shipping", "receiving"):
            here = place_of(event)
            ends = location(event, "source"), location(event, "destination")
            assert here == ends[step == "receiving"]
            assert all(ends)
            assert ends[0] != ends[1]
    cooled = [event for event in EVENTS if event["bizStep"] == "other"]
    assert all(event["sensorElementList"][0]["sensorReport"] for event in cooled)
    harvests = [event for event in EVENTS if "gs1:harvestDate" in event.get("ilmd", {})]
    assert sorted(PLACES[event["bizLocation"]["id"]]["growing_area"] for event in harvests) == [
        "Block 7 East",
        "Block 9 West",
        "Ranch 3 North, lot 12",
    ]
    landings = [event for event in EVENTS if "gs1:catchZone" in event.get("ilmd", {})]
    for event in landings:
        assert event["ilmd"]["gs1:catchZone"] == ["FAO 67"]
        start, end = event["ilmd"]["gs1:harvestDateStart"], event["ilmd"]["gs1:harvestDateEnd"]
        assert start < end <= event["eventTime"][:10]
    assert (len(cooled), len(harvests), len(landings)) == (2, 3, 2)


def weight(lot: str, quantity: Decimal, unit: str) -> Decimal:
    """Net weight in pounds, from the packaging size: ``40 lb`` or ``12 x 9 oz``."""
    if unit == "LBR":
        return quantity
    size = re.fullmatch(r"(?:(\d+) x )?(\d+) (lb|oz)", product_of(lot)["packaging_size"])
    assert size
    assert unit == "CS"
    pounds = Decimal(size[2]) / (16 if size[3] == "oz" else 1)
    return quantity * int(size[1] or 1) * pounds


class Ledger:
    """Replays the events: what is where, in which container, and what does not fit."""

    def __init__(self) -> None:
        self.stock: dict[str, Counter[str]] = defaultdict(Counter)
        self.on_the_way: dict[str, Counter[str]] = defaultdict(Counter)
        self.contents: dict[str, Counter[str]] = {}
        self.nested: dict[str, list[str]] = {}
        self.whereabouts: dict[str, str] = {}
        """Of a container: a place, or an arrow and the place it is on its way to."""
        self.units: dict[str, str] = {}
        self.made_at: dict[str, str] = {}
        self.losses: dict[str, tuple[Decimal, Decimal]] = {}
        self.contradictions: list[tuple[str, str, int, int]] = []
        self.from_outside: list[str] = []

    def replay(self, event: Json) -> None:
        getattr(self, f"_{event['bizStep']}")(event, place_of(event))

    def _read(self, amounts: list[Json] | None) -> Counter[str]:
        found: Counter[str] = Counter()
        for each in amounts or []:
            assert self.units.setdefault(each["epcClass"], each["uom"]) == each["uom"]
            assert each["epcClass"] not in found
            assert each["quantity"] > 0
            found[each["epcClass"]] = each["quantity"]
        return found

    def _weight(self, amounts: Counter[str]) -> Decimal:
        weights = (weight(lot, Decimal(n), self.units[lot]) for lot, n in amounts.items())
        return sum(weights, Decimal())

    def _take(self, stock: Counter[str], amounts: Counter[str]) -> None:
        for lot, quantity in amounts.items():
            assert stock[lot] >= quantity, f"{quantity} of {lot}, but only {stock[lot]} there"
        stock.subtract(amounts)

    def _creating_class_instance(self, event: Json, here: str) -> None:
        if event["type"] == "TransformationEvent":
            inputs = self._read(event["inputQuantityList"])
            self._take(self.stock[here], inputs)
            outputs = self._read(event["outputQuantityList"])
            self.losses[min(outputs)] = (self._weight(inputs), self._weight(outputs))
        else:
            outputs = self._read(event["quantityList"])
        for lot in outputs:
            assert lot not in self.made_at, f"{lot} is made twice"
            self.made_at[lot] = here
        self.stock[here].update(outputs)

    def _transporting(self, event: Json, here: str) -> None:
        destination = location(event, "destination") or ""
        amounts = self._read(event.get("quantityList"))
        self._take(self.stock[here], amounts)
        self.on_the_way[destination].update(amounts)
        for container in event.get("epcList", []):
            assert self.whereabouts[container] == here
            self.whereabouts[container] = f"->{destination}"

    _shipping = _transporting

    def _other(self, event: Json, here: str) -> None:
        self._take(self.stock[here].copy(), self._read(event["quantityList"]))

    def _receiving(self, event: Json, here: str) -> None:
        amounts = self._read(event.get("quantityList"))
        outside = {lot for lot in amounts if not product_of(lot)["on_food_traceability_list"]}
        self.from_outside += outside
        self._take(
            self.on_the_way[here], Counter({k: v for k, v in amounts.items() if k not in outside})
        )
        self.stock[here].update(amounts)
        for container in [*event.get("epcList", []), *filter(None, [event.get("parentID")])]:
            assert self.whereabouts[container] == f"->{here}"
            self.whereabouts[container] = here
        if "parentID" in event:
            stated = self._read(event["childQuantityList"])
            shipped = self.contents[event["parentID"]]
            assert stated.keys() == shipped.keys()
            self.contradictions += [
                (event["parentID"], lot, shipped[lot], stated[lot])
                for lot in shipped
                if stated[lot] != shipped[lot]
            ]

    def _packing(self, event: Json, here: str) -> None:
        parent = event["parentID"]
        assert parent not in self.whereabouts, f"{parent} is packed twice"
        self.whereabouts[parent] = here
        self.contents[parent] = self._read(event.get("childQuantityList"))
        self._take(self.stock[here], self.contents[parent])
        self.nested[parent] = event.get("childEPCs", [])
        for child in self.nested[parent]:
            assert self.whereabouts[child] == here
            self.whereabouts[child] = parent

    def _unpacking(self, event: Json, here: str) -> None:
        parent = event["parentID"]
        assert self.whereabouts.pop(parent) == here
        contents, children = self.contents.pop(parent), self.nested.pop(parent)
        if "childEPCs" in event or "childQuantityList" in event:
            assert self._read(event.get("childQuantityList")) == contents
            assert event.get("childEPCs", []) == children
        self.stock[here].update(contents)
        for child in children:
            assert self.whereabouts[child] == parent
            self.whereabouts[child] = here


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    ledger = Ledger()
    for event in EVENTS:
        ledger.replay(event)
    return ledger


def test_each_lot_goes_its_way_in_order(ledger: Ledger) -> None:
    """Replayed by time, nothing is used, shipped or received before it can be."""
    assert ASKED in ledger.made_at
    times = Counter((place_of(event), instant(event)) for event in EVENTS)
    assert max(times.values()) == 1
    assert ledger.from_outside == [f"{STEM}/01/19521215000022/10/CD-260211"]
    last = instant(EVENTS[-1]) - instant(EVENTS[0])
    assert timedelta(weeks=2) < last < timedelta(weeks=4)


def test_one_shipment_is_never_received(ledger: Ledger) -> None:
    left = {k: v for k, v in ledger.whereabouts.items() if v.startswith("->")}
    assert list(left) == [NEVER_RECEIVED]
    destination = PLACES[left[NEVER_RECEIVED].removeprefix("->")]
    assert destination["city"] == "Baker City"
    assert ledger.contents[NEVER_RECEIVED][ASKED] == 18
    assert not any(+amounts for amounts in ledger.on_the_way.values())


def test_one_receipt_contradicts_its_shipment(ledger: Ledger) -> None:
    assert ledger.contradictions == [(CONTRADICTED, ASKED, 12, 10)]


def test_what_is_not_lost_is_still_there(ledger: Ledger) -> None:
    """Small losses in each run, save where fish is smoked and lettuce is cored."""
    shares = {
        lot.rpartition("/")[2]: round(float(1 - out / into), 3)
        for lot, (into, out) in ledger.losses.items()
    }
    assert shares == {
        "TD26083A": 0.033,
        "TD26084A": 0.03,
        "TD26084B": 0.033,
        "HS26083F": 0.389,
        "RB26089": 0.25,
        "CR26089": 0.007,
        "CK26090": 0.02,
    }
    kits = Counter(
        {PLACES[place]["city"]: amounts[ASKED] for place, amounts in ledger.stock.items()}
    )
    assert +kits == {"Nampa": 30, "Boise": 24, "Pocatello": 36}
    assert ledger.contents[CONTRADICTED][ASKED] == 12  # still on its pallet in Twin Falls
    assert kits.total() + 12 + 18 == 120


def test_the_lot_asked_for_has_both_chains_behind_it_and_stores_before_it(ledger: Ledger) -> None:
    parents: dict[str, set[str]] = defaultdict(set)
    for event in EVENTS:
        for output in event.get("outputQuantityList", []):
            inputs = {each["epcClass"] for each in event["inputQuantityList"]}
            parents[output["epcClass"]] |= inputs
    found: set[str] = set()
    waiting = [ASKED]
    while waiting:
        fresh = parents[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    assert {lot.rpartition("/")[2] for lot in found} == {
        "RB26089", "HS26083F", "CD-260211",
        "TD26083A", "TD26084A", "TD26084B", "ME%2F0313", "LN%2F0316",
        "0323-B7E", "0323-B9W", "R3N-0324",
    }  # fmt: skip
    assert found - ledger.made_at.keys() == set(ledger.from_outside)
