"""EPCIS documents that are captured: each as a whole or not at all."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from attrs import frozen
from sqlalchemy import Engine, insert, select

from closient_export.adapters.sql.importing import import_events
from closient_export.adapters.sql.statements import micros, moment
from closient_export.adapters.sql.transactions import reading, writing
from closient_export.epcis import Event, Refusal, read_events
from closient_export.errors import Problem, RequestError, shown
from closient_export.host.lots import learn_lots
from closient_export.host.tables import captures
from closient_export.ids import new_short_id

__all__ = ["Capture", "Captures"]

_DOCUMENT = "document"
_MOST_PROBLEMS = 1000
_NO_TEXT = re.compile("[\0\ud800-\udfff]|%00")
"""What no database keeps in a column of text: NUL, and halves of characters."""


@frozen(kw_only=True)
class Capture:
    """A document that was captured."""

    capture_id: str
    begun_at: datetime
    ended_at: datetime
    events: int


class Captures:
    """The captures of a database."""

    def __init__(
        self, engine: Engine, clock: Callable[[], datetime], *, event_characters: int
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._event_characters = event_characters

    def add(self, owner: str, document: BinaryIO) -> Capture:
        """Take in a document that can be read twice: first judged, then stored in one transaction.

        Raises:
            RequestError: with the problems of all its events; nothing was stored.
        """
        begun_at = self._clock()
        self._check(document)
        document.seek(0)
        lots: set[str] = set()

        def note(event: Event) -> None:
            lots.update(item.lot for item in event.all_items() if item.lot)

        with writing(self._engine) as connection:
            found = import_events(connection, owner, document, _DOCUMENT, on_event=note)
            learn_lots(connection, owner, lots)
            capture = Capture(
                capture_id=new_short_id(),
                begun_at=begun_at,
                ended_at=self._clock(),
                events=found.events,
            )
            connection.execute(
                insert(captures).values(
                    owner=owner,
                    capture_id=capture.capture_id,
                    begun_at=micros(capture.begun_at),
                    ended_at=micros(capture.ended_at),
                    events=capture.events,
                )
            )
        return capture

    def _check(self, document: BinaryIO) -> None:
        problems: list[Problem] = []

        def refuse(refusal: Refusal) -> None:
            problems.extend(_located(refusal))
            if len(problems) >= _MOST_PROBLEMS:
                raise RequestError(problems)

        for _ in read_events(
            document,
            _DOCUMENT,
            on_refusal=refuse,
            check_lot=_check_text,
            longest_value=self._event_characters,
        ):
            pass
        if problems:
            raise RequestError(problems)

    def get(self, owner: str, capture_id: str) -> Capture | None:
        """A capture of an owner."""
        query = select(captures).where(
            captures.c.owner == owner, captures.c.capture_id == capture_id
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Capture(
            capture_id=row.capture_id,
            begun_at=moment(row.begun_at),
            ended_at=moment(row.ended_at),
            events=row.events,
        )


def _check_text(lot: str) -> None:
    if _NO_TEXT.search(lot):
        message = f"expected a lot of text, got {shown(lot)}"
        raise ValueError(message)


def _located(refusal: Refusal) -> list[Problem]:
    """The problems of an event, with where it stands in its document."""
    if refusal.index is None:
        return list(refusal.problems)
    event = f"epcisBody.eventList[{refusal.index}]"
    return [
        Problem(f"{event}.{problem.path}" if problem.path else event, problem.message)
        for problem in refusal.problems
    ]
