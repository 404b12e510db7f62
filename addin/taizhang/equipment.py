"""What the software works with on a machine, thing by thing: the facts, and a state for each; no machine is asked here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from taizhang.doctor import ADDIN, MAC, MAIL, WINDOWS, Advice, note_on
from taizhang.settings import BY_KEY, first_value, titles_in
from taizhang.styles import text_width

if TYPE_CHECKING:
    from taizhang.xlam.survey import Machine


class Level(Enum):
    """How a thing stands. ABSENT: not there, and nothing depends on it; UNKNOWN: nobody can tell."""

    SOUND = "正常"
    REMINDER = "提醒"
    ERROR = "错误"
    ABSENT = "没有"
    UNKNOWN = "查不了"


@dataclass(frozen=True)
class State:
    """How one thing stands, in one sentence, and in another what to do; `code` is that of the advice it repeats."""

    name: str
    level: Level
    detail: str
    remedy: str = ""
    code: str = ""

    @property
    def is_fault(self) -> bool:
        """Return whether there is something to see to."""
        return self.level in (Level.ERROR, Level.REMINDER)

    def as_json(self) -> dict[str, object]:
        """Return the form `doctor --json` prints."""
        return {"name": self.name, "state": self.level.value, "detail": self.detail, "remedy": self.remedy}


# --- facts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Package:
    """A package our metadata names: which versions are wanted, which is there ("" for none), for which extra."""

    name: str
    wanted: str
    found: str = ""
    extra: str = ""

    @property
    def fits(self) -> bool:
        """Return whether what is there is what is wanted."""
        return bool(self.found) and all(_holds(self.found, clause) for clause in _clauses(self.wanted))

    @property
    def command(self) -> str:
        """Return the command that puts it right; quoted, since `>` is a redirection to a shell."""
        return f'pip install "{self.name}{self.wanted}"'

    @property
    def repair(self) -> str:
        """Return the command that installs anew what is there and broken."""
        return self.command.replace("install", "install --force-reinstall", 1)


@dataclass(frozen=True)
class Office:
    """LibreOffice: its path, "" where there is none; `answered` is whether it ran when asked for its version.

    `lacks` names those of its programs (keys of MADE_PDF) that are not installed.
    """

    path: str = ""
    version: str = ""
    answered: bool = True
    lacks: tuple[str, ...] = ()

    @property
    def opens_ledgers(self) -> bool:
        """Return whether a ledger can be opened and filled in with it."""
        return bool(self.path) and "Calc" not in self.lacks


@dataclass(frozen=True)
class Fonts:
    """The families and files of fonts there are, and those among them that hold Chinese."""

    names: frozenset[str]
    chinese: tuple[str, ...] = ()


@dataclass(frozen=True)
class Folder:
    """A folder we write to; "" for a path that cannot be known, `free` in bytes.

    `blocked` is what stands in its path and is no folder.
    """

    path: str
    there: bool = True
    writable: bool = True
    free: int | None = None
    blocked: str = ""


@dataclass(frozen=True)
class Log:
    """Where errors of the program are written down, and when that was last done, "" for never.

    `blocked` is what stands in the path of its folder and is no folder.
    """

    path: str
    written: str = ""
    writable: bool = True
    blocked: str = ""


@dataclass(frozen=True)
class Inventory:
    """What was found beside the add-in; what was not looked at is None."""

    python: str = "3.11.0"
    bits: int = 64
    tkinter: bool = True
    version: str = ""
    registered: str = ""
    home: str = ""
    packages: tuple[Package, ...] = ()
    office: Office = field(default_factory=Office)
    excel: str = ""
    word: str = ""
    fonts: Fonts | None = None
    folders: Mapping[str, Folder] = field(default_factory=dict)
    log: Log | None = None
    mailbox: str = ""
    desktop: bool = True  # whether a window can be shown


# --- requirements ----------------------------------------------------------------------------------------------------

_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(?P<wanted>[^;]*?)\s*(?:;\s*(?P<marker>.*))?")
_MARKER = re.compile(r"(\w+)\s*==\s*(['\"])(.*?)\2")
_CLAUSE = re.compile(r"(>=|<)\s*([\w.]+)")
_WANTED = {">=": "{} 或更新", "<": "低于 {}"}


def package(requirement: str, platform: str) -> Package | None:
    """Return what a line of our metadata asks for, None where it is not for this platform.

    Only what our own metadata says is understood: `>=`, `<`, and markers `extra` and `sys_platform` joined by `and`.
    """
    found = _REQUIREMENT.fullmatch(requirement.strip())
    if found is None:
        raise ValueError(requirement)
    marker = {name: value for name, _, value in _MARKER.findall(found["marker"] or "")}
    if marker.get("sys_platform", platform) != platform:
        return None
    return Package(found["name"], found["wanted"], extra=marker.get("extra", ""))


# Packages whose module does not go by their name.
_BRING = {
    "docx": "python-docx",
    "markdown_it": "markdown-it-py",
    "msoffcrypto": "msoffcrypto-tool",
    "oxmsg": "python-oxmsg",
}


def package_name(module: str) -> str:
    """Return the package that brings a module."""
    root = module.partition(".")[0]
    return _BRING.get(root, root.replace("_", "-"))


def package_of(module: str, packages: Iterable[Package]) -> Package | None:
    """Return which of the packages we ask for brings a module, None where none does."""
    return next((one for one in packages if one.name == package_name(module)), None)


def _clauses(wanted: str) -> list[tuple[str, str]]:
    """Return the bounds of a requirement, the lower one first."""
    return sorted(_CLAUSE.findall(wanted), key=lambda clause: clause[0] != ">=")


def _holds(version: str, clause: tuple[str, str]) -> bool:
    sign, bound = clause
    return (_release(version) >= _release(bound)) is (sign == ">=")


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version; 5.0 is 5."""
    numbers = re.match(r"\d+(\.\d+)*", version)
    found = [int(number) for number in numbers[0].split(".")] if numbers else []
    while found and not found[-1]:
        found.pop()
    return tuple(found)


# --- states ----------------------------------------------------------------------------------------------------------

_PYTHON, _EXCEL, _WPS, _XLAM, _TRUST, _MAILBOX = "Python", "Excel", "WPS", "加载项", "Excel 信任中心", "邮箱"
# Codes of advice begin with -> the thing they are about.
_ABOUT = {"I101": _EXCEL, "I102": _EXCEL, "I103": _WPS, "I203": _XLAM, "I405": _XLAM}
_ABOUT |= {"I2": _PYTHON, "I3": _XLAM, "I4": _TRUST, "M": _MAILBOX}
_OLDEST_EXCEL = 16  # Excel 2016
MADE_PDF = {"Writer": "通报", "Calc": "成绩单"}  # the programs of LibreOffice we need, and what each makes PDF of
_LEAST_FREE = 200 * 2**20
FROM_SOURCE = "在放源代码的文件夹里运行 pip install ."
_REINSTALL = f"请{FROM_SOURCE}，再运行 taizhang doctor。"
_EXTRAS = {
    "gui": "文件拖不进窗口，窗口里用按钮选文件",
    "mail": "不能直接发邮件、收邮件，可以生成草稿",
    "cluster": "不能在 Dask 集群上汇总，可以在本机汇总",
}
TEMPORARY, CURRENT, CONFIGURATION, STARTUP = "临时文件夹", "当前文件夹", "设置文件夹", "Excel 启动文件夹"
_UNWRITABLE = {
    CONFIGURATION: "邮箱设置存不下来",
    TEMPORARY: "读交回的文件、导出 PDF 都要用它",
    CURRENT: "生成的文件不能放在这里",
    STARTUP: "加载项装不进去",
}
_NO_TK = {
    WINDOWS: "请重新运行 Python 的安装程序，选上 tcl/tk",
    MAC: "请改装 python.org 的 Python",
}
# Names fonts go by where a system does not say the Chinese one: families, and files on macOS.
_ALSO = {
    "方正小标宋简体": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "FZXBSJW--GB1-0", "FZXBSJW"),
    "宋体": ("SimSun",),
    "黑体": ("SimHei",),
    "楷体": ("KaiTi", "simkai"),
    "仿宋": ("FangSong", "simfang"),
    "楷体_GB2312": ("KaiTi_GB2312",),
    "仿宋_GB2312": ("FangSong_GB2312",),
}
_HOLD_CHINESE = (
    *("microsoft yahei", "msyh", "simsun", "simhei", "dengxian", "kaiti", "fangsong", "nsimsun"),
    *("pingfang", "stheiti", "songti", "hiragino sans gb", "noto sans cjk", "source han sans"),
)
REPORT_FONTS = ("font_title", "font_section", "font_subsection", "font_body")


@dataclass(frozen=True)
class Seen:
    """All there is to judge by."""

    kept: Inventory
    machine: Machine
    found: Sequence[Advice]

    @property
    def has_excel_system(self) -> bool:
        """Return whether Excel can be had on this system."""
        return self.machine.platform in (WINDOWS, MAC)

    def told(self, name: str) -> list[State]:
        """Return what is to be seen to about a thing."""
        return [_repeated(name, one) for one in self.found if about(one.code) == name]


def about(code: str) -> str:
    """Return the thing that advice is about."""
    return next((_ABOUT[code[:size]] for size in (4, 2, 1) if code[:size] in _ABOUT), "")


def _repeated(name: str, one: Advice) -> State:
    place = "" if one.place == name else f"{one.place}："
    return State(name, Level(one.severity.value), f"{place}{one.fault}。", f"{one.remedy}。", one.code)


def states(seen: Seen, part: str = "") -> list[State]:
    """Return how each thing stands, always in the same order; `part` keeps to the things of one part."""
    return [one for parts, look in ITEMS if not part or part in parts for one in look(seen)]


def lines(found: Sequence[State]) -> list[str]:
    """Return the states as a table to print: state, thing, what there is to say."""
    said = [(one.level.value, one.name, f"{one.code and f'[{one.code}] '}{one.detail}{one.remedy}") for one in found]
    rows = [("状态", "项目", "说明"), *said]
    wide = [max(text_width(row[at]) for row in rows) for at in (0, 1)]
    return ["｜".join((_padded(row[0], wide[0]), _padded(row[1], wide[1]), row[2])) for row in rows]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - text_width(text))


def _python(seen: Seen) -> Iterator[State]:
    kept, path = seen.kept, seen.machine.python
    wrong = seen.told(_PYTHON)
    if kept.bits != 64:
        remedy = "请改装 64 位的 Python，再装一次本软件。"
        wrong.append(State(_PYTHON, Level.REMINDER, f"{kept.python} 是 {kept.bits} 位的，大台账内存不够。", remedy))
    yield from wrong or [State(_PYTHON, Level.SOUND, f"{kept.python}，{kept.bits} 位，在 {path}。")]


def _tkinter(seen: Seen) -> Iterator[State]:
    if seen.kept.tkinter and seen.kept.desktop:
        yield State("tkinter", Level.SOUND, "有，窗口（taizhang gui）可以用。")
        return
    if seen.kept.tkinter:
        said = "有，这里没有桌面（没有连上显示器），窗口（taizhang gui）打不开，命令行照常。"
        yield State("tkinter", Level.SOUND, said, "要用窗口的，请在有桌面的电脑上运行。")
        return
    remedy = remedy_for_tkinter(seen.machine.platform)
    yield State("tkinter", Level.ABSENT, "没有，窗口（taizhang gui）用不了，命令行照常。", f"要用窗口的，{remedy}。")


def remedy_for_tkinter(platform: str) -> str:
    """Return how a Python without tkinter comes by it."""
    return _NO_TK.get(platform, "请安装 python3-tk（Debian、Ubuntu 上运行 apt install python3-tk）")


def _program(seen: Seen) -> Iterator[State]:
    kept, name = seen.kept, "taizhang"
    if not kept.registered:
        said = f"{kept.version}，没有用 pip 装，查不出缺哪些包。"
        yield State(name, Level.REMINDER, said, _REINSTALL)
    elif kept.registered != kept.version:
        said = f"装的时候是 {kept.registered}，现在运行的是 {kept.version}。"
        yield State(name, Level.REMINDER, said, _REINSTALL)
    else:
        yield State(name, Level.SOUND, f"{kept.version}，在 {kept.home}。")


def _packages(seen: Seen) -> Iterator[State]:
    for one in seen.kept.packages:
        if one.extra:
            continue
        if one.fits:
            yield State(one.name, Level.SOUND, f"{one.found}（要 {_bounds(one)}）。")
        else:
            yield State(one.name, Level.ERROR, _misfit(one), f"请运行 {one.command}。")


def _bounds(one: Package) -> str:
    return "，".join(_WANTED[sign].format(bound) for sign, bound in _clauses(one.wanted)) or "任何版本"


def _misfit(one: Package) -> str:
    if not one.found:
        return "没有装，本软件要用它。" if not one.extra else f"没有装 {one.name}。"
    return f"{one.found} 不合用，要 {_bounds(one)}。"


def _extra(extra: str) -> Callable[[Seen], Iterator[State]]:
    def look(seen: Seen) -> Iterator[State]:
        parts = [one for one in seen.kept.packages if one.extra == extra]
        unfit = [one for one in parts if not one.fits]
        name, lost = f"组件 {extra}", _EXTRAS[extra]
        command = "pip install " + " ".join(f'"{one.name}{one.wanted}"' for one in unfit)
        missing = [one.name for one in unfit if not one.found]
        if not parts:
            yield State(name, Level.UNKNOWN, "查不了要哪些包。", _REINSTALL)
        elif missing:
            yield State(name, Level.ABSENT, f"没有装 {'、'.join(missing)}：{lost}。", f"要用的，请运行 {command}。")
        elif unfit:
            said = "；".join(f"{one.name} {_misfit(one).rstrip('。')}" for one in unfit)
            yield State(name, Level.REMINDER, f"{said}。", f"请运行 {command}。")
        else:
            yield State(name, Level.SOUND, f"有 {'、'.join(f'{one.name} {one.found}' for one in parts)}。")

    return look


def _libreoffice(seen: Seen) -> Iterator[State]:
    office, name = seen.kept.office, "LibreOffice"
    if not office.path:
        instead = "改用 Word、Excel 或 WPS 导出（没有试过）" if seen.machine.platform == WINDOWS else "导不出 PDF"
        remedy = "要导出 PDF 的，请从 libreoffice.org 下载安装；也可以先生成 .docx，再另存为 PDF。"
        yield State(name, Level.ABSENT, f"没有装，{instead}，其余照常。", remedy)
    elif not office.answered:
        remedy = "请手工打开一次 LibreOffice，打不开的，重新安装。"
        yield State(name, Level.REMINDER, f"{office.path}：问它的版本，没有回答，可能导不出 PDF。", remedy)
    elif office.lacks:
        lost = "、".join(MADE_PDF[part] for part in office.lacks)
        said = f"{_standing(office)}，没有装 {'、'.join(office.lacks)}：{lost}导不出 PDF。"
        yield State(name, Level.REMINDER, said, f"请{remedy_for_parts(office.lacks, seen.machine.platform)}。")
    else:
        yield State(name, Level.SOUND, f"{_standing(office)}，用来导出 PDF。")


def _standing(office: Office) -> str:
    return f"{office.version or '版本查不了'}，在 {office.path}"


def remedy_for_parts(parts: Sequence[str], platform: str) -> str:
    """Return how a LibreOffice comes by programs of its own that it lacks, to follow 请."""
    if platform == WINDOWS:
        return f"重新运行 LibreOffice 的安装程序，选上 {'、'.join(parts)}"
    if platform == MAC:  # where it is one piece
        return "从 libreoffice.org 重新下载安装 LibreOffice"
    wanted = [f"libreoffice-{part.casefold()}" for part in parts]
    return f"安装 {'、'.join(wanted)}（Debian、Ubuntu 上运行 apt install {' '.join(wanted)}）"


def _excel(seen: Seen) -> Iterator[State]:
    if not seen.has_excel_system:
        fault, _, remedy = note_on(seen.machine.platform).partition("。")
        yield State(_EXCEL, Level.ABSENT, f"{fault}。", remedy)
        return
    wrong, version = seen.told(_EXCEL), seen.kept.excel
    if not wrong and version and _release(version)[:1] < (_OLDEST_EXCEL,):
        wrong = [State(_EXCEL, Level.REMINDER, f"{version} 太旧，没有试过。", "请换成 Excel 2016 或更新的版本。")]
    yield from wrong or [State(_EXCEL, Level.SOUND, f"{version or '版本查不了'}，在 {seen.machine.excel}。")]


def _wps(seen: Seen) -> Iterator[State]:
    machine = seen.machine
    if wrong := seen.told(_WPS):
        yield from wrong
    elif machine.wps:
        yield State(_WPS, Level.SOUND, f"在 {machine.wps}，可以打开、填写台账；加载项的按钮在 WPS 中不起作用。")
    elif machine.excel:
        yield State(_WPS, Level.ABSENT, "没有，有 Excel 就用不着。")
    elif not seen.kept.office.opens_ledgers:
        remedy = "请安装一种：WPS（wps.cn）、LibreOffice（libreoffice.org），或者 Excel。"
        yield State(_WPS, Level.REMINDER, "没有，这台电脑上没有能打开台账的软件。", remedy)
    else:
        yield State(_WPS, Level.ABSENT, "没有，台账要用 LibreOffice 打开。", "要用的，请从 wps.cn 下载安装。")


def _word(seen: Seen) -> Iterator[State]:
    if seen.kept.word:
        yield State("Word", Level.SOUND, f"在 {seen.kept.word}，用来打开通报。")
    elif seen.has_excel_system:
        remedy = "请用 WPS 或 LibreOffice 打开。"
        yield State("Word", Level.ABSENT, "没有，通报（.docx）要用别的程序打开。", remedy)


def _trust(seen: Seen) -> Iterator[State]:
    if seen.machine.platform == WINDOWS:
        yield from seen.told(_TRUST) or [State(_TRUST, Level.SOUND, "没有拦住加载项的设置。")]


def _xlam(seen: Seen) -> Iterator[State]:
    if seen.has_excel_system:
        yield from seen.told(_XLAM) or [State(_XLAM, Level.SOUND, f"已装好，是最新的，在 {seen.machine.addin}。")]


def _font(key: str) -> Callable[[Seen], Iterator[State]]:
    title, names = BY_KEY[key].title, titles_in(str(first_value(key)))

    def look(seen: Seen) -> Iterator[State]:
        fonts = seen.kept.fonts
        there = [name for name in names if fonts and _is_among(fonts.names, name)]
        wanted = "，也没有".join(names)
        if fonts is None:
            yield State(title, Level.UNKNOWN, f"查不了有没有{'、'.join(names)}。", "请打开一份通报看字体对不对。")
        elif not there:
            remedy = f"请安装{names[-1]}，或在“设置”的“{title}”里写这台电脑有的字体。"
            yield State(title, Level.ABSENT, f"没有{wanted}，打开通报时会换成别的字体，版面略有出入。", remedy)
        elif there[0] != names[0]:
            yield State(title, Level.SOUND, f"没有{names[0]}，用{there[0]}代替。")
        else:
            yield State(title, Level.SOUND, f"有{names[0]}。")

    return look


def _is_among(names: Iterable[str], wanted: str) -> bool:
    there = {name.casefold() for name in names}
    return any(name.casefold() in there for name in (wanted, *_ALSO.get(wanted, ())))


def chinese_among(names: Iterable[str]) -> tuple[str, ...]:
    """Return the fonts whose names say that they hold Chinese, where the system does not say it."""
    return tuple(
        name
        for name in sorted(names)
        if re.search("[\u4e00-\u9fff]", name) or name.casefold().startswith(_HOLD_CHINESE)
    )


def _any_font(seen: Seen) -> Iterator[State]:
    fonts, name = seen.kept.fonts, "中文字体"
    if fonts is None:
        yield State(name, Level.UNKNOWN, "查不了有没有中文字体。", "请打开窗口（taizhang gui）看汉字是不是方框。")
    elif not fonts.chinese:
        remedy = "请安装一种中文字体，例如文泉驿微米黑（fonts-wqy-microhei）。"
        yield State(name, Level.REMINDER, "一种也没有，窗口和 PDF 里的汉字会变成方框。", remedy)
    else:
        yield State(name, Level.SOUND, f"有，例如 {fonts.chinese[-1]}。")


def _folder(name: str) -> Callable[[Seen], Iterator[State]]:
    def look(seen: Seen) -> Iterator[State]:
        folder = seen.kept.folders.get(name)
        if folder is not None:
            yield _folder_state(name, folder)

    return look


def _folder_state(name: str, folder: Folder) -> State:
    level = Level.ERROR if name == TEMPORARY else Level.REMINDER
    if not folder.path:
        return State(name, level, f"找不到能用的，{_UNWRITABLE[name]}。", "请换一个文件夹，或请管理员检查后重试。")
    if folder.blocked:
        return State(name, level, f"{folder.path}：{_in_the_way(folder)}，{_UNWRITABLE[name]}。", _OUT_OF_THE_WAY)
    if not folder.writable:
        remedy = "请换到能写的文件夹再运行。" if name == CURRENT else _LEAVE_TO_WRITE
        return State(name, level, f"{folder.path}：不能写，{_UNWRITABLE[name]}。", remedy)
    if folder.free is not None and folder.free < _LEAST_FREE:
        said = f"{folder.path}：磁盘只剩 {_size(folder.free)}，文件可能写不下。"
        return State(name, Level.REMINDER, said, "请清理磁盘，腾出地方。")
    there = "能写" if folder.there else "还没有，用到时自动建"
    room = "" if folder.free is None else f"，磁盘还剩 {_size(folder.free)}"
    return State(name, Level.SOUND, f"{folder.path}，{there}{room}。")


def _in_the_way(made: Folder | Log) -> str:
    return f"建不了，{made.blocked} 是文件，不是文件夹"


_OUT_OF_THE_WAY, _LEAVE_TO_WRITE = "请先把这个文件移走或改名。", "请管理员给这个账户写的权限。"


def _size(count: int) -> str:
    return f"{count / 2**30:.0f} GB" if count >= 2**30 else f"{count / 2**20:.0f} MB"


def _log(seen: Seen) -> Iterator[State]:
    log, name = seen.kept.log, "错误日志"
    if log is None:
        return
    instead = "程序出错时另记在临时文件夹里"
    if log.blocked:
        yield State(name, Level.REMINDER, f"{log.path}：{_in_the_way(log)}，{instead}。", _OUT_OF_THE_WAY)
    elif not log.writable:
        remedy = "请把它删除或改名。" if log.written else _LEAVE_TO_WRITE
        yield State(name, Level.REMINDER, f"{log.path}：不能写，{instead}。", remedy)
    elif log.written:
        yield State(name, Level.SOUND, f"{log.path}，最近一次记在 {log.written}。")
    else:
        yield State(name, Level.SOUND, f"{log.path}，还没有记过。")


def _mailbox(seen: Seen) -> Iterator[State]:
    if wrong := seen.told(_MAILBOX):
        yield from wrong
    elif seen.kept.mailbox:
        yield State(_MAILBOX, Level.SOUND, f"{seen.kept.mailbox}，发信、收信的服务器都登录得上。")
    else:
        remedy = "要直接收发的，请运行 taizhang mail setup 邮箱地址。"
        yield State(_MAILBOX, Level.ABSENT, "没有设置，可以生成邮件草稿，不能直接收发。", remedy)


Look: TypeAlias = Callable[[Seen], Iterator[State]]
# The parts a thing belongs to, and how to look at it; in the order of the report.
ITEMS: Sequence[tuple[Sequence[str], Look]] = (
    ((ADDIN,), _python),
    ((), _tkinter),
    ((), _program),
    ((), _packages),
    ((), _extra("gui")),
    ((MAIL,), _extra("mail")),
    ((), _extra("cluster")),
    ((), _libreoffice),
    ((ADDIN,), _excel),
    ((ADDIN,), _wps),
    ((), _word),
    ((ADDIN,), _xlam),
    ((ADDIN,), _trust),
    *(((), _font(key)) for key in REPORT_FONTS),
    ((), _any_font),
    ((), _folder(CONFIGURATION)),
    ((), _folder(TEMPORARY)),
    ((), _log),
    ((), _folder(CURRENT)),
    ((ADDIN,), _folder(STARTUP)),
    ((MAIL,), _mailbox),
)
