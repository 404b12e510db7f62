"""What stops a run: one sentence that says where, what and what to do."""

from __future__ import annotations

from enum import Enum


class Stop(Enum):
    """The sentences of everything that can stop a run; places in braces are filled in."""

    MISSING_FILE = "{path}：找不到这个文件。请检查路径和文件名后重试。"
    IS_FOLDER = "{path}：这是文件夹，不是文件。请指定一个具体的文件。"
    NOT_A_WORKBOOK = "{path}：不是能读取的 Excel 工作簿。请用 Excel 或 WPS 打开，另存为 .xlsx 后重试。"
    EMPTY_FILE = "{path}：文件是空的。请重新取得这个文件。"
    NAME_NOT_XLSX = "{path}：台账要存为 .xlsx。请把文件名改成以 .xlsx 结尾后重试。"
    NOT_XLSX = "{path}：台账不是 .xlsx 格式，只能查看，不能写入。请用 Excel 或 WPS 另存为 .xlsx 后重试。"
    NOT_A_LEDGER = "{path}：不是营商台账，其中没有带“{header}”表头的“{sheet}”表。请指定由本软件生成的台账文件。"
    NO_SHEET = "{path}：缺少“{sheet}”表。请从 备份 文件夹取回最近一份完整的台账后重试。"
    BROKEN_SHEET = "{path}：“{sheet}”表缺少“{header}”列。请恢复该列的表头后重试。"
    NEWER_LEDGER = "{path}：台账由更新版本的软件生成（格式 {found}，本软件支持到 {known}）。请升级软件后重试。"
    TASK_TWICE = "{path}：“{sheet}”表第{row}行，任务编码“{code}”与第{first}行重复。请取消隐藏该列，清空新增那一行的任务编码后重试，编码会自动补上。"
    JOINT_ROW_TWICE = "{path}：“{sheet}”表第{row}行与第{first}行是同一任务同一部门。请删去多余的一行后重试。"
    BAD_SETTING = "{path}：“{sheet}”表中“{name}”的值“{value}”不能用。请改为{remedy}，然后重试。"
    OPEN_ELSEWHERE = "{path}：正被{program}打开（锁文件 {lock}，{owner}，已有{age}）。请关闭后重试；确认无人使用的，加 --force-unlock。"
    BUSY = "{path}：本软件的另一个窗口或命令正在写入这本台账。请等它结束后重试。"
    CHANGED_MEANWHILE = "{path}：处理期间文件被改动过，本次没有写入。请重新运行一次。"
    CANNOT_WRITE = "{path}：不能写入（{reason}）。请检查文件夹权限和磁盘空间后重试，原文件没有改动。"
    CANNOT_READ = "{path}：不能读取（{reason}）。请检查文件权限后重试。"
    EXISTS = "{path}：文件已经存在，不会覆盖。请换一个文件名，或先把它移走。"
    ALREADY_SENT = "{path}：文件已经存在，部门可能已在上面填写，不会覆盖。请换一个文件夹，或先把它移走。"
    NO_TASKS = "{path}：没有找到任务表。请确认其中有“目标任务”“完成时限”“牵头部门”等表头的表格。"
    UNSUPPORTED_NOTICE = "{path}：不支持的文件类型。通知请用 .txt、.docx、.xlsx、.xls 或 .csv。"
    NOT_A_DOCUMENT = "{path}：不是能读取的 Word 文档。请用 Word 或 WPS 打开，另存为 .docx 后重试。"
    UNKNOWN_ENCODING = "{path}：文字编码无法识别。请用记事本打开，另存为 UTF-8 编码后重试。"
    NO_YEAR = "{path}：通知中看不出年度。请用 --year 指定，例如 --year 2020。"
    BAD_DATE = "“{value}”不是1990年到2099年之间的有效日期。请写成 2020-09-10 这样的形式。"
    BAD_PERIOD = "“{value}”不是有效的旬。请写成 2020-09-上旬 这样的形式（上旬、中旬、下旬）。"
    BAD_YEAR = "“{value}”不是有效年度。请写成四位数字，例如 2020。"
    NO_PREVIEW = "{path}：还没有合并预览。请先运行 taizhang merge，看过“{sheet}”表后再执行写入。"
    NO_LEADS = "{path}：没有一项任务填有能识别的牵头部门，无法下发。请先补全“牵头部门”列。"
    NOTHING_RETURNED = "没有找到可以合并的文件。请指定部门交回的工作簿、或装有它们的文件夹。"
    NOTHING_SENT = "{path}：还没有下发过清单，无从对账。请先运行 taizhang split。"
    BUG = "程序出错，台账没有改动。请把日志文件 {log} 发给维护人员。"
    BAD_USAGE = "命令用法不对：{detail}。请运行 taizhang {command}--help 查看用法。"
    INTERRUPTED = "已按要求中断，正在写的内容没有生效。"


class LedgerError(Exception):
    """What stops a run; its text is one sentence a clerk can act on."""

    def __init__(self, stop: Stop, **facts: object) -> None:
        self.stop = stop
        self.facts = facts
        super().__init__(stop.value.format(**facts))
