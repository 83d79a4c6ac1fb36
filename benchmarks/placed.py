"""The reports of the sample day that are dispatched without anybody: a grid is named, or a point of the district is."""

import json
from typing import Any

from shapely.geometry import Point, shape

from deploy.local.day import SAMPLES, sample_reports


def placed_reports() -> list[dict[str, Any]]:
    """As bodies of POST /v1/reports."""
    features = json.loads((SAMPLES / "district.geojson").read_bytes())["features"]
    district = [shape(feature["geometry"]) for feature in features]

    def is_placed(place: dict[str, Any]) -> bool:
        if "lon" in place:
            return any(area.covers(Point(place["lon"], place["lat"])) for area in district)
        return "grid" in place

    return [report.body for report in sample_reports("placed") if is_placed(report.body["place"])]
