"""The row of the overview about what runs by itself: clocks, loops, and the measures that all gauges rest on."""

from deploy.grafana.panels import Panel, Query, Row

_LATE_BY = "sum by (le) (rate(casegrid_alarm_delay_seconds_bucket[$__rate_interval]))"


def _failures(counter: str, what: str) -> Query:
    rate = f"sum by (service, {what}) (rate({counter}[$__rate_interval])) * 60"
    return Query(rate, f"{{{{service}}}} {{{{{what}}}}}")


BY_ITSELF = Row(
    zh="自行运行",
    en="What runs by itself",
    panels=(
        Panel(
            zh="时限触发延迟 p99",
            en="Alarm delay p99",
            says="从到期到执行。 From the moment when something was due to the moment when it was done.",
            unit="s",
            limits=((60, "red"),),
            queries=(Query(f"histogram_quantile(0.99, {_LATE_BY})", "p99"),),
        ),
        Panel(
            zh="循环失败",
            en="Loops that failed",
            says="到期之事在数据库中等待；见运行手册。 What is due waits in the database; see docs/runbook.md.",
            unit="cpm",
            limits=((1, "red"),),
            queries=(_failures("casegrid_loop_failures_total", "loop"),),
        ),
        Panel(
            zh="测量失败",
            en="Measures that failed",
            says="其间相应的仪表值不可信。 Until it ends the gauges of that measure are not to be trusted.",
            unit="cpm",
            limits=((1, "red"),),
            queries=(_failures("casegrid_measure_failures_total", "measure"),),
        ),
    ),
)
