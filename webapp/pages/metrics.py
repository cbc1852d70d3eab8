"""/metrics: the figures of the syncing for Prometheus. Without sign-in where the settings say so, else not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from portfolio.store.errors import StoreError
from sync.observe.figures import COUNTER, Figure, figures
from webapp import here

page = Blueprint("metrics", __name__)


@page.get("/metrics")
def metrics() -> ResponseReturnValue:
    settings = here.settings()
    if not settings.metrics:
        abort(404)
    try:
        found = figures(settings.engine, settings.clock())
    except StoreError:
        return Response("", 503, content_type="text/plain")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Found(found))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Found(Collector):
    """Hands over figures that were read already."""

    def __init__(self, found: Iterable[Figure]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        for figure in self._found:
            family = CounterMetricFamily if figure.kind == COUNTER else GaugeMetricFamily
            metric = family(figure.name, figure.about, labels=figure.labels)
            for labels, value in figure.samples:
                metric.add_metric(labels, value)
            yield metric
