"""The VBA module of the installed xlwings, made safe to have in every Excel session.

As it comes, it trusts the open workbook: its sheets choose the interpreter, its folder is searched
for Python code, its name goes into a command line, and every function of the module can be called
from a cell of any workbook (`=RunFrozenPython("calc.exe")`). Here is each thing that is changed and
why; each must be found exactly once, so that a new xlwings is looked at before it is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from taizhang.errors import LedgerError, Stop

PROJECT = "taizhang"
MODULE, DICTIONARY = "xlwings_custom_addin.bas", "addin/Dictionary.cls"


@dataclass(frozen=True)
class Change:
    """One replacement: why, what stands in xlwings, what stands here."""

    why: str
    old: str
    new: str


@dataclass(frozen=True)
class Bridge:
    """What is taken from the installed xlwings: its version, its module as it comes, Dictionary, the AppleScript."""

    version: str
    module: str
    dictionary: str
    script: bytes

    @property
    def script_name(self) -> str:
        """Return the name the module calls the AppleScript by; the version is part of it."""
        return f"xlwings-{self.version}.applescript"


# Procedures nothing here calls. Each could be called from a cell of any workbook that is opened.
CUT = (
    "RunFrozenPython",
    "GetUdfModules",
    "XLPyCommand",
    "XLPyLoadDLL",
    "NDims",
    "XLPy",
    "KillPy",
    "ImportPythonUDFsBase",
    "ImportPythonUDFs",
    "ImportPythonUDFsToAddin",
    "ImportXlwingsUdfsModule",
    "GetDLLVersion",
    "GetDirectoryPath",
    "GetConfigFilePath",
    "GetDirectoryConfigFilePath",
    "SaveConfigToFile",
    "GetConfigFromFile",
    "IsFullName",
    "KillFileOnMac",
    "ToPosixPath",
    "GetDirectory",
    "GetBaseName",
    "has_dynamic_array",
    "GetFullName",
)
# Procedures only this module calls: no cell and no other project needs to see them.
PRIVATE = (
    "ExecuteMac",
    "ExecuteWindows",
    "GetConfigFromSheet",
    "GetConfig",
    "WScript",
    "FileExists",
    "FileExistsOnWindows",
    "FileOrFolderExistsOnMac",
    "ParentFolder",
    "ToMacPath",
    "GetMacDir",
    "ShowError",
    "ExpandEnvironmentStrings",
    "ReadFile",
    "SheetExists",
    "CreateGUID",
    "CheckConda",
)

CHANGES = (
    Change(
        "one name for the settings sheet",
        'Public Const PROJECT_NAME As String = "myaddin"\n',
        f'Public Const PROJECT_NAME As String = "{PROJECT}"\n',
    ),
    Change(
        "RunPython runs a press of a button and nothing else, and not for a cell or a shape of some workbook",
        "    SourcePythonCommand = PythonCommand\n",
        "    If Not IsPress(PythonCommand) Then Exit Function\n"
        '    If TypeName(Application.Caller) = "Range" Or TypeName(Application.Caller) = "String" Then Exit Function\n',
    ),
    Change(
        "a sheet whose name ends in .py asks for no licence and runs nothing",
        '            If Right$(sht.Name, 3) = ".py" Then\n                uses_embedded_code = True\n'
        "                Exit For\n            End If\n",
        "",
    ),
    Change(
        "no workbook need be open, and its sheets are nothing to us",
        "    For i = 1 To 2\n        If i = 1 Then\n            Set wb = ActiveWorkbook\n        Else\n"
        "            Set wb = ThisWorkbook\n        End If\n        For Each sht In wb.Worksheets\n        Next\n"
        "    Next i\n",
        "",
    ),
    Change(
        "what goes with embedded code",
        "    If uses_embedded_code = True Then\n"
        '        licenseKey = GetConfig("LICENSE_KEY")\n'
        '        If licenseKey = "" Then\n'
        '            MsgBox "Embedded code requires a valid LICENSE_KEY."\n'
        "            Exit Function\n"
        "        Else\n"
        '            PythonCommand = "import xlwings.pro;xlwings.pro.runpython_embedded_code(\'" & SourcePythonCommand'
        ' & "\')"\n'
        "        End If\n"
        "    End If\n",
        "",
    ),
    Change(
        "the workbook's path goes into no command line and no AppleScript: its name may hold quotes, & and ^",
        "    #If Mac Then\n"
        '        If InStr(ActiveWorkbook.FullName, "://") = 0 Then\n'
        "            ActiveFullName = ToPosixPath(ActiveWorkbook.FullName)\n"
        "            ThisFullName = ToPosixPath(ThisWorkbook.FullName)\n"
        "        Else\n"
        "            ActiveFullName = ActiveWorkbook.FullName\n"
        "            ThisFullName = ThisWorkbook.FullName\n"
        "        End If\n"
        "    #Else\n"
        "        ActiveFullName = ActiveWorkbook.FullName\n"
        "        ThisFullName = ThisWorkbook.FullName\n"
        "    #End If\n",
        "",
    ),
    Change(
        "sys.path stays Python's own: with fewer than seven fields prepare_sys_path adds none; an empty one is the"
        " current folder",
        '        PYTHONPATH = AddExcelDir & ";" & ActiveFullName & ";" & ThisFullName & ";" &'
        ' GetConfig("ONEDRIVE_CONSUMER_MAC") & ";" & GetConfig("ONEDRIVE_COMMERCIAL_MAC") & ";" &'
        ' GetConfig("SHAREPOINT_MAC") & ";" & GetConfig("PYTHONPATH")\n',
        '        PYTHONPATH = "False"\n',
    ),
    Change(
        "the same on Windows",
        '        PYTHONPATH = AddExcelDir & ";" & ActiveFullName & ";" & ThisFullName & ";" &'
        ' GetConfig("ONEDRIVE_CONSUMER_WIN") & ";" & GetConfig("ONEDRIVE_COMMERCIAL_WIN") & ";" &'
        ' GetConfig("SHAREPOINT_WIN") & ";" & GetConfig("PYTHONPATH")\n',
        '        PYTHONPATH = ""\n',
    ),
    Change(
        "no UDF server: it is loaded as a DLL by name, from wherever Windows finds one",
        '    OPTIMIZED_CONNECTION = GetConfig("USE UDF SERVER", False)\n',
        "",
    ),
    Change(
        "the call through it",
        "        If OPTIMIZED_CONNECTION = True Then\n"
        '            XLPy.SetAttr XLPy.Module("xlwings._xlwindows"), "BOOK_CALLER", ActiveWorkbook\n'
        "            \n"
        "            On Error GoTo err_handling\n"
        "            \n"
        '            XLPy.Exec "" & PythonCommand & ""\n'
        "            GoTo end_err_handling\n"
        "err_handling:\n"
        '            ShowError "", Err.Description\n'
        "            RunPython = -1\n"
        "            On Error GoTo 0\n"
        "end_err_handling:\n"
        "        Else\n"
        "            RunPython = ExecuteWindows(False, PythonCommand, interpreter, PYTHONPATH)\n"
        "        End If\n",
        "        RunPython = ExecuteWindows(False, PythonCommand, interpreter, PYTHONPATH)\n",
    ),
    Change(
        "the status bar speaks Chinese",
        '        Application.StatusBar = "Running..."  ' + "' Non-blocking way of giving feedback that something is"
        " happening\n",
        '        Application.StatusBar = TextOf("running")\n',
    ),
    Change(
        "the interpreter is written as a shell takes it, by the installer, and needs no AppleScript to be read",
        "            PythonInterpreter = ToPosixPath(PYTHON_MAC)\n",
        "            PythonInterpreter = PYTHON_MAC\n",
    ),
    Change(
        "a path with spaces is one word of the shell; -P keeps the current folder off sys.path",
        '    ParameterString = ParameterString + "|" + PythonInterpreter\n',
        '    ParameterString = ParameterString + "|\'" + Replace(PythonInterpreter, "\'", "\'\\\'\'") + "\' -P"\n',
    ),
    Change(
        "the workbook's name travels coded",
        '    ParameterString = ParameterString + "|" + ActiveWorkbook.Name\n',
        '    ParameterString = ParameterString + "|" + CodedBook()\n',
    ),
    Change(
        "the remedy in Chinese",
        "    MsgBox \"To enable RunPython, please run 'xlwings runpython install' in a terminal once and try again.\","
        " vbCritical\n",
        '    Tell "no_script"\n    Application.StatusBar = False\n',
    ),
    Change(
        "the interpreter is looked for by a call that knows Chinese paths, and missed in Chinese",
        "        If FileExists(PYTHON_WIN) Then\n"
        "            PythonDir = ParentFolder(PYTHON_WIN)\n"
        "        Else\n"
        '            MsgBox "Could not find Interpreter!", vbCritical\n',
        '        If CreateObject("Scripting.FileSystemObject").FileExists(PYTHON_WIN) Then\n'
        "            PythonDir = ParentFolder(PYTHON_WIN)\n"
        "        Else\n"
        '            Tell "no_interpreter", PYTHON_WIN\n',
    ),
    Change(
        "Python starts in Windows' own folder, never in the workbook's: cmd.exe looks there for python.exe first",
        '    If Left$(PYTHON_WIN, 2) Like "[A-Za-z]:" Then\n',
        '    DriveCommand = "cd /d """ & Environ("SystemRoot") & """ & "\n'
        '    If Left$(PYTHON_WIN, 2) Like "[A-Za-z]:" Then\n',
    ),
    Change(
        "-P keeps the current folder off sys.path, and nothing of the workbook's is in the command",
        '        RunCommand = CondaCmd & PythonInterpreter & " -B -c ""import xlwings.utils;xlwings.utils.prepare_sys_path('
        '\\""" & PYTHONPATH & "\\""); " & PythonCommand & """ "\n',
        '        RunCommand = CondaCmd & PythonInterpreter & " -B -P -c """ & PythonCommand & """ "\n',
    ),
    Change(
        "Windows' own cmd.exe, not one beside the workbook; the workbook's name travels coded",
        '    ExitCode = WScript.Run("cmd.exe /C " & DriveCommand & _\n'
        "                       RunCommand & _\n"
        '                       " --wb=" & """" & ActiveWorkbook.Name & """ --from_xl=1" & " --app=" & Chr(34) & _\n',
        '    ExitCode = WScript.Run("""" & Environ("SystemRoot") & "\\System32\\cmd.exe"" /V:OFF /C " & DriveCommand & _\n'
        "                       RunCommand & _\n"
        '                       " --wb=" & """" & CodedBook() & """ --from_xl=1" & " --app=" & Chr(34) & _\n',
    ),
    Change(
        "the active workbook has no settings for us: its sheet could name any program as the interpreter",
        '            If SheetExists(ActiveWorkbook, PROJECT_NAME & ".conf") = True Then\n'
        "                If GetConfigFromSheet(ActiveWorkbook).Exists(configKey) = True Then\n"
        "                    GetConfig = GetConfigFromSheet(ActiveWorkbook).Item(configKey)\n"
        "                    GetConfig = ExpandEnvironmentStrings(GetConfig)\n"
        "                    Exit Function\n"
        "                End If\n"
        "            End If\n",
        "",
    ),
    Change(
        "nor has a file beside it, nor one in the home folder",
        "    ' Directory Config\n"
        '    If source = "" Or source = "directory" Then\n'
        '        #If App = "Microsoft Excel" Then\n'
        '            If GetFullName(ActiveWorkbook) <> "" Then '
        "' Empty if local dir can't be figured out (e.g. SharePoint)\n"
        "        #Else\n"
        '            If InStr(GetDirectoryPath(), "://") = 0 Then '
        "' Other Office apps: skip for synced SharePoint/OneDrive files\n"
        "        #End If\n"
        "            If FileExists(GetDirectoryConfigFilePath()) = True Then\n"
        "                If GetConfigFromFile(GetDirectoryConfigFilePath(), configKey, configValue) Then\n"
        "                    GetConfig = configValue\n"
        "                    GetConfig = ExpandEnvironmentStrings(GetConfig)\n"
        "                    Exit Function\n"
        "                End If\n"
        "            End If\n"
        "        End If\n"
        "    End If\n"
        "\n"
        "    ' User Config\n"
        '    If source = "" Or source = "user" Then\n'
        "        If FileExists(GetConfigFilePath()) = True Then\n"
        "            If GetConfigFromFile(GetConfigFilePath(), configKey, configValue) Then\n"
        "                GetConfig = configValue\n"
        "                GetConfig = ExpandEnvironmentStrings(GetConfig)\n"
        "                Exit Function\n"
        "            End If\n"
        "        End If\n"
        "    End If\n"
        "\n",
        "",
    ),
    Change(
        "errors are told in Chinese, and no sheet is added to the workbook for them",
        '    If GetConfig("SHOW_ERROR_POPUPS", "True") = "False" Then\n'
        '        If SheetExists(ActiveWorkbook, "Error") = False Then\n'
        "            Set ErrorSheet = ActiveWorkbook.Sheets.Add()\n"
        '            ErrorSheet.Name = "Error"\n'
        "        Else\n"
        '            Set ErrorSheet = ActiveWorkbook.Sheets("Error")\n'
        "        End If\n"
        '        ErrorSheet.Range("A1").Value = Content\n'
        "    Else\n"
        "        #If Mac Then\n"
        '            MsgBox Content, vbCritical, "Error"\n'
        "        #Else\n"
        "            Content = Content & vbCrLf\n"
        '            Content = Content & "Press Ctrl+C to copy this message to the clipboard."\n'
        "    \n"
        '            WScript.Popup Content, AUTO_DISMISS, "Error", OK_BUTTON_ERROR\n'
        "        #End If\n"
        "    End If\n",
        '    Tell "not_run", LastLine(Content)\n',
    ),
    Change(
        "a log that cannot be read does not hide the message",
        "        Content = ReadFile(FileName)\n    Else\n",
        "        On Error Resume Next\n        Content = ReadFile(FileName)\n        On Error GoTo 0\n    Else\n",
    ),
    Change(
        "a call that went with what is cut; Windows would not compile the module with it",
        "        #If MAC_OFFICE_VERSION >= 15 Then\n"
        "            Kill LOG_FILE\n"
        "        #Else\n"
        "            KillFileOnMac ToMacPath(ToPosixPath(LOG_FILE))\n"
        "        #End If\n",
        "            Kill LOG_FILE\n",
    ),
)

_DECLARATIONS = re.compile(r"\n#If VBA7 Then\n.*?(?=\nPublic Const XLWINGS_VERSION )", re.DOTALL)
_PROCEDURE = (
    r'(?:^#If App = "Microsoft Excel" Then\n)?^(?:Public |Private )?(?P<kind>Sub|Function) {name}\(.*\n'
    r"(?:#Else\nFunction {name}\(.*\n#End If\n)?(?:.*\n)*?End (?P=kind)\n(?P<end>#End If\n)?\n?"
)


def installed() -> Bridge:
    """Return what the installed xlwings ships; LedgerError says what to install when it is missing or another one."""
    try:
        import importlib.util
        from importlib.metadata import version

        found = importlib.util.find_spec("xlwings")  # not imported: importing it starts looking for Excel
        if found is None or found.origin is None:
            raise ModuleNotFoundError("xlwings")
        folder, number = Path(found.origin).parent, version("xlwings")
        return Bridge(
            number,
            _text(folder / MODULE),
            _text(folder / DICTIONARY),
            (folder / f"xlwings-{number}.applescript").read_bytes(),
        )
    except (ImportError, OSError, UnicodeDecodeError) as error:
        raise LedgerError(Stop.NO_XLWINGS) from error


def _text(path: Path) -> str:
    return path.read_bytes().decode("ascii").replace("\r\n", "\n")


def made_safe(bridge: Bridge) -> str:
    """Return the module's text with every change made; LedgerError when one of them does not fit exactly once."""
    text = _replaced(bridge.module, _DECLARATIONS, "", bridge)
    for name in CUT:
        text = _replaced(text, re.compile(_PROCEDURE.format(name=name), re.MULTILINE), "", bridge)
    for change in CHANGES:
        text = _replaced(text, re.compile(re.escape(change.old)), change.new, bridge)
    for name in PRIVATE:
        head = re.compile(rf"^(?:Public )?(Sub|Function) {name}\(", re.MULTILINE)
        text = _replaced(text, head, rf"Private \g<1> {name}(", bridge)
    return text


def _replaced(text: str, old: re.Pattern[str], new: str, bridge: Bridge) -> str:
    if len(old.findall(text)) != 1:
        raise LedgerError(Stop.OTHER_XLWINGS, version=bridge.version)
    return old.sub(new if "\\g<" in new else new.replace("\\", "\\\\"), text)
