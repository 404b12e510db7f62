"""发送记录: every mail that left, or may have left, kept for good."""

from __future__ import annotations

from collections.abc import Iterable

from taizhang import tables
from taizhang.layout.common import table_sheet
from taizhang.layout.parts import Content, Sheet
from taizhang.ledger import Post

_NOTE = "本软件发出的每一封邮件记一行，凭它不会重发；请不要修改、删除。“不能确定”的，请在邮箱的“已发送”里核对。"


def posts_sheet(posts: Iterable[Post]) -> Sheet:
    """Return 发送记录 with some mails."""
    return table_sheet(tables.POSTS_TABLE, post_records(posts), title=tables.POSTS, note=_NOTE)


def post_records(posts: Iterable[Post]) -> list[dict[str, Content]]:
    """Return the lines of 发送记录 for some mails."""
    return [
        {
            "batch": post.batch,
            "kind": post.kind,
            "department": post.department,
            "to": "、".join(post.to),
            "at": post.at.isoformat(" ", "seconds"),
            "outcome": post.outcome,
            "message_id": post.message_id,
            "sha256": post.sha256,
        }
        for post in posts
    ]
