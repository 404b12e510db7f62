Attribute VB_Name = "TaizhangDialogs"
' What is said to and asked of whoever pressed. Subs, not functions: no cell of a workbook can open a dialog.
Option Explicit

Private Const PICK_FILES As Long = 3
Private Const PICK_FOLDER As Long = 4

' VBA's own MsgBox knows only the characters of the system's language; the shell's knows all.
Public Sub Tell(key As String, Optional detail As String = "")
    Dim said As String
    said = Replace(TextOf(key), "{detail}", detail)
    #If Mac Then
        MsgBox said, vbExclamation, TextOf("title")
    #Else
        CreateObject("WScript.Shell").Popup said, 0, TextOf("title"), vbExclamation
    #End If
End Sub

' vbYes for files, vbNo for a folder, anything else for neither.
Public Sub AskFilesOrFolder(prompt As String, ByRef answer As Long)
    #If Mac Then
        answer = MsgBox(prompt, vbYesNoCancel + vbQuestion, TextOf("title"))
    #Else
        answer = CreateObject("WScript.Shell").Popup(prompt, 0, TextOf("title"), vbYesNoCancel + vbQuestion)
    #End If
End Sub

' An array of full paths, or Empty when nothing was chosen.
Public Sub AskFiles(title As String, several As Boolean, ByRef chosen As Variant)
    #If Mac Then
        Dim answer As Variant
        answer = Application.GetOpenFilename(, , title, , several)
        If IsArray(answer) Then
            chosen = answer
        ElseIf VarType(answer) = vbString Then
            chosen = Array(answer)
        End If
    #Else
        Pick PICK_FILES, title, several, chosen
    #End If
End Sub

' A full path, or nothing. Excel for Mac has no dialog for folders: the place where a file would be saved tells it.
Public Sub AskFolder(title As String, ByRef folder As String)
    Dim chosen As Variant
    #If Mac Then
        chosen = Application.GetSaveAsFilename(TextOf("folder_name"), , , title)
        If VarType(chosen) = vbString Then folder = Left$(chosen, InStrRev(chosen, "/"))
    #Else
        Pick PICK_FOLDER, title, False, chosen
        If Not IsEmpty(chosen) Then folder = chosen(LBound(chosen))
    #End If
End Sub

' What was typed, and whether anything was given: an empty answer is one, Cancel is none.
Public Sub AskText(prompt As String, ByRef answer As String, ByRef given As Boolean)
    Dim reply As Variant
    reply = Application.InputBox(prompt, TextOf("title"), , , , , , 2)
    given = VarType(reply) = vbString
    If given Then answer = reply
End Sub

Private Sub Pick(kind As Long, title As String, several As Boolean, ByRef chosen As Variant)
    Dim picker As Object
    Dim found() As String
    Dim i As Long
    Set picker = Application.FileDialog(kind)
    picker.Title = title
    picker.AllowMultiSelect = several
    If kind = PICK_FILES Then picker.Filters.Clear
    If picker.Show <> -1 Then Exit Sub
    ReDim found(1 To picker.SelectedItems.Count)
    For i = 1 To picker.SelectedItems.Count
        found(i) = picker.SelectedItems(i)
    Next i
    chosen = found
End Sub
