"""What is counted and measured, in a registry of its own (nothing global, so that tests and processes do not mix)."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """The figures of one process. Labels are channel names, outcomes and reasons: never anything about a person."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self.arrivals = Counter(
            "doithoai_arrivals_total",
            "Payloads at the webhook or from polling, by what became of them: new, duplicate, quarantined, refused",
            ["channel", "result"],
            registry=registry,
        )
        self.quarantined = Counter(
            "doithoai_quarantined_total",
            "Inbox entries set aside for a person to look at",
            ["reason"],
            registry=registry,
        )
        self.turn_seconds = Histogram(
            "doithoai_turn_seconds",
            "Time to handle one inbox entry to its end",
            buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
            registry=registry,
        )
        self.pages = Counter(
            "doithoai_pages_total", "Pages for residents by HTTP status", ["page", "status"], registry=registry
        )
        self.sends = Counter(
            "doithoai_sends_total", "Sends by how they ended", ["channel", "outcome"], registry=registry
        )
        self.channel_paused = Gauge(
            "doithoai_channel_paused",
            "1 while a channel rests because nothing gets through",
            ["channel"],
            registry=registry,
        )
        self.queue_age = Gauge(
            "doithoai_inbox_oldest_seconds", "Age of the oldest inbox entry not yet handled", registry=registry
        )
        self.queue_length = Gauge("doithoai_inbox_waiting", "Inbox entries not yet handled", registry=registry)
        self.deliveries = Gauge(
            "doithoai_deliveries", "Deliveries that are not finished, by state", ["state"], registry=registry
        )

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)
