"""What has to be so when the weather has cleared and all is quiet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from plexsync.demo.plex import PlexItem
from plexsync.demo.world import World
from plexsync.storage.database import DATABASE_NAME
from tests.chaos.storm.inventory import Inventory
from tests.chaos.storm.tally import Tally, ledger, left_to_do

#: What a dead letter may be for: Plex said that the request is wrong, and would say so again.
PERMANENT = re.compile(r"\((400|422)\)")
#: Lines of the log that are errors and have to be expected in such weather.
EXPECTED_ERRORS = re.compile(r"scene \d+: given up: .*\((400|422)\)|nothing can be synced, ")
#: The start of a line of the log.
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: [+-]\d\d:\d\d)? (?P<level>[A-Z]+) +(?P<text>.*)")
#: Bytes. Generous: what matters is that they do not grow with all that ever happened.
DATABASE_MAX, PER_SCENE, PER_EVENT = 8 << 20, 30_000, 1_000
WAL_MAX = 16 << 20


@dataclass
class Verdict:
    """What is wrong, as sentences, and the figures of the end."""

    faults: list[str] = field(default_factory=list)
    #: Scenes that are not right, or not accounted for.
    suspects: list[int] = field(default_factory=list)
    #: Scenes by their state in the ledger.
    states: Counter[str] = field(default_factory=Counter)
    dead_letters: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    wrong_fields: int = 0
    duplicates: int = 0
    sizes: dict[str, int] = field(default_factory=dict)


def judge(world: World, inventory: Inventory, tally: Tally, but: Collection[int] = ()) -> Verdict:
    """Look at everything, once nothing waits any more.

    :param but: scenes that are still to be judged.
    """
    verdict = Verdict()
    _scenes(verdict, world, inventory, tally, but)
    _pictures(verdict, world)
    _people(verdict, world, inventory)
    _queue(verdict, world, tally)
    _sizes(verdict, world, inventory, tally)
    _log(verdict, world)
    verdict.faults += [f"Plex: {violation}" for violation in sorted(set(world.plex.violations))]
    verdict.faults += [f"the simulation failed: {error!r}" for error in [*world.plex.errors, *world.stash.errors]]
    return verdict


def given_up(world: World) -> dict[int, str]:
    """The dead letters: scene, and class and text of the error."""
    with ledger(world) as connection:
        rows = connection.execute("select scene_id, error_class, message from dead_letter") if connection else ()
        return {scene: f"{kind}: {message}" for scene, kind, message in rows}


def _scenes(verdict: Verdict, world: World, inventory: Inventory, tally: Tally, but: Collection[int]) -> None:
    with ledger(world) as connection:
        rows = connection.execute("select scene_id, state, last_error from scene").fetchall() if connection else []
    states = {scene: (state, error) for scene, state, error in rows}
    letters = given_up(world)
    right = set(inventory.expected_right)
    verdict.states.update(state for state, _ in states.values())
    for scene in sorted(set(tally.events).difference(but)):
        state, error = states.get(scene, ("unknown", None))
        if state == "failed" and PERMANENT.search(letters.get(scene, "")):
            verdict.dead_letters[letters[scene].partition(":")[0]] += 1
            continue
        if scene in inventory.destroyed:
            fine = ["gone", "synced"]
        else:
            fine = ["not_found" if scene in inventory.never_scanned else "synced"]
        wrong = world.wrong(scene) if scene in right else []
        verdict.wrong_fields += len(wrong)
        if state not in fine:
            wrong.append(f"its state is {state} and not {' or '.join(fine)} ({error})")
        if wrong:
            verdict.lost += 1
            verdict.suspects.append(scene)
            verdict.faults.append(f"scene {scene} (item {world.items.get(scene)}): {'; '.join(wrong)}")


def _pictures(verdict: Verdict, world: World) -> None:
    for item in world.plex.items(world.section):
        for kind in ("posters", "arts"):
            held = world.plex.pictures(item.rating_key, kind)
            repeated = len(held) - len(set(held))
            if repeated:
                verdict.duplicates += repeated
                verdict.suspects += [scene for scene, key in world.items.items() if key == item.rating_key]
                verdict.faults.append(f"item {item.rating_key} has {repeated} of its {len(held)} {kind} twice")


def _people(verdict: Verdict, world: World, inventory: Inventory) -> None:
    items = {item.rating_key: item for item in world.plex.items(world.section)}
    for key, entered in inventory.entered.items():
        if key not in items:
            continue
        for name, value in entered.items():
            shown = _shown(items[key], name, value)
            if shown != value:
                verdict.faults.append(f"item {key}: somebody entered {name} {value!r} in Plex, and it is {shown!r}")


def _shown(item: PlexItem, name: str, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    return item.text(name) if isinstance(value, str) else tuple(item.names(name))


def _queue(verdict: Verdict, world: World, tally: Tally) -> None:
    verdict.faults += [f"{number} still in {name}" for name, number in left_to_do(world).items()]
    with ledger(world) as connection:
        aside = connection.execute("select origin, reason from set_aside").fetchall() if connection else []
    # A hook that dies with its Stash leaves a message that it never acknowledged.
    verdict.faults += [
        f"set aside from the {origin}: {reason}" for origin, reason in aside if "cut short" not in reason
    ]
    verdict.faults += [f"a hook said: {text}" for text in tally.refused if text != "exit status -9"]


def _sizes(verdict: Verdict, world: World, inventory: Inventory, tally: Tally) -> None:
    scenes, events = len(inventory.alive), tally.events.total()
    database = world.data_dir / DATABASE_NAME
    bounds = {
        database: DATABASE_MAX + PER_SCENE * scenes + PER_EVENT * events,
        database.with_name(f"{DATABASE_NAME}-wal"): WAL_MAX,
        world.log_path: DATABASE_MAX + PER_EVENT * (events + tally.outcomes.total()),
    }
    for path, bound in bounds.items():
        size = verdict.sizes[path.name] = path.stat().st_size if path.exists() else 0
        if size > bound:
            verdict.faults.append(f"{path.name} has {size} bytes, more than {bound}")
    # Names are kept here: an old file would be taken for a message that waits.
    verdict.sizes["files in the inbox"] = len(list((world.data_dir / "inbox").iterdir()))


def _log(verdict: Verdict, world: World) -> None:
    surprising: Counter[str] = Counter()
    expected = [EXPECTED_ERRORS, *([more] if (more := getattr(world, "expected_errors", None)) else [])]
    for line in world.log_path.read_text(encoding="utf-8", errors="replace").splitlines():
        found = LINE.match(line)
        if found is None:
            surprising[line] += bool(line.strip()) and not line.startswith((" ", "\t"))
        elif found["level"] in ("ERROR", "CRITICAL") and not any(one.match(found["text"]) for one in expected):
            surprising[re.sub(r"\d+", "N", found["text"])] += 1
    verdict.faults += [f"the log says {times} times: {text[:300]}" for text, times in (+surprising).most_common(20)]
