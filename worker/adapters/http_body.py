"""Reads a body in bounds: decoded bytes are counted while they come, over this answer and over all threads."""

import contextlib
import ctypes
import threading
import time
import zlib
from collections.abc import Iterable

import httpcore

from worker.adapters.http_guard import remaining_s
from worker.errors import Refused
from worker.outcomes import Outcome

BYTES_IN_FLIGHT = 64_000_000
STEP = 262_144
"""Bytes are reserved in such steps: asking for each chunk by itself costs a lock per chunk."""
COPIES = 2.5
"""While a body is read it stands in memory twice, what grows and at the end what is handed on; growing keeps room."""
SLOW_AFTER_S = 10.0
MIN_BYTES_PER_S = 500
"""A body that still comes slower than this after ten seconds would hold a thread until the deadline."""

_GZIP_WBITS = 31
_GZIP_MAGIC = b"\x1f\x8b"


_M_MMAP_THRESHOLD = -3
"""``malloc.h`` of glibc."""


def return_large_blocks() -> None:
    """Have the C library give blocks of ``STEP`` bytes and more back to the system as soon as they are free.

    By itself glibc learns from the first large body to keep such blocks for the next, in each thread's own arena: 32
    threads then hold three times what is in flight (``make bombs``). Other C libraries have no such habit.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, STEP)


class ByteBudget:
    """The bytes that all threads of the process may hold together.

    Whoever finds it used up waits for others to give back. One at a time may overdraw, so that readers who all hold
    a part and wait for the rest do not wait for each other; so ``capacity`` is exceeded by one body at most.
    """

    def __init__(self, capacity: int = BYTES_IN_FLIGHT) -> None:
        self._free = capacity
        self._changed = threading.Condition()
        self._overdrawing: object | None = None

    def take(self, holder: object, amount: int) -> None:
        """Reserve bytes for the holder. httpcore.ReadTimeout if there are none until the deadline."""
        with self._changed:
            while amount > self._free and self._overdrawing not in {None, holder}:
                self._changed.wait(min(remaining_s(), 1.0))
            if amount > self._free:
                self._overdrawing = holder
            self._free -= amount

    def give_back(self, holder: object, amount: int) -> None:
        """Return what the holder has reserved."""
        with self._changed:
            self._free += amount
            if self._overdrawing is holder:
                self._overdrawing = None
            self._changed.notify_all()


class Reservation:
    """What one body has reserved of the budget; grows in steps, is given back as a whole."""

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self._held = 0

    def cover(self, size: int) -> None:
        """See that at least ``size`` bytes are reserved."""
        while self._held < size:
            self._budget.take(self, STEP)
            self._held += STEP

    def shrink(self, size: int) -> None:
        """Give back what is held beyond ``size`` bytes."""
        spare = max(0, self._held - size)
        self._held -= spare
        self._budget.give_back(self, spare)

    def release(self) -> None:
        """Give all of it back; harmless if done before."""
        held, self._held = self._held, 0
        self._budget.give_back(self, held)


class CountedBody(bytes):
    """A body that gives its reservation back when nobody holds it any more: the budget outlives ``send``."""

    reservation: Reservation

    def __del__(self) -> None:
        self.reservation.release()


class Inflater:
    """Undoes gzip, never making more than ``limit`` bytes plus one."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._made = 0
        self._stream = zlib.decompressobj(_GZIP_WBITS)

    def decode(self, data: bytes) -> Iterable[bytes]:
        """Yield what the data decodes to. Members that follow each other are one body, other rubbish is ignored."""
        while data:
            if self._stream.eof:
                if not data.startswith(_GZIP_MAGIC):
                    return
                self._stream = zlib.decompressobj(_GZIP_WBITS)
            try:
                made = self._stream.decompress(data, min(STEP, self._limit + 1 - self._made))
            except zlib.error as error:
                raise Refused("the answer's gzip is broken", reason=Outcome.ENCODING_REFUSED) from error
            self._made += len(made)
            yield made
            data = self._stream.unconsumed_tail or self._stream.unused_data


def read_body(
    chunks: Iterable[bytes], *, encoding: str, declared: int, max_bytes: int, reservation: Reservation
) -> CountedBody:
    """Return the decoded body; the reservation now belongs to it. ``declared`` is the Content-Length, 0 if unknown.

    Raises Refused: ``too_large`` over ``max_bytes`` decoded, ``encoding_refused`` for a coding other than one gzip;
    httpcore.ReadTimeout for a body that comes too slowly. A body cut short is returned as far as it came.
    """
    if declared > max_bytes:
        raise Refused(f"more than {max_bytes} bytes", reason=Outcome.TOO_LARGE)
    body = bytearray()
    for piece in _decoded(_timely(chunks), encoding=encoding, max_bytes=max_bytes):
        if len(body) + len(piece) > max_bytes:
            raise Refused(f"more than {max_bytes} bytes", reason=Outcome.TOO_LARGE)
        reservation.cover(int(COPIES * (len(body) + len(piece))))
        body += piece
    counted = CountedBody(body)
    counted.reservation = reservation
    del body
    reservation.shrink(len(counted))
    return counted


def _decoded(chunks: Iterable[bytes], *, encoding: str, max_bytes: int) -> Iterable[bytes]:
    coding = encoding.strip().lower()
    if coding in {"", "identity"}:
        yield from chunks
    elif coding in {"gzip", "x-gzip"}:
        inflater = Inflater(max_bytes)
        for chunk in chunks:
            yield from inflater.decode(chunk)
    else:
        for _ in chunks:  # an answer without a body (304) may name any coding
            raise Refused(f"content coding {coding[:40]!r} is not gzip", reason=Outcome.ENCODING_REFUSED)


def _timely(chunks: Iterable[bytes]) -> Iterable[bytes]:
    started = time.monotonic()
    size = 0
    for chunk in chunks:
        size += len(chunk)
        elapsed = time.monotonic() - started
        remaining_s()
        if elapsed > SLOW_AFTER_S and size < MIN_BYTES_PER_S * elapsed:
            raise httpcore.ReadTimeout(f"{size} bytes in {elapsed:.0f} s are too slow")
        yield chunk
