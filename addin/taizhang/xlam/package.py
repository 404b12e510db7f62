"""The .xlam around the project: sheets, ribbon, icons, as parts of an Office package. Source: ECMA-376 part 2.

Entries are stored, not deflated, and dated 1980: the bytes depend on no zlib, clock or system.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

Rows = Sequence[tuple[str, str]]

_DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATIONS = f"{_OFFICE}/relationships"
_MICROSOFT = "http://schemas.microsoft.com/office"
_RIBBON_2010, _RIBBON_2007 = f"{_MICROSOFT}/2009/07/customui", f"{_MICROSOFT}/2006/01/customui"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_TYPES = {
    "xl/workbook.xml": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
    "xl/styles.xml": f"{_SPREADSHEET}.styles+xml",
    "xl/vbaProject.bin": "application/vnd.ms-office.vbaProject",
    "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    "docProps/custom.xml": "application/vnd.openxmlformats-officedocument.custom-properties+xml",
}
_PROPERTIES = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"


@dataclass(frozen=True)
class Sheet:
    """A sheet of two text columns; `code` is the module that stands for it."""

    name: str
    code: str
    rows: Rows
    hidden: bool = False


@dataclass(frozen=True)
class Addin:
    """All an add-in holds: project, workbook module, sheets, ribbon, icons, title, and what it was made from."""

    project: bytes
    code: str
    sheets: Sequence[Sheet]
    ribbon: str
    icons: Mapping[str, bytes]
    title: str
    description: str
    made_from: Mapping[str, str]


def packed(addin: Addin) -> bytes:
    """Return the .xlam."""
    parts = _parts(addin)
    file = BytesIO()
    with ZipFile(file, "w", ZIP_STORED) as package:
        for name, data in {"[Content_Types].xml": _content_types(parts), **parts}.items():
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 0  # the same on every system
            package.writestr(entry, data)
    return file.getvalue()


def made_from(data: bytes) -> dict[str, str]:
    """Return what an add-in says it was made from; empty for a file that is not one of ours."""
    try:
        with ZipFile(BytesIO(data)) as package:
            text = package.read("docProps/custom.xml").decode("utf-8", "replace")
    except (BadZipFile, KeyError, OSError, ValueError, NotImplementedError, RuntimeError):
        return {}
    return dict(re.findall(r'<property [^>]*name="([^"]*)"[^>]*><vt:lpwstr>([^<]*)</vt:lpwstr>', text))


def _parts(addin: Addin) -> dict[str, bytes]:
    texts = {
        "_rels/.rels": _relations(
            ("rId1", f"{_RELATIONS}/officeDocument", "xl/workbook.xml"),
            ("rId2", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            ("rId3", f"{_RELATIONS}/custom-properties", "docProps/custom.xml"),
            ("rId4", f"{_MICROSOFT}/2006/relationships/ui/extensibility", "customUI/customUI.xml"),
            ("rId5", f"{_MICROSOFT}/2007/relationships/ui/extensibility", "customUI/customUI14.xml"),
        ),
        "docProps/core.xml": _core(addin),
        "docProps/custom.xml": _custom(addin.made_from),
        "xl/workbook.xml": _workbook(addin),
        "xl/_rels/workbook.xml.rels": _relations(
            *(
                (f"rId{n}", f"{_RELATIONS}/worksheet", f"worksheets/sheet{n}.xml")
                for n, _ in enumerate(addin.sheets, 1)
            ),
            ("rIdStyles", f"{_RELATIONS}/styles", "styles.xml"),
            ("rIdVba", f"{_MICROSOFT}/2006/relationships/vbaProject", "vbaProject.bin"),
        ),
        "xl/styles.xml": _STYLES,
        **{f"xl/worksheets/sheet{n}.xml": _sheet(one) for n, one in enumerate(addin.sheets, 1)},
        # Where both are there only the newer is read (MS-OI29500 3.4.1.4); the older serves Excel 2007.
        "customUI/customUI14.xml": addin.ribbon,
        "customUI/customUI.xml": addin.ribbon.replace(_RIBBON_2010, _RIBBON_2007),
    }
    images = _relations(*((name, f"{_RELATIONS}/image", f"images/{name}.png") for name in addin.icons))
    texts |= {f"customUI/_rels/{name}.rels": images for name in ("customUI14.xml", "customUI.xml")}
    return {
        **{name: _with_declaration(text).encode() for name, text in texts.items()},
        "xl/vbaProject.bin": addin.project,
        **{f"customUI/images/{name}.png": data for name, data in addin.icons.items()},
    }


def _with_declaration(text: str) -> str:
    return text if text.startswith("<?xml") else _DECLARED + text


def _content_types(parts: Iterable[str]) -> bytes:
    defaults = {
        "rels": "application/vnd.openxmlformats-package.relationships+xml",
        "xml": "application/xml",
        "png": "image/png",
    }
    types = _TYPES | {name: f"{_SPREADSHEET}.worksheet+xml" for name in parts if name.startswith("xl/worksheets/")}
    said = [f'<Default Extension="{end}" ContentType="{kind}"/>' for end, kind in defaults.items()]
    said += [f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in types.items()]
    return f'{_DECLARED}<Types xmlns="{_PACKAGE}/content-types">{"".join(said)}</Types>'.encode()


def _relations(*relations: tuple[str, str, str]) -> str:
    said = (f'<Relationship Id="{id_}" Type="{kind}" Target="{target}"/>' for id_, kind, target in relations)
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(said)}</Relationships>'


def _core(addin: Addin) -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(addin.title)}</dc:title><dc:description>{escape(addin.description)}</dc:description>"
        "</cp:coreProperties>"
    )


def _custom(facts: Mapping[str, str]) -> str:
    said = (
        f'<property fmtid="{_PROPERTIES}" pid="{pid}" name={quoteattr(name)}><vt:lpwstr>{escape(value)}</vt:lpwstr>'
        "</property>"
        for pid, (name, value) in enumerate(facts.items(), 2)
    )
    return (
        f'<Properties xmlns="{_OFFICE}/custom-properties" xmlns:vt="{_OFFICE}/docPropsVTypes">{"".join(said)}'
        "</Properties>"
    )


def _workbook(addin: Addin) -> str:
    sheets = (
        f'<sheet name={quoteattr(sheet.name)} sheetId="{n}"{" state=" + quoteattr("hidden") if sheet.hidden else ""}'
        f' r:id="rId{n}"/>'
        for n, sheet in enumerate(addin.sheets, 1)
    )
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><workbookPr codeName="{addin.code}"/>'
        f"<bookViews><workbookView/></bookViews><sheets>{''.join(sheets)}</sheets></workbook>"
    )


def _sheet(sheet: Sheet) -> str:
    rows = (
        f'<row r="{n}">{_cell(f"A{n}", key)}{_cell(f"B{n}", value)}</row>'
        for n, (key, value) in enumerate(sheet.rows, 1)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetPr codeName="{sheet.code}"/><sheetData>{"".join(rows)}</sheetData></worksheet>'


def _cell(place: str, text: str) -> str:
    """Return a cell that holds text, whatever it looks like: "False" is no Boolean here."""
    if not text:
        return ""
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
