"""What is wrong with an installation, and the remedy: a judgement over what `xlam.survey` found."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from taizhang.findings import Severity

if TYPE_CHECKING:
    from taizhang.equipment import State
    from taizhang.xlam.survey import Machine

WINDOWS, MAC = "win32", "darwin"
ADDIN, MAIL = "addin", "mail"
_ERROR, _REMINDER = Severity.ERROR, Severity.REMINDER
_WITHOUT_EXCEL = "请用窗口（taizhang gui）或命令行，直接处理关着的台账文件：taizhang check、merge、apply、summary 等"


@dataclass(frozen=True)
class Advice:
    """One thing to see to: where it is, what is wrong, what to do."""

    code: str
    severity: Severity
    place: str
    fault: str
    remedy: str

    @property
    def message(self) -> str:
        """Return the sentence: place, fault, remedy."""
        return f"{self.place}：{self.fault}。{self.remedy}。"

    def as_json(self) -> dict[str, object]:
        """Return the form `doctor --json` prints."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "place": self.place,
            "fault": self.fault,
            "remedy": self.remedy,
            "message": self.message,
        }


@dataclass(frozen=True)
class Host:
    """The program the add-in would run in: whether it is one we work with, and a sentence for people."""

    works: bool
    sentence: str


Check: TypeAlias = Callable[["Machine"], Iterator[Advice]]


def examined(part: str = "") -> list[Advice]:
    """Return what is to be seen to on this machine; `part` looks at one part alone (a key of PARTS, or MAIL).

    A mailbox is looked at where one has been set up, or where it is asked for.
    """
    return _examined(_surveyed(part), part)


def examination(part: str = "") -> tuple[list[Advice], list[State]]:
    """Return what `examined` returns, and how each thing stands, faulty or not."""
    from taizhang import equipment, inventory

    machine = _surveyed(part)
    found = _examined(machine, part)
    return found, equipment.states(equipment.Seen(inventory.taken(part), machine, found), part)


def _surveyed(part: str) -> Machine:
    from taizhang.xlam.survey import Machine, survey

    return Machine(sys.platform) if part == MAIL else survey()


def _examined(machine: Machine, part: str) -> list[Advice]:
    from taizhang.mail import accounts

    found = [] if part == MAIL else advice(machine, part)
    return [*found, *(_mailbox() if part == MAIL or (not part and accounts.is_set_up()) else ())]


def _mailbox() -> list[Advice]:
    try:
        from taizhang.mail.doctor import examined
    except ImportError:  # one of the packages we need: each is told of on its own
        return [
            Advice("M101", _ERROR, "邮箱", "要用的包没有装齐，没有试着登录", "请先把包装齐，再运行 taizhang doctor")
        ]
    return examined()


def advice(machine: Machine, part: str = "") -> list[Advice]:
    """Return what is to be seen to, errors first."""
    checks = PARTS[part] if part else [check for checks in PARTS.values() for check in checks]
    found = [one for check in checks for one in check(machine)]
    return sorted(found, key=lambda one: one.severity is not _ERROR)


def note_on(platform: str) -> str:
    """Return what cannot be on this system, "" where an Excel can run."""
    if platform in (WINDOWS, MAC):
        return ""
    return f"这个系统上没有 Excel，不装加载项。{_WITHOUT_EXCEL}。"


def host_of(excel: str, wps: str, program: str) -> Host:
    """Return what runs, or would run, the add-in, in one sentence with what works instead.

    `program` is the path of the program that pressed, or the one that answers to Excel.Application,
    or "".
    """
    if is_wps(program):
        rival = "，Excel 也装着，但被 WPS 占用了自动化接口" if excel else ""
        return Host(False, f"当前由 WPS 打开{rival}。加载项只支持 Excel；{_WITHOUT_EXCEL}。")
    if not excel and wps:
        return Host(False, f"本机只有 WPS，没有 Excel。加载项只支持 Excel；{_WITHOUT_EXCEL}。")
    if not excel:
        return Host(False, f"本机没有 Excel。{_WITHOUT_EXCEL}。")
    return Host(True, "Excel 可以使用。")


def is_wps(program: str) -> bool:
    """Return whether a path is WPS': its folder or its spreadsheet program says so."""
    path = program.replace("/", "\\").casefold().strip(' "')
    return any(word in path for word in ("\\kingsoft\\", "\\wps office\\", "\\et.exe", "\\wps.exe", "wpsoffice"))


# --- what is looked at -----------------------------------------------------------------------------------------------


def _host(machine: Machine) -> Iterator[Advice]:
    if machine.platform not in (WINDOWS, MAC):
        return
    program = machine.server or machine.excel
    if machine.excel and is_wps(program):
        yield Advice(
            "I101",
            _ERROR,
            "Excel",
            "WPS 占用了 Excel 的自动化接口，按钮会打开 WPS 或报错",
            "请在 WPS 的“配置工具—高级—兼容设置”中取消与 Excel 的关联，再在“设置—应用”中修复一次 Office",
        )
    elif not machine.excel:
        host = host_of(machine.excel, machine.wps, program)
        yield Advice(
            "I102",
            _ERROR,
            "Excel",
            "没有找到 Excel" + ("，只有 WPS" if machine.wps else ""),
            host.sentence.rstrip("。").rpartition("。")[2],
        )
    elif machine.wps:
        yield Advice(
            "I103", _REMINDER, "WPS", "与 Excel 同时装着", "请用 Excel 打开台账；加载项的按钮在 WPS 中不起作用"
        )


def _python(machine: Machine) -> Iterator[Advice]:
    if machine.python_version < (3, 11):
        said = ".".join(map(str, machine.python_version))
        yield Advice("I201", _ERROR, machine.python, f"Python {said} 太旧", "请安装 Python 3.11 或更新的版本")
    if "\\WindowsApps\\" in machine.python:
        yield Advice(
            "I202",
            _REMINDER,
            machine.python,
            "是应用商店版的 Python，Excel 有时启动不了",
            "请改装 python.org 的安装包，再运行 taizhang addin install",
        )
    if machine.cannot_build:
        yield Advice(
            "I203", _ERROR, "xlwings", machine.cannot_build.partition("。")[0], "请重新运行 pip install taizhang"
        )


def _addin(machine: Machine) -> Iterator[Advice]:
    if machine.platform not in (WINDOWS, MAC) or machine.cannot_build:
        return
    if not machine.addin_there:
        yield Advice("I301", _ERROR, machine.addin, "加载项没有安装", "请运行 taizhang addin install，再重新打开 Excel")
        return
    built_from = machine.addin_from.get("xlwings", "")
    if not built_from:
        yield Advice("I302", _ERROR, machine.addin, "不是本软件生成的文件", "请先移走，再运行 taizhang addin install")
    elif built_from != machine.xlwings:
        yield Advice(
            "I303",
            _ERROR,
            machine.addin,
            f"加载项是按 xlwings {built_from} 生成的，现在装的是 {machine.xlwings or '（没有）'}",
            "请退出 Excel，运行 taizhang addin install",
        )
    elif not machine.addin_fresh:
        yield Advice(
            "I304",
            _ERROR,
            machine.addin,
            "加载项是旧的，或者是另一个 Python 装的",
            "请退出 Excel，运行 taizhang addin install",
        )
    if machine.addin_locked:
        yield Advice(
            "I305",
            _REMINDER,
            machine.addin,
            "正被 Excel 使用",
            "不影响使用；要重装或卸载的，请先退出 Excel（所有窗口）",
        )
    if not machine.script_there:
        yield Advice(
            "I306",
            _ERROR,
            machine.script,
            "启动 Python 的脚本没有装好",
            "请运行 taizhang addin install，再重新打开 Excel",
        )


def _twice(machine: Machine) -> Iterator[Advice]:
    for path in machine.elsewhere:
        yield Advice(
            "I307",
            _ERROR,
            path,
            "还有一份加载项，同时装着会出现两个选项卡或互相干扰",
            "请在 Excel 的“选项—加载项”中取消它，退出 Excel 后删除这个文件",
        )


def _trust(machine: Machine) -> Iterator[Advice]:
    found, place = machine.policies, "Excel 信任中心"
    ask = "这是单位的统一设置，请联系信息化人员；改不了的，" + _WITHOUT_EXCEL
    if found.get("DisableAllAddins") == 1:
        yield Advice("I401", _ERROR, place, "“禁用所有应用程序加载项”已打开", ask)
    if found.get("RequireAddinSig") == 1 or found.get("RequireAlwaysOnMacroSig") == 1:
        yield Advice("I402", _ERROR, place, "要求加载项由受信任的发布者签名，而本加载项没有签名", ask)
    trusted = found.get("AllLocationsDisabled") != 1 and found.get("AllowUserLocations") != 0
    if not trusted:
        yield Advice("I403", _ERROR, place, "受信任位置被禁用，启动文件夹里的加载项也要按宏设置处理", ask)
        if found.get("VBAWarnings") in (3, 4):
            yield Advice("I404", _ERROR, place, "宏被禁用，没有签名的加载项不会加载", ask)
    if machine.addin_marked:
        blocked = "，按单位的设置会被阻止" if found.get("BlockFromInternet") == 1 else "，Excel 会阻止它"
        yield Advice(
            "I405",
            _ERROR,
            machine.addin or "加载项",
            f"文件带有“来自网络”的标记{blocked}",
            "请退出 Excel，运行 taizhang addin uninstall，再运行 taizhang addin install",
        )


PARTS: dict[str, Sequence[Check]] = {ADDIN: (_host, _python, _addin, _twice, _trust)}
