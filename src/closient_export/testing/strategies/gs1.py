"""GS1's identification data: GTINs, lots, serials, element strings and Digital Links."""

from datetime import date

from hypothesis import strategies as st

from closient_export.errors import Gs1Error
from closient_export.gs1 import (
    CANONICAL_STEM,
    Element,
    ElementString,
    Gtin,
    application_identifiers,
    digital_link,
)
from closient_export.gs1.linters import LINTERS, check_digit, code_lists
from closient_export.gs1.linters.characters import CSET_32, CSET_39, CSET_64, CSET_82

__all__ = [
    "ai_values",
    "cset82_text",
    "dates",
    "digital_links",
    "digits",
    "element_strings",
    "gtins",
    "linkable_element_strings",
    "lot_codes",
    "native_gtins",
    "serial_numbers",
    "stems",
]


def digits(length: int) -> st.SearchStrategy[str]:
    """As many digits."""
    return st.text("0123456789", min_size=length, max_size=length)


def cset82_text(shortest: int = 1, longest: int = 20) -> st.SearchStrategy[str]:
    """Text of GS1's character set 82, as lots and serials are."""
    return st.text(st.sampled_from(CSET_82), min_size=shortest, max_size=longest)


def dates() -> st.SearchStrategy[date]:
    """Days that the two digits of a GS1 date mean, whatever the century of the reader."""
    return st.dates(date(2000, 1, 1), date(2049, 12, 31))


def _with_check_digit(body: str) -> str:
    return body + check_digit(body)


def native_gtins() -> st.SearchStrategy[str]:
    """GTINs of 8, 12, 13 and 14 digits, as they are written."""
    bodies = st.sampled_from((7, 11, 12, 13)).flatmap(digits)
    return bodies.map(_with_check_digit)


def gtins() -> st.SearchStrategy[Gtin]:
    """GTINs of all lengths."""
    return native_gtins().map(Gtin.parse)


_TELLING = (
    "KALE-117", "000417", "0", "A" * 20, "../../x", "a/b", "..a", "-", "_", "CON", "nul.txt",
    "%2F", "%%EOF", "(01)", "=1+1", "+1", "<b>&\"'", "a?b=c", ":;,.", "abc", "ABC", "aBC",
)  # fmt: skip
"""What GS1 allows and a file name, an address, a formula or a drawing must not take literally."""


def _identifiers() -> st.SearchStrategy[str]:
    plain = st.from_regex(r"[A-Z]{0,4}-?[0-9]{1,12}", fullmatch=True)
    known = st.sampled_from(_TELLING)
    # "." and ".." would be dropped from the path of a URL
    anything = cset82_text().filter(lambda text: text not in {".", ".."})
    return st.one_of(plain, anything, anything, known)


def lot_codes() -> st.SearchStrategy[str]:
    """AI (10): 1 to 20 characters that a label and a Digital Link can both carry."""
    return _identifiers()


def serial_numbers() -> st.SearchStrategy[str]:
    """AI (21): 1 to 20 characters that a label and a Digital Link can both carry."""
    return _identifiers()


def _alpha_checked(longest: int) -> st.SearchStrategy[str]:
    def complete(body: str) -> str:
        lint = LINTERS["csumalpha"]
        return next(body + a + b for a in CSET_32 for b in CSET_32 if lint(body + a + b) is None)

    rest = st.text(st.sampled_from("ABCabc_/+"), min_size=1, max_size=longest - 7)
    return st.tuples(digits(5), rest).map("".join).map(complete)


_SETS = {"csetnumeric": "0123456789", "cset82": CSET_82, "cset39": CSET_39, "cset64": CSET_64}
_SPECIAL = {
    "yymmdd": dates().map("{:%y%m%d}".format),
    "yymmd0": dates().map("{:%y%m}00".format) | dates().map("{:%y%m%d}".format),
    "yyyymmdd": dates().map("{:%Y%m%d}".format),
    "hhmi": st.times().map("{:%H%M}".format),
    "hh": st.times().map("{:%H}".format),
    "mi": st.times().map("{:%M}".format),
    "ss": st.times().map("{:%S}".format),
    "iso3166": st.sampled_from(sorted(code_lists.ISO_3166_NUMERIC)),
    "iso3166999": st.just("999"),
    "iso3166alpha2": st.sampled_from(sorted(code_lists.ISO_3166_ALPHA_2)),
    "iso4217": st.sampled_from(sorted(code_lists.ISO_4217_NUMERIC)),
    "iso5218": st.sampled_from("0129"),
    "packagetype": st.sampled_from(sorted(code_lists.PACKAGE_TYPES)),
    "mediatype": st.sampled_from(sorted(code_lists.MEDIA_TYPES)),
    "pieceoftotal": st.tuples(st.integers(1, 99), st.integers(0, 99)).map(
        lambda pair: f"{pair[0]:02}{min(99, pair[0] + pair[1]):02}"
    ),
    "posinseqslash": st.sampled_from(["1/1", "1/2", "9/9"]),
    "yesno": st.sampled_from("01"),
    "winding": st.sampled_from("019"),
    "hyphen": st.just("-"),
    "zero": st.just("0"),
    "latitude": st.integers(0, 1_800_000_000).map("{:010}".format),
    "longitude": st.integers(0, 3_600_000_000).map("{:010}".format),
    "iban": st.sampled_from(["FR7630006000011234567890189", "GB98MIDL07009312345678"]),
    "importeridx": st.sampled_from(CSET_64),
    "pcenc": st.sampled_from(["ABC", "A%20B", "%C3%A9"]),
}
_NAMES = {linter: name for name, linter in LINTERS.items()}


def _component(shortest: int, longest: int, names: list[str]) -> st.SearchStrategy[str]:
    if "csum" in names:
        return digits(longest - 1).map(_with_check_digit)
    if "csumalpha" in names:
        return _alpha_checked(longest)
    if special := next((name for name in names if name in _SPECIAL), None):
        return _SPECIAL[special]
    if "gcppos1" in names:
        rest = st.text(st.sampled_from(_SETS[names[0]]), max_size=longest - 4)
        return st.tuples(digits(4), rest).map("".join)
    text = st.text(st.sampled_from(_SETS[names[0]]), min_size=shortest, max_size=longest)
    rules = [LINTERS[name] for name in names]
    return text.filter(lambda value: all(rule(value) is None for rule in rules))


def ai_values(ai: str) -> st.SearchStrategy[str]:
    """Valid data for an application identifier."""
    parts: list[st.SearchStrategy[str]] = []
    optional: list[st.SearchStrategy[str]] = []
    for part in application_identifiers()[ai].components:
        names = [_NAMES[linter] for linter in part.linters]
        strategy = _component(part.shortest, part.longest, names)
        (optional if part.optional else parts).append(strategy)
    return st.integers(0, len(optional)).flatmap(
        lambda count: st.tuples(*parts, *optional[:count]).map("".join)
    )


_COUPONS = ("8110", "8112")
"""Coupons, whose data are a language of their own."""


def _known() -> list[str]:
    return sorted(ai for ai in application_identifiers() if ai not in _COUPONS)


def _with_values(ais: list[str]) -> st.SearchStrategy[ElementString]:
    return st.tuples(*map(ai_values, ais)).map(
        lambda found: ElementString(map(Element, ais, found))
    )


def element_strings() -> st.SearchStrategy[ElementString]:
    """One to six application identifiers with valid data, of all there are but coupons'."""
    ais = st.lists(st.sampled_from(_known()), min_size=1, max_size=6, unique=True)
    return ais.flatmap(_with_values)


@st.composite
def linkable_element_strings(draw: st.DrawFn) -> ElementString:
    """Element strings that a Digital Link can carry."""
    table = application_identifiers()
    key = draw(st.sampled_from([ai for ai in _known() if table[ai].link_qualifiers is not None]))
    sequences = table[key].link_qualifiers or ((),)
    qualifiers = [ai for ai in draw(st.sampled_from(sequences)) if draw(st.booleans())]
    everywhere = {key, *(ai for sequence in sequences for ai in sequence)}
    attributes = [ai for ai in _known() if table[ai].link_attribute]
    rest = draw(st.lists(st.sampled_from(attributes), max_size=3, unique=True))
    rest = [ai for ai in rest if ai not in everywhere]
    elements = draw(_with_values([key, *qualifiers, *rest]))
    if any(elements.get(ai) in {".", ".."} for ai in (key, *qualifiers)):
        return ElementString([("01", "09506000134352")])
    return elements


def stems() -> st.SearchStrategy[str]:
    """What may come before the first application identifier of a Digital Link."""
    return st.sampled_from(
        [CANONICAL_STEM, "https://example.com", "http://a.example:8080/some/path", "HTTPS://X.EX"]
    )


def _complete(elements: ElementString) -> bool:
    try:
        elements.check_associations()
    except Gs1Error:
        return False
    return True


def digital_links() -> st.SearchStrategy[str]:
    """Digital Link URIs of any resolver, which say all that must stand together."""
    return st.builds(digital_link, linkable_element_strings().filter(_complete), stems())
