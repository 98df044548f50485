"""Fetching pictures from a server that misbehaves in every way (CONTRACT P5, P9)."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from deckbuilder.pictures.remote import Fetched, Limits, fetch_all
from tests.support.limits import within
from tests.support.pictures import a_jpeg, a_png, an_svg
from tests.support.process import python

PNG = a_png()
QUICK = Limits(bytes=200_000, redirects=3, connect=1, silence=0.7, each=1, overall=10)


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail, instead of asking a stranger, should a check one day let an address through."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        assert address[0] in ("127.0.0.1", "::1"), f"would connect to {address}"
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@dataclass
class Server:
    """A server on 127.0.0.1 whose answers are functions of the request."""

    port: int
    answers: dict[str, Callable[[http.server.BaseHTTPRequestHandler], None]] = field(
        default_factory=dict
    )
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def gives(self, path: str, data: bytes = PNG, **headers: str) -> str:
        """Let *path* give *data* with a right length; return its address."""
        headers = {"Content-Length": str(len(data))} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return self.says(path, f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + data)

    def says(self, path: str, answer: bytes) -> str:
        """Let *path* give these bytes, head and all; return its address."""

        def write(handler: http.server.BaseHTTPRequestHandler) -> None:
            handler.wfile.write(answer)

        self.answers[path] = write
        return self.url(path)

    def redirects(self, path: str, target: str, status: int = 302) -> str:
        head = f"HTTP/1.1 {status} Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
        return self.says(path, head.encode())


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append(self.path)
            here.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.close_connection = True
            with contextlib.suppress(OSError):
                answer = here.answers.get(self.path)
                if answer:
                    answer(self)
                else:
                    self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64  # of more that come at once, the system lets some wait a second

        def handle_error(self, *_: object) -> None:
            pass

    listening = Quiet(("127.0.0.1", 0), Handler)
    here = Server(listening.server_port)
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield here
    listening.shutdown()
    listening.server_close()


def fetch(
    url: str,
    cache: Path | None,
    *,
    limits: Limits = QUICK,
    offline: bool = False,
    allow_private: bool = True,
) -> Fetched | str:
    results = fetch_all(
        [url],
        cache=cache,
        offline=offline,
        max_width=1600,
        allow_private=allow_private,
        limits=limits,
    )
    return results[url]


def failure(url: str, cache: Path | None, **options: bool) -> str:
    result = fetch(url, cache, **options)  # type: ignore[arg-type]
    assert isinstance(result, str), result
    assert "could not be fetched" in result
    return result


def picture(url: str, cache: Path | None, **options: bool) -> Fetched:
    result = fetch(url, cache, **options)  # type: ignore[arg-type]
    assert isinstance(result, Fetched), result
    return result


# What works -----------------------------------------------------------------------------------


def test_a_picture_is_fetched_and_named_by_its_content(server: Server, tmp_path: Path) -> None:
    got = picture(server.gives("/user-attachments/assets/ea7a34bf"), tmp_path)
    assert got.file.path.read_bytes() == PNG
    assert got.file.name.startswith("remote-")
    assert got.file.name.endswith(".png")
    assert got.file.path.is_relative_to(tmp_path)
    other = picture(server.gives("/other/name.jpg?x=1"), tmp_path)
    assert other.file.name == got.file.name, "the address has no part in the name"


def test_the_type_is_the_content_s_not_the_server_s(server: Server, tmp_path: Path) -> None:
    url = server.gives("/x.png", a_jpeg(), Content_Type="text/html")
    assert picture(url, tmp_path).file.name.endswith(".jpg")
    assert picture(server.gives("/x", an_svg()), tmp_path).file.name.endswith(".svg")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(server: Server, tmp_path: Path, status: int) -> None:
    server.gives("/signed?key=1&x=%2F")
    server.redirects("/second", "signed?key=1&x=%2F", status)
    picture(server.redirects("/first", "/second", status), tmp_path)


def test_headers_say_who_asks_and_nothing_more(server: Server, tmp_path: Path) -> None:
    server.gives("/a", Set_Cookie="id=1; Path=/")
    picture(server.redirects("/r", "/a"), tmp_path)
    assert {"cookie", "authorization", "referer"}.isdisjoint({*server.headers[1]})
    assert server.headers[1]["user-agent"].startswith("deckbuilder/")
    assert server.headers[1]["host"] == f"127.0.0.1:{server.port}"


def test_unusual_addresses(server: Server, tmp_path: Path) -> None:
    server.gives("/%E5%9B%BE%201.png?q=%E5%9B%BE")
    picture(server.url("/图 1.png?q=图#part"), tmp_path)


def test_several_are_fetched_at_once_and_each_once(server: Server, tmp_path: Path) -> None:
    def slowly(handler: http.server.BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + PNG)

    urls = [server.url(f"/{number}") for number in range(8)]
    for number in range(8):
        server.answers[f"/{number}"] = slowly
    with within(8 * 0.3, waiting=True):
        results = fetch_all(
            urls * 2, cache=tmp_path, offline=False, max_width=0, allow_private=True, limits=QUICK
        )
        assert list(results) == urls
        assert all(isinstance(result, Fetched) for result in results.values())
        assert sorted(server.asked) == [f"/{number}" for number in range(8)]


def test_gzip_is_unpacked(server: Server, tmp_path: Path) -> None:
    url = server.gives("/a", gzip.compress(PNG), Content_Encoding="gzip")
    assert picture(url, tmp_path).file.path.read_bytes() == PNG


def test_chunks_are_joined(server: Server, tmp_path: Path) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (PNG[:50], PNG[50:], b""))
    url = server.says("/a", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    assert picture(url, tmp_path).file.path.read_bytes() == PNG


# The cache ------------------------------------------------------------------------------------


def test_a_cached_picture_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    url = server.gives("/a", ETag='"1"')
    first = picture(url, tmp_path)
    server.gives("/a", a_png(9, 9))
    assert picture(url, tmp_path) == first
    assert picture(url, tmp_path, offline=True) == first
    assert picture(url + "#part", tmp_path) == first
    assert server.asked == ["/a"]


def test_offline_asks_nobody(server: Server, tmp_path: Path) -> None:
    assert "offline" in failure(server.gives("/a"), tmp_path, offline=True)
    assert server.asked == []


@pytest.mark.parametrize("damage", [b"", b"x", PNG[:-1], PNG + b"x", a_png(9, 9)])
def test_a_damaged_cache_is_fetched_again(server: Server, tmp_path: Path, damage: bytes) -> None:
    url = server.gives("/a")
    path = picture(url, tmp_path).file.path
    path.write_bytes(damage)
    assert picture(url, tmp_path).file.path.read_bytes() == PNG


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", "[" * 100_000, "{}", '{"digest": "../../x", "type": "png"}'],
    ids=lambda text: text[:9],
)
def test_a_damaged_entry_is_written_again(server: Server, tmp_path: Path, damage: str) -> None:
    url = server.gives("/a")
    picture(url, tmp_path)
    (entry,) = (tmp_path / "remote").glob("*.json")
    entry.write_text(damage, "utf-8")
    picture(url, tmp_path)
    assert json.loads(entry.read_text("utf-8"))["url"] == url


def test_leftovers_of_killed_processes_are_swept(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "remote"
    folder.mkdir()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead, alive, own = (
        folder / f".deckbuilder-01234567-{process}-0.tmp" for process in (ended.pid, 1, os.getpid())
    )
    for path in (dead, alive, own):
        path.touch()
    picture(server.gives("/a"), tmp_path)
    assert not dead.exists()
    assert alive.exists()
    assert own.exists(), "another thread may be writing it"


def test_many_threads_may_share_a_cache(server: Server, tmp_path: Path) -> None:
    url = server.gives("/a")
    results: list[Fetched | str] = []
    threads = [
        threading.Thread(target=lambda: results.append(fetch(url, tmp_path))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {type(result) for result in results} == {Fetched}
    assert not list((tmp_path / "remote").glob("*.tmp"))


def test_threads_that_need_the_network_library_first_all_get_it(
    server: Server, tmp_path: Path
) -> None:
    """Its modules import each other: of eight threads that began at once, some found half of it."""
    urls = [server.gives(f"/{number}") for number in range(8)]
    program = (
        "import sys; from pathlib import Path; from deckbuilder.pictures import remote\n"
        "remote._AT_ONCE = 8; sys.setswitchinterval(1e-6)\n"
        "cache = Path(sys.argv[1])\n"
        "asked = {'offline': False, 'max_width': 0, 'allow_private': True}\n"
        "found = remote.fetch_all(sys.argv[2:], cache=cache, **asked)\n"
        "print(*[one for one in found.values() if not isinstance(one, remote.Fetched)])"
    )
    for run in range(3):
        done = python("-c", program, str(tmp_path / str(run)), *urls)
        assert (done.stdout.strip(), done.stderr) == ("", "")


def test_a_cache_that_cannot_be_written_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "remote").write_text("a file where a folder must be", "utf-8")
    assert "cache cannot be written" in failure(server.gives("/a"), tmp_path)


def test_without_a_cache_the_picture_lives_as_long_as_the_process(server: Server) -> None:
    assert picture(server.gives("/no-cache"), None).file.path.read_bytes() == PNG


# Addresses that are not asked -----------------------------------------------------------------

PRIVATE = [
    "127.0.0.1",
    "127.0.0.2",
    "127.1",
    "0x7f000001",
    "2130706433",
    "0",
    "localhost",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b:1::1]",
    "[4000::1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
]


@pytest.mark.parametrize("host", PRIVATE)
def test_private_hosts_are_refused(host: str, tmp_path: Path) -> None:
    assert "private or local" in failure(f"http://{host}/x.png", tmp_path, allow_private=False)


LOOPBACK = ("127.0.0.1", "127.1", "0x7f000001", "2130706433", "localhost", "[::1]")


@pytest.mark.parametrize("host", [host for host in PRIVATE if host not in LOOPBACK])
def test_a_redirect_to_a_private_host_is_refused(server: Server, tmp_path: Path, host: str) -> None:
    assert "private or local" in failure(server.redirects("/r", f"http://{host}/x"), tmp_path)


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x.png",
        "gopher://127.0.0.1/x",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "//127.0.0.1:22/x",
        "http://user:secret@127.0.0.1/x.png",
        "http://127.0.0.1:99999/x",
        "http://[::1/x",
    ],
)
def test_redirects_to_other_than_web_addresses_are_refused(
    server: Server, tmp_path: Path, target: str
) -> None:
    failure(server.redirects("/r", target), tmp_path)
    failure(target, tmp_path)
    assert server.asked == ["/r"]


@pytest.mark.parametrize("url", ["", "x.png", "http://", "http:///x", "http://.", "https://x..y/"])
def test_what_is_no_address_is_refused(tmp_path: Path, url: str) -> None:
    failure(url, tmp_path)


def test_control_characters_in_an_address_are_refused(tmp_path: Path) -> None:
    assert "control" in failure("http://127.0.0.1/x\r\nHost: evil", tmp_path)


def test_a_name_that_leads_to_several_addresses_is_refused_for_one_that_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (number, 80)) for number in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", names)
    assert "private" in failure("http://rebind.example/x.png", tmp_path, allow_private=False)


def test_the_connection_goes_to_the_address_that_was_checked(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers otherwise the second time (DNS rebinding) changes nothing."""
    real, asked = socket.getaddrinfo, list[str]()

    def names(host: str, *rest: object, **options: object) -> object:
        if host == "pictures.example":
            asked.append(host)
            first = len(asked) == 1
            return [(2, 1, 6, "", ("127.0.0.1" if first else "10.0.0.1", server.port))]
        return real(host, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", names)
    server.gives("/a")
    picture(f"http://pictures.example:{server.port}/a", tmp_path)
    assert asked == ["pictures.example"]
    assert server.headers[0]["host"] == f"pictures.example:{server.port}"


def test_unknown_hosts_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "host is not known" in failure("https://nowhere.example/x", tmp_path)


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    failure(f"http://127.0.0.1:{port}/x", tmp_path)


def test_https_needs_a_certificate(server: Server, tmp_path: Path) -> None:
    failure(server.gives("/a").replace("http:", "https:"), tmp_path)


# Servers that misbehave -----------------------------------------------------------------------


def test_redirects_in_a_circle_end(server: Server, tmp_path: Path) -> None:
    server.redirects("/b", "/a")
    assert "redirects more than 3 times" in failure(server.redirects("/a", "/b"), tmp_path)
    assert len(server.asked) == 4


@pytest.mark.parametrize("status", [204, 206, 304, 400, 401, 403, 404, 410, 429, 500, 503])
def test_other_answers_are_named(server: Server, tmp_path: Path, status: int) -> None:
    url = server.says("/a", f"HTTP/1.1 {status} Oh\r\nContent-Length: 0\r\n\r\n".encode())
    assert f"answers {status}" in failure(url, tmp_path)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<!DOCTYPE html><html>please log in</html>", "web page"),
        (b"<html>", "web page"),
        (b"", "not a picture"),
        (b"hello", "not a picture"),
        (b"ID3\x04" + b"\0" * 50, "only pictures"),
        (PNG[:-20], "cut off"),
        (a_jpeg()[:-20], "cut off"),
    ],
    ids=["page", "short page", "nothing", "text", "sound", "png", "jpeg"],
)
def test_what_is_no_whole_picture_is_not_kept(
    server: Server, tmp_path: Path, data: bytes, why: str
) -> None:
    assert why in failure(server.gives("/a.png", data, Content_Type="image/png"), tmp_path)
    assert not list((tmp_path / "remote").glob("*"))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + PNG,
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n" + PNG,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + PNG,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + PNG[:64] + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + PNG,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(PNG)[:-20],
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n" + PNG,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n" + PNG,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n" + PNG,
        b"HTTP/1.1 302 Found\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://\xff\xfe/\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://" + b"a" * 300 + b".example/\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    ],
    ids=lambda answer: repr(answer[:48]),
)
def test_broken_answers_are_a_failure_and_nothing_more(
    server: Server, tmp_path: Path, answer: bytes
) -> None:
    with within(QUICK.each + 1, waiting=True):
        failure(server.says("/a", answer), tmp_path)


def test_nonsense_in_headers_that_do_not_matter_is_no_failure(
    server: Server, tmp_path: Path
) -> None:
    head = b"HTTP/1.1 200 OK\r\nSet-Cookie: \xff=;;;=\r\nContent-Type: \xe5\x9b\xbe\r\n"
    head += b"X:\r\nETag: \xff\r\n"
    url = server.says("/a", head + b"\r\n" + PNG)
    picture(url, tmp_path)


def test_a_body_larger_than_allowed_is_not_read_to_its_end(server: Server, tmp_path: Path) -> None:
    sent = 0

    def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + PNG)
        while sent < 500_000_000:
            handler.wfile.write(b"\0" * 100_000)
            sent += 100_000

    server.answers["/a"] = endless
    assert "larger than 0.19" in failure(server.url("/a"), tmp_path)
    time.sleep(0.2)
    assert sent < 50_000_000


def test_a_length_that_is_too_large_is_believed_at_once(server: Server, tmp_path: Path) -> None:
    url = server.says("/a", b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n" + PNG)
    with within(1, waiting=True):
        assert "MiB" in failure(url, tmp_path)


def test_a_gzip_bomb_stops_at_the_limit(server: Server, tmp_path: Path) -> None:
    bomb = gzip.compress(PNG + b"\0" * 300_000_000)
    with within(3, waiting=True):
        assert "larger than" in failure(server.gives("/a", bomb, Content_Encoding="gzip"), tmp_path)


@pytest.mark.parametrize(
    ("begins", "goes_on"),
    [(b"", gzip.compress(b"")), (gzip.compress(b"")[:10], b"\0\0\0\xff\xff")],
    ids=["files", "blocks"],
)
def test_a_gzip_of_nothing_without_end_ends_in_time(
    server: Server, tmp_path: Path, begins: bytes, goes_on: bytes
) -> None:
    def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + begins)
        while True:
            handler.wfile.write(goes_on * 2000)

    server.answers["/a"] = endless
    limits = replace(QUICK, bytes=2**25)
    with within(QUICK.each + 1, waiting=True):
        assert isinstance(fetch(server.url("/a"), tmp_path, limits=limits), str)


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\n\r\n" + PNG,
        b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + PNG,
    ],
    ids=["status", "head", "body", "body with length"],
)
def test_a_slow_drip_ends_in_time(server: Server, tmp_path: Path, first: bytes) -> None:
    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(first)
        for _ in range(200):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.1)

    server.answers["/a"] = drip
    with within(QUICK.each + 1, waiting=True):
        assert "more than 1 s" in failure(server.url("/a"), tmp_path)


def test_silence_ends_in_time(server: Server, tmp_path: Path) -> None:
    server.answers["/a"] = lambda _: time.sleep(5)
    with within(QUICK.silence + 1, waiting=True):
        failure(server.url("/a"), tmp_path)


def test_slow_redirects_share_the_time_of_one_picture(server: Server, tmp_path: Path) -> None:
    def slow(handler: http.server.BaseHTTPRequestHandler) -> None:
        time.sleep(0.4)
        handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n")

    server.answers["/a"] = slow
    with within(QUICK.each + 1, waiting=True):
        failure(server.url("/a"), tmp_path)


def test_all_pictures_together_have_a_limit_too(server: Server, tmp_path: Path) -> None:
    for number in range(12):
        server.answers[f"/{number}"] = lambda _: time.sleep(5)
    urls = [server.url(f"/{number}") for number in range(12)]
    limits = Limits(silence=3, each=3, overall=1)
    with within(2, waiting=True):
        results = fetch_all(
            urls, cache=tmp_path, offline=False, max_width=0, allow_private=True, limits=limits
        )
    assert all(isinstance(result, str) for result in results.values())
    assert list(results) == urls


def test_one_bad_address_does_not_spoil_the_others(server: Server, tmp_path: Path) -> None:
    good, bad = server.gives("/good"), server.url("/bad")
    results = fetch_all([bad, good], cache=tmp_path, offline=False, max_width=0, allow_private=True)
    assert isinstance(results[bad], str)
    assert isinstance(results[good], Fetched)


def test_nothing_asked_nothing_done(tmp_path: Path) -> None:
    assert fetch_all([], cache=tmp_path / "new", offline=False, max_width=0) == {}
    assert not (tmp_path / "new").exists()
