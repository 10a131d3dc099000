"""Which page is where."""

from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from closient_export.host.keys import Permission
from closient_export.host.pages import exports, labels, lot, lots, sign_in
from closient_export.host.pages.visits import Page

__all__ = ["pages_routes"]


def pages_routes() -> list[BaseRoute]:
    """The pages, and what they look like."""
    pages = {
        "/": Page(Permission.LABELS, get=labels.show, post=labels.submit),
        "/sign-in": Page(get=sign_in.show, post=sign_in.sign_in, is_open=True),
        "/sign-out": Page(post=sign_in.sign_out, is_open=True),
        "/exports/{job_id}": Page(*exports.PERMISSIONS, get=exports.show),
        "/exports/{job_id}/cancel": Page(*exports.PERMISSIONS, post=exports.cancel),
        "/lots": Page(*Permission, get=lots.show, post=lots.upload),
        "/lots/{lot_id}": Page(Permission.TRACES, get=lot.show),
        "/lots/{lot_id}/picture.svg": Page(Permission.TRACES, get=lot.picture),
        "/lots/{lot_id}/fda-export": Page(Permission.TRACES, post=lot.export),
    }
    static = StaticFiles(directory=Path(__file__).parent / "static")
    return [
        *(Route(path, page) for path, page in pages.items()),
        Mount("/static", static, name="static"),
    ]
