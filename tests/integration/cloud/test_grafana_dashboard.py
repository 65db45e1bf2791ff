"""The dashboard asks for figures that exist, with labels that they have."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, ProcessCollector

from cloud.adapters.sql.figures import SqlFigures
from cloud.application.asking.node_figures import NodeFigures
from cloud.application.timeseries import Outcome, ProjectionAudit, ProjectionLag
from cloud.entrypoints.figures import ProjectionFigures, StateFigures
from cloud.entrypoints.ingest.measures import Measures
from cloud.entrypoints.node_figures import FleetFigures
from tests.integration.cloud_web.house import built_in

DASHBOARD = Path(__file__).parents[3] / "deploy/grafana/tocsin.json"
FIGURE = re.compile(r"\b((?:tocsin|process)_[a-z_0-9]+)(?:\{([^}]*)\})?")
SCRAPED = {"job", "instance"}
"""What Prometheus itself adds."""


def expressions():
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"], target["legendFormat"]
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["query"].replace(",", "{} ,"), ""


@pytest.fixture
def figures(tmp_path):
    """Name of every sample that the program gives, with its labels."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    measures = Measures(registry)
    measures.received("events")
    measures.committed(1, 0.1)
    measures.stored("telemetry", dict.fromkeys(Outcome, 1), 1)
    measures.refused("telemetry", 1)
    measures.acknowledged("telemetry", 1)
    measures.waiting("telemetry").set(1)
    with built_in(tmp_path) as house:
        house.goes_wrong("fire.smoke", "b1/detector-7a")
        reader = SqlFigures(house.units._engine)
        StateFigures(reader, house.clock.now, streams=lambda: 0, ready=lambda: True, registry=registry)
        FleetFigures(lambda _now: [node()], house.clock.now, registry)
        ProjectionFigures(
            lambda: ProjectionLag(0, 0, None, 0, None),
            lambda: ProjectionAudit(0, 0, 0, 0, 0),
            house.clock.now,
            registry,
        )
        found = defaultdict(set)
        for family in registry.collect():
            for sample in family.samples:
                found[sample.name] |= set(sample.labels)
    return found


def node():
    fields = NodeFigures.__dataclass_fields__
    values = dict.fromkeys(fields, 1.0) | {"estate": "example", "node": "n", "online": True}
    return NodeFigures(**(values | {name: {"telemetry": 1} for name in ("waiting", "lost")}))


def test_every_figure_that_it_asks_for_exists_with_its_labels(figures):
    asked = 0
    for title, expression, legend in expressions():
        for name, chosen in FIGURE.findall(expression):
            asked += 1
            assert name in figures, f"{title}: there is no figure {name}"
            labels = set(re.findall(r'(\w+)=~?"', chosen)) - SCRAPED
            assert labels <= figures[name], f"{title}: {name} has no label {labels - figures[name]}"
        named = set(re.findall(r"{{(\w+)}}", legend)) - SCRAPED
        known = set().union(*(figures[name] for name, _ in FIGURE.findall(expression)))
        assert named <= known, f"{title}: the legend names {named - known}"
    assert asked > 25


def test_what_means_that_nobody_is_reached_is_on_it():
    asked = " ".join(expression for _, expression, _ in expressions())
    for figure in ("tocsin_ready", "tocsin_timers_late_seconds", "tocsin_notifications_oldest_seconds"):
        assert figure in asked
