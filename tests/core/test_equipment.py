"""Every thing the software works with has a state, a sentence, and a remedy where one is needed: on made-up machines."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from taizhang import doctor, equipment
from taizhang.doctor import Advice, advice
from taizhang.equipment import (
    CONFIGURATION,
    CURRENT,
    REPORT_FONTS,
    STARTUP,
    TEMPORARY,
    Folder,
    Fonts,
    Inventory,
    Log,
    Office,
    Package,
    Seen,
    State,
    about,
    chinese_among,
    lines,
    package,
    states,
)
from taizhang.findings import Severity
from taizhang.settings import BY_KEY, first_value, titles_in
from taizhang.styles import text_width
from taizhang.xlam.survey import Machine

EXCEL = "C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE"
WPS = "C:\\Users\\张三\\AppData\\Local\\Kingsoft\\WPS Office\\12.1.0\\office6\\et.exe"
PACKAGES = (
    Package("lxml", ">=5.0", "6.1.3"),
    Package("xlwings", "<0.38,>=0.37.8", "0.37.8"),
    Package("tkinterdnd2", ">=0.4.2", "0.4.2", "gui"),
    Package("imap-tools", ">=1.7", "1.16.0", "mail"),
    Package("keyring", ">=25", "25.7.0", "mail"),
    Package("distributed", ">=2026.1", "2026.8.0", "cluster"),
)
FONTS = frozenset({"FZXiaoBiaoSong-B05S", "SimHei", "KaiTi_GB2312", "仿宋_GB2312"})
KEPT = Inventory(
    "3.12.4",
    version="0.1.0",
    registered="0.1.0",
    home="C:\\taizhang",
    packages=PACKAGES,
    office=Office("C:\\Program Files\\LibreOffice\\program\\soffice.exe", "24.8.1.2"),
    excel="16.0.17928",
    word="C:\\WINWORD.EXE",
    fonts=Fonts(FONTS, ("仿宋_GB2312",)),
    folders={name: Folder(f"C:\\{name}", free=2**34) for name in (CONFIGURATION, TEMPORARY, CURRENT, STARTUP)},
    log=Log("C:\\Temp\\taizhang-error.log"),
    mailbox="yingshang@163.com",
)
WINDOWS = Machine(
    "win32",
    "C:\\Python\\python.exe",
    (3, 12),
    "0.37.8",
    EXCEL,
    server=EXCEL,
    addin="C:\\XLSTART\\taizhang.xlam",
    addin_there=True,
    addin_fresh=True,
    addin_from={"taizhang": "0.1.0", "xlwings": "0.37.8"},
)
MAC = replace(
    WINDOWS, platform="darwin", excel="/Applications/Microsoft Excel.app", server="", python="/usr/bin/python3"
)
LINUX = Machine("linux", "/usr/bin/python3", (3, 11))
MACHINES = {"win32": WINDOWS, "darwin": MAC, "linux": LINUX}


def judged(machine: Machine = WINDOWS, kept: Inventory = KEPT, part: str = "", more: tuple[Advice, ...] = ()):
    return states(Seen(kept, machine, [*advice(machine), *more]), part)


def of(name: str, found: list[State]) -> State:
    (one,) = [state for state in found if state.name == name]
    return one


def with_folder(name: str, **changed) -> Inventory:
    return replace(KEPT, folders={**KEPT.folders, name: replace(KEPT.folders[name], **changed)})


def with_package(name: str, found: str) -> Inventory:
    return replace(KEPT, packages=tuple(replace(p, found=found) if p.name == name else p for p in PACKAGES))


TITLE, BODY = (BY_KEY[key].title for key in ("font_title", "font_body"))
COMMON = ["Python", "tkinter", "taizhang", "lxml", "xlwings", "组件 gui", "组件 mail", "组件 cluster", "LibreOffice"]
FONT_ROWS = [*(BY_KEY[key].title for key in REPORT_FONTS), "中文字体"]
FOLDER_ROWS = [CONFIGURATION, TEMPORARY, "错误日志", CURRENT]
BARE_LINUX = replace(KEPT, word="", excel="", folders={k: v for k, v in KEPT.folders.items() if k != STARTUP})


# --- what is looked at -----------------------------------------------------------------------------------------------


def test_each_thing_has_one_line_in_a_fixed_order():
    rest = [*FONT_ROWS, *FOLDER_ROWS, STARTUP, "邮箱"]
    names = [one.name for one in judged()]
    assert names == [*COMMON, "Excel", "WPS", "Word", "加载项", "Excel 信任中心", *rest]
    assert [one.name for one in judged(MAC)] == [*COMMON, "Excel", "WPS", "Word", "加载项", *rest]


def test_on_linux_one_line_says_that_there_is_no_excel():
    found = judged(LINUX, BARE_LINUX)
    assert [one.name for one in found] == [*COMMON, "Excel", "WPS", *FONT_ROWS, *FOLDER_ROWS, "邮箱"]
    excel = of("Excel", found)
    assert (excel.level.value, excel.detail) == ("没有", "这个系统上没有 Excel，不装加载项。")
    assert "taizhang gui" in excel.remedy


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_a_sound_machine_has_no_fault(machine):
    assert [one for one in judged(machine) if one.is_fault] == []
    assert {one.level.value for one in judged(machine)} <= {"正常", "没有"}


def test_a_part_keeps_to_its_own():
    addin = ["Python", "Excel", "WPS", "加载项", "Excel 信任中心", STARTUP]
    assert [one.name for one in judged(part="addin")] == addin
    assert [one.name for one in judged(part="mail")] == ["组件 mail", "邮箱"]


# --- each thing ------------------------------------------------------------------------------------------------------

CASES = [
    ("Python", {"bits": 32}, "提醒", "32 位"),
    ("tkinter", {"tkinter": False}, "没有", "tcl/tk"),
    ("taizhang", {"registered": ""}, "提醒", "没有用 pip 装"),
    ("taizhang", {"registered": "0.0.9"}, "提醒", "装的时候是 0.0.9，现在运行的是 0.1.0"),
    ("lxml", with_package("lxml", ""), "错误", '没有装，本软件要用它。请运行 pip install "lxml>=5.0"。'),
    ("lxml", with_package("lxml", "4.9.4"), "错误", '4.9.4 不合用，要 5.0 或更新。请运行 pip install "lxml>=5.0"。'),
    ("xlwings", with_package("xlwings", "0.38.1"), "错误", "要 0.37.8 或更新，低于 0.38"),
    ("组件 gui", with_package("tkinterdnd2", ""), "没有", 'pip install "tkinterdnd2>=0.4.2"'),
    ("组件 mail", with_package("keyring", ""), "没有", "没有装 keyring：不能直接发邮件、收邮件，可以生成草稿"),
    ("组件 mail", with_package("keyring", "24.3"), "提醒", '请运行 pip install "keyring>=25"。'),
    ("组件 cluster", with_package("distributed", ""), "没有", "Dask"),
    ("组件 cluster", {"packages": ()}, "查不了", "哪些包"),
    ("LibreOffice", {"office": Office()}, "没有", "改用 Word、Excel 或 WPS"),
    ("LibreOffice", {"office": Office("/soffice", answered=False)}, "提醒", "没有回答"),
    ("LibreOffice", {"office": Office("/soffice", "7.4.7.2")}, "正常", "7.4.7.2，在 /soffice"),
    (
        "LibreOffice",
        {"office": Office("/soffice", "7.4", lacks=("Writer",))},
        "提醒",
        "7.4，在 /soffice，没有装 Writer：通报导不出 PDF。请重新运行 LibreOffice 的安装程序，选上 Writer。",
    ),
    ("LibreOffice", {"office": Office("/soffice", lacks=("Writer", "Calc"))}, "提醒", "通报、成绩单导不出 PDF"),
    ("Excel", {"excel": "14.0"}, "提醒", "14.0 太旧"),
    ("Excel", {"excel": ""}, "正常", "版本查不了"),
    ("Excel", {"excel": "16"}, "正常", EXCEL),
    ("Word", {"word": ""}, "没有", "WPS 或 LibreOffice"),
    (TITLE, {"fonts": Fonts(frozenset({"SIMSUN"}), ("SIMSUN",))}, "正常", "没有方正小标宋简体，用宋体代替"),
    (TITLE, {"fonts": Fonts(frozenset({"KaiTi"}), ("KaiTi",))}, "没有", "没有方正小标宋简体，也没有宋体"),
    (BODY, {"fonts": Fonts(frozenset({"FangSong"}), ("FangSong",))}, "正常", "用仿宋代替"),
    (BODY, {"fonts": None}, "查不了", "仿宋_GB2312、仿宋"),
    ("中文字体", {"fonts": None}, "查不了", "方框"),
    ("中文字体", {"fonts": Fonts(frozenset({"Arial"}))}, "提醒", "一种也没有"),
    (CONFIGURATION, with_folder(CONFIGURATION, there=False), "正常", "用到时自动建"),
    (CONFIGURATION, with_folder(CONFIGURATION, writable=False), "提醒", "邮箱设置存不下来"),
    (
        CONFIGURATION,
        with_folder(CONFIGURATION, there=False, writable=False, blocked="/home/张三"),
        "提醒",
        "：建不了，/home/张三 是文件，不是文件夹，邮箱设置存不下来。请先把这个文件移走或改名。",
    ),
    (TEMPORARY, with_folder(TEMPORARY, writable=False), "错误", "不能写"),
    (TEMPORARY, with_folder(TEMPORARY, path=""), "错误", "找不到"),
    (TEMPORARY, with_folder(TEMPORARY, free=50 * 2**20), "提醒", "只剩 50 MB"),
    (CURRENT, with_folder(CURRENT, writable=False), "提醒", "请换到能写的文件夹"),
    (CURRENT, with_folder(CURRENT, free=None), "正常", "能写"),
    (STARTUP, with_folder(STARTUP, writable=False), "提醒", "加载项装不进去"),
    ("错误日志", {"log": Log("/tmp/x.log", "2020-09-01 10:00")}, "正常", "2020-09-01 10:00"),
    (
        "错误日志",
        {"log": Log("/tmp/x.log", "2020-09-01 10:00", writable=False)},
        "提醒",
        "/tmp/x.log：不能写，程序出错时另记在临时文件夹里。请把它删除或改名。",
    ),
    (
        "错误日志",
        {"log": Log("/tmp/a/x.log", writable=False)},
        "提醒",
        "/tmp/a/x.log：不能写，程序出错时另记在临时文件夹里。请管理员给这个账户写的权限。",
    ),
    (
        "错误日志",
        {"log": Log("/tmp/a/x.log", writable=False, blocked="/tmp/a")},
        "提醒",
        "/tmp/a/x.log：建不了，/tmp/a 是文件，不是文件夹，程序出错时另记在临时文件夹里。请先把这个文件移走或改名。",
    ),
    ("邮箱", {"mailbox": ""}, "没有", "taizhang mail setup"),
]


@pytest.mark.parametrize(("name", "changed", "level", "said"), CASES)
def test_what_is_wrong_with_a_thing_is_said_of_it_alone(name, changed, level, said):
    kept = changed if isinstance(changed, Inventory) else replace(KEPT, **changed)
    found = judged(kept=kept)
    one = of(name, found)
    assert one.level.value == level
    assert said in one.detail + one.remedy
    assert [other.name for other in found if other.is_fault] == [name] * one.is_fault


ON_LINUX = [
    ({"office": Office()}, "LibreOffice", "导不出 PDF"),
    ({"tkinter": False}, "tkinter", "python3-tk"),
    ({"tkinter": False, "desktop": False}, "tkinter", "python3-tk"),
]


def test_where_there_is_no_desktop_the_window_is_not_said_to_work():
    one = of("tkinter", judged(LINUX, replace(BARE_LINUX, desktop=False)))
    assert one.level.value == "正常"  # nothing is wrong with it
    assert one.detail == "有，这里没有桌面（没有连上显示器），窗口（taizhang gui）打不开，命令行照常。"
    assert one.remedy == "要用窗口的，请在有桌面的电脑上运行。"
    assert "可以用" in of("tkinter", judged(LINUX, BARE_LINUX)).detail


@pytest.mark.parametrize(
    ("platform", "remedy"),
    [
        (
            "linux",
            "请安装 libreoffice-writer、libreoffice-calc（Debian、Ubuntu 上运行 apt install libreoffice-writer libreoffice-calc）。",
        ),
        ("win32", "请重新运行 LibreOffice 的安装程序，选上 Writer、Calc。"),
        ("darwin", "请从 libreoffice.org 重新下载安装 LibreOffice。"),
    ],
)
def test_what_libreoffice_lacks_is_installed_as_the_system_does_it(platform, remedy):
    kept = replace(KEPT, office=Office("/soffice", "7.4", lacks=("Writer", "Calc")))
    assert of("LibreOffice", judged(MACHINES[platform], kept)).remedy == remedy


@pytest.mark.parametrize(("changed", "name", "said"), ON_LINUX)
def test_a_remedy_is_one_for_the_system(changed, name, said):
    one = of(name, judged(LINUX, replace(BARE_LINUX, **changed)))
    assert one.level.value == "没有"
    assert said in one.detail + one.remedy


@pytest.mark.parametrize("machine", [WINDOWS, MAC, replace(LINUX, wps="/usr/bin/et")], ids=MACHINES)
def test_without_libreoffice_nothing_is_at_fault(machine):
    assert [one for one in judged(machine, replace(KEPT, office=Office())) if one.is_fault] == []


@pytest.mark.parametrize("machine", [replace(WINDOWS, excel="", server=""), LINUX], ids=["win32", "linux"])
@pytest.mark.parametrize("office", [Office(), Office("/soffice", lacks=("Calc",))], ids=["no office", "no Calc"])
def test_where_no_program_opens_a_ledger_it_is_said_what_to_install(machine, office):
    one = of("WPS", judged(machine, replace(KEPT, office=office)))
    assert (one.level.value, one.detail) == ("提醒", "没有，这台电脑上没有能打开台账的软件。")
    assert one.remedy == "请安装一种：WPS（wps.cn）、LibreOffice（libreoffice.org），或者 Excel。"


@pytest.mark.parametrize("office", [Office("/soffice"), Office("/soffice", lacks=("Writer",))], ids=["whole", "Calc"])
def test_where_libreoffice_opens_a_ledger_nothing_is_at_fault_without_wps(office):
    one = of("WPS", judged(LINUX, replace(BARE_LINUX, office=office)))
    assert (one.level.value, one.detail) == ("没有", "没有，台账要用 LibreOffice 打开。")


@pytest.mark.parametrize(
    ("excel", "wps", "level", "said"),
    [
        (EXCEL, "", "没有", "用不着"),
        (EXCEL, WPS, "提醒", "请用 Excel 打开台账"),
        ("", WPS, "正常", WPS),
        ("", "", "没有", "请从 wps.cn"),
    ],
)
def test_wps_is_judged_beside_excel(excel, wps, level, said):
    one = of("WPS", judged(replace(WINDOWS, excel=excel, server=excel, wps=wps)))
    assert one.level.value == level
    assert said in one.detail + one.remedy


@pytest.mark.parametrize(
    ("name", "changed", "codes"),
    [
        ("Python", {"python_version": (3, 10)}, ["I201"]),
        ("Excel", {"excel": "", "server": ""}, ["I102"]),
        ("加载项", {"addin_fresh": False, "addin_locked": True}, ["I304", "I305"]),
        ("加载项", {"cannot_build": "没有装好 xlwings，做不出加载项。"}, ["I203"]),
        ("加载项", {"addin_marked": True}, ["I405"]),
        ("Excel 信任中心", {"policies": {"DisableAllAddins": 1}}, ["I401"]),
    ],
)
def test_advice_is_the_state_of_what_it_is_about(name, changed, codes):
    machine = replace(WINDOWS, **changed)
    found = [one for one in judged(machine) if one.is_fault]
    assert [(one.name, one.code) for one in found] == [(name, code) for code in codes]
    assert all(one.fault in state.detail for one, state in zip(advice(machine), found, strict=True))


def test_what_is_wrong_with_the_mailbox_is_its_state():
    wrong = Advice("M203", Severity.ERROR, "收信服务器 imap.163.com:993", "授权码不对", "请核对")
    one = of("邮箱", judged(more=(wrong,)))
    assert (one.level.value, one.code) == ("错误", "M203")
    assert one.detail == "收信服务器 imap.163.com:993：授权码不对。"


def test_no_advice_is_about_nothing():
    source = Path(doctor.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'"([IM]\d{3})"', source))
    assert len(codes) > 15
    assert "" not in {about(code) for code in (*codes, "M900")}


# --- sentences -------------------------------------------------------------------------------------------------------


def everything() -> list[State]:
    kept = [changed if isinstance(changed, Inventory) else replace(KEPT, **changed) for _, changed, _, _ in CASES]
    return [one for machine in MACHINES.values() for each in (KEPT, BARE_LINUX, *kept) for one in judged(machine, each)]


def test_every_sentence_is_chinese_and_whole_and_a_fault_has_a_remedy():
    for one in everything():
        assert re.search("[\u4e00-\u9fff]", one.detail)
        assert one.detail.endswith("。")
        assert "。。" not in one.detail + one.remedy
        assert not one.remedy or ("请" in one.remedy and one.remedy.endswith("。"))
        assert one.remedy or not one.is_fault


def test_lines_stand_in_columns():
    made = lines([*judged(), State("Excel", equipment.Level.ERROR, "坏了。", "请修。", "I101")])
    assert made[0].startswith("状态")
    assert made[-1].endswith("｜[I101] 坏了。请修。")
    assert len({text_width(line.rpartition("｜")[0]) for line in made}) == 1


# --- requirements ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "platform", "found"),
    [
        ("lxml>=5.0", "linux", Package("lxml", ">=5.0")),
        ("xlwings<0.38,>=0.37.8", "linux", Package("xlwings", "<0.38,>=0.37.8")),
        ("pylnk3>=0.4.3; sys_platform == 'win32'", "win32", Package("pylnk3", ">=0.4.3")),
        ("pylnk3>=0.4.3; sys_platform == 'win32'", "linux", None),
        ('keyring >=25 ; extra == "mail"', "linux", Package("keyring", ">=25", extra="mail")),
        ("a; sys_platform == 'win32' and extra == 'gui'", "win32", Package("a", "", extra="gui")),
        ("a; sys_platform == 'win32' and extra == 'gui'", "darwin", None),
    ],
)
def test_a_requirement_is_read_for_a_platform(line, platform, found):
    assert package(line, platform) == found


@pytest.mark.parametrize(
    ("wanted", "found", "fits"),
    [
        (">=5.0", "5", True),
        (">=5.0", "5.0.0", True),
        (">=5.0", "4.9.9", False),
        (">=3.9", "3.14.6", True),
        (">=3.1.5", "3.1.4.post1", False),
        ("<0.38,>=0.37.8", "0.37.12", True),
        ("<0.38,>=0.37.8", "0.38", False),
        ("<0.38,>=0.37.8", "0.38.0", False),
        (">=0.0.2", "0.0.2", True),
        ("", "1", True),
        ("", "", False),
    ],
)
def test_a_version_fits_its_bounds(wanted, found, fits):
    assert Package("a", wanted, found).fits is fits


def test_fonts_that_hold_chinese_are_known_by_their_names():
    assert chinese_among({"Arial", "SimSun", "方正小标宋简体", "PingFang", "Songs"}) == (
        "PingFang",
        "SimSun",
        "方正小标宋简体",
    )


def test_the_fonts_looked_for_are_those_the_report_is_set_in():
    wanted = [titles_in(str(first_value(key))) for key in REPORT_FONTS]
    assert [key for key in BY_KEY if key.startswith("font_")] == list(REPORT_FONTS)
    assert all(name in equipment._ALSO for names in wanted for name in names)
