"""A report as .docx in the layout of 公文, by python-docx. Source: GB/T 9704-2012, as told in the facts, d2."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from io import BytesIO
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from taizhang.books.package import fresh_entry
from taizhang.report import Heading, Paragraph, Report, Table, date_in_words
from taizhang.settings import Settings, first_value, titles_in
from taizhang.styles import text_width

if TYPE_CHECKING:
    from docx.document import Document

_PAGE_CM = (21.0, 29.7)
_MARGINS_CM = {"top_margin": 3.7, "bottom_margin": 3.5, "left_margin": 2.8, "right_margin": 2.6}
_FOOTER_CM = 2.3  # from the paper's edge: the number stands 7 mm below the text
_TEXT_PT = (_PAGE_CM[0] - _MARGINS_CM["left_margin"] - _MARGINS_CM["right_margin"]) / 2.54 * 72
_CELL_PT = 2.25  # left free on each side of a cell
_LINE_PT = 28.9  # 22 lines a page
_TIGHTER_PT = -0.25  # between characters: 28 a line
_LANGUAGE = "zh-CN"
_LANGUAGES = {"w:val": "en-US", "w:eastAsia": _LANGUAGE}  # Western letters called Chinese, LibreOffice breaks numbers
_BODY_PT, _TITLE_PT, _TABLE_PT = 16.0, 22.0, 10.5
_FOOTER_FONT = "宋体"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class _Look:
    """How paragraphs of a style are set: the setting that names their font, sizes in points, indents in characters.

    `line` is exact; 0 lets a line be as high as its characters.
    """

    style: str
    font: str
    size: float = _BODY_PT
    line: float = _LINE_PT
    align: str = "LEFT"
    indent: int = 0
    before: float = 0
    after: float = 0
    holds_next: bool = False
    tighter: bool = False


_CELL, _HEAD, _GAP = "表格正文", "表头", "表后"  # styles of our own, that staff can change in Word
_LOOKS = (
    _Look("Normal", "font_body"),
    _Look("Body Text", "font_body", indent=2, tighter=True),  # not justified: long lists of numbers do not break
    _Look("Title", "font_title", _TITLE_PT, 34, "CENTER", after=8),
    _Look("Subtitle", "font_subsection", align="CENTER", after=_LINE_PT / 2),
    _Look("Heading 1", "font_section", indent=2, holds_next=True),
    _Look("Heading 2", "font_subsection", indent=2, holds_next=True),
    _Look("Caption", "font_section", 12, 20, "CENTER", before=6, after=2, holds_next=True),
    _Look("Footer", "", 14, 0, "CENTER"),
    _Look(_CELL, "font_body", _TABLE_PT, 0, before=1.5, after=1.5),
    _Look(_HEAD, "font_section", _TABLE_PT, 0, "CENTER", before=1.5, after=1.5),
    _Look(_GAP, "font_body", _TABLE_PT, 12),
)
_BEFORE_TEXT = ("Subtitle", "Heading 1", "Heading 2")  # who types on behind them types text
_KEPT_STYLES = {*(look.style for look in _LOOKS), "Default Paragraph Font", "Normal Table", "No List", "Table Grid"}
_UNUSED_PARTS = ("/stylesWithEffects", "/customXml", "/numbering", "/webSettings", "/thumbnail", "/extended-properties")


def letter(report: Report, settings: Settings, *, for_libreoffice: bool = False) -> bytes:
    """Return a report as the bytes of a .docx file; the same report gives the same bytes.

    `for_libreoffice` is for one that becomes a PDF and is not kept: left alone, LibreOffice breaks
    lines inside the numbers of 1、2、3, so it is shown by invisible characters where it may.
    """
    import docx

    document = docx.Document()
    _bare(document)
    _Letter(document, settings, _breakable if for_libreoffice else _legal).set_in_type(report)
    buffer = BytesIO()
    document.save(buffer)
    return _timeless(buffer.getvalue())


def font_names(settings: Settings, key: str) -> list[str]:
    """Return the names a font setting holds: the one wanted, then those to use where it is not installed."""
    if not key:
        return [_FOOTER_FONT]
    return titles_in(_legal(settings.text(key))) or titles_in(str(first_value(key)))


class _Letter:
    """A document as it is written."""

    def __init__(self, document: Document, settings: Settings, legal: Callable[[str], str]) -> None:
        self.document = document
        self.legal = legal
        self.fonts = {look.font: font_names(settings, look.font) for look in _LOOKS}

    def set_in_type(self, report: Report) -> None:
        """Write everything."""
        self._page()
        for look in _LOOKS:
            _set_style(self.document, look, self.fonts[look.font][0])
        self._say("\n".join(title_lines(report.phrases, _TEXT_PT / _TITLE_PT)), "Title")
        self._say(report.dated, "Subtitle")
        for block in report.blocks:
            match block:
                case Heading():
                    self._say(block.text, f"Heading {block.level}")
                case Paragraph():
                    self._say(block.text, "Body Text")
                case Table():
                    self._table(block)
        self._signed(report)
        self._footer()
        _set_fonts(self.document, self.fonts.values())
        _set_facts(self.document, report)

    def _say(self, text: str, style: str) -> Any:
        return self.document.add_paragraph(self.legal(text), style)

    def _page(self) -> None:
        from docx.shared import Cm

        section = self.document.sections[0]
        section.page_width, section.page_height = (Cm(size) for size in _PAGE_CM)
        for name, size in {**_MARGINS_CM, "footer_distance": _FOOTER_CM}.items():
            setattr(section, name, Cm(size))

    def _table(self, table: Table) -> None:
        """Write a table over the whole width of the text, its header on every page it runs to."""
        self._say(table.title, "Caption")
        widths = column_widths(table.widths)
        made = self.document.add_table(rows=0, cols=len(widths), style="Table Grid")
        _set_grid(made, widths)
        heads = [evenly_broken(head, _room(width)) for head, width in zip(table.head, widths, strict=True)]
        _add_row(made, heads, widths, header=True)
        for row in table.rows:
            _add_row(made, [self.legal(text) for text in row], widths, table.flush)
        self._say("", _GAP)

    def _signed(self, report: Report) -> None:
        """Write who signs and when: the day begins two characters right of the unit, both two from the edge at least."""
        unit, on = _legal(report.unit), date_in_words(report.on)
        wide, day = (text_width(text) / 2 for text in (unit, on))
        from_edge = max(2.0, wide - day)  # of the day, in characters
        self.document.paragraphs[-1].paragraph_format.keep_with_next = True  # alone on a page it would sign nothing
        for text, right in (("", 0.0), (unit, from_edge + day + 2 - wide), (on, from_edge)):
            _flush_right(self._say(text, "Normal"), right, holds_next=text != on)

    def _footer(self) -> None:
        paragraph = self.document.sections[0].footer.paragraphs[0]
        paragraph.style = "Footer"
        paragraph.add_run("— ")
        paragraph._p.append(_element("w:fldSimple", {"w:instr": "PAGE"}, _element("w:r", {}, _text("1"))))
        paragraph.add_run(" —")


# --- what fits ---


def title_lines(phrases: Sequence[str], room: float) -> list[str]:
    """Return a title in as few lines of `room` characters as hold its phrases whole, as even as can be."""
    for number in range(1, len(phrases)):
        found = [_joined(phrases, cuts) for cuts in combinations(range(1, len(phrases)), number - 1)]
        fitting = [lines for lines in found if max(map(_characters, lines)) <= room]
        if fitting:
            return min(fitting, key=lambda lines: max(map(_characters, lines)))
    return list(phrases)


def _joined(phrases: Sequence[str], cuts: Sequence[int]) -> list[str]:
    ends = (*cuts, len(phrases))
    return ["".join(phrases[start:end]) for start, end in zip((0, *cuts), ends, strict=True)]


def _characters(text: str) -> float:
    """Return how many Chinese characters a text is as wide as."""
    return text_width(text) / 2


def column_widths(wanted: Sequence[float]) -> list[float]:
    """Return widths of columns in points that together are the text's, in the proportions wanted."""
    return [_TEXT_PT * width / sum(wanted) for width in wanted]


def _room(width: float) -> int:
    """Return how many characters of a table fit beside each other in a column."""
    return max(1, int((width - 2 * _CELL_PT) / _TABLE_PT))


def evenly_broken(head: str, room: int) -> str:
    """Return a header in as few lines as hold it, the later the longer: 按期 over 完成率."""
    number = -(-len(head) // room)
    ends = [len(head) * place // number for place in range(number + 1)]
    return "\n".join(head[start:end] for start, end in pairwise(ends))


# --- the document ---


def _bare(document: Document) -> None:
    """Take out of python-docx's template what a report has no use for, and say that it is Chinese."""
    for holder in (document.part, document.part.package):
        for id in [id for id, rel in holder.rels.items() if any(part in rel.reltype for part in _UNUSED_PARTS)]:
            holder.rels.pop(id)
    styles = document.styles.element
    for style in [style for style in document.styles if style.name not in _KEPT_STYLES]:
        styles.remove(style.element)
    defaults = styles.find(_named("w:docDefaults"))
    for fonts in defaults.iter(_named("w:rFonts")):
        fonts.attrib.clear()
        _name_fonts(fonts, _FOOTER_FONT)
    for language in defaults.iter(_named("w:lang")):
        _set(language, _LANGUAGES)
    for language in document.settings.element.iter(_named("w:themeFontLang")):
        _set(language, _LANGUAGES)
    for mode in document.settings.element.iter(_named("w:compatSetting")):
        if mode.get(_named("w:name")) == "compatibilityMode":
            _set(mode, {"w:val": "15"})  # Word 2013 and later; 14 is shown as an old document
    for zoom in document.settings.element.iter(_named("w:zoom")):
        _set(zoom, {"w:percent": "100"})


def _set_style(document: Document, look: _Look, font: str) -> None:
    """Make a style look as it should, whatever it was before; one that is not there is made."""
    from docx.enum.style import WD_STYLE_TYPE

    names = {style.name for style in document.styles}
    style = document.styles[look.style] if look.style in names else None
    style = style or document.styles.add_style(look.style, WD_STYLE_TYPE.PARAGRAPH)
    element: Any = style.element
    level = element.find(f".//{_named('w:outlineLvl')}")
    for name in ("w:pPr", "w:rPr", "w:link"):
        for one in element.findall(_named(name)):
            element.remove(one)
    if look.style != "Normal":
        style.base_style = document.styles["Normal"]
    if look.style in _BEFORE_TEXT:
        style.next_paragraph_style = document.styles["Body Text"]
    _set_characters(element.get_or_add_rPr(), look, font)
    _set_lines(style.paragraph_format, look)
    _set(element.pPr.get_or_add_ind(), {"w:firstLineChars": str(100 * look.indent)})
    if level is not None:  # what the navigation pane goes by
        element.pPr.append(level)


def _set_characters(properties: Any, look: _Look, font: str) -> None:
    half_points = f"{look.size * 2:g}"
    properties.append(_name_fonts(_element("w:rFonts"), font))
    if look.tighter:
        properties.append(_element("w:spacing", {"w:val": f"{_TIGHTER_PT * 20:g}"}))
    properties.append(_element("w:sz", {"w:val": half_points}))
    properties.append(_element("w:szCs", {"w:val": half_points}))


def _set_lines(layout: Any, look: _Look) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Pt

    layout.alignment = getattr(WD_ALIGN_PARAGRAPH, look.align)
    layout.first_line_indent = Pt(look.indent * look.size)
    layout.space_before, layout.space_after = Pt(look.before), Pt(look.after)
    layout.keep_with_next = look.holds_next
    if look.line:
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.line)
    else:
        layout.line_spacing_rule = WD_LINE_SPACING.SINGLE


def _flush_right(paragraph: Any, characters: float, *, holds_next: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    layout = paragraph.paragraph_format
    layout.alignment, layout.right_indent = WD_ALIGN_PARAGRAPH.RIGHT, Pt(characters * _BODY_PT)
    layout.keep_with_next = holds_next


# --- tables ---


def _set_grid(table: Any, widths: Sequence[float]) -> None:
    """Fix the columns of a table: the width of each, and what is left free beside the words."""
    from docx.shared import Pt

    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Pt(width)
    properties = table._tbl.tblPr
    _set(properties.find(_named("w:tblW")), {"w:type": "dxa", "w:w": _twips(sum(widths))})
    sides = (_element(side, {"w:w": _twips(_CELL_PT), "w:type": "dxa"}) for side in ("w:left", "w:right"))
    # The schema has an order: Word may call a file damaged that has another.
    properties.find(_named("w:tblLayout")).addnext(_element("w:tblCellMar", {}, *sides))


def _add_row(
    table: Any,
    texts: Sequence[str],
    widths: Sequence[float],
    flush: frozenset[int] = frozenset(),
    *,
    header: bool = False,
) -> None:
    """Add a row that no page break cuts through; a header is repeated."""
    row = table.add_row()
    properties = row._tr.get_or_add_trPr()
    for mark in ("w:cantSplit", "w:tblHeader")[: 1 + header]:
        properties.append(_element(mark))
    for place, (cell, text, width) in enumerate(zip(row._tr.tc_lst, texts, widths, strict=True)):
        _fill(cell, text, width, _HEAD if header else _CELL, flush=place in flush)


def _fill(cell: Any, text: str, width: float, style: str, *, flush: bool) -> None:
    """Write a cell, in the middle unless it is set flush left; python-docx's own way takes ten times as long."""
    properties = cell.get_or_add_tcPr()
    _set(properties.get_or_add_tcW(), {"w:type": "dxa", "w:w": _twips(width)})
    properties.append(_element("w:vAlign", {"w:val": "center"}))
    paragraph = cell.p_lst[0]
    paragraph.style = style
    if style == _CELL and not flush:
        paragraph.get_or_add_pPr().append(_element("w:jc", {"w:val": "center"}))
    paragraph.add_r().text = text


# --- XML ---


def _named(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))


def _element(name: str, attributes: Mapping[str, str] | None = None, *children: Any) -> Any:
    from docx.oxml.parser import OxmlElement

    made = OxmlElement(name)
    _set(made, attributes or {})
    made.extend(children)
    return made


def _text(text: str) -> Any:
    made = _element("w:t")
    made.text = text
    return made


def _set(element: Any, attributes: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        element.set(_named(name), value)


def _name_fonts(fonts: Any, name: str) -> Any:
    """Return an element w:rFonts that gives Chinese and Western letters the same font: quotes are Chinese ones then."""
    _set(fonts, dict.fromkeys(("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"), name))
    return fonts


def _twips(points: float) -> str:
    return str(round(points * 20))


def _set_fonts(document: Document, fonts: Iterable[Sequence[str]]) -> None:
    """Say in the font table which fonts stand in for those that a computer lacks."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.oxml import serialize_part_xml
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    stand_ins: dict[str, dict[str, None]] = {}
    for name, *others in fonts:
        stand_ins.setdefault(name, {}).update(dict.fromkeys(others))
    root = _element("w:fonts", {}, *(_font(name, list(others)) for name, others in stand_ins.items()))
    part = document.part
    old = next(id for id, rel in part.rels.items() if rel.reltype == RELATIONSHIP_TYPE.FONT_TABLE)
    part.rels.pop(old)
    made = Part(PackURI("/word/fontTable.xml"), CONTENT_TYPE.WML_FONT_TABLE, serialize_part_xml(root), part.package)
    part.relate_to(made, RELATIONSHIP_TYPE.FONT_TABLE)


def _font(name: str, stand_ins: Sequence[str]) -> Any:
    made = _element("w:font", {"w:name": name})
    if stand_ins:
        made.append(_element("w:altName", {"w:val": ",".join(stand_ins)}))
    chinese = (("w:charset", "86"), ("w:family", "auto"), ("w:pitch", "variable"))
    made.extend(_element(key, {"w:val": value}) for key, value in chinese)
    return made


# --- the package ---


def _set_facts(document: Document, report: Report) -> None:
    """Say what the document is; no person made it, and its day is the report's."""
    facts = document.core_properties
    facts.author = facts.last_modified_by = _legal(report.unit)[:255]
    facts.title, facts.comments, facts.language = _legal(report.title)[:255], "", _LANGUAGE
    facts.created = facts.modified = datetime.combine(report.on, time())


def _legal(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return _ILLEGAL.sub(" ", text)


def _breakable(text: str) -> str:
    """Return a text without what XML cannot hold, with a place to break lines between numbers of a list."""
    return re.sub("(?<=[0-9][、，])(?=[0-9])", "\u200b", _legal(text))


def _timeless(data: bytes) -> bytes:
    """Return a package whose entries carry no moment of their own."""
    buffer = BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(buffer, "w") as target:
        for name in source.namelist():
            target.writestr(fresh_entry(name), source.read(name))
    return buffer.getvalue()
