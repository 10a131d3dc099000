import csv
import io
import json
import pickle
from contextlib import suppress
from importlib.resources import files
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_export.adapters import master_data_files
from closient_export.adapters.master_data_files import read_master_data
from closient_export.errors import MasterDataError, TraceError
from closient_export.master_data import LocationDescription, ProductDescription

PLACE = "https://id.gs1.org/414/9521141000014"
PARTY = "https://id.gs1.org/417/9521141000014"
PRODUCT = "https://id.gs1.org/01/09521141000212"

Read = tuple[list[LocationDescription], list[ProductDescription]]


def read(data: str | bytes | Any) -> Read:
    if not isinstance(data, str | bytes):
        data = json.dumps(data)
    return read_master_data(io.BytesIO(data.encode() if isinstance(data, str) else data), "m")


def refusal(data: str | bytes | Any) -> list[str]:
    with pytest.raises(MasterDataError) as caught:
        read(data)
    return str(caught.value).splitlines()


texts = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
    .map(str.strip)
    .filter(lambda text: "\r" not in text)
)
uris = st.sampled_from(["urn:example:1", "urn:example:2", "https://x.example/a b"])
booleans = st.none() | st.booleans()
places = st.builds(
    LocationDescription,
    **{field.name: texts for field in attrs.fields(LocationDescription)} | {"id": uris},
)
products = st.builds(
    ProductDescription,
    **{
        field.name: booleans if field.type == bool | None else texts
        for field in attrs.fields(ProductDescription)
    }
    | {"id": uris},
)


@given(st.lists(places, max_size=3), st.lists(products, max_size=3))
def test_json_is_read_back(
    some: list[LocationDescription], others: list[ProductDescription]
) -> None:
    data = {"places": list(map(attrs.asdict, some)), "products": list(map(attrs.asdict, others))}
    assert read(data) == (some, others)


@given(
    st.lists(places, min_size=1) | st.lists(products, min_size=1), st.sampled_from(["", "\ufeff"])
)
def test_csv_is_read_back(
    some: list[LocationDescription] | list[ProductDescription], mark: str
) -> None:
    rows = [attrs.asdict(each) for each in some]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    data = mark.encode() + text.getvalue().encode()
    assert read(data) == ((some, []) if isinstance(some[0], LocationDescription) else ([], some))


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(MasterDataError):
        read(data)


json_keys = st.text(max_size=3) | st.sampled_from(
    [
        *("places", "products", "@graph", "@type", "id", "address", "brand"),
        *("gs1:gtin", "gs1:gln", "gs1:packaging", "gs1:netContent", "gs1:value", "gs1:productName"),
    ]
)
json_words = st.sampled_from(["gs1:Product", "gs1:Place", "urn:x:y", "9521141000014"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(json_keys, inner | json_words, max_size=4)
    ),
    max_leaves=20,
)


@given(json_values)
def test_any_json_is_read_or_refused(value: Any) -> None:
    with suppress(MasterDataError):
        read(value)


def test_the_sample_chain_is_described() -> None:
    source = files("closient_export") / "demo" / "chain" / "master_data.json"
    document = json.loads(source.read_text("utf-8"))
    some, others = read(document)
    assert [attrs.asdict(each)["phone"] for each in some] == [
        row["phone"] for row in document["places"]
    ]
    assert len(others) == len(document["products"])


def test_identifiers_become_canonical_and_null_says_nothing() -> None:
    data = {
        "places": [{"id": "urn:epc:id:sgln:9521141.00001.0", "phone": None, "city": " Wellton "}],
        "products": [{"id": "urn:epc:idpat:sgtin:9521141.000021.*", "packaged": None}],
    }
    assert read(data) == (
        [LocationDescription(id=PLACE, city="Wellton")],
        [ProductDescription(id=PRODUCT)],
    )
    assert read({"places": []}) == ([], [])


def test_every_problem_of_json_is_named_with_its_path() -> None:
    data = {
        "products": [
            1,
            {"id": "9521141000212", "packaged": "yes"},
            {"brand": 5, "brnd": ""},
            {"id": PLACE},
        ],
        "places": [{"id": PRODUCT, "phone": []}, {"id": 7}, {"id": ""}, {"id": "9521141000014"}],
        "product": [],
    }
    uri = "expected a Digital Link, a URN or another URI, got"
    assert refusal(data) == [
        "m: products[0]: expected an object, got 1",
        f"m: products[1].id: {uri} '9521141000212' (did you mean {PRODUCT}?)",
        "m: products[1].packaged: expected true or false, got 'yes'",
        "m: products[2].id: required, but missing",
        "m: products[2].brand: expected text, got 5",
        "m: products[2].brnd: unknown key, expected one of id, product_name, brand, commodity, "
        "variety, packaging_size, packaging_style, species, packaged, on_food_traceability_list, "
        "food_traceability_list_category, traceability_lot_code, source_reference; did you mean 'brand'?",
        f"m: products[3].id: expected a product or lot, got a place: '{PLACE}'",
        f"m: places[0].id: expected a place or party, got a product: '{PRODUCT}'",
        "m: places[0].phone: expected text, got []",
        "m: places[1].id: expected text, got 7",
        f"m: places[2].id: {uri} ''",
        f"m: places[3].id: {uri} '9521141000014' (did you mean {PLACE}?)",
        "m: 'product' (did you mean 'products'?): unknown key, expected places, products",
    ]
    assert refusal({"places": {}}) == ["m: places: expected a list, got {}"]


def test_so_many_problems_are_counted() -> None:
    found = refusal({"places": [{}] * 1234})
    assert len(found) == 101
    assert found[-1] == "m: 1,134 more problems"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "m is empty: expected JSON, JSON-LD or CSV"),
        (" \n ", "m is empty: expected JSON, JSON-LD or CSV"),
        ('{\n"places": [', "m, line 2, column 12: not JSON: Expecting value"),
        (b"id,brand\nurn:x:y,\xe9\n", "m, line 2: not UTF-8: byte 0xe9; save it in UTF-8"),
        (b"\xef\xbb\xbfid\n\n\xe9", "m, line 3: not UTF-8: byte 0xe9; save it in UTF-8"),
        (",,\n", "m, line 1: missing column 'id'; got nothing"),
        ("city\n", "m, line 1: missing column 'id'; got city"),
        ("id,city,city\n", "m, line 1: column 'city' appears twice"),
        ('id,"city\n', "m, line 1: not CSV: unexpected end of data"),
        (
            "id,city,brand\n",
            "m, line 1: expected columns of places or of products, got 'city' of places and "
            "'brand' of products; give them in two files",
        ),
        (
            "id,source_reference\n",
            "m, line 1: expected a column that only places have, such as 'business_name', or "
            "only products, such as 'product_name'; got id, source_reference",
        ),
    ],
)
def test_files_that_are_something_else_are_refused(data: str | bytes, message: str) -> None:
    assert refusal(data) == [message]


@pytest.mark.parametrize("data", ["[" * 100_000, '{"places": [1' + "0" * 5000 + "]}"])
def test_json_beyond_all_measure_is_refused(data: str) -> None:
    [message] = refusal(data)
    assert message.startswith("m: not JSON that can be read: ")


def test_unknown_columns_are_named_with_what_was_meant() -> None:
    [message] = refusal("id,Business Name,web\n")
    assert message.startswith(
        "m, line 1: unknown columns 'Business Name' (did you mean 'business_name'?), 'web', "
        "expected some of id, business_name, phone, "
    )
    [message] = refusal("id;city\n")
    assert message.endswith("; the columns are separated by commas")


def test_problems_of_csv_name_their_lines() -> None:
    data = (
        "id,product_name,packaged,on_food_traceability_list\n"
        f'{PRODUCT},"Kale,\ncurly",YES,false\n'
        "\n"
        f"{PRODUCT},,maybe,1\n"
        ",Kale,,\n"
        f"{PRODUCT}\n"
        f"{PLACE},,,no\n"
    )
    assert refusal(data) == [
        "m, line 5: packaged: expected true, false, yes or no, got 'maybe'",
        "m, line 5: on_food_traceability_list: expected true, false, yes or no, got '1'",
        "m, line 6: id: required, but missing",
        "m, line 7: expected 4 cells as in the header, got 1",
        f"m, line 8: id: expected a product or lot, got a place: '{PLACE}'",
    ]
    good = "\n".join(data.splitlines()[:3])
    assert read(good)[1] == [
        ProductDescription(
            id=PRODUCT, product_name="Kale,\ncurly", packaged=True, on_food_traceability_list=False
        )
    ]


def test_a_large_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(master_data_files, "_LARGEST", 1 << 20)
    assert refusal(b" " * ((1 << 20) + 1)) == ["m: expected 1 MB at most, got more"]


FTL_PRODUCT: dict[str, Any] = {
    "@context": ["https://ref.openepcis.io/extensions/us/fsma204/fsma204-context.jsonld"],
    "type": "gs1:Product",
    "id": "https://id.gs1.org/01/00860009999923",
    "gs1:gtin": "00860009999923",
    "gs1:productName": [
        {"@value": "Romana", "@language": "es"},
        {"@value": "Romaine lettuce", "@language": "en"},
    ],
    "gs1:functionalName": "Lettuce",
    "gs1:brand": {"type": "gs1:Brand", "gs1:brandName": [{"@value": "Mesa"}]},
    "gs1:packaging": [{"gs1:packagingType": {"id": "gs1:PackagingTypeCode-CT"}}],
    "usfsma:hasFoodTraceabilityListCategory": {"@id": "usfsma:LeafyGreensFreshCut"},
    "gs1:netWeight": {"type": "gs1:QuantitativeValue", "gs1:value": "11.34", "gs1:unitCode": "KGM"},
    "gs1:manufacturer": {
        "id": PARTY,
        "type": "gs1:Organization",
        "gs1:organizationName": "Sunrise Valley Farm LLC",
    },
}


def test_a_product_of_the_web_vocabulary_and_its_maker_are_described() -> None:
    assert read(FTL_PRODUCT) == (
        [LocationDescription(id=PARTY, business_name="Sunrise Valley Farm LLC")],
        [
            ProductDescription(
                id=FTL_PRODUCT["id"],
                product_name="Romaine lettuce",
                brand="Mesa",
                packaging_size="11.34 kilograms",
                packaging_style="cartons",
                on_food_traceability_list=True,
                food_traceability_list_category="LeafyGreensFreshCut",
            )
        ],
    )


PLACE_NODE: dict[str, Any] = {
    "@type": "https://ref.gs1.org/voc/Place",
    "locationGLN": "9521141000014",
    "physicalLocationName": {"de": "Hof", "en-US": "Wellton Mesa"},
    "contactPoint": [{"@type": "gs1:ContactPoint", "telephone": "+1 928 555 0141"}],
    "address": {
        "@type": "gs1:PostalAddress",
        "streetAddress": [{"@language": "en-US", "@value": "29850 E Mesa Lateral Rd"}],
        "addressLocality": "Wellton",
        "addressRegion": "AZ",
        "postalCode": 85356,
        "addressCountry": {"@type": "gs1:Country", "countryCode": "US"},
    },
    "geo": {"@type": "gs1:GeoCoordinates", "latitude": 32.6412, "longitude": -114.1533},
}


@pytest.mark.parametrize("wrap", [lambda n: n, lambda n: [n], lambda n: {"@graph": [n]}])
def test_a_place_of_the_web_vocabulary_is_described(wrap: Any) -> None:
    assert read(wrap(PLACE_NODE)) == (
        [
            LocationDescription(
                id=PLACE,
                business_name="Wellton Mesa",
                phone="+1 928 555 0141",
                street="29850 E Mesa Lateral Rd",
                city="Wellton",
                state="AZ",
                postal_code="85356",
                country="US",
                latitude="32.6412",
                longitude="-114.1533",
            )
        ],
        [],
    )


@pytest.mark.parametrize(
    ("node", "identifier"),
    [
        ({"type": "gs1:Organization", "gs1:gln": "9521141000014"}, PARTY),
        ({"type": "gs1:Place", "gs1:gln": "9521141000014"}, PLACE),
        ({"type": ["gs1:Place"], "id": "https://x.example/1", "gln": "9521141000014"}, PLACE),
        ({"type": "gs1:Organization", "globalLocationNumber": "urn:gdst:x:party:1"}, "urn:gdst:x:party:1"),
        ({"type": "gs1:Place", "id": "https://x.example/1"}, "https://x.example/1"),
        ({"gtin": "9521141000212"}, PRODUCT),
        ({"gtin": 9521141000212, "hasBatchLotNumber": "A/1"}, f"{PRODUCT}/10/A%2F1"),
        ({"gtin": "urn:gdst:x:product:class:1"}, "urn:gdst:x:product:class:1"),
        ({"type": "gs1:Seafood", "id": "https://brand.example/01/9521141000212"}, PRODUCT),
    ],
)  # fmt: skip
def test_nodes_are_known_by_their_keys(node: dict[str, Any], identifier: str) -> None:
    some, others = read(node)
    assert [each.id for each in some] + [each.id for each in others] == [identifier]


def test_nodes_that_name_nothing_are_refused() -> None:
    graph = [
        {"@graph": [{"type": "gs1:Place", "gln": "95211"}, {"type": "gs1:Organization"}, 1]},
        {"gtin": "12"},
        {"type": "gs1:Product"},
    ]
    uri = "expected a Digital Link, a URN or another URI, got"
    assert refusal(graph) == [
        f"m: [0].@graph[0]: {uri} '95211'",
        "m: [0].@graph[1]: expected an id, or a GLN of 13 digits as gs1:locationGLN or "
        "gs1:partyGLN",
        "m: [0].@graph[2]: expected an object, got 1",
        f"m: [1]: {uri} '12'",
        "m: [2]: expected an id, or a GTIN of 8, 12, 13 or 14 digits as gs1:gtin",
    ]


@pytest.mark.parametrize(
    ("document", "got"),
    [
        ({}, "neither"),
        ([], "neither"),
        ([{"type": "gs1:Offer"}], "'Offer'"),
        (
            {"type": "EPCISDocument", "epcisBody": {"eventList": []}},
            "'EPCISDocument', whose master data are read together with its events",
        ),
    ],
)
def test_json_of_another_kind_is_refused(document: Any, got: str) -> None:
    assert refusal(document) == [
        "m: expected 'places' and 'products', or gs1:Place, gs1:Organization and gs1:Product of "
        f"GS1's Web Vocabulary; got {got}"
    ]


def test_the_error_is_of_the_tree() -> None:
    error = MasterDataError("/srv/SECRET.csv, line 2: SECRET")
    assert isinstance(error, TraceError)
    assert isinstance(error, ValueError)
    assert error.public_message == "The descriptions of places and products cannot be read."
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301
