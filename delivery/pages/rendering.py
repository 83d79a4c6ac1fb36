"""Templates to HTML: everything is escaped, and a name that nobody gave is an error and not an empty place."""

from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_SHARED = Path(__file__).parent


class Templates:
    """Those of one service before the shared ones, and one style of both."""

    def __init__(self, folder: Path) -> None:
        folders = (_SHARED, folder)
        sheets = [sheet for each in folders for sheet in sorted(each.glob("static/*.css"))]
        self.style = "\n".join(sheet.read_text("utf-8") for sheet in sheets)
        self._templates = Environment(
            loader=FileSystemLoader([each / "templates" for each in reversed(folders)]),
            autoescape=True,
            auto_reload=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    @cached_property
    def style_address(self) -> str:
        """Another one for another style, so that browsers may keep it for ever."""
        return f"/pages.css?v={sha256(self.style.encode()).hexdigest()[:12]}"

    def render(self, template: str, **shown: Any) -> str:
        return self._templates.get_template(template).render(style=self.style_address, **shown)
