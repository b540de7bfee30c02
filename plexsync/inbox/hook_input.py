"""What Stash writes to a hook's standard input, taken apart and checked. No input or output here.

Imported by the hook, on any Python from 3.9, for which every import counts: see ``plexsync.inbox.event_files``.
"""

from plexsync.inbox.event_files import MAX_ID, RELATED, SCENE, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The events that are a reason to look at something again, and at what. New performers, studios, tags and groups have
#: no scenes yet.
NUDGES = {
    **{f"Scene.{happening}.Post": SCENE for happening in ("Create", "Update", "Destroy")},
    **{f"{kind.title()}.{happening}.Post": kind for kind in RELATED for happening in ("Update", "Destroy")},
    "Tag.Merge.Post": "tag",
}
#: What Stash has hooks for (``Movie`` is the old name of ``Group``), and what can happen to it.
_SUBJECTS = (
    *("Scene", "SceneMarker", "Performer", "Studio", "Tag", "Group", "Movie"),
    *("Gallery", "GalleryChapter", "Image"),
)
_HAPPENINGS = ("Create", "Update", "Destroy", "Merge")
#: The addresses that mean "every interface of this machine" where a server listens.
_ANY_ADDRESS = ("", "0.0.0.0", "::", "[::]")  # noqa: S104 - nothing listens here


class NotFromStash(Exception):
    """The input is not what Stash sends. The text says what is wrong with it."""


def parse(data: bytes) -> "dict[str, Any]":
    """The JSON object that Stash sent.

    :raises NotFromStash: it is no JSON object in UTF-8.
    """
    if not data or data.isspace():
        raise NotFromStash("nothing on standard input: this is to be started by Stash, which sends the event there")
    try:
        payload = _loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotFromStash(f"the input is not UTF-8 (byte {error.start})") from None
    except RecursionError:
        raise NotFromStash("the input is nested too deeply") from None
    except ValueError as error:
        raise NotFromStash(f"the input is not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise NotFromStash(f"the input is not a JSON object but {_kind(payload)}")
    return payload


def is_call(payload: "dict[str, Any]") -> bool:
    """Whether it is no event, but a task of Stash's or what a page asks: these have a mode."""
    args = payload.get("args")
    return isinstance(args, dict) and args.get("mode") is not None and args.get("hookContext") is None


def event(payload: "dict[str, Any]") -> "tuple[str, tuple[str, int] | None]":
    """What happened, as Stash names it, and what to look at: its kind (``SCENE`` or one of ``RELATED``) and its id.

    None where the event is no reason to look at anything. Where tags were merged, it is the one that is left.

    Only ``args.hookContext.id`` and ``type`` are looked at: what was edited is read from Stash when its turn comes.

    :raises NotFromStash: it is no event, or one that Stash does not have.
    """
    args = payload.get("args")
    if not isinstance(args, dict):
        raise NotFromStash(f"'args' is {_kind(args)}, not an object")
    context = args.get("hookContext")
    if not isinstance(context, dict):
        raise NotFromStash(f"'args.hookContext' is {_kind(context)}, not an object")
    name = context.get("type")
    if not isinstance(name, str):
        raise NotFromStash(f"'args.hookContext.type' is {_kind(name)}, not a text")
    if name in NUDGES:
        return name, (NUDGES[name], _target_id(context, NUDGES[name]))
    if not _is_known(name):
        raise NotFromStash(f"'args.hookContext.type' is {_shown(name)}, which is not an event of Stash")
    return name, None


def edited_together(payload: "dict[str, Any]") -> "list[int]":
    """The ids of the edit that the event is part of, when it is the first event of an edit of several; else none.

    Stash starts one hook per scene, performer and so on, one after the other, in the order of the edit, and starts no
    more when the browser that asked for it goes away, although all of them are changed by then. So the first one stands
    for all.

    :param payload: of an event that ``event`` took.
    """
    context = payload["args"]["hookContext"]
    given = context.get("input")
    values = given.get("ids") if isinstance(given, dict) else given
    if not isinstance(values, list):
        return []
    # A list of edits, or, where several are destroyed, of ids.
    read = (_id(one.get("id") if isinstance(one, dict) else one) for one in values)
    ids = [read_id for read_id in read if read_id is not None]
    return ids if len(ids) > 1 and ids[0] == _id(context["id"]) else []


def server(payload: "dict[str, Any]") -> "tuple[str, str, int]":
    """Where Stash listens, as a process on the same machine reaches it: scheme, host (IPv6 without brackets), port.

    :raises NotFromStash: the input does not say, or not in a way that could be an address.
    """
    connection = payload.get("server_connection")
    if not isinstance(connection, dict):
        raise NotFromStash(f"'server_connection' is {_kind(connection)}, not an object")
    scheme, host, port = connection.get("Scheme"), connection.get("Host"), connection.get("Port")
    if scheme not in ("http", "https"):
        raise NotFromStash(f"'server_connection.Scheme' is {_shown(scheme)}, not http or https")
    if not isinstance(host, str) or not _is_host(host):
        raise NotFromStash(f"'server_connection.Host' is {_shown(host)}, not a host")
    if type(port) is not int or not 1 <= port <= 65535:
        raise NotFromStash(f"'server_connection.Port' is {_shown(port)}, not a port")
    return scheme, "127.0.0.1" if host in _ANY_ADDRESS else host.strip("[]"), port


def _target_id(context: "dict[str, Any]", kind: str) -> int:
    if "id" not in context:  # Stash leaves it out where it would be 0
        raise NotFromStash(f"'args.hookContext.id' is missing: there is no {kind} to look at")
    target_id = _id(context["id"])
    if target_id is None:
        raise NotFromStash(f"'args.hookContext.id' is {_shown(context['id'])}, not the id of a {kind}")
    return target_id


def _id(value: object) -> "int | None":
    """An id, which GraphQL writes as a text and Stash's own code as a number; None where it is none."""
    if isinstance(value, str) and len(value) <= len(str(MAX_ID)) and value.isascii() and value.isdigit():
        value = int(value)
    return value if type(value) is int and 1 <= value <= MAX_ID else None


def _is_known(kind: str) -> bool:
    subject, _, rest = kind.partition(".")
    happening, _, moment = rest.partition(".")
    return subject in _SUBJECTS and happening in _HAPPENINGS and moment == "Post"


def _is_host(host: str) -> bool:
    """Whether a text can be a host name or an address: what must never get in is a path, a user or a blank."""
    if host in _ANY_ADDRESS:
        return True
    if not host.isascii() or len(host) > 253:
        return False
    if ":" in host:
        address, _, zone = host.strip("[]").partition("%")
        return not address.strip("0123456789abcdefABCDEF:.") and (not zone or zone.isalnum())
    return host.replace("-", "").replace("_", "").replace(".", "").isalnum()


def _kind(value: object) -> str:
    """What a value is, in JSON's words."""
    if value is None:
        return "null or missing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "an object"


def _shown(value: object) -> str:
    return shown(value) if isinstance(value, (str, int, float)) else _kind(value)


class _Options:
    """What ``json.loads`` tells its scanner when it is called without options."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def _loads(text: str) -> object:
    """``json.loads``, without importing ``json`` when all is well.

    ``json`` imports ``re``, and with that takes as long to load as the interpreter takes to start. The scanner it
    calls in the end is a C module of its own; where that is missing, has changed or finds fault, ``json`` decides.
    """
    try:
        from _json import make_scanner

        scanner: Any = make_scanner(_Options)  # type: ignore[arg-type]  # the stub is narrower than the C code
        stripped = text.strip(" \t\n\r")
        value, end = scanner(stripped, 0)
        whole = end == len(stripped)
    except Exception:  # noqa: BLE001 - json.loads says properly what is wrong
        whole = False
    if not whole:
        import json

        value = json.loads(text)
    return value
