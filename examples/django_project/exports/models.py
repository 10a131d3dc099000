"""What is kept of each organisation."""

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models, transaction

from closient_export.ids import new_short_id


class Organisation(models.Model):
    """Whose everything is: the library's owner, by its slug."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    printings = models.PositiveBigIntegerField(default=0)
    """How often it was noted that labels were printed."""

    def __str__(self) -> str:
        return str(self.name)


class ApiKey(models.Model):
    """What a caller of the API proves itself with; only its digest is kept."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="api_keys")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.digest[:8]}…"

    @classmethod
    def issue(cls, organisation: Organisation) -> str:
        """Make a key, which nobody can show again."""
        key = secrets.token_urlsafe(32)
        cls.objects.create(organisation=organisation, digest=cls.digest_of(key))
        return key

    @classmethod
    def owner_of(cls, key: str) -> str | None:
        """The slug of the organisation that a key is of."""
        keys = cls.objects.filter(digest=cls.digest_of(key))
        owner: str | None = keys.values_list("organisation__slug", flat=True).first()
        return owner

    @staticmethod
    def digest_of(key: str) -> str:
        """What is kept of a key. It is random enough that one round of SHA-256 hides it."""
        return hashlib.sha256(key.encode()).hexdigest()


def lock(organisations: Iterable[int]) -> None:
    """Let nobody else add entities of organisations until the transaction ends.

    So the rows of an organisation become visible in the order of their keys: none appears later
    among those that a plan has seen.
    """
    rows = Organisation.objects.filter(pk__in=set(organisations)).order_by("pk")
    list(rows.select_for_update(no_key=True))


class EntityQuerySet(models.QuerySet):
    """Rows that are added under the lock."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        """Add rows, all or none."""
        rows = list(objs)
        with transaction.atomic():
            lock(row.organisation_id for row in rows)
            return super().bulk_create(rows, *args, **kwargs)


class Entity(models.Model):
    """What labels are made for.

    Each row says what its label says, as of when it was made: a product that is renamed later does
    not change the labels of an export that is on its way.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    short_id = models.CharField(max_length=22, blank=True, default=new_short_id)
    gtin = models.CharField("GTIN-14", max_length=14)
    product_name = models.CharField(max_length=200, blank=True)
    brand = models.CharField(max_length=200, blank=True)
    product_id = models.CharField("short id of the product", max_length=22, blank=True)
    printed_at = models.DateTimeField("first printed at", null=True, blank=True)
    printing = models.PositiveBigIntegerField(default=0, editable=False)
    """Which of its organisation's printings that was; 0 if it was printed elsewhere before."""

    objects = EntityQuerySet.as_manager()

    class Meta:
        abstract = True
        indexes: ClassVar = [models.Index(fields=["organisation", "short_id"])]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the row, under the lock if it is new."""
        with transaction.atomic():
            if self._state.adding:
                lock([self.organisation_id])
            super().save(*args, **kwargs)


class Product(Entity):
    """A trade item."""

    class Meta(Entity.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "gtin"], name="one_product")
        ]

    def __str__(self) -> str:
        return f"{self.product_name or self.gtin}"


class DatedEntity(Entity):
    """What has been made at some time."""

    lot_run_id = models.CharField("short id of the run", max_length=22, blank=True)
    expiry = models.DateField(null=True, blank=True)
    best_before = models.DateField(null=True, blank=True)
    production_date = models.DateField(null=True, blank=True)

    class Meta(Entity.Meta):
        abstract = True


class Lot(DatedEntity):
    """A lot of a product."""

    lot = models.CharField(max_length=100)

    class Meta(DatedEntity.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "gtin", "lot"], name="one_lot")
        ]

    def __str__(self) -> str:
        return f"(01){self.gtin}(10){self.lot}"


class Serial(DatedEntity):
    """One item, with its lot if that is known."""

    lot = models.CharField(max_length=100, blank=True)
    serial = models.CharField(max_length=100)

    class Meta(DatedEntity.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "gtin", "serial"], name="one_serial")
        ]

    def __str__(self) -> str:
        return f"(01){self.gtin}(21){self.serial}"


class EpcisEvent(models.Model):
    """An EPCIS event, and by what it is found.

    Identifiers are looked up by their digests: partners make them, as long as they like, and not
    always of what a database takes for text.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    event_id = models.CharField("digest of the event id", max_length=64, blank=True)
    day = models.DateField("local date")
    body = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "digest"], name="one_event")
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "event_id"]),
            models.Index(fields=["organisation", "day"]),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.digest[:8]}…"


class EventName(models.Model):
    """One of the things that an event names: a lot, a serial, a container, a product."""

    event = models.ForeignKey(EpcisEvent, models.CASCADE, related_name="names")
    name = models.CharField("digest of the identifier", max_length=64, db_index=True)

    def __str__(self) -> str:
        return f"{self.name[:8]}…"
