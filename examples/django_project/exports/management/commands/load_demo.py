"""Fills the database with what comes with the library."""

from importlib.resources import as_file, files
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from closient_export import Gtin, Lot, Scope
from closient_export.adapters.csv_catalog import CsvCatalog
from closient_export.adapters.event_files import read_event_files
from closient_export.adapters.master_data_files import read_master_data
from closient_export.adapters.sql import SqlMasterData
from closient_export.ids import new_short_id
from closient_export.ports import FrontierQuery
from exports.entities import add_entities
from exports.events import add_events
from exports.models import ApiKey, Organisation
from exports.service import open_database

KIT = Lot(
    gtin=Gtin.parse("10614141003034"), lot="CK26090", product_name="Salad kit", id=new_short_id()
)


class Command(BaseCommand):
    """``manage.py load_demo``."""

    help = "Makes an organisation with lots, serials, events and descriptions, and prints its key."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load all of it, or say that it is there."""
        if Organisation.objects.filter(slug="demo").exists():
            raise CommandError("the organisation demo is there already")
        with as_file(files("closient_export") / "demo") as folder:
            described = SqlMasterData(open_database(), "demo")
            with (folder / "chain" / "master_data.json").open("rb") as file:
                described.add(*read_master_data(file, file.name))
            events = read_event_files(sorted((folder / "chain").glob("*.jsonld")))
            with transaction.atomic(), (folder / "catalog.csv").open("rb") as file:
                demo = Organisation.objects.create(slug="demo", name="Demo")
                catalogue = CsvCatalog(file, "catalog.csv").rows(Scope.SERIALS)
                add_entities(demo, [KIT, *(subject for _, subject in catalogue)])
                add_events(demo, events.source.fetch(FrontierQuery()))
                key = ApiKey.issue(demo)
        self.stdout.write(f"X-API-Key: {key}\nlot_id of a salad kit: {KIT.id}")
