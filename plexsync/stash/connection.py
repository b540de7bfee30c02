"""The connection to Stash: GraphQL through stashapi and pictures by plain requests, with every failure given a name."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import msgspec
import requests
from stashapi.classes import GQLWrapper
from urllib3.exceptions import ProtocolError

from plexsync.errors import PictureFailed, StashUnavailable
from plexsync.http.deadline import within
from plexsync.http.documents import TooManyValues, read_json
from plexsync.http.failures import reason, timed_out
from plexsync.http.headers import retry_after
from plexsync.http.session import BodyTooLarge, BoundedSession
from plexsync.http.tally import REQUESTS_SENT
from plexsync.redaction import redact
from plexsync.stash.answers import read_apart
from plexsync.stash.dialect import not_known
from plexsync.stash.failures import AnswerTooLarge, QueryFailed, QueryRefused, StashFault
from plexsync.stash.refusals import StashServer, unreachable

#: An exchange as a whole may take this many times the read time-out. Judged: a picture of 20 MiB comes within 30 s over
#: any network that a video library is used on.
WHOLE_ANSWER = 3.0
#: Bytes, decoded. Pictures are well below 5 MiB, 200 scenes with long descriptions too.
MAX_ANSWER = 20 * 1024 * 1024
#: Connections kept open, at most: more than there ever are threads. urllib3 logs a warning for each one too many.
_IDLE_CONNECTIONS = 64
_JSON = "application/json"
#: Characters of an error text of Stash's that are passed on.
_MAX_REASON = 300
#: Errors that are looked at in one answer.
_MAX_FAULTS = 500
#: How Stash refuses a document that it does not understand: 422; 400 where the request itself is none.
_NOT_UNDERSTOOD = (400, 422)


class Connection:
    """One Stash, asked over and over; safe to share between threads.

    :param stash: where Stash is, and the key to it.
    :param connect_timeout: seconds.
    :param read_timeout: seconds.
    :param verify: as requests takes it.
    """

    def __init__(self, stash: StashServer, connect_timeout: float, read_timeout: float, verify: bool | str) -> None:
        self._stash = stash
        self._session = _Session(connect_timeout, read_timeout, verify)
        if stash.api_key:
            self._session.headers["ApiKey"] = stash.api_key
        self._standing: dict[str, dict[str, str]] = {}
        self._graphql = _GraphQL(stash, self._session)
        self._graphql_apart = _GraphQL(stash, self._session, read_apart)

    def query(
        self, document: str, variables: Mapping[str, Any] | None = None, *, rows_apart: bool = False
    ) -> dict[str, Any]:
        """The ``data`` of GraphQL's answer, complete.

        :param document: a whole document: the fragments it uses stand in it.
        :param rows_apart: leave the rows of scenes as they came, where nothing failed (``answers.read_apart``).
        :raises AccessDenied: Stash, or a proxy before it, wants another key or a login.
        :raises AnswerTooLarge: it is larger than ``MAX_ANSWER``, or has more values than can be held.
        :raises QueryRefused: Stash takes the document or the variables for wrong.
        :raises QueryFailed: Stash could not answer all of it.
        :raises StashUnavailable: no answer, or none that a healthy Stash would give.
        """
        try:
            graphql = self._graphql_apart if rows_apart else self._graphql
            data: dict[str, Any] = graphql.call_GQL(document, dict(variables or {}))
        except (requests.RequestException, OSError) as error:
            self._fail(error)
        return data

    def get(self, url: str, accept: str, etag: str | None, *, start_only: bool = False) -> requests.Response:
        """The answer to a plain GET for a picture, with status 200, 206 or 304.

        :param url: at ``stash.base``; the key goes with it.
        :param accept: media types.
        :param etag: of what is known already.
        :param start_only: only the first byte is wanted; who answers with more is welcome.
        :raises PictureFailed: no such answer. Whether Stash is well otherwise is not known by that.
        """
        try:
            standing = self._standing.get(accept)
            if standing is None:
                standing = self._session.standing_headers(self._stash.base, {"Accept": accept})
                self._standing[accept] = standing
            more = {"If-None-Match": etag} if etag is not None else {}
            if start_only:
                more["Range"] = "bytes=0-0"
            response = self._session.exchange("GET", url, standing, more=more)
        except (requests.RequestException, OSError) as error:
            raise _no_picture(error) from error
        status = response.status_code
        if status in (200, 304) or (start_only and status == 206):
            return response
        if status in (401, 403) or response.is_redirect:
            raise PictureFailed(f"Stash, or a proxy in front of it, wants a login for it ({status})")
        raise PictureFailed(f"Stash answered {status}", absent=status == 404, retry_after=retry_after(response.headers))

    def close(self) -> None:
        """Close the idle connections."""
        self._session.close()

    def _fail(self, error: Exception) -> NoReturn:
        if isinstance(error, BodyTooLarge):
            raise AnswerTooLarge(f"{self._stash} answered with more than {MAX_ANSWER} bytes") from error
        raise unreachable(self._stash, error) from error


class _Session(BoundedSession):
    """Asks Stash within a time for the whole of it, and once more where the connection broke before an answer.

    An idle connection that the server closed meanwhile is noticed only when it is used again; all that Stash is asked
    may be asked twice.
    """

    def __init__(self, connect_timeout: float, read_timeout: float, verify: bool | str) -> None:
        super().__init__(
            connect_timeout, read_timeout, verify=verify, answer_max=MAX_ANSWER, pool_size=_IDLE_CONNECTIONS
        )
        self._whole = WHOLE_ANSWER * read_timeout
        self._standing: dict[str, str] | None = None

    def post(self, url: Any, data: Any = None, json: Any = None, **_: Any) -> requests.Response:  # noqa: ARG002
        """As stashapi calls it: a question, to where all of them go."""
        if self._standing is None:
            self._standing = self.standing_headers(url, {"Accept": _JSON, "Content-Type": _JSON})
        return self.exchange("POST", url, self._standing, msgspec.json.encode(json))

    def exchange(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As a ``BoundedSession``, within a time, and twice where it has to be."""
        with within(self._whole):
            try:
                return self._counted(*args, **kwargs)
            except requests.ConnectionError as error:
                if not (error.args and isinstance(error.args[0], ProtocolError)):
                    raise
            # Outside the handler: what is told of a second failure is not to be mixed with the first.
            return self._counted(*args, **kwargs)

    def _counted(self, *args: Any, **kwargs: Any) -> requests.Response:
        status = None
        try:
            response = super().exchange(*args, **kwargs)
            status = response.status_code
        finally:
            REQUESTS_SENT.count("stash", status)
        return response


class _GraphQL(GQLWrapper):  # type: ignore[misc]  # stashapi is not checked, so its class is Any
    """stashapi's way to ask, without what its ``StashInterface`` does when it is made.

    That one fetches version, API key and the whole schema first, has no time-outs, writes to standard error in the
    plugin format, and turns what went wrong into an empty answer.
    """

    log = logging.getLogger("plexsync.stash")

    def __init__(self, stash: StashServer, session: BoundedSession, read: Callable[[bytes], Any] = read_json) -> None:
        super().__init__()
        self._read = read
        self.s: requests.Session = session
        self.url = f"{stash.base}/graphql"
        self._stash = stash

    def _handle_GQL_response(self, response: requests.Response) -> dict[str, Any]:  # noqa: N802  # stashapi's name
        self._stash.refuse_access(response)
        try:
            content = self._read(response.content)
        except TooManyValues as error:
            raise AnswerTooLarge(f"{self._stash} answered with {error}") from None
        except ValueError:
            content = None
        if isinstance(content, dict):
            data = content.get("data")
            data = data if isinstance(data, dict) else None
            if errors := content.get("errors"):
                self._fail(response.status_code, _faults(errors), data)
            elif response.status_code == 200 and data is not None:
                return data
        self._stash.refuse_status(response)
        said = response.headers.get("Content-Type", "no type")
        raise StashUnavailable(
            f"{self._stash} answered no GraphQL ({said}): is PLEXSYNC_STASH_URL right, and is Stash up?"
        )

    def _fail(self, status: int, faults: tuple[StashFault, ...], data: dict[str, Any] | None) -> None:
        reason = faults[0].message
        # Some servers say so with 200.
        if status in _NOT_UNDERSTOOD or (status == 200 and data is None and all(map(not_known, faults))):
            raise QueryRefused(f"{self._stash} does not accept the query: {reason}", faults)
        if status == 200:
            raise QueryFailed(f"{self._stash} could not answer: {reason}", reason, faults, data)


def _no_picture(error: Exception) -> PictureFailed:
    """The error for a picture of which no whole answer came."""
    if isinstance(error, BodyTooLarge):
        return PictureFailed(f"it is larger than {MAX_ANSWER} bytes", refused=True, too_large=True)
    if timed_out(error):
        return PictureFailed("Stash did not send it in time", slow=True)
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return PictureFailed("Stash's answer broke off before its end")
    return PictureFailed(f"Stash gave no answer ({reason(error).lower()})")


def _faults(errors: Any) -> tuple[StashFault, ...]:
    listed = errors if isinstance(errors, list) else [errors]
    return tuple(_fault(one) for one in listed[:_MAX_FAULTS])


def _fault(error: Any) -> StashFault:
    message = error.get("message") if isinstance(error, dict) else error
    path = error.get("path") if isinstance(error, dict) else None
    steps = tuple(one for one in path if isinstance(one, (str, int))) if isinstance(path, list) else ()
    # Before it is cut: half a key would not be known for one.
    return StashFault(redact(str(message))[:_MAX_REASON], steps)
