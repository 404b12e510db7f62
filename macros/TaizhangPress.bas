Attribute VB_Name = "TaizhangPress"
' A press of a button: what it asks, and the one command it gives Python.
' What Python is told is an act and coded arguments; nothing of a workbook stands in the command as it is.
Option Explicit

Private Const HEAD As String = "import taizhang.ribbon;taizhang.ribbon.press('"
Private Const TAIL As String = "')"
Private Const PLAIN As String = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
' cmd.exe takes 8,191 characters; the paths of Python, Excel and the log need the rest.
Private Const LONGEST As Long = 6000

Public Sub Press(act As String, needsBook As Boolean)
    Dim words As New Collection
    If Ready(needsBook) Then RunAct act, words
End Sub

Public Sub PressWithFile(act As String, needsBook As Boolean)
    Dim words As New Collection
    Dim chosen As Variant
    If Not Ready(needsBook) Then Exit Sub
    AskFiles TextOf("ask_" & act), False, chosen
    If IsEmpty(chosen) Then Exit Sub
    words.Add CStr(chosen(LBound(chosen)))
    RunAct act, words
End Sub

Public Sub PressWithFiles(act As String, needsBook As Boolean)
    Dim words As New Collection
    Dim chosen As Variant
    Dim folder As String
    Dim answer As Long
    If Not Ready(needsBook) Then Exit Sub
    AskFilesOrFolder TextOf("ask_" & act), answer
    If answer = vbYes Then
        AskFiles TextOf("ask_" & act & "_files"), True, chosen
        If IsEmpty(chosen) Then Exit Sub
        AddPaths words, chosen
    ElseIf answer = vbNo Then
        AskFolder TextOf("ask_" & act & "_folder"), folder
        If folder = "" Then Exit Sub
        words.Add folder
    Else
        Exit Sub
    End If
    RunAct act, words
End Sub

Public Sub PressWithFolder(act As String, needsBook As Boolean)
    Dim words As New Collection
    Dim folder As String
    If Not Ready(needsBook) Then Exit Sub
    AskFolder TextOf("ask_" & act), folder
    If folder = "" Then Exit Sub
    words.Add folder
    RunAct act, words
End Sub

Public Sub PressWithText(act As String, needsBook As Boolean)
    Dim words As New Collection
    Dim answer As String
    Dim given As Boolean
    If Not Ready(needsBook) Then Exit Sub
    AskText TextOf("ask_" & act), answer, given
    If Not given Then Exit Sub
    words.Add answer
    RunAct act, words
End Sub

' Whether the act can start. A workbook in Protected View is not the active one: Excel shows it without opening it.
Private Function Ready(needsBook As Boolean) As Boolean
    Ready = True
    If ActiveWorkbook Is Nothing Then
        If needsBook Then
            Tell "no_workbook", ""
            Ready = False
        ElseIf Workbooks.Count = 0 Then
            ' Python finds Excel by the window of a workbook.
            Workbooks.Add
        End If
    End If
End Function

Private Sub RunAct(act As String, words As Collection)
    Dim command As String
    Dim i As Long
    command = HEAD & act & "'"
    For i = 1 To words.Count
        command = command & ",'" & Coded(CStr(words(i))) & "'"
    Next i
    command = command & ")"
    If Len(command) + Len(CodedBook()) > LONGEST Then
        Tell "too_many_files", ""
        Exit Sub
    End If
    RunPython command
End Sub

' The folder once, then the names in it; a file from another folder keeps its whole path.
Private Sub AddPaths(words As Collection, chosen As Variant)
    Dim folder As String
    Dim path As String
    Dim i As Long
    folder = FolderOf(CStr(chosen(LBound(chosen))))
    words.Add folder
    For i = LBound(chosen) To UBound(chosen)
        path = CStr(chosen(i))
        If FolderOf(path) = folder Then
            words.Add Mid$(path, Len(folder) + 1)
        Else
            words.Add path
        End If
    Next i
End Sub

' The folder of a path, with the separator that ends it: "C:\" is a folder, "C:" is not.
Private Function FolderOf(path As String) As String
    Dim last As Long
    last = InStrRev(path, "/")
    If InStrRev(path, "\") > last Then last = InStrRev(path, "\")
    FolderOf = Left$(path, last)
End Function

' The text in letters, digits and ~hhhh, one UTF-16 code unit each. taizhang.acts.decoded reads it.
' AscW is negative from &H8000 on; its last four digits are right all the same.
Public Function Coded(text As String) As String
    Dim i As Long
    Dim unit As Long
    Dim made As String
    For i = 1 To Len(text)
        unit = AscW(Mid$(text, i, 1))
        If (unit >= 48 And unit <= 57) Or (unit >= 65 And unit <= 90) Or (unit >= 97 And unit <= 122) Then
            made = made & ChrW$(unit)
        Else
            made = made & "~" & LCase$(Right$("000" & Hex$(unit), 4))
        End If
    Next i
    Coded = made
End Function

' The name of the workbook in front, coded; nothing where none is open.
Public Function CodedBook() As String
    If Not ActiveWorkbook Is Nothing Then CodedBook = Coded(ActiveWorkbook.Name)
End Function

' Whether a command is the press of a button: between its head and its tail there is nothing Python could run.
Public Function IsPress(command As String) As Boolean
    Dim i As Long
    If Left$(command, Len(HEAD)) <> HEAD Or Right$(command, Len(TAIL)) <> TAIL Then Exit Function
    For i = Len(HEAD) + 1 To Len(command) - Len(TAIL)
        If InStr(1, PLAIN & "~',", Mid$(command, i, 1), vbBinaryCompare) = 0 Then Exit Function
    Next i
    IsPress = True
End Function

' What people read stands in the add-in's sheet "text": macros are ASCII.
Public Function TextOf(key As String) As String
    Dim sheet As Worksheet
    Dim row As Long
    Set sheet = ThisWorkbook.Worksheets("text")
    row = 1
    Do While sheet.Cells(row, 1).Value <> ""
        If sheet.Cells(row, 1).Value = key Then
            TextOf = Replace(sheet.Cells(row, 2).Value, "\n", vbCrLf)
            Exit Function
        End If
        row = row + 1
    Loop
End Function

' The last line of a log that says something: of an error in Python, the error itself.
Public Function LastLine(ByVal text As String) As String
    Dim lines As Variant
    Dim i As Long
    lines = Split(Replace(text, vbCr, vbLf), vbLf)
    For i = UBound(lines) To LBound(lines) Step -1
        If Trim$(lines(i)) <> "" Then
            LastLine = Left$(Trim$(lines(i)), 300)
            Exit Function
        End If
    Next i
End Function
