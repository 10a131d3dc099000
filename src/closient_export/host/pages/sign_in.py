"""Signing in with an API key, and out."""

from http import HTTPStatus

from starlette.responses import Response

from closient_export.host.access import in_thread
from closient_export.host.keys import Permission
from closient_export.host.pages.visits import Visit, safe_address

__all__ = ["show", "sign_in", "sign_out"]


async def show(visit: Visit) -> Response:
    """The form."""
    after = safe_address(visit.request.query_params.get("next", "/"))
    return visit.page("sign_in.html", after=after, refused=False)


async def sign_in(visit: Visit) -> Response:
    """Begin a session of a key: another than before, which nobody else can know."""
    form = await visit.form()
    after = safe_address(form.get("next", "/"))
    key = await in_thread(visit.host.keys.find, form.get("key", "").strip())
    if key is None:
        return visit.page(
            "sign_in.html", HTTPStatus.UNPROCESSABLE_ENTITY, after=after, refused=True
        )
    visit.request.scope["closient.key_id"] = key.key_id
    if after == "/" and Permission.LABELS not in key.permissions:
        after = "/lots"
    response = visit.go(after)
    visit.remember(response, visit.sessions.begin(key.key_id))
    return response


async def sign_out(visit: Visit) -> Response:
    """Let the browser forget the session."""
    await visit.form()
    response = visit.go("/sign-in")
    visit.remember(response, visit.sessions.begin())
    return response
