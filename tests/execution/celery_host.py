"""What Celery workers of the tests import: an app whose broker and folder the environment names."""

import os
from datetime import timedelta
from pathlib import Path

from celery import Celery
from export_hosts import open_workplace

from closient_export.adapters.celery import register_tasks
from closient_export.service import ExportService

app = Celery("exports", broker=os.environ["EXPORT_TEST_BROKER"])
app.conf.broker_connection_retry_on_startup = True


def make_service() -> ExportService:
    return ExportService(open_workplace(Path(os.environ["EXPORT_TEST_FOLDER"])))


tasks = register_tasks(app, make_service, reconcile_every=timedelta(seconds=1))
