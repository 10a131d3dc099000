import io
import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_export.adapters.master_data_files import read_master_data
from closient_export.adapters.memory import MemoryMasterData
from closient_export.epcis import VocabularyElement, read_events
from closient_export.header_master_data import from_vocabulary
from closient_export.master_data import LocationDescription, ProductDescription

PLACE = "https://id.gs1.org/414/9521141000014"
PRODUCT = "https://id.gs1.org/01/09521141000212"


def place(**attributes: Any) -> LocationDescription | ProductDescription | None:
    return from_vocabulary(VocabularyElement("location", PLACE, attributes))


def product(**attributes: Any) -> LocationDescription | ProductDescription | None:
    return from_vocabulary(VocabularyElement("epcclass", PRODUCT, attributes))


def test_attributes_of_places() -> None:
    assert place(
        name="Processing Plant",
        streetAddressOne="123 Main St.",
        streetAddressTwo=" Apartment 2 ",
        city="Houston",
        state="TX",
        postalCode="77001",
        countryCode="US",
        phone="+1 713 555 0100",
        informationProvider="urn:epc:id:pgln:0614141.00000",
    ) == LocationDescription(
        id=PLACE,
        business_name="Processing Plant",
        phone="+1 713 555 0100",
        street="123 Main St., Apartment 2",
        city="Houston",
        state="TX",
        postal_code="77001",
        country="US",
    )


@pytest.mark.parametrize("name", ["phone", "telephone", "contactTelephone", "PHONE"])
def test_telephone_numbers_go_by_many_names(name: str) -> None:
    assert place(**{name: "+1 713 555 0100"}) == LocationDescription(
        id=PLACE, phone="+1 713 555 0100"
    )


@pytest.mark.parametrize(
    ("attributes", "latitude", "longitude"),
    [
        ({"latitude": "32.6", "longitude": "-114.1"}, "32.6", "-114.1"),
        ({"geoLocation": "geo:33.75,-84.39"}, "33.75", "-84.39"),
        ({"geoLocation": "geo:33.75,-84.39,12;u=35"}, "33.75", "-84.39"),
        ({"geoLocation": "33, -84"}, "33", "-84"),
        ({"geoLocation": "geo:1,2", "latitude": "3", "longitude": "4"}, "3", "4"),
        ({"geoLocation": "geo:1,2", "latitude": "3"}, "1", "2"),
        ({"geoLocation": "geo:somewhere"}, "", ""),
        ({"latitude": "0", "longitude": "0.00"}, "", ""),
        ({"latitude": "0", "longitude": "9.4"}, "0", "9.4"),
        ({"latitude": "32.6"}, "", ""),
    ],
)
def test_coordinates(attributes: dict[str, str], latitude: str, longitude: str) -> None:
    assert place(name="Farm", **attributes) == LocationDescription(
        id=PLACE, business_name="Farm", latitude=latitude, longitude=longitude
    )


def test_attributes_of_products() -> None:
    assert product(
        descriptionShort="YFT HG",
        tradeItemDescription="Yellowfin tuna, headed and gutted",
        functionalName="Tuna",
        brandName="North Jetty",
        netContentDescription="500 lb",
        packaging="Insulated tote",
        speciesForFisheryStatisticsPurposesName="Thunnus albacares",
        speciesForFisheryStatisticsPurposesCode="YFT",
        tradeItemConditionCode="GUH",
    ) == ProductDescription(
        id=PRODUCT,
        product_name="Yellowfin tuna, headed and gutted",
        brand="North Jetty",
        packaging_size="500 lb",
        packaging_style="Insulated tote",
        species="Thunnus albacares (YFT)",
    )


@pytest.mark.parametrize(
    "name", ["descriptionShort", "functionalName", "tradeItemDescription", "regulatedProductName"]
)
def test_products_are_named_by_what_there_is(name: str) -> None:
    assert product(**{name: "Tuna"}) == ProductDescription(id=PRODUCT, product_name="Tuna")


@pytest.mark.parametrize(("part", "value"), [("Name", "Thunnus albacares"), ("Code", "YFT")])
def test_species_by_name_or_code_alone(part: str, value: str) -> None:
    assert product(**{f"speciesForFisheryStatisticsPurposes{part}": value}) == ProductDescription(
        id=PRODUCT, species=value
    )


@pytest.mark.parametrize(
    "kind",
    ["location", "party", "businesslocation", "readpoint", "sourcedest", "urn:x:vtype:Party"],
)
def test_places_and_parties_are_of_many_types(kind: str) -> None:
    element = VocabularyElement(kind, "urn:epc:id:sgln:9521141.00001.0", {"name": "Farm"})
    assert from_vocabulary(element) == LocationDescription(id=PLACE, business_name="Farm")


@pytest.mark.parametrize(
    "element",
    [
        VocabularyElement("bizstep", "urn:epcglobal:cbv:bizstep:shipping", {"name": "Shipping"}),
        VocabularyElement("", PLACE, {"name": "Farm"}),
        VocabularyElement("location", " ", {"name": "Farm"}),
        VocabularyElement("location", PLACE, {"name": " ", "city": 5, "phone": None, "state": []}),
        VocabularyElement("epcclass", PRODUCT, {"tradeItemConditionCode": "WHL"}),
        VocabularyElement("epcclass", PRODUCT),
    ],
)
def test_what_says_nothing_of_use_is_passed_over(element: VocabularyElement) -> None:
    assert from_vocabulary(element) is None


@given(
    st.sampled_from(["location", "epcclass"]) | st.text(),
    st.text(),
    st.dictionaries(
        st.sampled_from(["name", "geoLocation", "latitude", "longitude"]) | st.text(),
        st.none() | st.integers() | st.text() | st.lists(st.text()),
    ),
)
def test_no_master_data_are_too_odd(kind: str, identifier: str, attributes: dict[str, Any]) -> None:
    from_vocabulary(VocabularyElement(kind, identifier, attributes))


def test_headers_of_the_sample_chain_agree_with_its_file() -> None:
    chain = files("closient_export") / "demo" / "chain"
    with (chain / "master_data.json").open("rb") as file:
        known = MemoryMasterData(*read_master_data(io.BytesIO(file.read()), "master_data.json"))
    elements: list[VocabularyElement] = []
    for source in chain.iterdir():
        if source.name.endswith(".jsonld"):
            data = io.BytesIO(source.read_bytes())
            list(read_events(data, source.name, on_master_data=elements.append))
    assert elements
    for element in elements:
        found = from_vocabulary(element)
        assert found is not None
        if isinstance(found, LocationDescription):
            if row := known.locations([found.id]).get(found.id):
                for name in ("business_name", "street", "city", "country", "latitude"):
                    assert getattr(found, name) == getattr(row, name)
        else:
            assert found.product_name == known.products([found.id])[found.id].product_name


def test_the_reader_and_the_descriptions_fit_together() -> None:
    attributes = [
        {"id": "urn:epcglobal:cbv:mda#name", "attribute": "Farm"},
        {"id": "cbvmda:telephone", "attribute": "+1 928 555 0141"},
        {"id": "https://example.com/mda/city", "attribute": "Wellton"},
    ]
    vocabulary = {
        "type": "urn:epcglobal:epcis:vtype:Location",
        "vocabularyElementList": [
            {"id": "urn:epc:id:sgln:9521141.00001.0", "attributes": attributes}
        ],
    }
    document = {
        "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "epcisHeader": {"epcisMasterData": {"vocabularyList": [vocabulary]}},
        "epcisBody": {"eventList": []},
    }
    elements: list[VocabularyElement] = []
    stream = io.BytesIO(json.dumps(document).encode())
    assert not list(read_events(stream, "d", on_master_data=elements.append))
    assert [from_vocabulary(element) for element in elements] == [
        LocationDescription(id=PLACE, business_name="Farm", phone="+1 928 555 0141", city="Wellton")
    ]
