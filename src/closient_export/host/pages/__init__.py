"""Pages for people: labels, lots and FDA's workbook, in a browser; scripts only make them handier.

`pages_routes` has their routes, for the app of the host.
"""

from closient_export.host.pages.routes import pages_routes

__all__ = ["pages_routes"]
