"""What ``help`` says of each command, so that it imports none of them; tests hold that the commands say the same."""

from __future__ import annotations

#: The first paragraph of each command's own help; a command that is not here is not listed.
SHORT_HELP = {
    "status": "Show the queue, scenes by state, dead letters and outages.",
    "scene": (
        "Show all about one scene: its state, its item in Plex, errors. It also says why that item is the scene's, "
        "what was written to it, and what was left out."
    ),
    "sync": "Queue scenes, as if each had just been edited in Stash.",
    "scenes": "Scenes by state.",
    "activity": "List what PlexSync did lately, the newest first.",
    "trace": "Show one event's way from the hook to Plex.",
    "stats": (
        "Show totals of the last day, week, month and year. They count scenes synced and failed, how long edits took, "
        "and outages."
    ),
    "watch": (
        "Show live what PlexSync does, until you press Ctrl-C. If the output is not a terminal, each change is a line."
    ),
    "failed": "Dead letters: scenes that PlexSync gave up.",
    "review": "Decide which item is a scene's if PlexSync is not sure.",
    "matching": "Show how well scenes are matched in your libraries.",
    "reconcile": "Compare everything in Stash with Plex, and queue what differs.",
    "doctor": (
        "Check everything, and say what to do. It looks at settings, Stash, Plex, libraries, paths, queue, disk and "
        "clock."
    ),
    "report": (
        "Write a report to share, without names and secrets. It holds versions, findings, status, settings and recent "
        "logs."
    ),
    "backup": "Copy the database, even while the consumer runs. The copy goes to FILE, or beside those of every night.",
    "restore": "Put a copy of the database back. Stop the consumer first; what was there before is kept.",
    "migrate": "Carry the database from the SQLite file to PostgreSQL, or back. Stop the consumer first.",
    "login": "Sign in to Plex with a code to enter at plex.tv. The token is stored privately.",
    "instances": "Sync to several Plex servers. Each has a consumer with a data folder of its own.",
}
