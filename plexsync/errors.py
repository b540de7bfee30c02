"""What can go wrong, by what is to be done about it.

Every room raises one of these; nobody further up looks at status codes or at another library's exceptions.
The texts are for people: what happened, and what to do. None ever holds a token, a key or an address with either.
"""

from __future__ import annotations


class PlexSyncError(Exception):
    """The root of all errors of ours."""

    #: The HTTP status that told of it, for the room that talks to the server; None where there was none.
    status: int | None = None


class TransientError(PlexSyncError):
    """It may work in a moment: network, time-out, 5xx, 429, an answer that is not what the service would say.

    :param message: what happened, for a person.
    :param retry_after: seconds the server asked us to wait, or None.
    """

    #: Whether a server that is well answers so: then it does not count towards leaving it alone.
    healthy = False

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PlexUnavailable(TransientError):
    """Plex did not answer, or answered what no healthy Plex would: counts towards opening the breaker."""

    #: Whether it answered 500, and not because its database is busy. Where it goes on answering everything else, it
    #: stumbles over this very request.
    stumbled = False
    #: Whether it took all the time that it was given.
    slow = False
    #: Whether it says itself that its database has too much to do.
    busy = False


class WriteFailed(PlexUnavailable):
    """Plex fails at writing to one item, and hands it out when it is asked for it: it is well otherwise."""

    healthy = True


class ConnectionDropped(PlexUnavailable):
    """A connection that was made broke off before there was an answer, each time."""


class PlexStarting(PlexUnavailable):
    """Plex says itself that it is still starting up: it is waited for, however long that takes."""


class NothingReadable(PlexUnavailable):
    """None of the entries of a page of Plex's is what it should be.

    :param count: how many there are.
    :param total: how many the whole listing has.
    """

    def __init__(self, message: str, count: int, total: int) -> None:
        super().__init__(message)
        self.count = count
        self.total = total


class ItemUnreadable(TransientError):
    """Plex is well, and its answer about one item is not as it should be: nothing is known of that one."""

    healthy = True


class StashUnavailable(TransientError):
    """Stash did not answer, or answered what no healthy Stash would: counts towards opening its breaker."""


class SceneUnreadable(TransientError):
    """Stash cannot read one scene, or answers for it what no scene is. It says nothing of any other one.

    :param scene_id: which one.
    :param reason: Stash's own words, or what is wrong with its answer.
    """

    healthy = True

    def __init__(self, scene_id: int, reason: str) -> None:
        super().__init__(f"scene {scene_id} cannot be read from Stash: {reason}")
        self.scene_id = scene_id
        self.reason = reason


class ReadBackMismatch(TransientError):
    """Plex said yes to a write, and reading the item back shows something else."""


class PictureFailed(PlexSyncError):
    """One picture cannot be had or sent, while the server that says so is well: it is left out, and tried again later.

    Its text is the end of a sentence about the picture: ``Stash answered 500``.

    :param refused: trying again with the same picture is not likely to help.
    :param too_large: a smaller one may be taken.
    :param absent: what was asked for is not there at all (404), although the item is.
    :param slow: it took all the time that it was given.
    :param retry_after: seconds the server asked us to wait, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        refused: bool = False,
        too_large: bool = False,
        absent: bool = False,
        slow: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.refused = refused
        self.too_large = too_large
        self.absent = absent
        self.slow = slow
        self.retry_after = retry_after


class TextTooLong(TransientError):
    """A text makes the request longer than Plex, or a proxy in front of it, takes. It is cut at the next attempt."""

    healthy = True


class NotFoundYet(PlexSyncError):
    """Plex has no item for the scene's files so far: it may still have to scan them."""


class LibraryUnread(NotFoundYet):
    """Plex's library is being read from its start to its end: what the scene belongs to is known when that is done.

    :param remaining: seconds after which to look again; sooner, where its file is met.
    """

    def __init__(self, message: str, remaining: float) -> None:
        super().__init__(message)
        self.remaining = remaining


class ItemHeld(PlexSyncError):
    """A self-test of Plex writes to the item, and puts it back: nobody else writes to it until then.

    :param remaining: seconds until it is over at the latest.
    """

    def __init__(self, message: str, remaining: float) -> None:
        super().__init__(message)
        self.remaining = remaining


class MatchUncertain(PlexSyncError):
    """What may be the scene's item is not sure enough to be written to: a person has to say."""


class CircuitOpen(PlexSyncError):
    """A circuit is open: Plex or Stash has failed too often just now, and is not called for a while.

    :param remaining: seconds until the next trial.
    """

    def __init__(self, message: str, remaining: float) -> None:
        super().__init__(message)
        self.remaining = remaining


class PermanentError(PlexSyncError):
    """Trying again will not help: the request or the data is wrong."""


class RequestTooLong(PermanentError):
    """414 or 431: Plex, or a proxy in front of it, takes no request line as long as this one."""


class PictureRefused(PermanentError):
    """Plex does not take this picture: too large, or not one it can read. Everything else may be well."""


class ItemGone(PermanentError):
    """Plex knows no item under this rating key (any more)."""


class FileElsewhere(ItemGone):
    """The item under this rating key does not hold the file for which it is written to (any more)."""


class AccessDenied(PermanentError):
    """401, 403 or 498: a token or key is wrong or has expired. It concerns every scene, so no single scene is to blame.

    :param message: which setting to look at.
    :param service: ``"Plex"`` or ``"Stash"``.
    """

    def __init__(self, message: str, service: str) -> None:
        super().__init__(message)
        self.service = service


class LibraryMissing(AccessDenied):
    """Plex has no library that the settings ask for, so that no scene can be found in it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "Plex")


class StashTooOld(AccessDenied):
    """This version of Stash does not know something that no scene can be read without."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "Stash")
