"""The row of the overview about people told: units, reporters, subscribers by e-mail."""

from deploy.grafana.panels import Panel, Query, Row


def _ended(counter: str, *by: str) -> Query:
    """Per minute, by these labels."""
    rate = f"sum by ({', '.join(by)}) (rate({counter}[$__rate_interval])) * 60"
    return Query(rate, " ".join(f"{{{{{label}}}}}" for label in by))


PEOPLE = Row(
    zh="通知",
    en="People told",
    panels=(
        Panel(
            zh="单位通知",
            en="Notices to units",
            unit="cpm",
            stacked=True,
            queries=(_ended("casegrid_notices_total", "medium", "outcome"),),
        ),
        Panel(
            zh="通知最久等待",
            en="Oldest notice due",
            says="特急、紧急应在数秒内发出。 What is critical or urgent should be out within seconds.",
            unit="s",
            limits=((60, "red"),),
            queries=(Query("max by (urgency) (casegrid_notice_wait_seconds)", "{{urgency}}"),),
        ),
        Panel(
            zh="上报人消息与邮件订阅",
            en="Messages to reporters, mail to subscribers",
            unit="cpm",
            stacked=True,
            queries=(
                _ended("casegrid_residents_told_total", "message", "outcome"),
                _ended("casegrid_mails_total", "kind", "outcome"),
            ),
        ),
    ),
)
