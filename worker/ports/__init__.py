"""What the stages need from the world, one port a concern.

Each says what it promises; ``tests/contract`` proves the promise of every adapter.
"""

from worker.ports.blobs import SWEEP_PARTS, BlobStore
from worker.ports.channels import Channel, Delivery, Message
from worker.ports.clock import Clock
from worker.ports.results import (
    CREATE,
    STORE_TIMEOUT_S,
    Document,
    Hit,
    Kind,
    Page,
    Query,
    ResultStore,
    Stored,
    Write,
    WriteResult,
    WriteStatus,
)
from worker.ports.tagging import Tagger, TaggerInput, TaggerOutput
from worker.ports.web import HostGate, HttpClient, HttpRequest, HttpResponse, Slot
from worker.ports.work import Bell, Breaker, Counters, FeedStates, FingerprintStore, Leases, Neighbour, WorkLedger

__all__ = [
    "CREATE",
    "STORE_TIMEOUT_S",
    "SWEEP_PARTS",
    "Bell",
    "BlobStore",
    "Breaker",
    "Channel",
    "Clock",
    "Counters",
    "Delivery",
    "Document",
    "FeedStates",
    "FingerprintStore",
    "Hit",
    "HostGate",
    "HttpClient",
    "HttpRequest",
    "HttpResponse",
    "Kind",
    "Leases",
    "Message",
    "Neighbour",
    "Page",
    "Query",
    "ResultStore",
    "Slot",
    "Stored",
    "Tagger",
    "TaggerInput",
    "TaggerOutput",
    "WorkLedger",
    "Write",
    "WriteResult",
    "WriteStatus",
]
