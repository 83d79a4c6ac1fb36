"""What is told of latencies, whatever order they come in and however few there are."""

import math

from deploy.local.quantiles import quantile


def test_so_large_a_share_stays_below() -> None:
    values = [float(number) for number in reversed(range(100))]
    assert [quantile(values, share) for share in (0.0, 0.5, 0.95, 0.99, 1.0)] == [0, 50, 95, 99, 99]
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([7.0], 0.99) == 7.0


def test_of_nothing_nothing_is_told() -> None:
    assert math.isnan(quantile([], 0.5))
