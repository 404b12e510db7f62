"""The add-in, built from the text in `macros/` and the installed xlwings."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from xml.etree import ElementTree

from taizhang import __version__
from taizhang.acts import BY_ACT
from taizhang.errors import LedgerError, Stop
from taizhang.xlam import bridge as bridges
from taizhang.xlam.bridge import Bridge
from taizhang.xlam.ovba import Module, of_class, of_sheet, of_workbook, project, standard
from taizhang.xlam.package import Addin, Sheet, packed

FILE_NAME = "taizhang.xlam"
MODULES = ("TaizhangRibbon", "TaizhangPress", "TaizhangDialogs")
NAME = "Taizhang"  # of the VBA project
CONF_SHEET, TEXT_SHEET = f"{bridges.PROJECT}.conf", "text"
RIBBON = "http://schemas.microsoft.com/office/2009/07/customui"
_WORKBOOK, _CONF, _TEXT = "ThisWorkbook", "SheetConf", "SheetText"
_MADE_FROM = ("taizhang", "xlwings")


@dataclass(frozen=True)
class Sources:
    """The text in `macros/`: modules by name, ribbon, messages, icons by name."""

    modules: Mapping[str, str]
    ribbon: str
    messages: Mapping[str, str]
    icons: Mapping[str, bytes]


def folder() -> Path:
    """Return where the add-in's sources are: inside an installed package, or beside it in the repository."""
    inside = Path(__file__).parent / "macros"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "macros"


def sources(place: Path | None = None) -> Sources:
    """Return the add-in's sources; line ends are LF, however they were checked out."""
    place = place or folder()
    try:
        return Sources(
            {name: _text(place / f"{name}.bas") for name in MODULES},
            _text(place / "ribbon.xml"),
            tomllib.loads(_text(place / "messages.toml")),
            {path.stem: path.read_bytes() for path in sorted((place / "icons").glob("*.png"))},
        )
    except OSError as error:
        raise LedgerError(Stop.NO_MACROS, path=place) from error


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8").replace("\r\n", "\n")


def build(interpreter: str = "", made: Sources | None = None, bridge: Bridge | None = None) -> bytes:
    """Return the add-in's bytes, the same for the same sources, xlwings and interpreter wherever it is built.

    `interpreter` is the full path of the Python to run; empty means the `python` on the PATH.
    """
    made, bridge = made or sources(), bridge or bridges.installed()
    ribbon = shown(made.ribbon, BY_ACT)
    used = {button.get("image") for button in ElementTree.fromstring(ribbon).iter(f"{{{RIBBON}}}button")}
    sheets = (
        Sheet(CONF_SHEET, _CONF, tuple(settings(interpreter).items())),
        Sheet(TEXT_SHEET, _TEXT, tuple((key, text.replace("\n", "\\n")) for key, text in made.messages.items()), True),
    )
    return packed(
        Addin(
            project(NAME, modules(made, bridge)),
            _WORKBOOK,
            sheets,
            ribbon,
            {name: data for name, data in made.icons.items() if name in used},
            made.messages["title"],
            made.messages["description"],
            dict(zip(_MADE_FROM, (__version__, bridge.version), strict=True)),
        )
    )


def modules(made: Sources, bridge: Bridge) -> list[Module]:
    """Return the project's modules: one for the workbook and each sheet, xlwings', ours."""
    return [
        of_workbook(_WORKBOOK),
        of_sheet(_CONF),
        of_sheet(_TEXT),
        standard(bridges.made_safe(bridge)),
        of_class(bridge.dictionary),
        *(standard(made.modules[name]) for name in MODULES),
    ]


def settings(interpreter: str) -> dict[str, str]:
    """Return the settings sheet: every key the module asks for, so that none is looked for anywhere else.

    "False" is text: the module takes an empty switch for an error. TEMP DIR is left to Windows, not to
    VBA, which would garble a Chinese user name on a system of another language.
    """
    empty = "PYTHONPATH", "CONDA PATH", "CONDA ENV", "UDF MODULES", "LICENSE_KEY"
    clouds = ("ONEDRIVE_CONSUMER", "ONEDRIVE_COMMERCIAL", "SHAREPOINT")
    return {
        "INTERPRETER_WIN": interpreter,
        "INTERPRETER_MAC": interpreter,
        "INTERPRETER": "python",
        **dict.fromkeys(empty, ""),
        **dict.fromkeys(("USE UDF SERVER", "DEBUG UDFS", "SHOW CONSOLE", "ADD_WORKBOOK_TO_PYTHONPATH"), "False"),
        **{f"{cloud}_{system}": "" for cloud in clouds for system in ("WIN", "MAC")},
        "SHOW_ERROR_POPUPS": "True",
        "TEMP DIR": "%TEMP%",
    }


def shown(ribbon: str, acts: Collection[str]) -> str:
    """Return the ribbon with the buttons whose act exists; groups left empty go too."""
    ElementTree.register_namespace("", RIBBON)
    tree = ElementTree.fromstring(ribbon)
    for tab in tree.iter(f"{{{RIBBON}}}tab"):
        for group in list(tab):
            for button in list(group):
                if button.get("id") not in acts:
                    group.remove(button)
            if not len(group):
                tab.remove(group)
    ElementTree.indent(tree)
    return ElementTree.tostring(tree, encoding="unicode") + "\n"


def console(executable: str) -> str:
    """Return the Python that has a standard error for the add-in's log: python.exe beside pythonw.exe."""
    path = PurePath(executable)
    return str(path.with_name("python.exe")) if path.name.casefold() == "pythonw.exe" else executable
