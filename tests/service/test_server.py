"""`r1plan serve` as a process: how it starts, how it stops, and what it says when it cannot."""

import contextlib
import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from tests.service_process import ServiceProcess


def serve(environment: dict[str, str], *, seconds: float = 30.0) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("R1PLAN_")}
    return subprocess.run(
        [sys.executable, "-m", "service", "serve"],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def wait_for_end(service: ServiceProcess, *, seconds: float = 10.0) -> int | None:
    deadline = time.monotonic() + seconds
    while service.exit_status is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return service.exit_status


def test_it_says_where_it_listens_and_ends_well_on_sigterm(sqlite_url: str, free_port: int) -> None:
    service = ServiceProcess(port=free_port, environment={"R1PLAN_DATABASE_URL": sqlite_url})
    with service:
        assert service.stop() == 0
        output = service.output

    assert f"r1plan listens on http://127.0.0.1:{free_port}" in output
    assert "Traceback" not in output


def test_it_ends_well_on_control_c(sqlite_url: str, free_port: int) -> None:
    with ServiceProcess(port=free_port, environment={"R1PLAN_DATABASE_URL": sqlite_url}) as service:
        os.kill(service.pid, signal.SIGINT)
        assert wait_for_end(service) == 0
        assert "Traceback" not in service.output


def test_a_request_under_way_is_answered_before_it_ends(sqlite_url: str, free_port: int) -> None:
    statuses: list[int] = []

    def ask() -> None:
        url = f"http://127.0.0.1:{free_port}/v1/plan?group=none&limit=1000&context=2k&price_kind=any"
        with urllib.request.urlopen(url, timeout=20) as answer:
            statuses.append(answer.status)

    with ServiceProcess(port=free_port, environment={"R1PLAN_DATABASE_URL": sqlite_url}) as service:
        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(0.02)
        status = service.stop()
        asking.join()

    assert status == 0
    assert statuses == [200]


def test_a_taken_port_is_one_clear_line(sqlite_url: str, free_port: int) -> None:
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", free_port))
        taker.listen()
        ended = serve({"R1PLAN_DATABASE_URL": sqlite_url, "R1PLAN_PORT": str(free_port)})

    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert f"127.0.0.1:{free_port}" in ended.stderr
    assert "another program listens there" in ended.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_is_not_this_machines_is_one_clear_line(sqlite_url: str, free_port: int, host: str) -> None:
    ended = serve({"R1PLAN_DATABASE_URL": sqlite_url, "R1PLAN_PORT": str(free_port), "R1PLAN_HOST": host})

    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "R1PLAN_HOST" in ended.stderr


def test_a_wrong_setting_is_one_clear_line(free_port: int) -> None:
    ended = serve({"R1PLAN_PORT": str(free_port), "R1PLAN_DATABASE_URL": "mysql://root:sesame@nowhere/x"})

    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "R1PLAN_DATABASE_URL" in ended.stderr
    assert "sesame" not in ended.stderr


def test_a_database_that_cannot_be_reached_is_one_clear_line(free_port: int, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite3'}"
    ended = serve({"R1PLAN_PORT": str(free_port), "R1PLAN_DATABASE_URL": url})

    assert ended.returncode == 4
    assert ended.stderr.count("\n") == 1


def test_requests_are_logged_in_one_line_without_their_words(sqlite_url: str, free_port: int) -> None:
    environment = {"R1PLAN_DATABASE_URL": sqlite_url, "R1PLAN_REDIS_URL": "redis://:sesame@127.0.0.1:1/0"}
    with ServiceProcess(port=free_port, environment=environment) as service:
        for path in ("/v1/plan?context=3k", "/v1/plan?context=3k", "/v1/ask?q=8b+at+32k+for+alice"):
            with urllib.request.urlopen(f"http://127.0.0.1:{free_port}{path}", timeout=20) as answer:
                answer.read()
        service.stop()
        output = service.output

    lines = [line for line in output.splitlines() if "method=GET" in line]
    assert [line.split("path=")[1].split()[0] for line in lines if "/v1/" in line] == ["/v1/plan", "/v1/ask"]
    assert "redis unreachable, using in-process" in output
    assert "alice" not in output
    assert "sesame" not in output


def test_its_port_is_free_again_at_once(sqlite_url: str, free_port: int) -> None:
    for _ in range(2):
        with ServiceProcess(port=free_port, environment={"R1PLAN_DATABASE_URL": sqlite_url}) as service:
            with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/v1/plan", timeout=20) as answer:
                assert answer.status == 200
            assert service.stop() == 0


def test_a_worker_that_dies_ends_the_service_as_failed(sqlite_url: str, free_port: int) -> None:
    with ServiceProcess(port=free_port, environment={"R1PLAN_DATABASE_URL": sqlite_url}) as service:
        children = Path(f"/proc/{service.pid}/task/{service.pid}/children")
        if not children.exists():
            pytest.skip("this system does not list a process's children in /proc")
        for child in children.read_text().split():
            os.kill(int(child), signal.SIGKILL)
        assert wait_for_end(service) == 1


def test_a_caller_that_goes_away_in_the_middle_is_no_fault_of_the_service(sqlite_url: str, free_port: int) -> None:
    head = b"POST /v1/plan HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
    with ServiceProcess(port=free_port, environment={"R1PLAN_DATABASE_URL": sqlite_url}) as service:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", free_port)) as caller:
                caller.sendall(head)
        with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/metrics", timeout=20) as answer:
            metrics = answer.read().decode()
        service.stop()
        output = service.output

    assert 'status="500"' not in metrics
    assert "Traceback" not in output


def test_a_body_that_does_not_tell_its_length_is_refused_at_the_limit(sqlite_url: str, free_port: int) -> None:
    environment = {"R1PLAN_DATABASE_URL": sqlite_url}
    with ServiceProcess(port=free_port, environment=environment) as service:
        answers: list[tuple[int, str]] = []
        for kibibytes in (64, 65, 256):
            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
            body = itertools.repeat(b" " * 1024, kibibytes)
            # Who is refused may still be sending when the service closes; the answer is there all the same.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request("POST", "/v1/plan", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answers.append((answer.status, json.loads(answer.read())["code"]))
            connection.close()
        assert service.exit_status is None

    assert answers == [(400, "invalid_json"), (413, "body_too_large"), (413, "body_too_large")]
