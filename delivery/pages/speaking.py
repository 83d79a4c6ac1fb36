"""What the pages of every service say in Chinese and in English, and the voice that speaks it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
Both = tuple[str, str]
Table = Mapping[str, Both]

PAGE: dict[str, Both] = {
    "skip": ("跳到正文", "Skip to the content"),
    "other_language": ("English", "中文"),
    "sign_in": ("登录", "Sign in"),
    "sign_in_as_another": ("换一个身份登录", "Sign in as somebody else"),
    "sign_out": ("退出登录", "Sign out"),
    "as_": ("身份", "Signed in as"),
    "token": ("访问令牌", "Access token"),
    "token_hint": (
        "请粘贴管理员发给您的令牌。它只保存在本浏览器的会话中，页面脚本读不到。",
        "Paste the token that your administrator gave you. It stays in this browser's session, out of "
        "reach of scripts.",
    ),
    "token_missing": ("请先粘贴令牌。", "Paste a token first."),
    "token_bad": (
        "这个令牌无效或已过期，请换一个有效的令牌。",
        "This token is not valid or has expired. Paste one that is valid.",
    ),
    "token_long": (
        "这个令牌太长，浏览器存不下，请向管理员换一个较短的。",
        "This token is too long for a browser to keep. Ask your administrator for a shorter one.",
    ),
    "session_over": ("登录已失效，请重新登录。", "Your session has ended. Sign in again."),
    "trouble": ("无法显示", "Cannot be shown"),
    "any": ("全部", "Any"),
    "apply": ("应用", "Apply"),
    "clear": ("清除", "Clear"),
    "yes": ("是", "Yes"),
    "no": ("否", "No"),
    "choose": ("请选择", "Choose"),
    "required": ("必填", "required"),
    "optional": ("选填", "optional"),
    "one_per_line": ("每行一个", "one per line"),
    "in_zone": ("时区", "time zone"),
    "next": ("下一页", "Next page"),
    "first": ("回到第一页", "Back to the first page"),
    "done": ("已完成：", "Done: "),
    "not_done": ("未能完成：", "Not done: "),
    "nobody": ("—", "—"),
}

PROBLEMS: dict[int, Both] = {
    403: ("您无权查看或办理此事项。", "You may not see or do this."),
    404: ("没有这个页面。", "There is no such page."),
    409: ("内容已有变化，请核对后再提交。", "It has changed meanwhile. Look at it again before you send."),
    413: ("提交的内容过大。", "What was sent is too large."),
    422: ("填写的内容有误。", "Something in what was sent is not right."),
    503: ("系统暂时繁忙，未做任何更改，请稍后再试。", "Try again in a moment; nothing was done."),
}
_OUR_FAULT = ("系统出错，已记录。", "This is our fault; it has been recorded.")


@dataclass(frozen=True)
class Voice:
    """Speaks one language: `voice("sign_in")` of the pages, `voice.of("urgency", "critical")` of the wire.

    A service's own voice adds its tables; its `page` has `site` and `back` at least.
    """

    lang: Lang
    page: ClassVar[Table] = PAGE
    problems: ClassVar[Mapping[int, Both]] = PROBLEMS
    tables: ClassVar[Mapping[str, Table]] = {}

    def __call__(self, key: str) -> str:
        return self.one(self.page[key])

    def of(self, table: str, key: str | None) -> str:
        """The key itself where the table has no word for it: a newer writer's words are shown, not hidden."""
        said = self.tables[table].get(key or "")
        return self.one(said) if said else key or self("nobody")

    def one(self, both: Both) -> str:
        return both[LANGS.index(self.lang)]

    def problem(self, status: int) -> str:
        other = self.problems[422] if 400 <= status < 500 else _OUR_FAULT
        return self.one(self.problems.get(status, other))

    def name(self, zh: str, en: str | None) -> str:
        return zh if self.lang == "zh" else en or zh
