"""Templates to HTML: everything is escaped, and a name that nobody gave is an error and not an empty place."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER = Path(__file__).parent
STYLE = (_FOLDER / "static" / "desk.css").read_text("utf-8")
STYLE_ADDRESS = f"/desk.css?v={sha256(STYLE.encode()).hexdigest()[:12]}"

_templates = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, **shown: Any) -> str:
    return _templates.get_template(template).render(style=STYLE_ADDRESS, **shown)
