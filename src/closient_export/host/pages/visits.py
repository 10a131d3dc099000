"""A request for a page: by whom, whether they may, and how it is answered, also when it goes wrong."""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from attrs import frozen
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from closient_export.host.access import Service, in_thread
from closient_export.host.hosting import Host
from closient_export.host.keys import ApiKey, Permission
from closient_export.host.pages.forms import read_form
from closient_export.host.pages.sessions import LIFETIME, Session, Sessions
from closient_export.host.pages.templating import rendered
from closient_export.host.problems import Refused, problem_of

__all__ = ["Answer", "Page", "Visit", "safe_address"]

logger = logging.getLogger("closient_export.host.pages")

_ADDRESS = re.compile(r"/(?![/\\])[^\\\s\x00-\x20\x7f]{0,500}")
_HEADERS = {
    "Cache-Control": "no-store",
    # With none at all, browsers would not say either where a form of ours comes from.
    "Referrer-Policy": "same-origin",
}


@frozen(eq=False)
class Visit:
    """A request for a page."""

    service: Service
    request: Request
    session: Session
    key: ApiKey | None = None
    """Of whoever is signed in."""
    is_new: bool = False
    """Whether the browser does not have the session yet."""

    @property
    def host(self) -> Host:
        """The host."""
        return self.service.host

    @property
    def sessions(self) -> Sessions:
        """What sessions are begun with."""
        return sessions_of(self.host)

    @property
    def owner(self) -> str:
        """The organisation that whoever is signed in acts for."""
        if self.key is None:
            raise AssertionError("expected a page that asks for a key")
        return self.key.owner

    def may(self, *permissions: Permission) -> bool:
        """Whether the key is good for one of these."""
        return self.key is not None and not self.key.permissions.isdisjoint(permissions)

    def demand(self, *permissions: Permission) -> None:
        """Go on only if the key is good for one of these.

        Raises:
            Refused: it is not (403).
        """
        if not self.may(*permissions):
            wanted = " or ".join(permissions)
            detail = f"The API key that you signed in with has no permission for {wanted}."
            raise Refused(HTTPStatus.FORBIDDEN, detail)

    async def form(self) -> dict[str, str]:
        """The fields of the form that was sent.

        Raises:
            Refused: no page of this session has sent it (403).
        """
        fields = await read_form(self.request, most_bytes=self.host.settings.limits.json_bytes)
        self.prove(fields)
        return fields

    def prove(self, fields: Mapping[str, str]) -> None:
        """Go on only if a page of this session has sent the fields.

        Raises:
            Refused: it has not (403).
        """
        if not self.sessions.proves(self.session, fields.get("token", "")):
            detail = (
                "This form is out of date. Go back, load the page again, and send it once more."
            )
            raise Refused(HTTPStatus.FORBIDDEN, detail)

    def page(self, template: str, code: int = HTTPStatus.OK, **context: Any) -> Response:
        """A page."""
        context |= {"visit": self, "token": self.sessions.token(self.session)}
        response = Response(rendered(template, context), code, _HEADERS, "text/html; charset=utf-8")
        if self.is_new:
            self.remember(response, self.session)
        return response

    @property
    def cookie(self) -> str:
        """The name of the cookie; browsers take one that begins so from this host alone."""
        return "__Host-closient" if self.secure else "closient"

    @property
    def secure(self) -> bool:
        """Whether the host is reached by HTTPS."""
        return self.host.settings.public_url.startswith("https:")

    def remember(self, response: Response, session: Session) -> None:
        """Let the browser keep a session."""
        response.set_cookie(
            self.cookie,
            self.sessions.write(session),
            max_age=int(LIFETIME.total_seconds()),
            secure=self.secure,
            httponly=True,
            samesite="strict",
        )

    @staticmethod
    def go(address: str) -> Response:
        """On to another page."""
        return RedirectResponse(address, HTTPStatus.SEE_OTHER, _HEADERS)


Answer = Callable[[Visit], Awaitable[Response]]


def sessions_of(host: Host) -> Sessions:
    """What the host's sessions are begun and recognised with."""
    return Sessions(host.secrets, host.clock)


def safe_address(text: str) -> str:
    """A path of this host, for a text that anybody may have written; ``/`` for anything else."""
    return text if _ADDRESS.fullmatch(text) else "/"


class Page:
    """An address of the pages, as an ASGI app: it answers people, with pages, whatever happens."""

    def __init__(
        self,
        *permissions: Permission,
        get: Answer | None = None,
        post: Answer | None = None,
        is_open: bool = False,
    ) -> None:
        """Say who answers.

        Args:
            permissions: Of which a key has to have one.
            get: Shows something.
            post: Does something.
            is_open: Whether it is there for people who are not signed in.
        """
        self._permissions = permissions
        self._answers = {
            name: answer
            for name, answer in (("GET", get), ("HEAD", get), ("POST", post))
            if answer is not None
        }
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        request = Request(scope, receive)
        service: Service = request.app.state.service
        response = await self._answer(service, request)
        await response(scope, receive, send)

    async def _answer(self, service: Service, request: Request) -> Response:
        sessions = sessions_of(service.host)
        visit = Visit(service, request, sessions.begin(), is_new=True)
        try:
            session = sessions.read(request.cookies.get(visit.cookie, ""))
            if session is not None:
                key = None
                if session.key_id:
                    key = await in_thread(service.host.keys.by_id, session.key_id)
                visit = Visit(service, request, session, key)
            return await self._admitted(visit)
        except ClientDisconnect:
            raise  # there is nobody to see a page
        except Exception as error:
            refused = problem_of(error)
            if refused is None:
                logger.exception("a page failed")
                detail = "Something went wrong here. The log of the host tells what."
                refused = Refused(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
            response = visit.page("problem.html", refused.status, refused=refused)
            response.headers.update(refused.headers)
            return response

    async def _admitted(self, visit: Visit) -> Response:
        request = visit.request
        answer = self._answers.get(request.method)
        if answer is None:
            raise Refused(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "This address is not for this method.",
                headers={"Allow": ", ".join(self._answers)},
            )
        if visit.key is not None:
            request.scope["closient.key_id"] = visit.key.key_id
            if visit.service.rates.take(visit.key.key_id).wait:
                detail = "Too many requests; wait a little."
                raise Refused(HTTPStatus.TOO_MANY_REQUESTS, detail)
        elif not self._is_open:
            query = f"?{request.url.query}" if request.url.query else ""
            here = f"{request.url.path}{query}" if request.method == "GET" else "/"
            return visit.go(f"/sign-in?next={quote(here, safe='/')}")
        if self._permissions:
            visit.demand(*self._permissions)
        if request.method == "POST":
            _check_origin(visit)
        return await answer(visit)


def _check_origin(visit: Visit) -> None:
    """Go on only if the form stands on a page of this host: browsers say so."""
    headers, scheme = visit.request.headers, visit.request.scope["scheme"]
    origin = headers.get("origin", "")
    own = urlsplit(visit.host.settings.public_url)
    addressed = f"{scheme}://{headers.get('host', '')}"
    if origin not in (f"{own.scheme}://{own.netloc}", addressed):
        raise Refused(HTTPStatus.FORBIDDEN, "This form comes from another site.")
