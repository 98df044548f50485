"""Fetch the pictures that notes show from an address, safely and only once.

A stranger's notes decide what is asked for (P9): only http and https, only public addresses,
checked after every redirect and after the name was looked up, and the connection goes to the
very address that was checked. Everything is limited: redirects, bytes, time. A picture once
fetched is used from the cache without asking again, so that a rebuild needs no network and
gives the same bytes (P5); it is asked for anew only when the cache lost it.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import ipaddress
import json
import queue
import socket
import ssl
import tempfile
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from deckbuilder import __version__
from deckbuilder.model import MediaFile
from deckbuilder.pictures.media_types import HEAD_BYTES, MediaType, remote_name, sniff
from deckbuilder.pictures.metadata import strip_metadata
from deckbuilder.replacing import instead_of, sweep_folder

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection
    from urllib3.response import BaseHTTPResponse

_AT_ONCE = 4
_LOADING = threading.Lock()
"""Modules of urllib3 import each other, and two threads that begin to may each find half of one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a fetch may cost. Times in seconds."""

    bytes: int = 25 * 1024 * 1024
    redirects: int = 5
    connect: float = 6.0
    silence: float = 10.0
    """Between two pieces of an answer."""
    each: float = 30.0
    """One picture in all, redirects included."""
    overall: float = 90.0
    """All pictures of a run."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture that is here now."""

    file: MediaFile
    """Its name in the package, and the file in the cache."""
    digest: str
    """SHA-256 of what was fetched, hexadecimal."""


@dataclass(frozen=True, slots=True)
class _Job:
    store: _Store
    limits: Limits
    allow_private: bool
    offline: bool
    max_width: int
    deadline: float


def fetch_all(
    urls: Iterable[str],
    *,
    cache: Path | None,
    offline: bool,
    max_width: int,
    allow_private: bool = False,
    limits: Limits | None = None,
) -> Mapping[str, Fetched | str]:
    """Return every address with its picture, or why there is none, for a warning; never raises.

    *cache* is a folder that may be shared by several runs at once; with None the pictures live
    as long as this process. *offline* asks nobody and uses the cache alone. *allow_private*
    admits this machine's own loopback address, for tests. Proxies of the environment are not
    used: they would hide the address.
    """
    limits = limits or Limits()
    wanted = list(dict.fromkeys(urls))
    if not wanted:
        return {}
    deadline = time.monotonic() + limits.overall
    store = _Store((cache or Path(_scratch().name)) / "remote")
    sweep_folder(store.folder)
    job = _Job(store, limits, allow_private, offline, max_width, deadline)
    results = _in_threads(wanted, job, min(_AT_ONCE, len(wanted)))
    late = f"no time was left; all pictures together may take {limits.overall:g} s"
    return {url: results.get(url) or _failed(url, late) for url in wanted}


@functools.cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that goes when the process ends."""
    return tempfile.TemporaryDirectory(prefix="deckbuilder-", ignore_cleanup_errors=True)


def _in_threads(wanted: list[str], job: _Job, count: int) -> dict[str, Fetched | str]:
    """Return what was done by the deadline; a thread that hangs does not hold up the end."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for url in wanted:
        waiting.put(url)
    results: dict[str, Fetched | str] = {}

    def work() -> None:
        with contextlib.suppress(queue.Empty):
            while time.monotonic() < job.deadline:
                url = waiting.get_nowait()
                results[url] = _one(url, job)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, job.deadline - time.monotonic()))
    return dict(results)


def _failed(url: str, why: str) -> str:
    shown = url if len(url) <= 120 else url[:117] + "…"
    return f"{shown} could not be fetched: {why}"


# One picture ---------------------------------------------------------------------------------


class _RefusedError(Exception):
    """The fetch ends here; the text says why."""


def _one(url: str, job: _Job) -> Fetched | str:
    """Return the picture at *url*, from the cache or from the network."""
    if kept := job.store.read(url):
        return _fetched(kept, job)
    if job.offline:
        return _failed(url, "offline, and not fetched before")
    try:
        data = _download(url, job)
        return _fetched(job.store.write(url, data, _checked(data)), job)
    except _RefusedError as problem:
        return _failed(url, str(problem))
    except OSError as problem:  # the cache: a full disk, a folder that is not to be written
        return _failed(url, f"the cache cannot be written: {problem.strerror or problem}")
    except Exception as problem:  # noqa: BLE001 (a server may send what no parser foresaw)
        return _failed(url, str(problem) or type(problem).__name__)


def _fetched(kept: _Kept, job: _Job) -> Fetched:
    name = remote_name(kept.digest, kept.media, max_width=job.max_width)
    return Fetched(MediaFile(name, kept.path), kept.digest)


def _checked(data: bytes) -> MediaType:
    """Return the type of *data* by content; raises _RefusedError for what is no picture."""
    media = sniff(data[:HEAD_BYTES])
    if media is None:
        start = data[:HEAD_BYTES].lstrip().lower()
        page = start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))
        raise _RefusedError("it is a web page, not a picture" if page else "it is not a picture")
    if media.kind != "image":
        raise _RefusedError("it is not a picture; only pictures are fetched")
    if strip_metadata(data, media.source) is None:
        raise _RefusedError("the picture is cut off or damaged")
    return media


_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def _download(url: str, job: _Job) -> bytes:
    """Return what *url* gives after its redirects."""
    from http.client import HTTPException

    with _LOADING:
        from urllib3 import connection  # noqa: F401
        from urllib3.exceptions import HTTPError

    end = min(job.deadline, time.monotonic() + job.limits.each)
    secure = False
    for _ in range(job.limits.redirects + 1):
        try:
            target = _Target.of(url, allow_private=job.allow_private)
            if secure and not target.secure:
                raise _RefusedError("it redirects from https to http")
            with _opened(target, job.limits, end) as response:
                if response.status in _REDIRECTS and response.headers.get("Location"):
                    url, secure = urljoin(url, response.headers["Location"]), target.secure
                    continue
                if response.status != 200:
                    raise _RefusedError(f"the server answers {response.status}")
                return _body(response, job.limits, end)
        except (HTTPError, HTTPException, OSError, ValueError) as problem:
            late = time.monotonic() >= end
            raise _RefusedError(_reason(problem, job.limits, late=late)) from problem
    raise _RefusedError(f"it redirects more than {job.limits.redirects} times")


def _reason(problem: Exception, limits: Limits, *, late: bool) -> str:
    if late:
        return f"it takes more than {limits.each:g} s"
    if isinstance(problem, socket.gaierror):
        return "the host is not known"
    text = str(problem).partition(": ")[2] or str(problem) or type(problem).__name__
    return text if len(text) < 160 else text[:157] + "…"


def _body(response: BaseHTTPResponse, limits: Limits, end: float) -> bytes:
    """Return the decoded body, read piece by piece against size and time."""
    too_large = f"it is larger than {limits.bytes / 2**20:g} MiB"
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:20]) > limits.bytes:
        raise _RefusedError(too_large)
    packing = response.headers.get("Content-Encoding", "identity")
    if packing not in ("", "identity", "gzip"):
        raise _RefusedError("it is compressed in a way that was not asked for")
    pieces, size = list[bytes](), 0
    while piece := response.read1(64 * 1024, decode_content=False):
        size += len(piece)
        if size > limits.bytes:
            raise _RefusedError(too_large)
        if time.monotonic() >= end:
            break
        pieces.append(piece)
    if time.monotonic() >= end:  # the watch cut the connection: what came may be a part
        raise _RefusedError(f"it takes more than {limits.each:g} s")
    data = b"".join(pieces)
    if packing == "gzip":  # here, as urllib3 looks at no clock while what it unpacks is empty
        data = zlib.decompressobj(wbits=31).decompress(data, limits.bytes + 1)
        if len(data) > limits.bytes:
            raise _RefusedError(too_large)
    return data


# Addresses -----------------------------------------------------------------------------------

# What ipaddress calls global differs between versions of Python, and it knows no clouds.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocols; one of them is a cloud's metadata
        "192.88.99.0/24",  # relays of 6to4
        "168.63.129.16/32",  # a cloud's metadata at an address that looks public
        "::/3",  # only 2000::/3 is given out
        "4000::/2",
        "8000::/1",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class _Target:
    """An address that was checked, and the machine's addresses it may be asked at."""

    secure: bool
    host: str
    netloc: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @classmethod
    def of(cls, url: str, *, allow_private: bool) -> _Target:
        """Return the target of *url*; raises _RefusedError where it must not be asked."""
        if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in url):
            raise _RefusedError("the address holds control characters")
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _RefusedError("only http and https addresses are fetched")
        if parts.username is not None or parts.password is not None:
            raise _RefusedError("the address holds a user name")
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        if port < 1024 and port not in (80, 443):
            raise _RefusedError(f"port {port} is not one for pictures")
        host = _ascii_host(parts.hostname)
        own = f"[{host}]" if ":" in host else host
        netloc = own if port == (443 if secure else 80) else f"{own}:{port}"
        path = urlunsplit(("", "", _escaped(parts.path) or "/", _escaped(parts.query), ""))
        addresses = _addresses(host, port, allow_private=allow_private)
        return cls(secure, host, netloc, port, path, addresses)


def _ascii_host(host: str) -> str:
    try:
        return host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError as problem:
        raise _RefusedError("the host is not a name") from problem


def _escaped(text: str) -> str:
    return quote(text, safe="/%:@!$&'()*+,;=?~-._")


def _addresses(host: str, port: int, *, allow_private: bool) -> tuple[str, ...]:
    """Return the addresses of *host*, refused whole if one of them is not public."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for number in numbers:
        if not _public(number) and not (allow_private and number in ("127.0.0.1", "::1")):
            raise _RefusedError(f"{host} is a private or local address")
    return tuple(numbers[:3])


def _public(number: str) -> bool:
    """Tell whether *number* is an address that anybody on the internet may be asked at."""
    address: Address = ipaddress.ip_address(number.partition("%")[0])
    return all(
        each.is_global
        and not each.is_multicast
        and not any(each in network for network in _NOT_PUBLIC)
        for each in _meant(address)
    )


def _meant(address: Address) -> Iterator[Address]:
    """Yield *address* and the IPv4 address that it may carry, or that alone if it is no other."""
    if not isinstance(address, ipaddress.IPv6Address):
        yield address
    elif address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address in _NAT64:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    else:
        yield address
        if address.sixtofour is not None:
            yield address.sixtofour


# Connections ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(target: _Target, limits: Limits, end: float) -> Iterator[BaseHTTPResponse]:
    """Ask *target* and give its answer; the connection is cut at *end*, whatever it does."""
    headers = {
        "Host": target.netloc,
        "User-Agent": f"deckbuilder/{__version__}",
        "Accept": "image/png,image/jpeg,image/webp,image/gif,image/svg+xml,image/*;q=0.8",
        "Accept-Encoding": "identity",
    }
    connection = _connected(target, limits, end)
    watch = threading.Timer(max(0.0, end - time.monotonic()), _cut, [connection])
    watch.daemon = True
    watch.start()
    try:
        connection.request("GET", target.path, headers=headers, preload_content=False)
        yield connection.getresponse()
    finally:
        watch.cancel()
        connection.close()


def _connected(target: _Target, limits: Limits, end: float) -> HTTPConnection:
    """Return a connection to the first address that answers: one of those checked."""
    problem: Exception = OSError("the host has no address")
    for address in target.addresses:
        left = end - time.monotonic()
        if left <= 0:
            break
        connection = _connection(target, address, min(limits.connect, left))
        try:
            connection.connect()
        except Exception as failure:  # noqa: BLE001 (whatever it is, the next address may do)
            connection.close()
            problem = failure
            continue
        if connection.sock is not None:
            connection.sock.settimeout(limits.silence)
        return connection
    raise problem


def _connection(target: _Target, address: str, timeout: float) -> HTTPConnection:
    from urllib3.connection import HTTPConnection, HTTPSConnection

    if not target.secure:
        return HTTPConnection(address, target.port, timeout=timeout)
    return HTTPSConnection(
        address,
        target.port,
        timeout=timeout,
        ssl_context=_certificates(),
        server_hostname=target.host,
        assert_hostname=target.host,
    )


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Return the authorities of this system and the usual public ones."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _cut(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


# The cache -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kept:
    """A picture in the cache whose content was checked against its digest."""

    path: Path
    digest: str
    media: MediaType


@dataclass(frozen=True, slots=True)
class _Store:
    """One small file an address, one file a content; nothing is ever half written."""

    folder: Path

    def read(self, url: str) -> _Kept | None:
        """Return what is kept for *url*; None if there is nothing, or nothing whole."""
        try:
            entry: Any = json.loads(self._entry(url).read_text("utf-8"))
            digest = str(entry["digest"])
            path = self.folder / f"{digest}.{entry['type']}"
            data = path.read_bytes()
            media = sniff(data[:HEAD_BYTES])
            whole = hashlib.sha256(data).hexdigest() == digest and entry["url"] == _key(url)
            if not whole or media is None or media.source != entry["type"]:
                return None
            return _Kept(path, digest, media)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def write(self, url: str, data: bytes, media: MediaType) -> _Kept:
        """Keep *data* for *url*; the content first, so that the entry is true."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.folder / f"{digest}.{media.source}"
        entry = {"url": _key(url), "digest": digest, "type": media.source}
        self.folder.mkdir(parents=True, exist_ok=True)
        with instead_of(path) as new:
            new.write_bytes(data)
        with instead_of(self._entry(url)) as new:
            new.write_text(json.dumps(entry, indent=1), "utf-8")
        return _Kept(path, digest, media)

    def _entry(self, url: str) -> Path:
        return (
            self.folder / f"{hashlib.sha256(_key(url).encode('utf-8', 'replace')).hexdigest()}.json"
        )


def _key(url: str) -> str:
    return url.strip().partition("#")[0]
