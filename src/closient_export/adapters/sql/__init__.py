"""Jobs, entities, events and master data in SQLite or PostgreSQL; needs the extra ``sql``.

Everything is kept by owner, and every query is for one owner alone.
"""

from closient_export.adapters.sql.engines import create_tables, open_engine, open_sqlite
from closient_export.adapters.sql.entities import SqlEntitySource
from closient_export.adapters.sql.events import SqlEventSource
from closient_export.adapters.sql.jobs import SqlJobStore
from closient_export.adapters.sql.master_data import SqlMasterData

__all__ = [
    "SqlEntitySource",
    "SqlEventSource",
    "SqlJobStore",
    "SqlMasterData",
    "create_tables",
    "open_engine",
    "open_sqlite",
]
