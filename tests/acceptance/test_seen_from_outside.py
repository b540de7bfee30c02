"""An edit followed by its id from Stash's log to Plex, and a consumer that monitors see, and miss when it has died."""

from __future__ import annotations

import json
import re
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from plexsync.demo.world import World
from plexsync.inbox import event_files
from plexsync.inbox.request_files import STATUS_FILE
from tests.support.places import ROOT


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return int(taken.getsockname()[1])


def got(url: str) -> int:
    """The status of an answer; 0 for none."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def test_one_edit_and_one_consumer_as_others_see_them(tmp_path: Path) -> None:
    pings: list[str] = []

    class Monitor(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            pings.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    address = f"127.0.0.1:{free_port()}"
    with ThreadingHTTPServer(("127.0.0.1", 0), Monitor) as monitor:
        threading.Thread(target=monitor.serve_forever, args=(0.05,), daemon=True).start()
        ping_url = f"http://127.0.0.1:{monitor.server_address[1]}/key-of-the-ping"
        with World(tmp_path, {"PLEXSYNC_HTTP": address, "PLEXSYNC_PING_URL": ping_url}) as world:
            scene = world.add("a film.mp4")
            laid: list[str] = []
            # The hook is asked as Stash asks it, and says in Stash's log how it calls the event.
            sent = json.dumps(
                {
                    "server_connection": {"Scheme": "http", "Host": "127.0.0.1", "Port": 9999},
                    "args": {"hookContext": {"id": scene, "type": "Scene.Update.Post", "input": {"id": str(scene)}}},
                }
            )
            world.stash.edit(scene, title="A new title")
            hook = subprocess.run(
                [sys.executable, "-I", "-S", str(ROOT / "plexsync" / "hook.py")],
                input=sent.encode(),
                capture_output=True,
                env={"PLEXSYNC_DATA_DIR": str(world.data_dir), "PLEXSYNC_AUTOSTART": "false"},
                timeout=30,
                check=True,
            )
            said = re.search(r"as event ([0-9a-f]+)", hook.stderr.decode())
            assert said is not None
            laid.append(said[1])
            assert event_files.is_event_id(laid[0])
            world.start_consumer()
            world.wait_until_right([scene])
            world.wait_until_idle()
            (event,) = laid
            way = json.loads(world.command("trace", event, "--json"))["ways"][0]
            assert [step["what"] for step in way["steps"]] == [
                *("laid", "taken over", "read", "matched", "written", "read back"),
            ]
            own = world.data_dir / "plexsync.log"
            assert stat.S_IMODE(own.stat().st_mode) == 0o600
            lines = [line for line in own.read_text().splitlines() if f"event={event}" in line]
            assert any("wrote title" in line and f"scene={scene}" in line for line in lines)
            assert "key-of-the-ping" not in own.read_text() + world.log_path.read_text()
            assert "synced" in world.command("stats")

            world.wait(lambda: got(f"http://{address}/ready") == 200, 30, "it is ready")
            assert got(f"http://{address}/metrics") == 200
            world.wait(lambda: len(pings) >= 2, 30, "the monitor hears of it")
            assert pings[:2] == ["/key-of-the-ping/start", "/key-of-the-ping"]
            check = [sys.executable, "-I", "-S", str(ROOT / "plexsync" / "healthcheck.py"), str(world.data_dir)]
            assert subprocess.run(check, capture_output=True, timeout=30, check=False).returncode == 0

            world.kill_consumer()
            assert got(f"http://{address}/health") == 0
            status = world.data_dir / STATUS_FILE
            known = json.loads(status.read_text())
            # A minute later.
            status.write_text(json.dumps(known | {"written_at": time.time() - 60}))
            assert subprocess.run(check, capture_output=True, timeout=30, check=False).returncode == 1
        monitor.shutdown()
