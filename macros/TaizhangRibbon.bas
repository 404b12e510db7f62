Attribute VB_Name = "TaizhangRibbon"
' The buttons of the tab, one macro each. Which exist and what they ask is said in taizhang/acts.py.
Option Explicit

Public Sub OnImportNotice(control As IRibbonControl)
    PressWithFile "import_notice", False
End Sub

Public Sub OnCheck(control As IRibbonControl)
    Press "check", True
End Sub

Public Sub OnClear(control As IRibbonControl)
    Press "clear", True
End Sub

Public Sub OnStatus(control As IRibbonControl)
    Press "status", True
End Sub

Public Sub OnAsOf(control As IRibbonControl)
    PressWithText "as_of", True
End Sub

Public Sub OnCollect(control As IRibbonControl)
    Press "collect", True
End Sub

Public Sub OnSplit(control As IRibbonControl)
    PressWithFolder "split", True
End Sub

Public Sub OnClosePeriod(control As IRibbonControl)
    Press "close_period", True
End Sub

Public Sub OnMailDraft(control As IRibbonControl)
    PressWithFolder "mail_draft", True
End Sub

Public Sub OnMailRemind(control As IRibbonControl)
    PressWithFolder "mail_remind", True
End Sub

Public Sub OnMerge(control As IRibbonControl)
    PressWithFiles "merge", True
End Sub

Public Sub OnApply(control As IRibbonControl)
    Press "apply", True
End Sub

Public Sub OnUndo(control As IRibbonControl)
    Press "undo", True
End Sub

Public Sub OnClose(control As IRibbonControl)
    Press "close", True
End Sub

Public Sub OnReject(control As IRibbonControl)
    PressWithText "reject", True
End Sub

Public Sub OnExtend(control As IRibbonControl)
    PressWithText "extend", True
End Sub

Public Sub OnAdjust(control As IRibbonControl)
    PressWithText "adjust", True
End Sub

Public Sub OnReopen(control As IRibbonControl)
    PressWithText "reopen", True
End Sub

Public Sub OnCancel(control As IRibbonControl)
    PressWithText "cancel", True
End Sub

Public Sub OnSupplement(control As IRibbonControl)
    PressWithFile "supplement", True
End Sub

Public Sub OnRollover(control As IRibbonControl)
    Press "rollover", True
End Sub

Public Sub OnSummary(control As IRibbonControl)
    Press "summary", True
End Sub

Public Sub OnReport(control As IRibbonControl)
    PressWithFolder "report", True
End Sub

Public Sub OnSettings(control As IRibbonControl)
    Press "settings", True
End Sub

Public Sub OnDoctor(control As IRibbonControl)
    Press "doctor", False
End Sub

Public Sub OnManual(control As IRibbonControl)
    Press "manual", False
End Sub
