"""Formulas in Excel's words and in Calc's: `=SUM(Sheet1!A1,B2)` is `=SUM($Sheet1.A1;B2)` there."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token

from .addresses import COLUMNS, ROWS, column_letters, column_number, parse, quoted, split_sheet

_ADDIN = re.compile(r"COM\.SUN\.STAR\.SHEET\.ADDIN\.(?:ANALYSIS|DATEFUNCTIONS|PRICING)\.GET", re.IGNORECASE)
_DIGITS = re.compile(r"\d+", re.ASCII)


def _by_pattern(translate: Callable[[str], str]) -> Callable[[str], str]:
    """Return the same translation, done once for formulas that differ in their numbers only, as in a column."""
    known: dict[str, list[str] | None] = {}

    @functools.wraps(translate)
    def quick(formula: str) -> str:
        numbers = _DIGITS.findall(formula)
        pattern = _DIGITS.sub("0", formula)
        if pattern not in known:
            done = translate(formula)
            same = _DIGITS.findall(done) == numbers and "E+" not in formula.upper()
            if len(known) > 5000:
                known.clear()
            known[pattern] = _DIGITS.split(done) if same else None
            return done
        pieces = known[pattern]
        if pieces is None:
            return translate(formula)
        return "".join(piece + number for piece, number in zip(pieces, [*numbers, ""], strict=True))

    return quick


@_by_pattern
def to_calc(formula: str) -> str:
    """Return an Excel formula, with its "=", in Calc's words."""
    items = Tokenizer(formula).items
    out = ["="]
    depth: list[str] = []
    for index, token in enumerate(items):
        if token.type == Token.ARRAY:
            depth.append("{") if token.subtype == Token.OPEN else depth.pop()
        out.append(_calc_token(items, index, in_array=bool(depth)))
    return "".join(out)


def _calc_token(items: list[Token], index: int, *, in_array: bool) -> str:
    token = items[index]
    if token.type == Token.SEP:
        return ("|" if token.value == ";" else ";") if in_array else ";"
    if token.type == Token.OP_IN and token.value == ",":
        return "~"
    if token.type == Token.WSPACE:
        return _space(items, index)
    if token.type == Token.FUNC and token.subtype == Token.OPEN:
        head, colon, name = token.value.rpartition(":")
        name = re.sub(r"^(?:_xlfn\.|_xlws\.)+", "", name, flags=re.IGNORECASE)
        return (_calc_reference(head) + ":" if colon else "") + name
    if token.type == Token.OPERAND:
        if token.subtype == Token.LOGICAL:
            return token.value if in_array else f"{token.value.upper()}()"
        if token.subtype == Token.RANGE:
            return _calc_reference(token.value)
    return token.value


def _space(items: list[Token], index: int) -> str:
    """Return "!" where a blank between two references means what they share."""
    if not 0 < index < len(items) - 1 or "\n" in items[index].value:
        return items[index].value
    before, after = items[index - 1], items[index + 1]
    left = before.subtype in (Token.RANGE, Token.CLOSE)
    right = after.subtype in (Token.RANGE, Token.OPEN) and after.type != Token.ARRAY
    return "!" if left and right else items[index].value


def _calc_reference(text: str) -> str:
    if text.startswith("#"):
        return text
    sheet, rest = split_sheet(text)
    if sheet is None:
        return _structured(rest) if "[" in rest else rest
    if sheet.startswith("["):
        book, _, sheet = sheet[1:].partition("]")
        return f"'{book}'#$'{_doubled(sheet)}'.{rest}"
    first, colon, last = sheet.partition(":")
    if colon and parse(rest):
        start, _, end = rest.partition(":")
        return f"$'{_doubled(first)}'.{start}:$'{_doubled(last)}'.{end or start}"
    if rest.startswith("#"):
        return "#REF!"
    second_sheet, second = split_sheet(rest.partition(":")[2])
    if second_sheet is not None:
        rest = f"{rest.partition(':')[0]}:{second}"
    return f"$'{_doubled(sheet)}'.{rest}"


def _doubled(sheet: str) -> str:
    return sheet.replace("'", "''")


def _structured(text: str) -> str:
    """Return `Table[[#This Row];[Col]]` for `Table[@Col]` and the like."""
    text = re.sub(r"\[@\[([^\]]*)\]\]", r"[[#This Row],[\1]]", text)
    text = re.sub(r"\[@([^\]\[]+)\]", r"[[#This Row],[\1]]", text)
    text = re.sub(r"\[@\]", "[#This Row]", text)
    return text.replace("],[", "];[")


_LEX = re.compile(
    r"""
    (?P<text>"(?:[^"]|"")*")
  | (?P<function>[^\W\d][\w.]*(?=\())
  | (?P<external>'(?:[^']|'')*'\#\$?(?P<esheet>'(?:[^']|'')*'|[^\s.'"();~!+*/^&=<>,|{}-]+)\.)
  | (?P<sheet>\$?(?P<name>'(?:[^']|'')*'|[^\W\d][\w]*)\.(?=\$?[A-Za-z]{1,3}\$?\d|\$?\d+:|\$?[A-Za-z]{1,3}:|\#REF!|[^\W\d]))
  | (?P<number>(?<![\w.$])\d+(?:\.\d*)?(?:E[+-]?\d+)?(?![\w.:]))
  | (?P<brackets>\[(?:[^\[\]]|\[[^\[\]]*\])*\])
  | (?P<error>\#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!))
  | (?P<word>\$?[^\W\d][\w$]*)
  | (?P<open>\{)
  | (?P<close>\})
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@_by_pattern
def from_calc(formula: str) -> str:
    """Return a formula of Calc's, with its "=", in Excel's words."""
    out: list[str] = []
    in_array = False
    last_sheet = ""
    text = formula
    place = 0
    while place < len(text):
        match = _LEX.match(text, place)
        assert match is not None
        kind, value = match.lastgroup, match.group()
        if match["sheet"]:
            name = match["name"]
            name = name[1:-1].replace("''", "'") if name.startswith("'") else name
            last_sheet = _second_sheet(out, last_sheet, name)
        elif match["external"]:
            book, _, _ = value.partition("'#")
            sheet = match["esheet"].strip("'").replace("''", "'")
            out.append(f"'[{book.rsplit('/', 1)[-1].strip(chr(39))}]{sheet}'!")
        elif kind == "open":
            in_array = True
            out.append("{")
        elif kind == "close":
            in_array = False
            out.append("}")
        elif kind == "function":
            out.append(_function(value))
        elif kind == "brackets":
            out.append(value.replace("];[", "],["))
        elif kind == "number":
            out.append(re.sub(r"E\+0*(?=\d)", "E+", value))
        elif kind == "other":
            out.append(_separator(value, text[place - 1 : place], in_array))
        else:
            out.append(value)
        place = match.end()
    return "".join(out).replace("TRUE()", "TRUE").replace("FALSE()", "FALSE")


def _second_sheet(out: list[str], last: str, name: str) -> str:
    """Write a sheet's name before its reference, but not twice in `Sheet1!A1:Sheet1!B2`."""
    if out and out[-1] == ":" and last == name:
        return last
    out.append(quoted(name) + "!")
    return name


def _function(name: str) -> str:
    return _ADDIN.sub("", name.upper())


def _separator(sign: str, before: str, in_array: bool) -> str:
    if in_array:
        return {";": ",", "|": ";"}.get(sign, sign)
    if sign == "!" and before not in ("", "F"):
        return " "
    return {";": ",", "~": ","}.get(sign, sign)


def shift(formula: str, rows: int, columns: int) -> str:
    """Return an Excel formula moved: relative references follow, and wrap round at the sheet's edges."""
    if not rows and not columns:
        return formula

    def moved(reference: str) -> str:
        return _shift_reference(reference, rows, columns)

    return _each_reference(formula, moved)


def _each_reference(formula: str, change: Callable[[str], str]) -> str:
    items = Tokenizer(formula).items
    return "=" + "".join(
        change(token.value) if token.type == Token.OPERAND and token.subtype == Token.RANGE else token.value
        for token in items
    )


_END = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)(\d+)|(\$?)([A-Za-z]{1,3})|(\$?)(\d+)")


def _shift_reference(reference: str, rows: int, columns: int) -> str:
    sheet, rest = split_sheet(reference)
    if parse(rest) is None:
        return reference
    ends = ":".join(_shift_end(end, rows, columns) for end in rest.split(":"))
    return ends if sheet is None else reference[: -len(rest)] + ends


def _shift_end(end: str, rows: int, columns: int) -> str:
    match = _END.fullmatch(end)
    if match is None:
        return end
    column_fixed, column = match[1] if match[2] else match[5], match[2] or match[6]
    row_fixed, row = match[3] if match[4] else match[7], match[4] or match[8]
    out = ""
    if column:
        number = column_number(column)
        number = number if column_fixed else (number - 1 + columns) % COLUMNS + 1
        out += f"{column_fixed}{column_letters(number)}"
    if row:
        line = int(row) if row_fixed else (int(row) - 1 + rows) % ROWS + 1
        out += f"{row_fixed}{line}"
    return out


def list_to_calc(source: str) -> str:
    """Return an inline list "a,b" as Calc keeps it; a reference ("=...") as a formula without the "="."""
    if source.startswith("="):
        return to_calc(source)[1:]
    return ";".join('"' + item.strip().replace('"', '""') + '"' for item in source.split(","))


def list_from_calc(source: str) -> str:
    """Return a list's source as Excel has it."""
    if re.fullmatch(r'(?:"(?:[^"]|"")*"[;,]?)+', source):
        return ",".join(item.replace('""', '"') for item in re.findall(r'"((?:[^"]|"")*)"', source))
    return from_calc("=" + source)
