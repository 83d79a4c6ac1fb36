"""`make simulate`: another ruleset on the reports that the running stack has seen, and what would have changed."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer
from rich.table import Table

from deploy.local.processes import ServerFailed
from deploy.local.stack import LOCAL
from deploy.local.telling import complain, console, failures_told


def main(
    ruleset: Annotated[str, typer.Option(help="a version that is kept, or the path of a ruleset as JSON")],
    begins: Annotated[str | None, typer.Option("--from", help="first moment, with zone")] = None,
    ends: Annotated[str | None, typer.Option("--to", help="last moment, with zone")] = None,
) -> None:
    """Uploads the ruleset where it is a file, asks POST /v1/simulations, prints the answer as tables."""
    said = _environment(LOCAL / "env")
    stretch = {name: at for name, at in (("from", begins), ("to", ends)) if at}
    with failures_told():
        document = Path(ruleset).read_bytes() if ruleset.endswith(".json") else None
        show(asyncio.run(_simulate(said, ruleset, document, stretch)))


def _environment(path: Path) -> dict[str, str]:
    if not path.exists():
        complain("no stack has been started here: `make up` first")
        raise typer.Exit(1)
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)


async def _simulate(
    said: dict[str, str], version: str, document: bytes | None, stretch: dict[str, str]
) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {said['CASEGRID_SUPERVISOR_TOKEN']}"}
    timeout = aiohttp.ClientTimeout(total=600)
    async with aiohttp.ClientSession(said["CASEGRID_ROUTER_URL"], headers=headers, timeout=timeout) as http:
        if document is not None:
            version = (await _post(http, "/v1/rulesets", document))["version"]
        return await _post(http, "/v1/simulations", {"ruleset": version, **stretch})


async def _post(http: aiohttp.ClientSession, path: str, body: Any) -> dict[str, Any]:
    sent = {"data": body} if isinstance(body, bytes) else {"json": body}
    try:
        async with http.post(path, **sent) as answer:
            told: dict[str, Any] = await answer.json(content_type=None)
    except (aiohttp.ClientConnectionError, ValueError):
        raise ServerFailed("the router of this stack does not answer: `make up` first") from None
    if answer.status >= 400:
        complain(f"{told.get('title')}: {told.get('detail', '')}")
        for error in told.get("errors", []):
            complain(f"  {error['pointer']}: {error['detail']}")
        raise typer.Exit(1)
    return told


def show(told: dict[str, Any]) -> None:
    """Shares before and after, and the first cases that would have gone another way."""
    share = told["changed"] / told["reports"] if told["reports"] else 0
    console.print(
        f"{told['ruleset']} instead of {told['against']}: {told['changed']:,} of {told['reports']:,} reports "
        f"({share:.1%}) would have gone another way; {told['unroutable']:,} to nobody; {told['seconds']} s"
    )
    for name in ("tiers", "urgencies", "procedures", "units"):
        if told[name]:
            _show_shares(name, told[name])
    cases = Table("case", "what", "before", "after", title="the first of them")
    for case in told["cases"][:20]:
        for what in ("category", "urgency", "procedure", "tier", "lead_unit"):
            if what in case:
                cases.add_row(str(case["case_id"]), what, *case[what])
    if told["cases"]:
        console.print(cases)


def _show_shares(name: str, shares: dict[str, dict[str, int]]) -> None:
    table = Table(name, "before", "after", "difference")
    for value, both in shares.items():
        difference = both["after"] - both["before"]
        table.add_row(
            value, f"{both['before']:,}", f"{both['after']:,}", f"{difference:+,}" if difference else ""
        )
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
