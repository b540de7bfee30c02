"""A server that answers everything with the same."""

from __future__ import annotations

from plexsync.demo.http import Request, Response, SimulatedServer


class OneAnswer(SimulatedServer):
    """What is asked does not matter; ``answer`` is what comes."""

    answer = Response()

    def respond(self, request: Request) -> Response:
        """The same as ever."""
        return self.answer
