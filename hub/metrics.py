"""The hub's figures as Prometheus text (exposition format 0.0.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.node import Node


def text(node: Node) -> str:
    """Every figure of one hub, with its help and type."""
    fanout, bus, dispatch = node.fanout, node.bus, node.dispatch
    rows = [
        ("sockets", "gauge", "Live sockets", len(node.connections)),
        ("sockets_opened_total", "counter", "Sockets handed over since start", node.opened_total),
        ("frames_in_total", "counter", "Frames from clients", node.frames_in),
        ("topics", "gauge", "Topics that somebody here follows", len(fanout.topics)),
        ("deliveries_total", "counter", "Durable changes given to sockets", fanout.pump.deliveries),
        ("commits_total", "counter", "Commands committed through this hub", dispatch.commits),
        ("conflicts_total", "counter", "Commits that had to be decided again", dispatch.conflicts),
        ("bus_behind_seconds", "gauge", "How long the bus has been behind the log", round(bus.behind_s(), 3)),
        ("bus_reconnects_total", "counter", "Bus connections made anew", bus.reconnects),
        ("tasks", "gauge", "Tasks of this hub that are under way", len(node.tasks)),
        ("longest_pause_seconds", "gauge", "The loop's longest pause since start", round(node.longest_pause_s, 4)),
        ("ready", "gauge", "1 when ready", int(node.unready() is None)),
    ]
    lines = []
    for name, kind, help_, value in rows:
        lines += [f"# HELP kentongan_{name} {help_}", f"# TYPE kentongan_{name} {kind}", f"kentongan_{name} {value}"]
    return "\n".join(lines) + "\n"
