"""A small world to try PlexSync in: simulated Stash and Plex that hold the same files, and a real consumer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import requests

from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.stash import SimulatedStash
from plexsync.demo.stash.hooks import HookRunner
from plexsync.ledger import Ledger, State
from plexsync.model import Part
from plexsync.storage.database import DATABASE_NAME, Database
from plexsync.sync import path_mapping

#: The folder of the plugin, as Stash would see it.
PLUGIN = Path(__file__).resolve().parents[2]
#: The same files, as the two servers see them.
STASH_ROOT, PLEX_ROOT = "/data", "/media/scenes"
#: Seconds between looks while waiting for something.
LOOK_EVERY = 0.05
#: The keys of messages of which there may always be one, for its time.
REGULAR = """('["poll_changes",[],{}]', '["look_again_late",[],{}]', '["try_left_out",[],{}]')"""
#: Settings that make waits short enough to watch; all others are the defaults.
QUICK = {
    "PLEXSYNC_NOT_FOUND_BASE": "1",
    "PLEXSYNC_NOT_FOUND_CAP": "2",
    "PLEXSYNC_RETRY_BASE": "1",
    "PLEXSYNC_RETRY_CAP": "2",
    "PLEXSYNC_BREAKER_RESET_TIMEOUT": "2",
}


class World:
    """Both servers running, the plugin's hooks in place, nothing in them yet; the consumer is started by hand.

    :param folder: where the data folder and the consumer's log are put.
    :param settings: environment variables for hooks and consumer, over ``QUICK``.
    :param python: the interpreter that runs the hooks, as Stash would.
    :param plugin: the folder of the plugin whose hooks, commands and consumer are run.
    """

    #: Starts the consumer and commands, as ``subprocess.Popen`` does.
    open_process: ClassVar[Callable[..., subprocess.Popen[Any]]] = subprocess.Popen
    #: How many times as long as it is told to it waits: on a machine that does much else, all takes longer.
    patience: ClassVar[float] = 1.0

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        python: str = sys.executable,
        plugin: Path = PLUGIN,
    ) -> None:
        self._plugin = plugin
        self.data_dir = folder / "data"
        self.log_path = folder / "consumer.log"
        self.plex = SimulatedPlex()
        own = {name: value for name, value in os.environ.items() if not name.startswith("PLEXSYNC_")}
        self.environ = (
            own
            | QUICK
            | {
                "PLEXSYNC_DATA_DIR": str(self.data_dir),
                "PLEXSYNC_PLEX_URL": self.plex.url,
                "PLEXSYNC_PLEX_TOKEN": self.plex.token,
                "PLEXSYNC_PATH_MAP": f"{STASH_ROOT}=>{PLEX_ROOT}",
                **(settings or {}),
            }
        )
        # Whoever makes this world starts the consumer.
        hook_environment = {"PLEXSYNC_DATA_DIR": str(self.data_dir), "PLEXSYNC_AUTOSTART": "false"}
        hooks = HookRunner(plugin / "PlexSync.yml", python=python, env=hook_environment, cwd=folder)
        self.stash = SimulatedStash(hooks=hooks)
        self.environ.setdefault("PLEXSYNC_STASH_URL", self.stash.url)
        self.section = self.plex.add_section("Scenes", locations=[PLEX_ROOT])
        #: The rating key of each scene's item.
        self.items: dict[int, int] = {}
        #: What starts the consumer; options follow.
        self.consumer_command: list[str] = [sys.executable, "-P", "-m", "plexsync.cli.consumer"]
        self._consumer: subprocess.Popen[Any] | None = None
        self._session = requests.Session()
        self._session.trust_env = False

    def __enter__(self) -> Self:
        self.plex.start()
        self.stash.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill_consumer()
        self._session.close()
        self.stash.stop()
        self.plex.stop()

    def log_in(self, key: str) -> None:
        """From here on edit in Stash with its API key."""
        self._session.headers["ApiKey"] = key

    # --- what the two servers hold --------------------------------------------------------------------------------

    def add(self, name: str, *, guess: str = "", size: int | None = None) -> int:
        """A file that both servers have scanned: a scene without metadata, an item titled ``guess`` by Plex.

        :param name: the file's path below the root, the same in both.
        :returns: the scene's id.
        """
        number = len(self.items) + 1
        size = size or 1_000_000 + number
        oshash = f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}"
        scene = self.stash.add_scene(None, f"{STASH_ROOT}/{name}", size=size, oshash=oshash, cover=_cover(number))
        part = Part(f"{PLEX_ROOT}/{name}", size, 1_800_000, 1920, 1080, 29.97, "h264", "aac", size * 8 // 1800)
        key = self.plex.add_item(self.section, guess or name.rpartition("/")[2], [part])
        self.plex.set_hash(key, part.file, oshash)
        self.items[scene] = key
        return scene

    def mutate(self, mutation: str, input_type: str, value: object) -> Any:
        """Do in Stash what its web page would: one GraphQL mutation, hooks included.

        :param mutation: ``sceneUpdate``, ``bulkSceneUpdate``, ...
        :param input_type: the GraphQL type of its input.
        """
        selection = "" if mutation.endswith("Destroy") else " { id }"
        document = f"mutation Edit($input: {input_type}) {{ {mutation}(input: $input){selection} }}"
        answer = self._session.post(
            f"{self.stash.url}/graphql", json={"query": document, "variables": {"input": value}}, timeout=300
        )
        body = answer.json()
        if "errors" in body:
            raise RuntimeError(f"{mutation}: {body['errors'][0]['message']}")
        return body["data"][mutation]

    def edit(self, scene_id: int, **values: object) -> None:
        """Edit one scene in Stash, by the names of ``SceneUpdateInput``."""
        self.mutate("sceneUpdate", "SceneUpdateInput!", {"id": str(scene_id), **values})

    def edit_many(self, scene_ids: Sequence[int], **values: object) -> None:
        """Edit several scenes in Stash at once, by the names of ``BulkSceneUpdateInput``."""
        self.mutate("bulkSceneUpdate", "BulkSceneUpdateInput!", {"ids": [str(one) for one in scene_ids], **values})

    def command(self, *words: str) -> str:
        """What a command with these words prints.

        :raises RuntimeError: it failed.
        """
        with self.open_process(
            [sys.executable, "-P", "-m", "plexsync", *words],
            env=self.environ | {"PYTHONPATH": str(self._plugin)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                printed, told = process.communicate(timeout=60)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}: {told or printed}")
        return str(printed)

    # --- the consumer ----------------------------------------------------------------------------------------------

    def start_consumer(self, *options: str) -> None:
        """Start the real consumer; its log goes to ``log_path``."""
        with self.log_path.open("ab") as log:
            self._consumer = self.open_process(
                [*self.consumer_command, *options],
                env=self.environ | {"PYTHONPATH": str(self._plugin)},
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.log_path.parent,
            )

    def stop_consumer(self, signum: signal.Signals = signal.SIGTERM) -> int:
        """Ask the consumer to end, as an operating system does.

        :returns: its exit code.
        """
        if self._consumer is None:
            return 0
        self._consumer.send_signal(signum)
        code = self._consumer.wait(40)
        self._consumer = None
        return code

    def kill_consumer(self) -> None:
        """Kill the consumer with SIGKILL: as a power cut, but for the disk's cache."""
        if self._consumer is not None:
            self._consumer.kill()
            self._consumer.wait(10)
            self._consumer = None

    def consumer_ended(self) -> int | None:
        """The exit code of a consumer that has ended by itself; None while it runs, or was ended from here."""
        return None if self._consumer is None else self._consumer.poll()

    @property
    def consumer_pid(self) -> int:
        """The consumer's process."""
        if self._consumer is None:
            raise RuntimeError("the consumer is not running")
        return self._consumer.pid

    # --- is it right? -----------------------------------------------------------------------------------------------

    def wrong(self, scene_id: int) -> list[str]:
        """What Plex shows otherwise than Stash has it, field by field; the item's pictures too."""
        return differences(self.stash, scene_id, self.plex, self.items[scene_id])

    def wait(self, condition: Callable[[], bool], timeout: float, what: str) -> float:
        """Wait until something is so.

        :param timeout: seconds.
        :returns: seconds it took.
        :raises TimeoutError: naming ``what``; or the consumer has died.
        """
        started = time.monotonic()
        while not condition():
            if self._consumer is not None and self._consumer.poll() is not None:
                raise TimeoutError(f"the consumer ended with {self._consumer.returncode}; see {self.log_path}")
            if time.monotonic() - started > timeout * self.patience:
                raise TimeoutError(f"{what}: not so after {timeout * self.patience:.0f} s; see {self.log_path}")
            time.sleep(LOOK_EVERY)
        return time.monotonic() - started

    def wait_until_right(self, scene_ids: Sequence[int], timeout: float = 30) -> float:
        """Wait until Plex shows all these scenes as Stash has them; returns the seconds it took."""
        # To compare hundreds of scenes at each look would take a core for itself: only one that is wrong is looked at
        # again. In the end all of them are, once more.
        left: list[int] = []

        def right() -> bool:
            while left and not self.wrong(left[-1]):
                left.pop()
            if not left:
                left.extend(scene_id for scene_id in scene_ids if self.wrong(scene_id))
            return not left

        try:
            return self.wait(right, timeout, "Plex shows what Stash has")
        except TimeoutError as error:
            faults = [f"scene {one}: {fault}" for one in scene_ids for fault in self.wrong(one)]
            raise TimeoutError(f"{error}\n" + "\n".join(faults[:20])) from None

    def inferred_paths(self) -> str:
        """Which folder of Stash is which of Plex, as the consumer has found out."""
        database = Database(self.data_dir / DATABASE_NAME)
        try:
            known = json.loads(Ledger(database).facts.get(path_mapping.FACT) or "{}").get("mounts", [])
        finally:
            database.close()
        return "; ".join(f"{one['stash']} in Stash is {one['plex']} in Plex" for one in known) or "nothing"

    def wait_for_review(self, scene_id: int, timeout: float = 30) -> float:
        """Wait until a scene's match waits for a person; returns the seconds it took."""
        database = Database(self.data_dir / DATABASE_NAME)
        ledger = Ledger(database)
        try:
            return self.wait(
                lambda: ledger.scenes.states([scene_id]).get(scene_id) is State.REVIEW, timeout, "it waits for review"
            )
        finally:
            database.close()

    def wait_until_idle(self, timeout: float = 30, *, scheduled: bool = True) -> float:
        """Wait until nothing waits or runs in the queue; returns the seconds it took.

        :param scheduled: what waits for a later time counts too, but for what comes again and again.
        """
        database = Database(self.data_dir / DATABASE_NAME)
        inbox = self.data_dir / "inbox"
        tables = ["task", "claim", f"schedule where ifnull(key, '') not in {REGULAR}"][: 3 if scheduled else 2]
        counts = "select " + " + ".join(f"(select count(*) from {table})" for table in tables)

        def idle() -> bool:
            if any(inbox.glob("*.json")):
                return False
            with database.read() as connection:
                return bool(connection.execute(counts).fetchone()[0] == 0)

        try:
            return self.wait(idle, timeout, "the queue is empty")
        finally:
            database.close()


def _cover(number: int) -> bytes:
    """A picture that no other scene has."""
    return pictures.png(number * 7 % 256, number * 13 % 256, number // 256 * 50 % 256)
