"""(d) Resident memory of each service, in MB."""

from benchmarks.stand import Stand


def resident(stand: Stand) -> dict[str, float]:
    found = {name: service.process.find() for name, service in stand.running.services.items()}
    return {name: process.memory_info().rss / 1e6 for name, process in found.items() if process is not None}
