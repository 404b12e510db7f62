"""PDF by whatever office program is there, and a sentence where none is or it does not do its work."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from ledgers import FGJ, book
from real import DAY, seeded
from taizhang.books import pdf
from taizhang.books.letter import letter
from taizhang.books.pdf import lacking, libreoffice, write_pdf
from taizhang.books.render import render
from taizhang.errors import LedgerError, Stop
from taizhang.journal import Journal
from taizhang.layout.overview import Frame
from taizhang.layout.scorecards import card_workbook
from taizhang.report import report_of
from taizhang.scores import scorecards
from taizhang.summary import summarise

MADE = b"%PDF-1.6 made"


def a_letter() -> bytes:
    ledger = seeded()
    return letter(report_of(ledger.settings, summarise(ledger, DAY), ()), ledger.settings)


def a_workbook() -> bytes:
    ledger = book(f"| 序号 | 牵头部门 |\n| 1 | {FGJ} |")
    (card,) = scorecards(ledger, Journal(), DAY)
    return render(card_workbook(card, summarise(ledger, DAY), Frame(ledger.settings, {}, linked=False)))


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is the only one programs are looked for in, beside the system's own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr(pdf, "_USUAL", ())
    monkeypatch.setattr(pdf.shutil, "which", lambda name: str(folder / name) if (folder / name).exists() else None)
    return folder


def installed(folder: Path, script: str, name: str = "soffice") -> Path:
    """Put a program that does something else in LibreOffice's place."""
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def stopped(data: bytes, target: Path, kind: str = ".docx") -> LedgerError:
    with pytest.raises(LedgerError) as raised:
        write_pdf(data, kind, target)
    return raised.value


# LibreOffice


@pytest.mark.office
@pytest.mark.parametrize(("make", "kind"), [(a_letter, ".docx"), (a_workbook, ".xlsx")], ids=["letter", "workbook"])
def test_libreoffice_makes_the_pdf_and_leaves_nothing_beside_it(tmp_path, make, kind):
    target = tmp_path / "出" / "通报 (1).pdf"
    write_pdf(make(), kind, target)
    assert target.read_bytes().startswith(b"%PDF")
    assert target.read_bytes().rstrip().endswith(b"%%EOF")
    assert [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.mark.office
def test_it_works_where_the_system_knows_no_chinese(tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    write_pdf(a_letter(), ".docx", tmp_path / "通报.pdf")
    assert (tmp_path / "通报.pdf").exists()


def test_a_profile_of_its_own_is_used_and_pythons_settings_are_not_passed_on(bare, tmp_path, monkeypatch):
    said = tmp_path / "said"
    installed(bare, f'echo "$@" "[$PYTHONPATH]" >{said}\nprintf "%%PDF" >"$7/document.pdf"')
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    write_pdf(b"x", ".docx", tmp_path / "a.pdf")
    words = said.read_text()
    assert "--headless" in words
    assert "-env:UserInstallation=file://" in words
    assert words.endswith("[]\n")


@pytest.mark.parametrize("name", ["soffice", "libreoffice"])
def test_libreoffice_is_found_on_the_path(bare, name):
    assert libreoffice() is None
    assert libreoffice() != str(installed(bare, "", name)) == libreoffice()


def test_libreoffice_is_found_in_its_usual_places(bare, tmp_path, monkeypatch):
    for version in ("7.6", "24.8"):
        folder = tmp_path / f"libreoffice{version}" / "program"
        folder.mkdir(parents=True)
        installed(folder, "")
    monkeypatch.setattr(pdf, "_USUAL", (f"{tmp_path}/libreoffice*/program/soffice",))
    assert libreoffice() == str(tmp_path / "libreoffice7.6" / "program" / "soffice")
    windows = tmp_path / "Programme" / "LibreOffice" / "program"
    windows.mkdir(parents=True)
    installed(windows, "", "soffice.exe")
    monkeypatch.setenv("ProgramW6432", str(tmp_path / "Programme"))
    assert libreoffice() == str(windows / "soffice.exe")


# What goes wrong


def test_without_any_program_a_sentence_says_what_to_do(bare, tmp_path):
    fault = stopped(b"x", tmp_path / "出" / "通报.pdf")
    assert fault.stop is Stop.NO_PDF_PROGRAM
    assert str(fault).startswith(f"{tmp_path / '出' / '通报.pdf'}：没有找到可以生成 PDF 的程序。请安装 LibreOffice")
    assert "先生成 .docx 文件" in str(fault)
    assert not (tmp_path / "出").exists()


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "exit 0",
        "kill -9 $$",
        'printf "no PDF" >"$7/document.pdf"',
        'printf "%PDF" >"$7/document.pdf"; exit 3',
    ],
    ids=["fails", "makes nothing", "dies", "makes something else", "fails at the end"],
)
def test_a_program_that_does_not_do_its_work_is_a_sentence(bare, tmp_path, script):
    installed(bare, script.replace("%", "%%"))
    target = tmp_path / "通报.pdf"
    target.write_bytes(MADE)
    assert stopped(b"x", target).stop is Stop.PDF_FAILED
    assert target.read_bytes() == MADE  # what stood there stands there still


COMPLETE = {
    "program/soffice": ("program/libvcllo.so", "program/libswlo.so", "program/libsclo.so"),
    "program/soffice.exe": ("program/mergedlo.dll", "program/swlo.dll", "program/sclo.dll"),
    "MacOS/soffice": ("Frameworks/libmergedlo.dylib", "Frameworks/libswlo.dylib", "Frameworks/libsclo.dylib"),
}


def laid_out(folder: Path, program: str, without: str = "") -> Path:
    """Put a LibreOffice with its libraries into a folder; those whose names hold `without` are not installed."""
    for name in (program, *COMPLETE[program]):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if not without or without not in name:
            (folder / name).touch()
    return installed((folder / program).parent, "exit 1", Path(program).name)


@pytest.mark.parametrize("program", COMPLETE)
@pytest.mark.parametrize(("without", "lacks"), [("swlo", ("Writer",)), ("sclo", ("Calc",)), ("", ())])
def test_what_libreoffice_lacks_is_known_by_its_libraries(tmp_path, program, without, lacks):
    assert lacking(str(laid_out(tmp_path, program, without))) == lacks


def test_of_a_program_whose_libraries_stand_elsewhere_nothing_is_said(bare):
    (bare / "hello.so").touch()
    assert lacking(str(installed(bare, "exec /snap/bin/libreoffice"))) == ()


@pytest.mark.parametrize(("kind", "without", "part"), [(".docx", "swlo", "Writer"), (".xlsx", "sclo", "Calc")])
def test_without_the_part_that_reads_a_document_that_part_is_to_be_installed(
    bare, tmp_path, monkeypatch, kind, without, part
):
    monkeypatch.setattr(pdf.sys, "platform", "linux")
    (bare / "soffice").symlink_to(laid_out(tmp_path / "opt", "program/soffice", without))
    target = tmp_path / "通报.pdf"
    said = stopped(b"x", target, kind)
    assert str(said).startswith(
        f"{target}：没有生成，LibreOffice 没有装 {part}，不能转换 {kind} 文件。请安装 libreoffice-"
    )
    other = {".docx": ".xlsx", ".xlsx": ".docx"}[kind]
    assert stopped(b"x", target, other).stop is Stop.PDF_FAILED  # it has what that takes: something else is wrong


def test_a_program_that_cannot_be_started_is_a_sentence(bare, tmp_path):
    installed(bare, "").write_bytes(b"\0no program")
    assert stopped(b"x", tmp_path / "通报.pdf").stop is Stop.PDF_FAILED


@pytest.mark.skipif(sys.platform == "win32", reason="sh")
def test_a_program_that_hangs_is_ended_with_all_it_started_and_is_a_sentence(bare, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "SECONDS", 0.5)
    number = tmp_path / "number"
    installed(bare, f"sleep 60 &\necho $! >{number}\nwait")
    begun = time.monotonic()
    assert stopped(b"x", tmp_path / "通报.pdf").stop is Stop.PDF_FAILED
    assert time.monotonic() - begun < 10
    assert _has_ended(int(number.read_text()))


def _has_ended(process: int) -> bool:
    for _ in range(50):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if "\nState:\tZ" in Path(f"/proc/{process}/status").read_text():
            return True
        time.sleep(0.05)
    os.kill(process, 9)
    return False


def test_a_folder_that_cannot_be_written_to_is_a_sentence(bare, tmp_path):
    installed(bare, 'printf "%%PDF" >"$7/document.pdf"')
    (tmp_path / "file").write_text("")
    assert stopped(b"x", tmp_path / "file" / "通报.pdf").stop is Stop.NOT_A_FOLDER


# Word, Excel and WPS, played by objects that write down what they are asked: there is no Windows here


class Office:
    """An office program that notes what is done with it."""

    def __init__(self, *, willing: bool = True) -> None:
        self.willing = willing
        self.calls: list[tuple[object, ...]] = []
        self.Documents = self.Workbooks = SimpleNamespace(Open=self._open)

    def _open(self, path: str, ReadOnly: bool) -> SimpleNamespace:  # noqa: N803
        self.calls.append(("open", Path(path).suffix, ReadOnly))
        return SimpleNamespace(ExportAsFixedFormat=self._export, Close=lambda keep: self.calls.append(("close", keep)))

    def _export(self, *arguments: object) -> None:
        if not self.willing:
            raise RuntimeError("com_error")
        self.calls.append(("export", *[one for one in arguments if isinstance(one, int)]))
        Path(next(str(one) for one in arguments if isinstance(one, str))).write_bytes(MADE)

    def Quit(self) -> None:  # noqa: N802
        self.calls.append(("quit",))


def on_windows(monkeypatch: pytest.MonkeyPatch, **programs: Office) -> None:
    """Play a Windows that has some programs."""

    def start(name: str) -> Office:
        return programs[name.partition(".")[0]]

    client = ModuleType("win32com.client")
    client.DispatchEx = start  # type: ignore[attr-defined]
    monkeypatch.setattr(pdf.sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "win32com", ModuleType("win32com"))
    monkeypatch.setitem(sys.modules, "win32com.client", client)


@pytest.mark.parametrize(
    ("kind", "name", "number"),
    [(".docx", "Word", 17), (".docx", "Kwps", 17), (".xlsx", "Excel", 0), (".xlsx", "Ket", 0)],
)
def test_on_windows_office_or_wps_makes_the_pdf_and_is_closed(bare, tmp_path, monkeypatch, kind, name, number):
    office = Office()
    on_windows(monkeypatch, **{name: office})
    write_pdf(b"x", kind, tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == MADE
    assert office.calls == [("open", kind, True), ("export", number), ("close", False), ("quit",)]


def test_on_windows_without_office_or_with_one_that_will_not_a_sentence_says_so(bare, tmp_path, monkeypatch):
    on_windows(monkeypatch)
    assert stopped(b"x", tmp_path / "a.pdf").stop is Stop.NO_PDF_PROGRAM
    office = Office(willing=False)
    on_windows(monkeypatch, Word=office)
    assert stopped(b"x", tmp_path / "a.pdf").stop is Stop.PDF_FAILED
    assert office.calls[-1] == ("quit",)


def test_libreoffice_comes_before_office(bare, tmp_path, monkeypatch):
    installed(bare, 'printf "%%PDF" >"$7/document.pdf"')
    office = Office()
    on_windows(monkeypatch, Word=office)
    write_pdf(b"x", ".docx", tmp_path / "a.pdf")
    assert not office.calls
