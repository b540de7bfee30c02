"""How urgent messages are."""

from __future__ import annotations

from enum import Enum


class Priority(float, Enum):
    """What a message may say of its urgency; the higher one is served first. One that does not say has ``EDIT``."""

    #: A person has just decided on the scene, and waits for it.
    DECISION = 10.0
    #: An edit of one scene: what people do comes before what follows from it.
    EDIT = 0.0
    #: What one edit means for many scenes, and what was changed or filled in although no hook told.
    FOLLOW_UP = -5.0
    #: What was left out of a scene that is in sync otherwise.
    LEFT_OUT = -6.0
    #: What concerns every scene, or could: comparing everything, files that appear in Plex or become other items.
    EVERYTHING = -10.0
