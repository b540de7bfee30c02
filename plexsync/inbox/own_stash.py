"""Questions to the very Stash that has started this process, at the address where it listens on this machine.

On any Python from 3.9, see ``plexsync.inbox.event_files``.
"""

from plexsync.inbox.hook_input import NotFromStash, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Seconds to wait for an answer, and bytes of it that are read.
PATIENCE, MAX_ANSWER = 2.0, 256 * 1024


class AccessRefused(Exception):
    """Stash wants a login, or another key."""


def ask(address: "tuple[str, str, int]", question: bytes, headers: "dict[str, str]") -> "dict[str, Any]":
    """What Stash answers.

    :param address: scheme, host and port, as ``hook_input.server`` gives it.
    :param question: GraphQL, as JSON.
    :param headers: more of them, such as a cookie or a key: letters that a header may hold.
    :raises AccessRefused: it wants a login, or refuses the key.
    :raises OSError: it does not answer, or not as it should. The text repeats nothing of what was sent.
    """
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    scheme, host, port = address
    if scheme == "https":
        import ssl

        # It is this machine, under an address that its certificate hardly names.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection: HTTPConnection = HTTPSConnection(host, port, timeout=PATIENCE, context=context)
    else:
        connection = HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("POST", "/graphql", question, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        # Stash redirects to its login page, and to nothing else.
        if answer.status in (401, 403) or 300 <= answer.status < 400:
            raise AccessRefused
        if answer.status != 200:
            raise OSError(f"HTTP {answer.status}")
        return parse(answer.read(MAX_ANSWER))
    except (HTTPException, NotFromStash, ValueError) as error:
        raise OSError(type(error).__name__) from None
    finally:
        connection.close()
