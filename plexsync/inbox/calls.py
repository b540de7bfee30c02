"""What is no hook: a task of Stash's, or an operation that a page asks for. Loaded only then.

Standard input holds the cookie of somebody's session. A task asks Stash with it whether another job waits; nothing
else is done with it, and it is neither stored nor shown.
"""

from plexsync.inbox import event_files
from plexsync.inbox.hook_process import log, remember

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The mode of Stash's tasks; others are operations.
TASK = "task"


def carry_out(payload: "dict[str, Any]") -> int:
    """Carry a call out, and answer on standard output; returns the exit code.

    :param payload: what Stash sent.
    """
    args = payload["args"]
    folder = event_files.data_folder()
    if args["mode"] == TASK:
        from plexsync.inbox.stash_tasks import run

        answer = run(folder, args.get("task"), payload)
    else:
        from plexsync.inbox.operations import answer_to

        answer = answer_to(folder, args, payload)
    if isinstance(payload.get("server_connection"), dict):
        remember(folder, payload)
    try:
        event_files.write_all(1, b'{"output": ' + answer + b"}\n")
    except OSError as error:
        log("w", f"Stash did not take the answer ({error.strerror})")
        return 1
    return 0
