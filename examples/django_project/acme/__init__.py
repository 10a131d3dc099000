"""The project: settings, addresses, and the app that Celery's workers run."""
