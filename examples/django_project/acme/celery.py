"""The app that ``celery -A acme.celery worker`` runs; it finds the tasks in ``exports.tasks``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acme.settings")

app = Celery("acme")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
