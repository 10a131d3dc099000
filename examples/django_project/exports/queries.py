"""What Django's ORM leaves to the databases."""

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import Func, TextField, Value


class AnyOf(Func):
    """A query for some texts, however many: databases limit the parameters of a statement.

    >>> rows.filter(short_id__in=AnyOf(short_ids))
    """

    output_field = TextField()

    def __init__(self, texts: Iterable[str]) -> None:
        super().__init__(Value(json.dumps(list(texts))))

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        """In SQLite."""
        template = "(SELECT value FROM json_each(%(expressions)s))"
        return self.as_sql(compiler, connection, template=template)

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """In PostgreSQL."""
        template = "(SELECT jsonb_array_elements_text(%(expressions)s::jsonb))"
        return self.as_sql(compiler, connection, template=template)
