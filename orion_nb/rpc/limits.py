"""How big and how many: what either side accepts. Bytes, unless said otherwise."""

from __future__ import annotations

from typing import Any

MIB = 1 << 20

MESSAGE = 4 * MIB
"""Of one message. A larger one ends its call with RESOURCE_EXHAUSTED."""
FULL = MESSAGE - MIB
"""A message that has reached this is sent; no single item is larger than the difference."""
CHUNK = MIB
"""Of a large value, per message."""
PART_TASKS = 1_000
"""Tasks per part of a graph: the runtime reads one part while the client packs the next."""
GRAPH = 512 * MIB
GRAPH_TASKS = 250_000
"""Of all parts of one graph together, which the runtime holds until the last one has come."""
UPLOAD = 1 << 40
"""Of one large value; the disk sets the real limit."""
PUSHED = 4_096
"""A result up to this is told with the end of its task; a larger one must be asked for."""
NAME = 512
"""Characters of an id, a session's name, the key of a note."""
NOTE = MIB
"""Of one note."""
NOTES = 4_096
"""Notes of one session: two for each task cell of a notebook."""

CONNECTIONS = 64
"""Sessions at a time."""
QUESTIONS = 32
"""Calls answered at a time, besides the sessions' streams."""
HELLO_WITHIN = 10.0
"""Seconds that a new stream has to say who it is."""
WELCOME_WITHIN = 15.0
"""Seconds that a runtime has to answer it."""
FEED_ITEMS = 20_000
FEED_BYTES = 64 * MIB
"""What is kept of the feed for those who come back or are slow; about so much."""
WINDOW = 20_000
"""Items of the feed that may be on the way to a client that has not dealt with them."""


def channel_options() -> list[tuple[str, Any]]:
    """Of clients and servers alike."""
    return [
        ("grpc.max_receive_message_length", MESSAGE),
        ("grpc.max_send_message_length", MESSAGE),
        ("grpc.max_metadata_size", 16 << 10),
        ("grpc.so_reuseport", 0),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.enable_http_proxy", 0),  # a proxy for the web is no way to this machine
    ]
