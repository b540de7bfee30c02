"""The server under the simulations: it starts and stops at will, and fails in every way it is told to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
import trustme

from plexsync.demo.http import DropConnection, PlannedFault, Request, Response, SimulatedServer
from plexsync.demo.http import server as server_module

#: Seconds.
TIMEOUT = 5.0


class Notebook(SimulatedServer):
    """Writes down what is PUT and shows it."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]  # handed through as they are
        self.notes: list[str] = []

    def respond(self, request: Request) -> Response:
        if request.path == "/wait":
            self.pause(30)
        if request.path == "/drop":
            raise DropConnection
        if request.path == "/bug":
            raise KeyError("a bug")
        if request.method == "PUT":
            self.notes.append(request.body.decode())
            return Response()
        return Response.json({"notes": self.notes, "name": request.param("name")})


@pytest.fixture
def server() -> Iterator[Notebook]:
    with Notebook() as running:
        yield running


@pytest.fixture
def client(server: Notebook) -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def eventually(holds: object, seconds: float = TIMEOUT) -> None:
    assert callable(holds)
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.005)


def test_a_query_is_decoded_once(server: Notebook, client: requests.Session) -> None:
    answer = client.get(f"{server.url}/?name=a%252Cb+c", timeout=TIMEOUT)
    assert answer.json()["name"] == "a%2Cb c"


def test_many_requests_share_one_connection(server: Notebook, client: requests.Session) -> None:
    for _ in range(20):
        client.get(server.url, timeout=TIMEOUT)
    assert server.counters["GET"] == 20
    assert server.counters["connections"] == 1


def test_an_idle_connection_is_closed() -> None:
    with Notebook(idle_timeout=0.1) as server, socket.create_connection(("127.0.0.1", server.port), TIMEOUT) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert raw.recv(65536).startswith(b"HTTP/1.1 200")
        assert raw.recv(65536) == b""


def test_a_server_that_has_not_started_refuses_connections() -> None:
    with pytest.raises(requests.ConnectionError, match="refused"):
        requests.get(Notebook().url, timeout=TIMEOUT)


def test_a_stopped_server_refuses_connections_and_comes_back_on_the_same_port(
    server: Notebook, client: requests.Session
) -> None:
    url = server.url
    client.put(url, data="kept", timeout=TIMEOUT)
    server.stop()
    with pytest.raises(requests.ConnectionError, match="refused"):
        client.get(url, timeout=TIMEOUT)
    server.start()
    assert server.url == url
    assert client.get(url, timeout=TIMEOUT).json()["notes"] == ["kept"]


def test_stopping_breaks_off_what_is_being_served(server: Notebook) -> None:
    stopper = threading.Timer(0.1, server.stop)
    stopper.start()
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{server.url}/wait", timeout=TIMEOUT)
    stopper.join()
    assert time.monotonic() - started < 2


def test_stopping_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    with Notebook() as server, requests.Session() as client:
        client.get(server.url, timeout=TIMEOUT)
        assert set(threading.enumerate()) > before
    eventually(lambda: set(threading.enumerate()) == before)


def test_stopping_twice_is_stopping_once(server: Notebook) -> None:
    server.stop()
    server.stop()
    assert not server.running


def test_the_log_names_headers_without_their_values(server: Notebook, client: requests.Session) -> None:
    client.put(f"{server.url}/a?b=c", data="four", headers={"X-Secret": "hidden"}, timeout=TIMEOUT)
    (entry,) = server.log
    assert (entry.method, entry.path, entry.query, entry.body_bytes, entry.status) == ("PUT", "/a", "b=c", 4, 200)
    assert "x-secret" in entry.header_names
    assert entry.duration is not None
    assert abs(entry.started - time.time()) < TIMEOUT
    assert "hidden" not in repr(entry)


def test_the_largest_number_of_requests_at_once_is_remembered(server: Notebook) -> None:
    server.faults.add(PlannedFault("hang", times=3))
    threads = [threading.Thread(target=requests.get, args=(server.url,), kwargs={"timeout": 5}) for _ in range(3)]
    for thread in threads:
        thread.start()
    eventually(lambda: server.faults.struck["hang"] == 3)
    server.faults.release()
    for thread in threads:
        thread.join()
    requests.get(server.url, timeout=TIMEOUT)
    assert server.peak_concurrency == 3


def test_a_dropped_connection_is_reset(server: Notebook) -> None:
    with pytest.raises(requests.ConnectionError, match="reset"):
        requests.get(f"{server.url}/drop", timeout=TIMEOUT)


def test_a_fault_of_the_simulation_itself_is_raised_at_the_end() -> None:
    with pytest.raises(KeyError, match="a bug"), Notebook() as server:
        assert requests.get(f"{server.url}/bug", timeout=TIMEOUT).status_code == 500


def test_a_status_fault_answers_with_it_as_often_as_asked(server: Notebook, client: requests.Session) -> None:
    server.faults.add(PlannedFault("status", times=2, status=503, retry_after=7))
    answers = [client.put(server.url, data="x", timeout=TIMEOUT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert server.notes == ["x"]


def test_retry_after_can_be_a_date(server: Notebook, client: requests.Session) -> None:
    server.faults.add(PlannedFault("status", status=429, retry_after=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)))
    assert client.get(server.url, timeout=TIMEOUT).headers["Retry-After"] == "Wed, 02 Jan 2030 03:04:05 GMT"


def test_a_fault_strikes_only_what_it_matches(server: Notebook, client: requests.Session) -> None:
    server.faults.add(PlannedFault("status", match=lambda request: request.method == "PUT"))
    assert client.get(server.url, timeout=TIMEOUT).status_code == 200
    assert client.put(server.url, timeout=TIMEOUT).status_code == 500
    assert [entry.fault for entry in server.log] == [None, "status"]


def test_a_fault_without_end_lasts_until_it_is_removed(server: Notebook, client: requests.Session) -> None:
    fault = server.faults.add(PlannedFault("status", times=None))
    assert {client.get(server.url, timeout=TIMEOUT).status_code for _ in range(5)} == {500}
    server.faults.remove(fault)
    assert client.get(server.url, timeout=TIMEOUT).status_code == 200


def test_a_hanging_request_is_served_when_it_is_released(server: Notebook) -> None:
    server.faults.add(PlannedFault("hang"))
    with pytest.raises(requests.ReadTimeout):
        requests.put(server.url, data="late", timeout=0.1)
    assert server.notes == []
    server.faults.release()
    eventually(lambda: server.notes == ["late"])


def test_a_hanging_request_is_dropped_when_the_server_stops(server: Notebook) -> None:
    server.faults.add(PlannedFault("hang"))
    stopper = threading.Timer(0.1, server.stop)
    stopper.start()
    with pytest.raises(requests.ConnectionError):
        requests.put(server.url, data="lost", timeout=TIMEOUT)
    stopper.join()
    assert server.notes == []


def test_a_reset_carries_nothing_out(server: Notebook, client: requests.Session) -> None:
    server.faults.add(PlannedFault("reset"))
    with pytest.raises(requests.ConnectionError, match="reset"):
        client.put(server.url, data="lost", timeout=TIMEOUT)
    assert server.notes == []


def test_a_truncated_answer_is_shorter_than_promised(server: Notebook, client: requests.Session) -> None:
    server.faults.add(PlannedFault("truncate"))
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        client.get(server.url, timeout=TIMEOUT)


def test_an_html_page_comes_with_status_200(server: Notebook, client: requests.Session) -> None:
    server.faults.add(PlannedFault("html"))
    answer = client.get(server.url, timeout=TIMEOUT)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert "<html>" in answer.text


def test_half_a_json_document_is_a_complete_answer(server: Notebook, client: requests.Session) -> None:
    server.faults.add(PlannedFault("half_json"))
    answer = client.get(server.url, timeout=TIMEOUT)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_slow_answer_comes_after_its_delay(server: Notebook, client: requests.Session) -> None:
    server.faults.add(PlannedFault("slow", seconds=0.2))
    started = time.monotonic()
    assert client.get(server.url, timeout=TIMEOUT).status_code == 200
    assert time.monotonic() - started >= 0.2


def test_a_dripping_body_outlives_the_time_out_between_bytes(server: Notebook, client: requests.Session) -> None:
    server.faults.add(PlannedFault("drip", seconds=0.02))
    started = time.monotonic()
    answer = client.get(server.url, timeout=0.3)
    assert answer.json()["notes"] == []
    assert time.monotonic() - started >= 0.02 * len(answer.content)


@pytest.mark.parametrize("then", ["reset", "hang", "status", "html"])
def test_a_failure_afterwards_loses_the_answer_but_not_the_write(server: Notebook, then: str) -> None:
    server.faults.add(PlannedFault("after", then=then, status=502))  # type: ignore[arg-type]  # one of its values
    try:
        answer = requests.put(server.url, data="written", timeout=0.2)
    except (requests.ConnectionError, requests.ReadTimeout) as error:
        lost = "timeout" if isinstance(error, requests.ReadTimeout) else "reset"
    else:
        lost = f"{answer.status_code} {answer.headers['Content-Type']}"
    assert lost == {"reset": "reset", "hang": "timeout", "status": "502 text/html", "html": "200 text/html"}[then]
    assert server.notes == ["written"]


def test_tls_is_spoken_with_a_certificate(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    with Notebook(cert_file=tmp_path / "server.pem") as server:
        assert server.url.startswith("https://")
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(server.url, timeout=TIMEOUT)
        assert requests.get(server.url, timeout=TIMEOUT, verify=str(tmp_path / "ca.pem")).status_code == 200
        server.faults.add(PlannedFault("reset"))
        with pytest.raises(requests.ConnectionError):
            requests.get(server.url, timeout=TIMEOUT, verify=str(tmp_path / "ca.pem"))


def test_plain_http_to_a_tls_port_disturbs_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    with Notebook(cert_file=tmp_path / "server.pem") as server, pytest.raises(requests.ConnectionError):
        requests.get(server.url.replace("https", "http"), timeout=TIMEOUT)
    assert capfd.readouterr() == ("", "")


def test_a_server_that_is_stopped_keeps_its_port_from_other_simulations(monkeypatch: pytest.MonkeyPatch) -> None:
    with Notebook() as stopped:
        stopped.stop()
        monkeypatch.setattr(server_module, "PORTS", range(stopped.port, stopped.port + 100))
        others = [Notebook() for _ in range(20)]
        assert stopped.port not in {other.port for other in others}
        assert len({other.port for other in others}) == 20
        stopped.start()
        assert requests.get(stopped.url, timeout=TIMEOUT).ok
