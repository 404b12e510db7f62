"""Why a returned file cannot be read, each with what to do, in a clerk's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum


class Refusal(Enum):
    """The reasons; places in braces are filled in."""

    EMPTY = "文件是空的。请让部门重新发送。"
    DAMAGED = "文件已损坏，打不开。请让部门重新发送；他们能打开的，请他们另存为 .xlsx 后再发。"
    UNSAFE = "文件里有不正常的内容（{what}），为安全起见没有读取。请让部门用 Excel 或 WPS 打开，另存为 .xlsx 后再发。"
    ENCRYPTED = "文件有打开密码。请让部门去掉密码后再发；知道密码的，在命令行合并，加 --password 密码。"
    WRONG_PASSWORD = "文件有打开密码，给的密码打不开。请向部门核对密码，或请他们去掉密码后再发。"
    OTHER_PASSWORD = "文件的打开密码是旧的或 WPS、LibreOffice 自己的一种，不能代为打开。请让部门去掉密码后再发。"
    TOO_BIG = "文件太大（{what}），没有读取。请让部门只保留任务表，另存为 .xlsx 后再发。"
    TOO_SLOW = "读了 {seconds} 秒还没有读完，已放弃。请让部门用 Excel 或 WPS 打开，另存为 .xlsx 后再发。"
    CRASHED = "文件内容不正常，读取中途出错。请让部门用 Excel 或 WPS 打开，另存为 .xlsx 后再发。"
    TOO_DEEP = "压缩包或邮件套了 {depth} 层以上，没有再往里拆。请解压后再合并。"
    TOO_MANY = "里面有 {count} 个文件，超过 {limit} 个，没有拆开。请解压后分批合并。"
    UNSUPPORTED = "是{what}，不能读取。请让部门用 Excel 或 WPS 另存为 .xlsx 后再发。"
    UNSUPPORTED_ARCHIVE = "是{what}，不能拆开。请解压后再合并，或请部门改用 .zip。"
    UNPAIRED = "里面的英文引号不成对，分不清哪些字是一格。请让部门用 Excel 或 WPS 打开，另存为 .xlsx 后再发。"
    NO_TABLE = "里面没有表格。请让部门交回电子表格。"
    CHANGING = "读取时文件还在变化（可能正在下载或复制）。请等它完成后再合并。"
    MISSING = "文件不见了，或是一个指向别处而打不开的链接。请检查后再合并。"
    NO_FILE = "不是普通的文件，没有读取。请检查后再合并。"
    LOCK_FILE = "是 Excel 或 WPS 打开文件时留下的临时文件，不是表格。不用处理。"


class RefusedError(Exception):
    """A file that is not read; the facts fill its sentence's places."""

    def __init__(self, why: Refusal, **facts: object) -> None:
        self.why = why
        self.facts = facts
        super().__init__(why.name)


@contextmanager
def damage_refused(why: Refusal = Refusal.DAMAGED) -> Iterator[None]:
    """Refuse a file on which a parser fails: damage shows in as many ways as there are parsers.

    What has been refused already stays so, and want of memory is no damage.
    """
    try:
        yield
    except (RefusedError, MemoryError):
        raise
    except Exception as error:
        raise RefusedError(why) from error
