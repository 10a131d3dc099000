"""Files that are taken into a database, in a transaction of the caller's: whole or not at all."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from attrs import frozen
from sqlalchemy import Connection

from closient_export.adapters.csv_catalog import CsvCatalog
from closient_export.adapters.master_data_files import read_master_data
from closient_export.adapters.sql.entity_rows import insert_entities
from closient_export.adapters.sql.events import insert_events
from closient_export.adapters.sql.master_data import insert_descriptions
from closient_export.epcis import Event, VocabularyElement, read_events
from closient_export.header_master_data import from_vocabulary
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.subjects import Scope, Subject

__all__ = [
    "ImportedDescriptions",
    "ImportedEntities",
    "ImportedEvents",
    "import_descriptions",
    "import_entities",
    "import_events",
]


@frozen(kw_only=True)
class ImportedEntities:
    """What a catalogue held."""

    held: Mapping[Scope, int]
    new: int
    changed: int


@frozen(kw_only=True)
class ImportedEvents:
    """What an EPCIS document held."""

    events: int
    places: int
    products: int
    """What its header describes."""
    new: int
    """How many of all these are new."""


@frozen(kw_only=True)
class ImportedDescriptions:
    """What a file of master data held."""

    places: int
    products: int
    new: int


def import_entities(
    connection: Connection, owner: str, file: BinaryIO, name: str
) -> ImportedEntities:
    """Take in a CSV file of products, lots and serials.

    Raises:
        CatalogError: it cannot be read; the message names the line.
    """
    held: Counter[Scope] = Counter()

    def subjects() -> Iterator[Subject]:
        for _, subject in CsvCatalog(file, name).rows(Scope.PRODUCTS):  # of whatever scope it is
            held[subject.scope] += 1
            yield subject

    added = insert_entities(connection, owner, subjects())
    return ImportedEntities(held=held, new=added.new, changed=added.changed)


def import_events(
    connection: Connection,
    owner: str,
    file: BinaryIO,
    name: str,
    *,
    on_event: Callable[[Event], object] = lambda _event: None,
) -> ImportedEvents:
    """Take in EPCIS documents, and what their headers say of places and products.

    Raises:
        EventDocumentError: it cannot be read; the message names the event.
    """
    headers: list[VocabularyElement] = []
    seen = 0

    def events() -> Iterator[Event]:
        nonlocal seen
        for event in read_events(file, name, on_master_data=headers.append):
            seen += 1
            on_event(event)
            yield event

    new = insert_events(connection, owner, events())
    described = [found for each in headers if (found := from_vocabulary(each))]
    places = [each for each in described if isinstance(each, LocationDescription)]
    products = [each for each in described if isinstance(each, ProductDescription)]
    new += insert_descriptions(connection, owner, places, products, from_headers=True)
    return ImportedEvents(events=seen, places=len(places), products=len(products), new=new)


def import_descriptions(
    connection: Connection, owner: str, file: BinaryIO, name: str
) -> ImportedDescriptions:
    """Take in a file of places and products.

    Raises:
        MasterDataError: it cannot be read; the message names all problems.
    """
    places, products = read_master_data(file, name)
    new = insert_descriptions(connection, owner, places, products)
    return ImportedDescriptions(places=len(places), products=len(products), new=new)
