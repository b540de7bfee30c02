"""What one Plex server does where servers differ, asked with one item that a person names, which is put back.

Each question is a few small writes, read back. What the item held is noted durably before the first of them, so that
a test that is killed is put back by whoever looks next.
"""

from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.kept import kept
from plexsync.self_test.leftover import Leftover, leftover, put_back
from plexsync.self_test.run import Chosen, SelfTest
from plexsync.self_test.stopping import Stopped
from plexsync.self_test.subject import UnfitItem

__all__ = ["Chosen", "Leftover", "SelfTest", "SelfTestAnswer", "Stopped", "UnfitItem", "kept", "leftover", "put_back"]
