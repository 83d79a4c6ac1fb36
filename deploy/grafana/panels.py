"""Panels of a Grafana dashboard as values, and how they become its JSON."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

Json = dict[str, Any]
DATASOURCE = {"type": "prometheus", "uid": "casegrid"}
_COLUMNS = 24


@dataclass(frozen=True)
class Query:
    """PromQL, and what a series of its answer is called."""

    expr: str
    legend: str = ""


@dataclass(frozen=True)
class Look:
    """How people read a series whose label says `critical` or `grid`."""

    name: str
    color: str


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One picture; `limits` are (from this value on, colour) above green."""

    zh: str
    en: str
    queries: tuple[Query, ...]
    says: str = ""
    unit: str = "short"
    kind: Literal["timeseries", "stat"] = "timeseries"
    stacked: bool = False
    limits: tuple[tuple[float, str], ...] = ()
    looks: Mapping[str, Look] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"{self.zh} {self.en}"


@dataclass(frozen=True, kw_only=True)
class Row:
    """Panels of one height, as many side by side as `across` says."""

    zh: str
    en: str
    panels: tuple[Panel, ...]
    across: int = 3
    height: int = 8


def dashboard(uid: str, title: str, rows: Iterable[Row]) -> Json:
    return {
        "uid": uid,
        "title": title,
        "tags": ["casegrid"],
        "schemaVersion": 39,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "15s",
        "timezone": "browser",
        "time": {"from": "now-3h", "to": "now"},
        "panels": list(_placed(rows)),
    }


def _placed(rows: Iterable[Row]) -> Iterator[Json]:
    ids, top = count(1), 0
    for row in rows:
        place = {"x": 0, "y": top, "w": _COLUMNS, "h": 1}
        yield {
            "id": next(ids),
            "type": "row",
            "title": f"{row.zh} {row.en}",
            "collapsed": False,
            "panels": [],
            "gridPos": place,
        }
        width = _COLUMNS // row.across
        for number, panel in enumerate(row.panels):
            down, along = divmod(number, row.across)
            place = {"x": along * width, "y": top + 1 + down * row.height, "w": width, "h": row.height}
            yield _panel(panel) | {"id": next(ids), "gridPos": place}
        top += 1 + row.height * -(-len(row.panels) // row.across)


def _panel(panel: Panel) -> Json:
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.says,
        "datasource": DATASOURCE,
        "targets": [_target(ref, query) for ref, query in zip("ABCDEFGH", panel.queries, strict=False)],
        "fieldConfig": {
            "defaults": _defaults(panel),
            "overrides": [_override(value, look) for value, look in panel.looks.items()],
        },
        "options": _options(panel),
    }


def _target(ref: str, query: Query) -> Json:
    legend = query.legend or "__auto"
    return {"refId": ref, "datasource": DATASOURCE, "expr": query.expr, "legendFormat": legend, "range": True}


def _defaults(panel: Panel) -> Json:
    steps = [{"value": None, "color": "green"}, *({"value": at, "color": is_} for at, is_ in panel.limits)]
    known = {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.kind == "stat":
        return known | {"color": {"mode": "thresholds"}, "noValue": "–"}
    drawn = {
        "drawStyle": "line",
        "lineWidth": 1,
        "fillOpacity": 25 if panel.stacked else 8,
        "showPoints": "never",
        "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "line" if panel.limits else "off"},
    }
    return known | {"color": {"mode": "palette-classic"}, "custom": drawn}


def _override(value: str, look: Look) -> Json:
    properties = [
        {"id": "displayName", "value": look.name},
        {"id": "color", "value": {"mode": "fixed", "fixedColor": look.color}},
    ]
    return {"matcher": {"id": "byName", "options": value}, "properties": properties}


def _options(panel: Panel) -> Json:
    if panel.kind == "stat":
        return {
            "colorMode": "background",
            "graphMode": "area",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        }
    return {
        "legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
