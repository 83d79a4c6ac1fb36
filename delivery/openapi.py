"""A service's OpenAPI document: what FastAPI writes, and beside it the models that endpoints read themselves."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from delivery.definitions import Document, schema_of, with_definitions


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """What a route whose endpoint reads the body itself has as `openapi_extra`."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema_of(model)}}}}


def openapi(app: FastAPI) -> Document:
    return with_definitions(FastAPI.openapi(app))
