"""Addresses: those of the exports, from the root."""

from django.urls import include, path

urlpatterns = [path("", include("exports.urls"))]
