"""The exports as tasks of Celery."""

from acme.celery import app
from closient_export.adapters.celery import register_tasks
from exports.service import make_service

tasks = register_tasks(app, make_service)
