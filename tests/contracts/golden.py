"""`python -m tests.contracts.golden`: adds to golden.jsonl the records of today's shapes that it lacks, and takes none away."""

import json
from collections.abc import Iterator
from pathlib import Path

from contracts import publish
from contracts.events import decode
from tests.contracts.schema_samples import smallest, whole

GOLDEN = Path(__file__).with_name("golden.jsonl")


def golden() -> list[str]:
    """Every record as it stood on the wire when its shape was published: of each type a whole one and a smallest."""
    return GOLDEN.read_text(encoding="utf-8").splitlines()


def missing() -> list[str]:
    kept = [json.loads(record) for record in golden()]
    return [record for record in _records_of_today() if json.loads(record) not in kept]


def _records_of_today() -> Iterator[str]:
    for schema in publish.schemas().values():
        for sample in (whole, smallest):
            said = sample(schema) | {"type": schema["title"]}
            yield decode(schema["title"], json.dumps(said).encode()).model_dump_json(exclude_unset=True)


if __name__ == "__main__":
    with GOLDEN.open("a", encoding="utf-8") as file:
        file.writelines(f"{record}\n" for record in missing())
