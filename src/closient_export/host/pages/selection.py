"""What a catalogue has of some selection, without counting all of it."""

from sqlalchemy import select

from closient_export.adapters.sql.entity_rows import READ, subject_of
from closient_export.adapters.sql.owning import counters
from closient_export.adapters.sql.schema import entities
from closient_export.adapters.sql.selecting import selected
from closient_export.adapters.sql.transactions import reading
from closient_export.host.hosting import Host
from closient_export.requests import LabelFilters
from closient_export.subjects import Scope, Subject

__all__ = ["first_selected"]


def first_selected(host: Host, owner: str, scope: Scope, filters: LabelFilters) -> Subject | None:
    """The first of what scope and filters select now."""
    with reading(host.engine) as connection:
        now = counters(connection, owner)
        those = selected(connection, owner, scope, filters, now)
        query = select(*READ).where(*those).order_by(entities.c.number).limit(1)
        row = connection.execute(query).first()
    return None if row is None else subject_of(row, now.last_note)
