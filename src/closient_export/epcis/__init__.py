"""EPCIS 2.0 and CBV 2.0: what a partner's documents say, in one form.

"EPCIS" in this package means the EPCIS 2.0 standard, cited by section, "CBV" the Core Business
Vocabulary 2.0.
"""

from closient_export.epcis.events import (
    Action,
    BusinessDocument,
    ErrorDeclaration,
    Event,
    EventType,
    Item,
    Party,
)
from closient_export.epcis.identifiers import (
    Identifier,
    IdentifierKind,
    class_of,
    document_number,
    lot_code,
    lot_number,
    parse_identifier,
    parse_lot,
)
from closient_export.epcis.reader import Refusal, VocabularyElement, read_events

__all__ = [
    "Action",
    "BusinessDocument",
    "ErrorDeclaration",
    "Event",
    "EventType",
    "Identifier",
    "IdentifierKind",
    "Item",
    "Party",
    "Refusal",
    "VocabularyElement",
    "class_of",
    "document_number",
    "lot_code",
    "lot_number",
    "parse_identifier",
    "parse_lot",
    "read_events",
]
