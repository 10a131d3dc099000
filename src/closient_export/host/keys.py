"""API keys: who may call, for which organisation, and for what."""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen, validators
from sqlalchemy import Engine, Row, insert, select, update

from closient_export.adapters.sql.statements import micros, moment
from closient_export.adapters.sql.transactions import reading, writing
from closient_export.host.tables import api_keys

__all__ = ["ApiKey", "ApiKeys", "Permission"]

_FORM = re.compile(r"ce_([0-9A-Za-z]{12})_([0-9A-Za-z_-]{43})")
_REMEMBERED_FOR = 5.0
"""Seconds until a revoked key is refused by every process."""
_MOST_REMEMBERED = 10_000
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Permission(StrEnum):
    """What a key may be used for."""

    LABELS = "labels"
    """Label exports, and the lots that there are."""
    CATALOG = "catalog"
    """Importing lots, serials, places and products."""
    TRACES = "traces"
    """Traceability exports, readiness and recall scope."""
    CAPTURE = "capture"
    """Capturing EPCIS events."""


def _permissions(given: Iterable[str]) -> frozenset[Permission]:
    return frozenset(map(Permission, given))


@frozen(kw_only=True)
class ApiKey:
    """A key as it is known after it was made: without its secret."""

    key_id: str
    """May be seen, in logs too."""
    owner: str = field(validator=[validators.min_len(1), validators.max_len(200)])
    """The organisation that whoever has the key acts for."""
    permissions: frozenset[Permission] = field(converter=_permissions)
    note: str = ""
    created_at: datetime
    revoked_at: datetime | None = None


class ApiKeys:
    """The keys of a database.

    A key is 256 random bits, so that a plain SHA-256 of it can be kept: nobody can try them all.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._known: dict[bytes, tuple[float, ApiKey | None]] = {}

    def add(
        self, owner: str, *, permissions: Iterable[str] = tuple(Permission), note: str = ""
    ) -> tuple[ApiKey, str]:
        """Make a key; its text is returned here and can never be had again."""
        key_id = "".join(secrets.choice(_LETTERS) for _ in range(12))
        text = f"ce_{key_id}_{secrets.token_urlsafe(32)}"
        key = ApiKey(
            key_id=key_id,
            owner=owner,
            permissions=permissions,
            note=note,
            created_at=self._clock(),
        )
        values = {
            "key_id": key_id,
            "owner": owner,
            "digest": _digest(text),
            "permissions": " ".join(sorted(key.permissions)),
            "note": note,
            "created_at": micros(key.created_at),
        }
        with writing(self._engine) as connection:
            connection.execute(insert(api_keys).values(values))
        return key, text

    def find(self, text: str) -> ApiKey | None:
        """The key that a caller came with, unless it is unknown or revoked."""
        digest, now = _digest(text), time.monotonic()
        until, key = self._known.get(digest, (0.0, None))
        if now < until:
            return key
        key = self._stored(text, digest)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[digest] = (now + _REMEMBERED_FOR, key)
        return key

    def _stored(self, text: str, digest: bytes) -> ApiKey | None:
        found = _FORM.fullmatch(text)
        if found is None:
            return None
        row = self._row(found[1])
        if row is None or not hmac.compare_digest(row.digest, digest):
            return None
        return None if row.revoked_at is not None else _key(row)

    def by_id(self, key_id: str) -> ApiKey | None:
        """A key that was found before, unless it is revoked since."""
        row = self._row(key_id)
        return None if row is None or row.revoked_at is not None else _key(row)

    def _row(self, key_id: str) -> Row[tuple[object, ...]] | None:
        query = select(api_keys).where(api_keys.c.key_id == key_id)
        with reading(self._engine) as connection:
            return connection.execute(query).one_or_none()

    def revoke(self, key_id: str) -> bool:
        """Let a key be good for nothing; returns whether there was one."""
        good = (api_keys.c.key_id == key_id) & api_keys.c.revoked_at.is_(None)
        now = micros(self._clock())
        with writing(self._engine) as connection:
            done = connection.execute(update(api_keys).where(good).values(revoked_at=now))
        self._known.clear()
        return bool(done.rowcount)

    def all(self) -> Sequence[ApiKey]:
        """Every key, revoked ones too, the oldest first."""
        query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.key_id)
        with reading(self._engine) as connection:
            return [_key(row) for row in connection.execute(query)]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _key(row: "Row[tuple[object, ...]]") -> ApiKey:
    return ApiKey(
        key_id=row.key_id,
        owner=row.owner,
        permissions=row.permissions.split(),
        note=row.note,
        created_at=moment(row.created_at),
        revoked_at=None if row.revoked_at is None else moment(row.revoked_at),
    )
