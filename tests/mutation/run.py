"""Plants faults with cosmic-ray, part by part, and prints those that no nearby test noticed."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.mutation.parts import PARTS, Part
from tests.support.places import ROOT

TOOLS = ROOT / ".venv-mutation" / "bin"
PYTHON = ROOT / ".venv" / "bin" / "python"
#: Copies and sessions: a run that was ended goes on from here.
PLACE = Path(tempfile.gettempdir()) / f"plexsync-mutation-{os.getuid()}"
#: Of all operators that would put one sign in the place of another, those that change the least: one whose change is
#: noticed leaves little doubt of the others. ``|`` stands between types here, which nobody evaluates.
OPERATORS = (
    r"core/(?!ReplaceBinaryOperator_|ReplaceComparisonOperator_|ReplaceUnaryOperator_USub)\w+",
    r"core/ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|BitAnd_BitOr)",
    r"core/ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Is_IsNot|IsNot_Is)",
)
#: A fault that makes the tests run for ever is noticed: seconds, and times what they take without one.
PATIENCE, PATIENCE_TIMES = 30.0, 3.0


def main() -> int:
    """Run what is asked for; 0 unless tests fail without a fault."""
    parser = argparse.ArgumentParser(prog="tests/mutation/run.sh", description=__doc__)
    parser.add_argument("--room", choices=sorted({part.room for part in PARTS}), help="this one only")
    parser.add_argument("--sample", type=int, help="so many faults of each part, chosen by chance")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default 1)")
    parser.add_argument("--list", action="store_true", help="only say what is known so far")
    given = parser.parse_args()
    sessions = [Session(part, given.sample, given.seed) for part in PARTS if given.room in (None, part.room)]
    # What runs in here is ended as well then.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    failed = [session.name for session in sessions if not given.list and not session.run()]
    for session in sessions:
        session.report()
    if failed:
        print(f"\nnothing can be said of {', '.join(failed)}: tests fail without a fault")
    return 1 if failed else 0


class Session:
    """The faults of one part: which there are, and which were noticed.

    :param part: what is mutated.
    :param sample: how many faults; None for all.
    """

    def __init__(self, part: Part, sample: int | None, seed: int) -> None:
        self._part = part
        self._sample = sample
        self._chance = random.Random(seed)
        name = Path(part.modules[0]).stem
        state = hashlib.sha256(repr((part, sample, seed, OPERATORS)).encode())
        for path in _sources(part):
            state.update(path.read_bytes())
        self.name = f"{part.room}-{name}-{state.hexdigest()[:10]}"
        self._file = PLACE / f"{self.name}.sqlite"
        self._copy = PLACE / self.name

    def run(self) -> bool:
        """Do what is left to be done; False where the tests fail without a fault."""
        PLACE.mkdir(mode=0o700, exist_ok=True)
        shutil.rmtree(self._copy, ignore_errors=True)
        shutil.copytree(ROOT, self._copy, ignore=shutil.ignore_patterns(".git", ".venv*", "data", "*cache*", ".*cov*"))
        try:
            if not self._file.exists() and not self._begin():
                return False
            print(f"{self.name}: {self._left()} faults to plant", flush=True)
            self._cosmic_ray("exec", self._config, self._file)
        finally:
            shutil.rmtree(self._copy)
        return True

    def report(self) -> None:
        """Print how many faults were noticed, and each that was not."""
        if not self._file.exists():
            print(f"\n{self.name}: not begun")
            return
        with closing(sqlite3.connect(self._file)) as db:
            rows = db.execute(
                "select module_path, start_pos_row, operator_name, test_outcome, diff from work_items "
                "join mutation_specs using (job_id) left join work_results using (job_id) order by 1, 2, 3"
            ).fetchall()
        outcomes = Counter((row[3] or "not tried").lower() for row in rows)
        print(f"\n{self.name}: {', '.join(f'{count} {what}' for what, count in outcomes.most_common())}")
        for path, line, operator, outcome, diff in rows:
            if outcome == "SURVIVED":
                print(f"  {path}:{line} {operator.removeprefix('core/')}")
                changed = [one for one in diff.splitlines() if one[:1] in "+-" and one[:3] not in ("+++", "---")]
                print("\n".join(f"      {one}" for one in changed))

    @property
    def _config(self) -> Path:
        return PLACE / f"{self.name}.toml"

    def _begin(self) -> bool:
        started = time.monotonic()
        # A folder of its own: what a test that was ended has left in the common one would fail the others.
        options = ["-x", "-q", "--tb=line", "-p", "no:cacheprovider", f"--basetemp={PLACE / self.name}-tests"]
        command = [str(PYTHON), "-m", "pytest", *options, *self._part.tests]
        if subprocess.run(command, cwd=self._copy, env=_environ()).returncode:
            return False
        patience = PATIENCE + PATIENCE_TIMES * (time.monotonic() - started)
        settings = {
            "module-path": list(self._part.modules),
            "timeout": patience,
            "test-command": shlex.join(command),
            "excluded-modules": [],
            "distributor": {"name": "local"},
        }
        # TOML's lists, texts and inline tables are written as here; only the sign between name and value differs.
        lines = (f"{name} = {_toml(value)}\n" for name, value in settings.items())
        self._config.write_text("[cosmic-ray]\n" + "".join(lines))
        new = self._file.with_suffix(".new")
        new.unlink(missing_ok=True)
        self._cosmic_ray("init", self._config, new)
        self._choose(new)
        new.rename(self._file)
        return True

    def _choose(self, file: Path) -> None:
        """Leave in a new session what is in the sample, and of operators that say the same but one."""
        with closing(sqlite3.connect(file)) as db, db:
            rows = db.execute(
                "select job_id, operator_name from mutation_specs "
                # A constant that is another number is a matter of judgment.
                "where operator_name <> 'core/NumberReplacer' or ifnull(definition_name, '') <> '' "
                "order by module_path, start_pos_row, start_pos_col, operator_name, occurrence"
            )
            jobs = [job for job, operator in rows if any(re.fullmatch(one, operator) for one in OPERATORS)]
            chosen = jobs if self._sample is None else self._chance.sample(jobs, min(self._sample, len(jobs)))
            db.execute("create temp table chosen as select value as job_id from json_each(?)", (json.dumps(chosen),))
            for table in ("work_results", "mutation_specs", "work_items"):
                db.execute(f"delete from {table} where job_id not in (select job_id from chosen)")

    def _left(self) -> int:
        with closing(sqlite3.connect(self._file)) as db:
            left = "select count(*) from work_items where job_id not in (select job_id from work_results)"
            return int(db.execute(left).fetchone()[0])

    def _cosmic_ray(self, *words: str | Path) -> None:
        command = [TOOLS / "cosmic-ray", *words]
        with subprocess.Popen(command, cwd=self._copy, env=_environ(), start_new_session=True) as process:
            try:
                code = process.wait()
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        if code:
            raise subprocess.CalledProcessError(code, command)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    return json.dumps(value)


def _environ() -> dict[str, str]:
    # Python tells a file that was changed by its size and the second, which a fault may well leave as they were.
    return os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}


def _sources(part: Part) -> list[Path]:
    """The files that are mutated, and the tests."""
    paths = [ROOT / name for name in (*part.modules, *part.tests)]
    return sorted(file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path]))


if __name__ == "__main__":
    sys.exit(main())
