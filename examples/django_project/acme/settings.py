"""Settings, from the environment where they differ from one installation to the next."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("ACME_DEBUG", "") == "1"
SECRET_KEY = os.environ.get("ACME_SECRET_KEY", "for development alone" if DEBUG else "")
ALLOWED_HOSTS = os.environ.get("ACME_HOSTS", "localhost").split(",")

INSTALLED_APPS = ["exports"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
ROOT_URLCONF = "acme.urls"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("ACME_DATABASE", BASE_DIR / "acme.sqlite3"),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30},
    }
}

CELERY_BROKER_URL = os.environ.get("ACME_BROKER", "redis://localhost")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

EXPORTS_FOLDER = Path(os.environ.get("ACME_EXPORTS", BASE_DIR / "artifacts"))
EXPORTS_DOWNLOAD_URL = os.environ.get("ACME_DOWNLOADS", "http://localhost:8000/downloads/")
