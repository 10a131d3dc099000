"""GS1 Digital Link URIs (GS1 Digital Link Standard: URI Syntax, uncompressed form)."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from urllib.parse import quote, urlsplit

from closient_export.errors import Gs1Error
from closient_export.gs1.application_identifiers import (
    ApplicationIdentifier,
    application_identifiers,
)
from closient_export.gs1.element_string import Element, ElementString

__all__ = [
    "CANONICAL_STEM",
    "check_stem",
    "digital_link",
    "parse_digital_link",
    "percent_decode",
    "percent_encode",
]

CANONICAL_STEM = "https://id.gs1.org"
"""The stem of canonical Digital Links; any resolver's may stand in its place."""

_SCHEME = re.compile(r"https?://|HTTPS?://")
_URI_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_DOMAIN = re.compile(r"[A-Za-z0-9\-.:\[\]]+")
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]*")
_BROKEN_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_PERCENT_ENCODED = re.compile("%([0-9A-Fa-f]{2})")


def percent_encode(text: str, *, query: bool = False) -> str:
    """Encode everything but RFC 3986's unreserved characters, a space in a query as ``+``."""
    if _UNRESERVED.fullmatch(text):
        return text
    encoded = quote(text, safe="", encoding="latin-1")
    return encoded.replace("%20", "+") if query else encoded


def percent_decode(text: str, *, query: bool = False) -> str:
    """Undo `percent_encode`; a ``%`` that starts no byte stays, and each byte is a character."""
    plain = text.replace("+", " ") if query else text
    return _PERCENT_ENCODED.sub(lambda match: chr(int(match[1], 16)), plain)


def check_stem(stem: str) -> str:
    """The part before the first AI, without a trailing slash: a scheme, a host, a free path.

    Raises:
        Gs1Error: not ``http(s)://host[:port][/path]`` with a path that URLs keep as it is.
    """
    if not _is_stem(stem):
        raise Gs1Error(
            "digital_link_stem", "expected a stem like https://example.com/path", value=stem
        )
    return stem.rstrip("/")


_AI: Callable[[Element], str] = attrgetter("ai")
_checked_stem = lru_cache(maxsize=1 << 6)(check_stem)
"""All labels of a job have one stem."""


def _is_stem(stem: str) -> bool:
    try:
        parts = urlsplit(stem)
        host, _ = parts.hostname, parts.port
    except ValueError:  # brackets that hold no IPv6 address, or a port that is no number
        return False
    path = parts.path.replace("%2e", ".").replace("%2E", ".").split("/")
    return (
        _SCHEME.match(stem) is not None
        and bool(host)
        and _DOMAIN.fullmatch(parts.netloc) is not None
        and _URI_CHARACTERS.fullmatch(stem) is not None
        and not _BROKEN_PERCENT.search(stem)
        and not {"?", "#"} & set(stem)
        and not {".", ".."} & set(path)
    )


def digital_link(elements: ElementString, stem: str = CANONICAL_STEM) -> str:
    """The Digital Link URI that says the same as `elements`.

    The first primary key among the elements opens the path, its qualifiers follow in their fixed
    order, and the rest is the query, AIs of predefined length first.

    Args:
        elements: What to say.
        stem: The resolver, such as ``https://example.com/some/path``.

    Raises:
        Gs1Error: no primary key, an AI that a Digital Link cannot carry there, or a bad stem.

    >>> digital_link(ElementString([("01", "09506000134352"), ("17", "260200"), ("10", "A/1")]))
    'https://id.gs1.org/01/09506000134352/10/A%2F1?17=260200'
    """
    uri = _checked_stem(stem)
    path, query = _places(tuple(map(_AI, elements)))
    if not path:
        raise Gs1Error(
            "no_primary_key",
            "expected a Digital Link primary key such as (01)",
            value=elements.bracketed(),
        )
    said = elements.elements
    attributes = ""
    for place in query:
        ai, value = said[place]
        _check_attribute(ai, value)
        attributes += f"{'&' if attributes else '?'}{ai}={percent_encode(value, query=True)}"
    for place in path:
        ai, value = said[place]
        if value in (".", ".."):
            raise Gs1Error(
                "dot_segment", "expected not '.' or '..', which URLs drop from a path", ai, value
            )
        uri += f"/{ai}/{percent_encode(value)}"
    return uri + attributes


@lru_cache(maxsize=1 << 8)
def _places(ais: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which of some AIs make the path and which the query, in order; no path without a key."""
    table = application_identifiers()
    for place, ai in enumerate(ais):
        sequences = table[ai].link_qualifiers
        if sequences is not None:
            sequence: Sequence[str] = max(
                sequences, key=lambda sequence: sum(each in ais for each in sequence), default=()
            )
            path = (place, *(ais.index(each) for each in sequence if each in ais))
            query = (other for other in range(len(ais)) if other not in path)
            return path, tuple(sorted(query, key=lambda at: not table[ais[at]].predefined_length))
    return (), ()


def _check_attribute(ai: str, value: str) -> None:
    if not application_identifiers()[ai].link_attribute:
        raise Gs1Error("not_a_link_attribute", "expected no such AI in a Digital Link", ai, value)


def parse_digital_link(uri: str, *, associations: bool = True) -> ElementString:
    """Read a Digital Link URI with any stem.

    The last primary key in the path counts, so that a stem may look like one. In the query, keys
    that are not numbers are extensions and ignored; so is a fragment.

    Args:
        uri: The whole URI, uncompressed.
        associations: Whether what must and must not stand together is checked too.

    Raises:
        Gs1Error: not a Digital Link, or one that breaks a rule of its elements.

    >>> parse_digital_link("https://example.com/x/01/09506000134352/10/A%2F1?17=260200").hri()
    '(01) 09506000134352 (10) A/1 (17) 260200'
    """
    if not _URI_CHARACTERS.fullmatch(uri):
        raise Gs1Error("illegal_uri_character", "expected only characters of URIs", value=uri)
    location, _, query = uri.partition("#")[0].partition("?")
    path = list(_path_pairs(location))
    attributes = list(_query_pairs(query))
    _check_path(path, attributes)
    elements = ElementString([*path, *attributes])
    if associations:
        elements.check_associations()
    return elements


def _path_pairs(location: str) -> Iterator[tuple[str, str]]:
    scheme = _SCHEME.match(location)
    if scheme is None:
        raise Gs1Error("illegal_scheme", "expected http:// or https://", value=location)
    domain, *segments = location[scheme.end() :].split("/")
    if not _DOMAIN.fullmatch(domain):
        raise Gs1Error("illegal_domain", "expected a domain name after the scheme", value=location)
    for start in range(len(segments) - 2, -1, -2):
        entry = application_identifiers().get(segments[start])
        if entry is None:
            break
        if entry.link_qualifiers is not None:
            pairs = segments[start:]
            for ai, value in zip(pairs[::2], pairs[1::2], strict=True):
                yield ai, _decoded(ai, value)
            return
    raise Gs1Error(
        "no_primary_key", "expected a path that ends in a primary key, as /01/…", value=location
    )


def _query_pairs(query: str) -> Iterator[tuple[str, str]]:
    for parameter in query.split("&"):
        ai, equals, value = parameter.partition("=")
        if equals and ai.isdigit():
            if ai not in application_identifiers():
                raise Gs1Error(
                    "unknown_ai", "expected no number in the query that is not an AI", value=ai
                )
            yield ai, _decoded(ai, value, query=True)


def _decoded(ai: str, value: str, *, query: bool = False) -> str:
    if not value:
        raise Gs1Error("ai_value_too_short", "expected a value", ai, value)
    decoded = percent_decode(value, query=query)
    if not query and decoded in (".", ".."):
        raise Gs1Error("dot_segment", "expected not '.' or '..' in a path", ai, decoded)
    return decoded


def _check_path(path: Sequence[tuple[str, str]], attributes: Sequence[tuple[str, str]]) -> None:
    (key, key_value), *qualifiers = path
    entry = application_identifiers()[key]
    ais = [ai for ai, _ in qualifiers]
    if not _is_sequence(ais, entry):
        expected = " or ".join(", ".join(sequence) for sequence in entry.link_qualifiers or ())
        raise Gs1Error(
            "key_qualifier_sequence",
            f"expected its qualifiers in the order {expected}"
            if expected
            else "expected no more path",
            key,
            key_value,
        )
    seen = {ai for ai, _ in path}
    for ai, value in attributes:
        if ai in seen:
            raise Gs1Error("repeated_ai", "expected each AI once in a Digital Link", ai, value)
        seen.add(ai)
        _check_attribute(ai, value)
        if any(_is_sequence([*ais[:at], ai, *ais[at:]], entry) for at in range(len(ais) + 1)):
            raise Gs1Error(
                "qualifier_in_query", "expected in the path, as a qualifier of the key", ai, value
            )


def _is_sequence(ais: Sequence[str], key: ApplicationIdentifier) -> bool:
    """Whether the AIs are qualifiers of the key, in one of its orders, possibly with gaps."""
    for sequence in key.link_qualifiers or ():
        if [ai for ai in sequence if ai in ais] == list(ais):
            return True
    return not ais
