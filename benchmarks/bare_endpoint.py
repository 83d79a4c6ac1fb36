"""`python -m benchmarks.bare_endpoint PORT`: a FastAPI endpoint that parses the body of a report and does nothing."""

import sys

import uvicorn
from fastapi import FastAPI

from services.intake.report import GivenReport

app = FastAPI()


@app.post("/v1/reports", status_code=201)
async def take(report: GivenReport) -> dict[str, str]:
    return {"channel": report.channel}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False)
