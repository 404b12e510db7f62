"""A report as .docx in the layout of 公文, by python-docx. Source: GB/T 9704-2012, as told in the facts, d2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from taizhang.report import Heading, Paragraph, Report, Table
from taizhang.settings import Settings

if TYPE_CHECKING:
    from docx.document import Document

_PAGE_CM = (21.0, 29.7)
_MARGINS_CM = {"top_margin": 3.7, "bottom_margin": 3.5, "left_margin": 2.8, "right_margin": 2.6}
_TEXT_CM = _PAGE_CM[0] - _MARGINS_CM["left_margin"] - _MARGINS_CM["right_margin"]
_TITLE_PT, _BODY_PT, _TABLE_PT, _FOOTER_PT, _LINE_PT = 22, 16, 10.5, 14, 28.8
_MADE = datetime(2020, 1, 1)  # a fixed moment: the same content gives the same bytes
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FOOTER_FONT = "宋体"
_STYLE_FONTS = {
    "Title": "font_title",
    "Heading 1": "font_section",
    "Heading 2": "font_subsection",
    "Normal": "font_body",
}


def letter(report: Report, settings: Settings) -> bytes:
    """Return a report as the bytes of a .docx file; the same report gives the same bytes."""
    import docx

    document = docx.Document()
    _Letter(document, settings).set_in_type(report)
    buffer = BytesIO()
    document.save(buffer)
    return _timeless(buffer.getvalue())


def font_names(settings: Settings, key: str) -> list[str]:
    """Return the names a font setting holds: the one wanted, then those to use where it is not installed."""
    return [name.strip() for name in re.split("[、，,;；]", settings.text(key)) if name.strip()] or [_FOOTER_FONT]


class _Letter:
    """A document as it is written."""

    def __init__(self, document: Document, settings: Settings) -> None:
        self.document = document
        self.fonts = {style: font_names(settings, key) for style, key in _STYLE_FONTS.items()}

    def set_in_type(self, report: Report) -> None:
        """Write everything."""
        self._page()
        self._styles()
        self.document.add_paragraph(_legal(report.title), style="Title")
        for block, following in zip_longest(report.blocks, report.blocks[1:]):
            match block:
                case Heading():
                    self.document.add_paragraph(_legal(block.text), style=f"Heading {block.level}")
                case Paragraph():
                    said = self.document.add_paragraph(_legal(block.text))
                    said.paragraph_format.keep_with_next = isinstance(following, Table)
                case Table():
                    self._table(block)
        self._signed(report)
        self._footer()
        self._alternatives()
        facts = self.document.core_properties
        facts.author = facts.last_modified_by = _legal(report.unit)
        facts.title, facts.comments, facts.language = _legal(report.title), "", "zh-CN"
        facts.created = facts.modified = _MADE

    def _page(self) -> None:
        from docx.shared import Cm

        section = self.document.sections[0]
        section.page_width, section.page_height = (Cm(size) for size in _PAGE_CM)
        for name, size in _MARGINS_CM.items():
            setattr(section, name, Cm(size))

    def _styles(self) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
        from docx.shared import Pt, RGBColor

        sizes = {"Title": _TITLE_PT}
        for name, fonts in self.fonts.items():
            style = self.document.styles[name]
            style.font.size, style.font.bold = Pt(sizes.get(name, _BODY_PT)), False
            style.font.color.rgb = RGBColor(0, 0, 0)
            _name_font(style, fonts[0])
            layout = style.paragraph_format
            layout.space_before = layout.space_after = Pt(0)
            layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(_LINE_PT)
            if name == "Title":
                layout.alignment, layout.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(_LINE_PT)
                layout.line_spacing = Pt(_LINE_PT + 4)
                _without_line(style)
            else:
                layout.first_line_indent = Pt(2 * _BODY_PT)

    def _table(self, table: Table) -> None:
        from docx.enum.table import WD_TABLE_ALIGNMENT
        from docx.shared import Cm

        made = self.document.add_table(rows=0, cols=len(table.head), style="Table Grid")
        made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        _narrow_margins(made)
        whole = sum(table.widths)
        widths = [Cm(_TEXT_CM * width / whole) for width in table.widths]
        for column, width in zip(made.columns, widths, strict=True):
            column.width = width
        for number, row in enumerate((table.head, *table.rows)):
            cells = made.add_row()
            _mark(cells._tr.get_or_add_trPr(), "w:cantSplit")
            if number == 0:
                _mark(cells._tr.get_or_add_trPr(), "w:tblHeader")
            for place, (cell, text, width) in enumerate(zip(cells.cells, row, widths, strict=True)):
                cell.width = width
                self._cell(cell, text, head=number == 0, flush=place in table.flush and number > 0)
        self.document.add_paragraph().paragraph_format.line_spacing = 0.5

    def _cell(self, cell: Any, text: str, *, head: bool, flush: bool) -> None:
        from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
        from docx.shared import Pt

        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        layout = paragraph.paragraph_format
        layout.first_line_indent, layout.line_spacing_rule = Pt(0), WD_LINE_SPACING.SINGLE
        layout.space_before = layout.space_after = Pt(2)
        layout.alignment = WD_ALIGN_PARAGRAPH.LEFT if flush else WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(_legal(text))
        run.font.size = Pt(_TABLE_PT)
        if head:
            _name_font(run, self.fonts["Heading 1"][0])

    def _signed(self, report: Report) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        for paragraph in self.document.paragraphs[-1:]:  # a signature alone on a page would sign nothing
            paragraph.paragraph_format.keep_with_next = True
        on = f"{report.on.year}年{report.on.month}月{report.on.day}日"
        for text in ("", report.unit, on):
            paragraph = self.document.add_paragraph(_legal(text))
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            paragraph.paragraph_format.keep_with_next = text != on
            paragraph.paragraph_format.right_indent = Pt(2 * _BODY_PT)

    def _footer(self) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        paragraph = self.document.sections[0].footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.first_line_indent = Pt(0)
        for text in ("— ", None, " —"):
            run = paragraph.add_run(text or "")
            run.font.size = Pt(_FOOTER_PT)
            _name_font(run, _FOOTER_FONT)
            if text is None:
                _page_number(run)

    def _alternatives(self) -> None:
        """Say in the font table which fonts stand in for those that a computer lacks."""
        from lxml import etree

        part = next(rel.target_part for rel in self.document.part.rels.values() if rel.reltype.endswith("/fontTable"))
        root = etree.fromstring(part.blob)
        space = root.nsmap["w"]
        for names in dict.fromkeys(tuple(names) for names in self.fonts.values()):
            font = etree.SubElement(root, f"{{{space}}}font", {f"{{{space}}}name": names[0]})
            if names[1:]:
                etree.SubElement(font, f"{{{space}}}altName", {f"{{{space}}}val": ",".join(names[1:])})
            etree.SubElement(font, f"{{{space}}}charset", {f"{{{space}}}val": "86"})
        part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _name_font(holder: Any, name: str) -> None:
    """Give a style or a run a font for Chinese and Western letters alike."""
    from docx.oxml.ns import qn

    holder.font.name = name
    fonts = holder.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(kind), None)
    fonts.set(qn("w:eastAsia"), name)


def _without_line(style: Any) -> None:
    """Take away the line that the style has under its words."""
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_pPr()
    for line in properties.findall(qn("w:pBdr")):
        properties.remove(line)


def _narrow_margins(table: Any) -> None:
    """Leave less room beside the words of cells than is usual: columns are narrow."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    margins = OxmlElement("w:tblCellMar")
    for side in ("w:left", "w:right"):
        margin = OxmlElement(side)
        margin.set(qn("w:w"), "45")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)


def _mark(properties: Any, name: str) -> None:
    from docx.oxml import OxmlElement

    properties.append(OxmlElement(name))


def _page_number(run: Any) -> None:
    """Put the field of the page number into a run."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        made = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            made.set(qn("w:fldCharType"), kind)
        made.text = text or None
        run._r.append(made)


def _legal(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return _ILLEGAL.sub(" ", text)


def _timeless(data: bytes) -> bytes:
    """Return a package whose entries carry no moment of their own."""
    buffer = BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(buffer, "w", ZIP_DEFLATED) as target:
        for name, content in _entries(source):
            target.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, ZIP_DEFLATED)
    return buffer.getvalue()


def _entries(archive: ZipFile) -> Iterator[tuple[str, bytes]]:
    for name in archive.namelist():
        yield name, archive.read(name)
