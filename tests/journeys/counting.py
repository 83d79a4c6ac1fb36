"""What the running services say on `/metrics` that they have counted."""

import aiohttp

from deploy.local.stack import Stack


async def counted(stack: Stack) -> dict[str, float]:
    """Every series of casegrid's own, of all services, by its name and labels as they are written."""
    lines: list[str] = []
    async with aiohttp.ClientSession() as http:
        for service in stack.services:
            async with http.get(f"{stack.url(service)}/metrics") as answer:
                lines += (await answer.text()).splitlines()
    series = (line.rpartition(" ") for line in lines if line.startswith("casegrid_"))
    return {name: float(value) for name, _, value in series}
