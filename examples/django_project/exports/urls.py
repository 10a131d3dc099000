"""Addresses of the API."""

from django.urls import path

from exports import views

LABELS = "products/api/v1/labels/export/"

urlpatterns = [
    path(LABELS, views.submit_labels),
    path(LABELS + "<str:job_id>/", views.poll_labels),
    path("epcis/api/2.0/traceability/lots/<str:lot_id>/fda-export", views.fda_export),
    path("downloads/", views.download),
]
