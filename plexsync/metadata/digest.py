"""Whether a scene is still the one that was synchronised, told without working out what Plex should show."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import fields as attributes
from functools import lru_cache
from operator import attrgetter

from plexsync import __version__
from plexsync.metadata.rules import Rules
from plexsync.model import Scene

#: Bytes of a digest: with 16 no two scenes of a library have the same one by chance.
SIZE = 16
#: Moves when ``desired`` gives something else for a scene that is the same: then each is worked out once more.
_RULE_BOOK = 2


#: What of a scene makes no other digest, and why. All else does: what is added to ``Scene`` is in it by itself.
LEFT_OUT: Mapping[str, str] = {
    "id": "it says which scene it is: the digest is kept with it",
    "organized": "whether a scene is synchronised at all is decided before its digest is looked at",
    "urls": "nothing that Plex shows is made of them",
    "updated_at": "it moves with every edit, whatever that changes",
    "created_at": "it tells scenes apart that stand under one id one after the other (plexsync.ledger.births)",
    "faults": "they are sentences for a person about what is unread or incomplete, which is in the digest",
}
#: What of a scene counts in another form.
_SEEN_AS: Mapping[str, Callable[[Scene], object]] = {
    "performers": lambda scene: [
        (one.id, one.name, one.image_url, *([one.disambiguation] if one.disambiguation else ()))
        for one in scene.performers
    ],
    "files": lambda scene: scene.files[0].path if scene.files else None,
    # What follows in it moves with every edit of the scene.
    "screenshot_url": lambda scene: (scene.screenshot_url or "").partition("?")[0],
    "unread": lambda scene: sorted(scene.unread),
    "incomplete": lambda scene: sorted(scene.incomplete),
}
_as_it_is = attrgetter(*(one.name for one in attributes(Scene) if one.name not in (*LEFT_OUT, *_SEEN_AS)))


def digest(scene: Scene, rules: Rules) -> str:
    """A text in hexadecimal that is the same only where ``desired`` gives the same, and the scene has the same parts.

    Everything ``desired`` looks at is in it, and the ids of the scene's studio, performers, tags and groups. It takes a
    tenth of the time of ``desired`` and ``fingerprint``. It may differ although these stay the same: other settings, or
    another version of this program, make another digest.
    """
    seen = (rules_as_text(rules), _as_it_is(scene), *[see(scene) for see in _SEEN_AS.values()])
    return hashlib.blake2b(repr(seen).encode(), digest_size=SIZE).hexdigest()


@lru_cache(maxsize=4)
def rules_as_text(rules: Rules) -> str:
    """The settings as a text; in sets there is no order that lasts from one process to the next."""
    return repr(
        (
            __version__,
            _RULE_BOOK,
            sorted(map(str, rules.selected)),
            sorted(map(str, rules.owned)),
            rules.ascii_titles,
            rules.content_rating,
            rules.show_performer_pictures,
            rules.stash_url,
            rules.public_url,
            *((str(field), template.text) for field, template in rules.templates),
        )
    )
