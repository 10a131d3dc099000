"""The words of GS1's Core Business Vocabulary 2.0, in whichever of their forms they come."""

import re
from collections.abc import Mapping
from functools import lru_cache

from attrs import frozen

__all__ = [
    "BUSINESS_STEPS",
    "DISPOSITIONS",
    "DOCUMENT_TYPES",
    "ERROR_REASONS",
    "PARTY_TYPES",
    "Vocabulary",
]

_WEB = re.compile(r"(?:https?://(?:ref\.)?gs1\.org/(?:cbv|voc)/|cbv:)([A-Za-z]+)-(\w+)")


@frozen
class Vocabulary:
    """One of the standard's lists of words.

    A word is bare (``shipping``), a URN (``urn:epcglobal:cbv:bizstep:shipping``), a web URI
    (``https://ref.gs1.org/cbv/BizStep-shipping``) or a CURIE (``cbv:BizStep-shipping``).
    """

    urn: str
    """What a URN has after ``urn:epcglobal:cbv:``."""
    web: str
    """What a web URI has before the hyphen."""
    words: frozenset[str]

    def read(self, text: str) -> str | None:
        """The bare word, or the text itself if it is some other URI; ``None`` if it is neither."""
        return _read(self, text)


@lru_cache(maxsize=4096)
def _read(vocabulary: Vocabulary, text: str) -> str | None:
    if text in vocabulary.words:
        return text
    urn = f"urn:epcglobal:cbv:{vocabulary.urn}:"
    if text.startswith(urn) and text[len(urn) :] in vocabulary.words:
        return text[len(urn) :]
    web = _WEB.fullmatch(text)
    if web and web[1] == vocabulary.web and web[2] in vocabulary.words:
        return web[2]
    return text if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:.", text) else None


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BUSINESS_STEPS = Vocabulary(
    "bizstep",
    "BizStep",
    _words(
        """accepting arriving assembling collecting commissioning consigning
        creating_class_instance cycle_counting decommissioning departing destroying disassembling
        dispensing encoding entering_exiting holding inspecting installing killing loading other
        packing picking receiving removing repackaging repairing replacing reserving
        retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking
        storing transporting unloading unpacking void_shipping"""
    ),
)
DISPOSITIONS = Vocabulary(
    "disp",
    "Disp",
    _words(
        """active available completeness_inferred completeness_verified conformant
        container_closed container_open damaged destroyed dispensed disposed encoded expired
        in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity
        needs_replacement no_pedigree_match non_conformant non_sellable_damaged
        non_sellable_disposed non_sellable_expired non_sellable_no_pedigree_match
        non_sellable_other non_sellable_recalled partially_dispensed recalled reserved retail_sold
        returned sellable_accessible sellable_not_accessible stolen unavailable unknown"""
    ),
)
DOCUMENT_TYPES = Vocabulary(
    "btt",
    "BTT",
    _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"),
)
PARTY_TYPES = Vocabulary("sdt", "SDT", _words("owning_party possessing_party location"))
ERROR_REASONS = Vocabulary("er", "ER", _words("did_not_occur incorrect_data"))


def prefixes_of(context: object) -> Mapping[str, str]:
    """The prefixes that a JSON-LD ``@context`` declares itself."""
    found: dict[str, str] = {}
    for entry in context if isinstance(context, list) else [context]:
        if isinstance(entry, dict):
            found |= {k: v for k, v in entry.items() if isinstance(v, str)}
    return found
