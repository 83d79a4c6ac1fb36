"""The overview: is every report on its way, and what stands in its way? `make dashboards` writes it as JSON."""

import json
from pathlib import Path

from deploy.grafana.by_itself import BY_ITSELF
from deploy.grafana.panels import Json, Look, Panel, Query, Row, dashboard
from deploy.grafana.people import PEOPLE

OVERVIEW = Path(__file__).parent / "dashboards" / "overview.json"

_URGENCY = {
    "critical": Look("特急 critical", "red"),
    "urgent": Look("紧急 urgent", "orange"),
    "elevated": Look("较急 elevated", "yellow"),
    "general": Look("一般 general", "blue"),
}
_TIER = {
    "grid": Look("网格 grid", "green"),
    "community": Look("社区 community", "blue"),
    "town": Look("镇街 town", "purple"),
    "district": Look("区 district", "orange"),
    "none": Look("未定 not placed yet", "gray"),
}
_OUTCOME = {
    "in_time": Look("按期 in time", "green"),
    "late": Look("超期 late", "orange"),
}
_DELIVERY = {
    "delivered": Look("送达 delivered", "green"),
    "permanent-failure": Look("失败 permanent failure", "red"),
    "expired": Look("过期 expired", "orange"),
}
# every replica measures the same database: their gauges are one number, not many to be added
_OPEN_CASES = "max by (tier, urgency) (casegrid_open_cases)"


def _per_minute(counter: str, *by: str) -> str:
    return f"sum{_by(by)} (rate({counter}[$__rate_interval])) * 60"


def _quantile(share: float, histogram: str, *by: str) -> str:
    buckets = f"rate({histogram}_bucket[$__rate_interval])"
    return f"histogram_quantile({share}, sum{_by(('le', *by))} ({buckets}))"


def _by(labels: tuple[str, ...]) -> str:
    return f" by ({', '.join(labels)})" if labels else ""


NOW = Row(
    zh="此刻",
    en="Now",
    across=6,
    height=4,
    panels=(
        Panel(zh="在办案件", en="Open cases", kind="stat", queries=(Query(f"sum({_OPEN_CASES})"),)),
        Panel(
            zh="最久未派遣",
            en="Oldest not dispatched",
            says="派遣时限 15 分钟。 A case is dispatched within 15 minutes.",
            kind="stat",
            unit="s",
            limits=((300, "yellow"), (900, "red")),
            queries=(Query("max(casegrid_oldest_undispatched_seconds)"),),
        ),
        Panel(
            zh="超期未处置",
            en="Late and open",
            kind="stat",
            limits=((1, "yellow"),),
            queries=(Query('max(casegrid_assignments_open{late="yes"})'),),
        ),
        Panel(
            zh="账实不符",
            en="Unaccounted",
            says="无牵头单位、无时限或睡过头的案件；已受理而无案件的上报。 Cases without lead or clock, or overslept; "
            "reports without a case.",
            kind="stat",
            limits=((1, "red"),),
            queries=(
                Query("sum(max by (what) (casegrid_unaccounted))", "案件 cases"),
                Query(
                    'max(casegrid_landed{what="reports"}) - max(casegrid_landed{what="cases"})',
                    "上报 reports",
                ),
            ),
        ),
        Panel(
            zh="发件箱最久",
            en="Oldest in an outbox",
            says="已提交、尚未进入 Kafka 的消息。 Committed, not yet in Kafka.",
            kind="stat",
            unit="s",
            limits=((5, "yellow"), (60, "red")),
            queries=(Query("max(casegrid_outbox_age_seconds)"),),
        ),
        Panel(
            zh="死信",
            en="Dead letters",
            says="所选时段内放弃的消息；见运行手册。 Given up on in the time shown; see docs/runbook.md.",
            kind="stat",
            limits=((1, "red"),),
            queries=(Query("ceil(sum(increase(casegrid_dead_letters_total[$__range])))"),),
        ),
        Panel(
            zh="服务不可达",
            en="Services not reached",
            kind="stat",
            limits=((1, "red"),),
            queries=(Query('count(up{job="casegrid"} == 0) or vector(0)'),),
        ),
    ),
)

CASES = Row(
    zh="案件",
    en="Cases",
    panels=(
        Panel(
            zh="在办案件（按紧急程度）",
            en="Open cases by urgency",
            stacked=True,
            looks=_URGENCY,
            queries=(Query(f"sum by (urgency) ({_OPEN_CASES})", "{{urgency}}"),),
        ),
        Panel(
            zh="在办案件（按层级）",
            en="Open cases by tier",
            stacked=True,
            looks=_TIER,
            queries=(Query(f"sum by (tier) ({_OPEN_CASES})", "{{tier}}"),),
        ),
        Panel(
            zh="最久未派遣",
            en="Oldest not dispatched",
            unit="s",
            limits=((900, "red"),),
            queries=(Query("max(casegrid_oldest_undispatched_seconds)", "最久 oldest"),),
        ),
        Panel(
            zh="上报与派遣",
            en="Arrivals and dispatches",
            says="两线分开，即有积压。 Where the lines part, a backlog grows.",
            unit="cpm",
            queries=(
                Query(_per_minute("casegrid_reports_accepted_total"), "上报 accepted"),
                Query(_per_minute("casegrid_cases_dispatched_total"), "派遣 dispatched"),
                Query(_per_minute("casegrid_reports_refused_total"), "拒收 refused"),
            ),
        ),
        Panel(
            zh="派遣（按层级）",
            en="Dispatches by tier",
            unit="cpm",
            stacked=True,
            looks=_TIER,
            queries=(Query(_per_minute("casegrid_cases_dispatched_total", "tier"), "{{tier}}"),),
        ),
        Panel(
            zh="上报至派遣",
            en="Report to dispatch",
            unit="s",
            queries=(
                Query(_quantile(0.5, "casegrid_report_to_dispatch_seconds"), "p50"),
                Query(_quantile(0.99, "casegrid_report_to_dispatch_seconds"), "p99"),
            ),
        ),
        Panel(
            zh="上报（按渠道）",
            en="Arrivals by channel",
            unit="cpm",
            stacked=True,
            queries=(Query(_per_minute("casegrid_reports_accepted_total", "channel"), "{{channel}}"),),
        ),
        Panel(
            zh="处置完成",
            en="Assignments finished",
            unit="cpm",
            stacked=True,
            looks=_OUTCOME,
            queries=(Query(_per_minute("casegrid_assignments_finished_total", "outcome"), "{{outcome}}"),),
        ),
        Panel(
            zh="案件操作",
            en="Commands on cases",
            unit="cpm",
            queries=(
                Query(
                    _per_minute("casegrid_commands_total", "command", "outcome"), "{{command}} {{outcome}}"
                ),
            ),
        ),
    ),
)

EVENTS = Row(
    zh="事件",
    en="Events",
    panels=(
        Panel(
            zh="消费积压",
            en="Consumer lag",
            queries=(Query("sum by (consumer, topic) (casegrid_consumer_lag)", "{{consumer}} ← {{topic}}"),),
        ),
        Panel(
            zh="发件箱深度",
            en="Outbox depth",
            queries=(Query("max by (service) (casegrid_outbox_depth)", "{{service}}"),),
        ),
        Panel(
            zh="发件箱最久",
            en="Outbox age",
            unit="s",
            limits=((60, "red"),),
            queries=(Query("max by (service) (casegrid_outbox_age_seconds)", "{{service}}"),),
        ),
        Panel(
            zh="已处理事件",
            en="Events worked",
            unit="eps",
            queries=(
                Query(
                    "sum by (consumer, topic) (rate(casegrid_consumed_events_total[$__rate_interval]))",
                    "{{consumer}} ← {{topic}}",
                ),
            ),
        ),
        Panel(
            zh="重试",
            en="Batches that came again",
            unit="cpm",
            queries=(
                Query(
                    _per_minute("casegrid_consumer_retries_total", "consumer", "topic"),
                    "{{consumer}} ← {{topic}}",
                ),
            ),
        ),
        Panel(
            zh="死信",
            en="Dead letters",
            limits=((1, "red"),),
            queries=(
                Query(
                    "sum by (consumer, topic) (increase(casegrid_dead_letters_total[$__rate_interval]))",
                    "{{consumer}} ← {{topic}}",
                ),
            ),
        ),
    ),
)

AGENCIES = Row(
    zh="投递",
    en="Deliveries to agencies",
    panels=(
        Panel(
            zh="投递结果",
            en="Deliveries by outcome",
            unit="cpm",
            stacked=True,
            looks=_DELIVERY,
            queries=(Query(_per_minute("casegrid_deliveries_total", "outcome"), "{{outcome}}"),),
        ),
        Panel(
            zh="投递用时",
            en="Time to deliver",
            says="从事件入库到订阅方确认。 From the event's recording to the subscriber's yes.",
            unit="s",
            queries=(
                Query(_quantile(0.5, "casegrid_delivery_seconds"), "p50"),
                Query(_quantile(0.99, "casegrid_delivery_seconds"), "p99"),
            ),
        ),
        Panel(
            zh="待投递",
            en="Deliveries waiting",
            stacked=True,
            queries=(Query("max by (status) (casegrid_deliveries_open)", "{{status}}"),),
        ),
        Panel(
            zh="熔断的订阅",
            en="Targets only probed",
            says="连续失败的目标，只偶尔试探；不丢弃。 Targets that failed many times in a row; nothing is dropped.",
            queries=(Query("max(casegrid_circuits_open)", "open"),),
        ),
    ),
)

HTTP = Row(
    zh="接口",
    en="HTTP",
    panels=(
        Panel(
            zh="请求",
            en="Requests",
            unit="reqps",
            queries=(
                Query(
                    "sum by (service) (rate(casegrid_http_requests_total[$__rate_interval]))", "{{service}}"
                ),
            ),
        ),
        Panel(
            zh="服务端错误",
            en="Server errors",
            unit="cpm",
            limits=((1, "red"),),
            queries=(
                Query(
                    _per_minute('casegrid_http_requests_total{status=~"5.."}', "service", "route"),
                    "{{service}} {{route}}",
                ),
            ),
        ),
        Panel(
            zh="应答用时 p99",
            en="Time to answer p99",
            unit="s",
            limits=((1, "yellow"),),
            queries=(Query(_quantile(0.99, "casegrid_http_request_seconds", "service"), "{{service}}"),),
        ),
    ),
)


def overview() -> Json:
    return dashboard(
        "casegrid-overview", "casegrid 总览 overview", (NOW, CASES, EVENTS, BY_ITSELF, AGENCIES, PEOPLE, HTTP)
    )


def written() -> str:
    return json.dumps(overview(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    OVERVIEW.write_text(written(), encoding="utf-8")
