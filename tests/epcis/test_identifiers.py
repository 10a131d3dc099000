"""One thing has one canonical identifier, however partners write it."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from epcis_samples import digits, serials
from hypothesis import assume, example, given
from hypothesis import strategies as st

from closient_export.epcis import (
    Identifier,
    IdentifierKind,
    class_of,
    document_number,
    lot_code,
    parse_identifier,
    parse_lot,
)
from closient_export.epcis.urns import elements_of_urn, scheme_of_urn
from closient_export.gs1 import ElementString
from closient_export.gs1.linters import check_digit

STEM = "https://id.gs1.org"
KEYS = ("00", "01", "253", "255", "401", "402", "414", "417", "8003", "8004", "8006", "8010")

hosts = st.sampled_from(
    [
        "id.gs1.org",
        "example.com",
        "EXAMPLE.com:8443",
        "user@host.example",
        "[::1]",
        "münchen.example",
    ]
)
stems = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["https", "http", "HTTPS", "Http"]),
    hosts,
    st.sampled_from(["", "/de", "/a/b", "/products/de/x"]),
)
tails = st.sampled_from(["", "/", "?17=270331", "?linkType=gs1:pip#top", "/?a=/01/1", "#/00/1"])
company_prefixes = st.integers(4, 12).flatmap(digits)


@st.composite
def encoded(draw: st.DrawFn, text: str) -> str:
    """`text` percent-encoded in any spelling that a URL path allows."""
    spellings: list[Callable[[str], str]] = [
        lambda c: quote(c, safe=""),
        lambda c: "".join(f"%{byte:02x}" for byte in c.encode()),
        lambda c: "".join(f"%{byte:02X}" for byte in c.encode()),
        lambda c: c if c not in "%/?#" else quote(c, safe=""),
    ]
    return "".join(draw(st.sampled_from(spellings))(c) for c in text)


@st.composite
def split_numbers(draw: st.DrawFn, length: int) -> tuple[str, str]:
    """A company prefix of any length and what fills it up to `length` digits."""
    prefix = draw(company_prefixes)
    return prefix, draw(digits(length - len(prefix)))


def moved(prefix: str, reference: str) -> str:
    number = reference[0] + prefix + reference[1:]
    return number + check_digit(number)


def joined(prefix: str, reference: str) -> str:
    return prefix + reference + check_digit(prefix + reference)


def uri(text: str) -> str:
    return parse_identifier(text).uri


@pytest.mark.parametrize(
    ("urn", "canonical", "kind"),
    [
        ("class:lgtin:4023333.002000.2019-10-07", "01/04023333020008/10/2019-10-07", "lot"),
        ("class:lgtin:4012345.012345.998877", "01/04012345123456/10/998877", "lot"),
        ("class:lgtin:0614141.077777.A%2FB.c*", "01/00614141777778/10/A%2FB.c%2A", "lot"),
        ("id:sgtin:0614141.107346.2018", "01/10614141073464/21/2018", "serial"),
        ("id:sgtin:061414123456.1.0.1", "01/10614141234568/21/0.1", "serial"),
        ("id:sscc:0614141.1234567890", "00/106141412345678908", "container"),
        ("id:sgln:0614141.07346.1234", "414/0614141073467/254/1234", "place"),
        ("id:sgln:0614141.07346.0", "414/0614141073467", "place"),
        ("id:sgln:061414107346..5", "414/0614141073467/254/5", "place"),
        ("id:pgln:4012345.00225", "417/4012345002256", "party"),
        ("id:pgln:401234500225.", "417/4012345002256", "party"),
        ("id:grai:4012345.55555.987", "8003/04012345555554987", "container"),
        ("id:giai:4000001.12345", "8004/400000112345", "container"),
        ("id:gdti:0614141.00001.1618034", "253/06141410000121618034", "document"),
        ("id:gsrn:0614141.0000010253", "8018/061414100000102534", "other"),
        ("id:gsrnp:4012345.0000098765", "8017/401234500000987658", "other"),
        ("id:sgcn:4012345.99999.44", "255/401234599999044", "other"),
        ("id:cpi:4012345.ABC.123", "8010/4012345ABC/8011/123", "serial"),
        ("id:ginc:4012345.333", "401/4012345333", "container"),
        ("id:gsin:4012345.999987654", "402/40123459999876541", "container"),
        ("id:itip:4012345.012345.01.02.999", "8006/040123451234560102/21/999", "serial"),
        ("id:upui:4012345.012345.AB12", "01/04012345123456/235/AB12", "serial"),
        ("idpat:sgtin:4012345.098765.*", "01/04012345987652", "product"),
        ("idpat:cpi:4012345.ABC.*", "8010/4012345ABC", "product"),
        ("idpat:gdti:4012345.55555.*", "253/4012345555554", "document"),
        ("idpat:grai:4012345.66666.*", "8003/04012345666663", "product"),
        ("idpat:sgcn:4012345.99999.*", "255/4012345999990", "other"),
        ("idpat:itip:4012345.012345.01.02.*", "8006/040123451234560102", "product"),
    ],
)
def test_every_scheme_of_urns(urn: str, canonical: str, kind: str) -> None:
    lot = f"{STEM}/{canonical}" if kind == "lot" else None
    expected = Identifier(f"{STEM}/{canonical}", IdentifierKind(kind), lot)
    assert parse_identifier(f"urn:epc:{urn}") == expected
    assert parse_identifier(f"URN:EPC:{urn}") == expected
    assert parse_identifier(f"https://example.com/x/{canonical}?a=b") == expected


@given(split_numbers(13), serials, stems, tails, st.data())
def test_lots_and_serials(
    number: tuple[str, str], code: str, stem: str, tail: str, data: st.DataObject
) -> None:
    prefix, item = number
    gtin = moved(prefix, item)
    for urn, ai in (("class:lgtin", "10"), ("id:sgtin", "21"), ("id:upui", "235")):
        found = uri(f"urn:epc:{urn}:{prefix}.{item}.{data.draw(encoded(code))}")
        assert found == f"{STEM}/01/{gtin}/{ai}/{quote(code, safe='')}"
        short = {"10": "lot", "21": "ser", "235": "tpx"}[ai]
        value = data.draw(encoded(code))
        for link in (f"/01/{gtin}/{ai}/", f"/gtin/{gtin}/{short}/", f"/01/{gtin}/22/V%201/{ai}/"):
            assert uri(f"{stem}{link}{value}{tail}") == found


@given(split_numbers(17), stems, tails)
def test_containers(number: tuple[str, str], stem: str, tail: str) -> None:
    prefix, reference = number
    sscc = moved(prefix, reference)
    for text in (
        f"urn:epc:id:sscc:{prefix}.{reference}",
        f"{stem}/00/{sscc}{tail}",
        f"{stem}/sscc/{sscc}{tail}",
    ):
        assert parse_identifier(text) == Identifier(f"{STEM}/00/{sscc}", IdentifierKind.CONTAINER)


@given(split_numbers(12), serials, stems, tails, st.data())
def test_places_parties_assets_and_documents(
    number: tuple[str, str], code: str, stem: str, tail: str, data: st.DataObject
) -> None:
    prefix, reference = number
    gln, escaped = joined(prefix, reference), data.draw(encoded(code))
    extension = "" if code == "0" else f"/254/{quote(code, safe='')}"
    place = uri(f"urn:epc:id:sgln:{prefix}.{reference}.{escaped}")
    assert place == f"{STEM}/414/{gln}{extension}"
    assert uri(f"{stem}/414/{gln}/254/{escaped}{tail}") == place
    assert uri(f"{stem}/gln/{gln}/glnx/{escaped}{tail}") == place

    party = uri(f"urn:epc:id:pgln:{prefix}.{reference}")
    assert party == uri(f"{stem}/417/{gln}{tail}") == uri(f"{stem}/party/{gln}{tail}")

    assume(len(code) <= 16)
    asset = uri(f"urn:epc:id:grai:{prefix}.{reference}.{escaped}")
    assert asset == f"{STEM}/8003/0{gln}{quote(code, safe='')}"
    assert asset == uri(f"{stem}/8003/0{gln}{escaped}{tail}")
    paper = uri(f"urn:epc:id:gdti:{prefix}.{reference}.{escaped}")
    assert paper == f"{STEM}/253/{gln}{quote(code, safe='')}"
    assert paper == uri(f"{stem}/gdti/{gln}{escaped}{tail}")
    asset = uri(f"urn:epc:id:giai:{prefix}.{escaped}")
    assert asset == uri(f"{stem}/8004/{prefix}{escaped}{tail}")


@given(digits(12))
def test_extension_zero_is_none(number: str) -> None:
    gln = joined(number, "")
    forms = {
        f"urn:epc:id:sgln:{number}..0",
        f"{STEM}/414/{gln}",
        f"{STEM}/414/{gln}/254/0",
        f"{STEM}/414/{gln}/254/%30",
    }
    assert {uri(form) for form in forms} == {f"{STEM}/414/{gln}"}


@given(st.sampled_from((7, 11, 12, 13)).flatmap(digits), serials)
def test_short_gtins_are_filled_up(body: str, lot: str) -> None:
    gtin = body + check_digit(body)
    value = quote(lot, safe="")
    expected = f"{STEM}/01/{gtin.zfill(14)}/10/{value}"
    assert uri(f"https://example.com/01/{gtin}/10/{value}") == expected


@given(digits(13), serials, serials)
def test_a_serial_belongs_to_the_lot_it_names(body: str, lot: str, serial: str) -> None:
    product = f"{STEM}/01/{body}{check_digit(body)}"
    lot, serial = quote(lot, safe=""), quote(serial, safe="")
    found = parse_identifier(f"{product}/10/{lot}/21/{serial}")
    assert found.uri == f"{product}/21/{serial}"
    assert found.kind is IdentifierKind.SERIAL
    assert found.lot == parse_identifier(f"{product}/10/{lot}").lot == f"{product}/10/{lot}"
    assert class_of(found.uri) == class_of(found.lot) == product
    assert parse_lot(f"{product}/10/{lot}/21/{serial}") == found.lot


def test_attributes_in_the_path_are_passed_over() -> None:
    lot = f"{STEM}/01/09506000134352/10/5"
    assert uri(f"{lot}/17/261231") == uri(f"{lot}/3103/001500/17/261200") == lot
    assert uri(f"{STEM}/01/09506000134352/22/V/10/5") == lot


def test_pieces_of_trade_items_have_lots_too() -> None:
    pieces = f"{STEM}/8006/040123451234560102"
    assert parse_identifier(f"{pieces}/10/A") == Identifier(
        f"{pieces}/10/A", IdentifierKind.LOT, f"{pieces}/10/A"
    )
    assert parse_identifier(f"{pieces}/10/A/21/1") == Identifier(
        f"{pieces}/21/1", IdentifierKind.SERIAL, f"{pieces}/10/A"
    )
    assert class_of(f"{pieces}/10/A") == pieces


def test_wrong_check_digits_still_say_which_thing_is_meant() -> None:
    assert uri("https://example.com/01/09506000134350/10/A") == f"{STEM}/01/09506000134350/10/A"
    assert uri("https://example.com/00/000000000000000001") == f"{STEM}/00/000000000000000001"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A1",
        "https://example.com",
        "https://example.com/",
        "https://example.com/01",
        "https://example.com/01/",
        "https://example.com/01/09506000134",
        "https://example.com/01/950600013435299",
        "https://example.com/01/09506000134352/10",
        "https://example.com/01/09506000134352/10/",
        "https://example.com/01/09506000134352/10//21/5",
        "https://example.com/01/09506000134352/10/A/10/B",
        "https://example.com/01/09506000134352/lot/A/10/B",
        "https://example.com/01/09506000134352/de/index.html",
        "https://example.com/01/09506000134352/10/2026/03/15",
        "https://example.com/01/09506000134352/10/A/1/B",
        "https://example.com/01/09506000134352/10/7/22/X",
        "https://example.com/01/09506000134352/10/5/17/261301",
        "https://example.com/414/9506000134352/254/A/3/B",
        "https://example.com/01/٠٩٥٠٦٠٠٠١٣٤٣٥٢/10/A",
        "https://example.com/01/%D9%A09506000134352",
        "https://example.com/00/12345",
        "https://example.com/8004/12",
        "https://example.com/401/abcd",
        "https://example.com/orders/4711",
        "https://example.com/253/0614141000012%0A",
        "ftp://example.com/01/09506000134352/10/A",
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    ],
)
def test_what_is_no_gs1_identifier_is_opaque(text: str) -> None:
    assert parse_identifier(text) == Identifier(text, IdentifierKind.OTHER)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("urn:epc:id:sscc:08600031303.0003", "container"),
        ("urn:epc:id:sgtin:0614141.1073460.2018", "serial"),
        ("urn:epc:id:sgtin:06141411073460..2018", "serial"),
        ("urn:epc:id:sgtin:0614141.107346.", "serial"),
        ("urn:epc:id:sgln:0614141.07346", "place"),
        ("urn:epc:id:sgln:0614141.0734x.0", "place"),
        ("urn:epc:id:pgln:x.07346", "party"),
        ("urn:epc:idpat:sgtin:0614141.*.*", "product"),
        ("urn:epc:idpat:sgtin:0614141.107346.[1-5]", "product"),
        ("urn:epc:idpat:sgln:0614141.07346.*", "product"),
        ("urn:epc:class:lgtin:0614141.77777.A", "lot"),
        ("urn:epc:class:sgtin:0614141.107346.1", "serial"),
        ("urn:epc:id:unknown:1.2.3", "other"),
        ("urn:epc:tag:sgtin-96:1.0614141.107346.1", "other"),
        ("urn:epc:id:sgtin", "other"),
        ("urn:gdst:example.org:product:lot:class:processor.2u.v1-0122", "lot"),
        ("urn:gdst:example.org:product:class:processor.2u", "product"),
        ("urn:gdst:example.org:location:loc:processor.plant1", "place"),
        ("urn:gdst:example.org:party:processor.1", "party"),
        ("urn:gdst:example.org:product:lot:class:", "other"),
    ],
)
def test_malformed_and_foreign_urns_keep_their_text_and_their_kind(text: str, kind: str) -> None:
    lot = text if kind == "lot" else None
    assert parse_identifier(text) == Identifier(text, IdentifierKind(kind), lot)


def lot_or_error(text: str) -> str | Exception:
    try:
        return parse_lot(text)
    except Exception as error:
        return error


texts = st.one_of(
    st.text(st.characters(categories=None)),
    st.builds(
        "{}/{}/{}/{}".format,
        stems,
        st.sampled_from(KEYS),
        st.text(st.sampled_from("0123456789%2F.:*\n\ud800²/"), max_size=20),
        st.text(max_size=10),
    ),
    st.builds(
        "urn:epc:{}:{}:{}".format,
        st.sampled_from(["id", "class", "idpat", "x"]),
        st.sampled_from(
            ["sgtin", "lgtin", "sscc", "sgln", "grai", "cpi", "itip", "gsrn", "\ud800"]
        ),
        st.text(st.sampled_from("0123456789.*%2F\n\ud800:A"), max_size=30),
    ),
    st.builds("urn:gdst:{}:product:lot:class:{}".format, st.text(), st.text()),
)


@given(texts)
@example("https://id.gs1.org/01")
@example("https://id.gs1.org/foo")
@example("https://id.gs1.org/01/1/2")
@example("https://id.gs1.org/")
@example("https://id.gs1.org/253")
@example("\ud800" * 30_000)
@example("https://id.gs1.org/01/09506000134352/10/" + "%2f\ud800" * 30_000)
@example("https://x" + "/01" * 30_000)
@example("urn:epc:class:lgtin:" + "." * 30_000)
@example("urn:gdst:a:product:lot:class:" + "." * 30_000)
def test_no_text_breaks_anything(text: str) -> None:
    found = parse_identifier(text)
    assert parse_identifier(found.uri).uri == found.uri
    assert parse_identifier(found.uri).kind is found.kind
    if found.lot is not None:
        assert parse_identifier(found.lot) == Identifier(found.lot, IdentifierKind.LOT, found.lot)
    for each in (text, found.uri):
        product = class_of(each)
        assert product is None or class_of(product) in (product, None)
        assert lot_code(each) or not each
        assert document_number(each) or not each
    elements_of_urn(text)
    scheme_of_urn(text)


@given(digits(13), serials)
def test_biip_reads_the_same_link(body: str, lot: str) -> None:
    gtin = body + check_digit(body)
    text = f"https://example.com/shop/01/{gtin}/10/{quote(lot, safe='')}?17=270331"
    try:
        parsed = GS1DigitalLinkURI.parse(text)
    except ParseError:
        assume(False)  # it knows rules of company prefixes
    elements = [(element.ai.ai, element.value) for element in parsed.element_strings]
    assert elements[:2] == [("01", gtin), ("10", lot)]
    assert lot_code(uri(text)) == ElementString(elements[:2]).bracketed().replace(r"\(", "(")


@given(digits(13), serials)
def test_lot_codes_are_read_back(body: str, lot: str) -> None:
    canonical = f"{STEM}/01/{body}{check_digit(body)}/10/{quote(lot, safe='')}"
    if "(" not in lot:  # which the syntax of brackets wants escaped, and labels do not
        assert parse_lot(lot_code(canonical)) == canonical
    assert parse_lot(canonical) == canonical
    assert parse_lot(f" {canonical}\n") == canonical


@pytest.mark.parametrize(
    ("text", "lot"),
    [
        (
            "urn:epc:class:lgtin:4023333.002000.2019-10-07",
            f"{STEM}/01/04023333020008/10/2019-10-07",
        ),
        ("(01)09506000134352(10)A/1", f"{STEM}/01/09506000134352/10/A%2F1"),
        ("(01)09506000134352(17)270331(10)A", f"{STEM}/01/09506000134352/10/A"),
        ("(01)09506000134352(10)A(21)7", f"{STEM}/01/09506000134352/10/A"),
        ("(01)09506000134352(21)7", f"{STEM}/01/09506000134352/21/7"),
        ("urn:gdst:a.org:product:lot:class:x.y.z", "urn:gdst:a.org:product:lot:class:x.y.z"),
        ("urn:example:lot:5", "urn:example:lot:5"),
    ],
)
def test_a_lot_as_people_name_it(text: str, lot: str) -> None:
    assert parse_lot(text) == lot


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ""),
        ("A1", ""),
        (":", ""),
        ("lot: A1", ""),
        ("(", "'(': expected an AI in parentheses at character 1, and '(' in data as '\\('"),
        ("(01)09506000134352", ""),
        ("(00)106141412345678908", ""),
        ("(10)A", ""),
        ("(01)09506000134350(10)A", "(01) '09506000134350': expected check digit 2, got 0"),
        ("https://id.gs1.org/01/09506000134352", ""),
        ("https://id.gs1.org/414/9506000134376", ""),
        ("urn:epc:id:pgln:4012345.00225", ""),
        ("https://id.gs1.org/253/06141410000121618034", ""),
    ],
)
def test_what_names_no_lot(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="expected a lot as") as caught:
        parse_lot(text)
    expected = f"expected a lot as a Digital Link, an LGTIN URN or (01)…(10)…, got {text!r}"
    if not str(caught.value).startswith(f"{expected}: (10)"):
        assert str(caught.value) == expected + (f": {reason}" if reason else "")


@given(texts | st.text().map("({}".format) | st.text().map("(01)09506000134352(10){}".format))
@example("(" * 30_000)
@example("(01)09506000134352(10)" + "\\(" * 30_000)
@example("(\ud800")
@example("(01)09506000134352(10)\ud800")
def test_what_people_type_is_a_lot_or_one_sentence(text: str) -> None:
    found = lot_or_error(text)
    if isinstance(found, str):
        assert parse_lot(found) == found
    else:
        assert type(found) is ValueError
        assert len(str(found)) < 500
        assert not re.search(r"[\x00-\x1f\ud800-\udfff]", str(found))


@pytest.mark.parametrize(
    ("uri", "product"),
    [
        (f"{STEM}/01/09506000134352", f"{STEM}/01/09506000134352"),
        (f"{STEM}/01/09506000134352/21/7", f"{STEM}/01/09506000134352"),
        (f"{STEM}/8010/4012345ABC/8011/1", f"{STEM}/8010/4012345ABC"),
        (f"{STEM}/00/106141412345678908", None),
        (f"{STEM}/414/9506000134376", None),
        ("urn:gdst:a.org:product:lot:class:x.y.z", "urn:gdst:a.org:product:class:x.y"),
        ("urn:gdst:a.org:product:lot:class:x", None),
        ("urn:example:lot:5", None),
    ],
)
def test_the_class_of_a_thing(uri: str, product: str | None) -> None:
    assert class_of(uri) == product


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("urn:epcglobal:cbv:bt:0614141073467:BOL%23%20385", "BOL# 385"),
        ("urn:epcglobal:cbv:bt::1:2", "1:2"),
        (f"{STEM}/253/06141410000121618034", "06141410000121618034"),
        (f"{STEM}/253/0614141000012A%2F1", "0614141000012A/1"),
        ("https://example.com/po/1", "https://example.com/po/1"),
        ("PO 17", "PO 17"),
    ],
)
def test_the_number_of_a_document(uri: str, number: str) -> None:
    assert document_number(uri) == number
