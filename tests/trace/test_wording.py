import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_export.epcis.units import unit
from closient_export.epcis.vocabulary import DOCUMENT_TYPES
from closient_export.trace.countries import COUNTRIES, country_name
from closient_export.trace.wording import country, document_type, territory

SAMPLE_COUNTRIES = ["Greece", "Jamaica", "Canada", "n/a"]
SAMPLE_UNITS = ["cases", "Cases", "lbs", "lb", "kg", "pounds", "MT"]
SAMPLE_DOCUMENTS = [
    "Transfer Order", "Bill of Lading", "Inter-Location Transfer", "Advance Shipping Notice",
    "Waybill", "Invoice", "Receipt", "Packing List", "FoodsDelivered Order", "Invoice Copy",
    "Receipt of Goods", "Purchase Order", "Dealers Report", "Weight Ticket",
    "Advanced Notice of Landing", "Offload Report", "Packing Order", "Goods Receipt", "Work Order",
    "Batch Log", "Inventory Query", "Bill of Material", "Production Log", "Production Schedule",
    "Sorting Log",
]  # fmt: skip
"""What the cells of FDA's sample workbook have."""


def test_the_words_of_the_sample_stay_as_they_are() -> None:
    assert [country(text) for text in SAMPLE_COUNTRIES] == SAMPLE_COUNTRIES
    assert [unit(text) for text in SAMPLE_UNITS] == SAMPLE_UNITS
    assert [document_type(text) for text in SAMPLE_DOCUMENTS] == SAMPLE_DOCUMENTS


@given(st.text() | st.from_regex(r"[a-z]+:[a-zA-Z0-9:/#%\-]*"))
def test_any_text_has_a_wording(text: str) -> None:
    for word in (country, unit, document_type):
        assert isinstance(word(text), str)
        assert bool(word(text)) == bool(text)


@pytest.mark.parametrize(
    "text",
    [
        "US",
        "us",
        "USA",
        "840",
        "United States",
        "united states of america",
        "U.S.",
        "U.S.A.",
        " US ",
    ],
)
def test_addresses_in_the_united_states_have_no_country(text: str) -> None:
    assert country(text) == "n/a"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GR", "Greece"),
        ("GRC", "Greece"),
        ("300", "Greece"),
        ("ca", "Canada"),
        ("JM", "Jamaica"),
        ("VN", "Vietnam"),
        ("Viet Nam", "Vietnam"),
        ("KR", "South Korea"),
        ("Korea, Republic of", "South Korea"),
        ("CI", "Côte d'Ivoire"),
        ("Cote d’Ivoire", "Côte d'Ivoire"),
        ("COTE D'IVOIRE", "Côte d'Ivoire"),
        ("32", "Argentina"),
        ("8", "Albania"),
        ("PR", "n/a"),
        ("Puerto Rico", "n/a"),
        ("Türkiye", "Türkiye"),
        ("Turkey", "Türkiye"),
        ("Atlantis", "Atlantis"),
        ("  Atlantis ", "  Atlantis "),
        ("ZZ", "ZZ"),
        ("999", "999"),
        ("٣٠٠", "٣٠٠"),
        ("", ""),
    ],
)
def test_countries_are_named(text: str, name: str) -> None:
    assert country(text) == name


def test_territories_are_states_by_their_names() -> None:
    """Domestic to the Act, 21 U.S.C. 321(a)(1), though ISO 3166 has them among the countries."""
    assert [country_name(code) for code in ("PR", "GU", "VI")] == [
        "Puerto Rico",
        "Guam",
        "U.S. Virgin Islands",
    ]
    assert [territory(text) for text in ("PR", "Puerto Rico", "630", "GU", "VIR")] == [
        *("PR", "PR", "PR", "GU", "VI"),
    ]
    assert [territory(text) for text in ("US", "CA", "Atlantis", "")] == ["", "", "", ""]


def test_the_countries_are_all_there() -> None:
    assert len(COUNTRIES) == 249
    assert list(COUNTRIES) == sorted(COUNTRIES)
    for code, name in COUNTRIES.items():
        assert re.fullmatch("[A-Z]{2}", code)
        assert country_name(code) == name
        assert country_name(name) == name
    assert len(set(COUNTRIES.values())) == 249


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("LBR", "pounds"),
        ("LBS", "pounds"),
        ("KGM", "kilograms"),
        ("GRM", "grams"),
        ("ONZ", "ounces"),
        ("TNE", "metric tons"),
        ("STN", "short tons"),
        ("LTR", "liters"),
        ("MLT", "milliliters"),
        ("GLL", "gallons"),
        ("GLI", "imperial gallons"),
        ("CS", "cases"),
        ("XCS", "cases"),
        ("CT", "cartons"),
        ("BX", "boxes"),
        ("BG", "bags"),
        ("CR", "crates"),
        ("PF", "pallets"),
        ("PX", "pallets"),
        ("EA", "each"),
        ("C62", "each"),
        ("H87", "each"),
        ("DZN", "dozen"),
        (" KGM ", "kilograms"),
        ("XKG", "kegs"),
        ("KG", "KG"),
        ("kgm", "kgm"),
        ("bushel baskets", "bushel baskets"),
        ("", ""),
    ],
)
def test_units_are_words(code: str, word: str) -> None:
    assert unit(code) == word


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("bol", "Bill of Lading"),
        ("urn:epcglobal:cbv:btt:desadv", "Advance Shipping Notice"),
        ("https://ref.gs1.org/cbv/BTT-po", "Purchase Order"),
        ("cbv:BTT-poc", "Purchase Order Confirmation"),
        ("inv", "Invoice"),
        ("recadv", "Receiving Advice"),
        ("prodorder", "Work Order"),
        ("cert", "Certificate"),
        ("rma", "Return Authorization"),
        ("pedigree", "Pedigree"),
        ("urn:example:btt:Weight%20Ticket", "Weight Ticket"),
        ("https://example.com/voc#Dealers%20Report", "Dealers Report"),
        ("https://example.com/voc/BTT-waybill", "waybill"),
        ("https://example.com/voc/fishing-permit/", "fishing-permit"),
        ("urn:example:btt:a%2Fb", "a/b"),
        ("urn:example:%20", "urn:example:%20"),
        ("urn:::", "urn"),
        ("Ticket: weight/12", "Ticket: weight/12"),
        ("BOL", "BOL"),
        ("", ""),
    ],
)
def test_documents_are_named(word: str, name: str) -> None:
    assert document_type(word) == name


def test_every_document_type_of_the_cbv_has_a_name() -> None:
    for word in DOCUMENT_TYPES.words:
        assert document_type(word)[0].isupper()
