"""What stops a run: one sentence that says where, what and what to do."""

from __future__ import annotations

from enum import Enum


class Stop(Enum):
    """The sentences of everything that can stop a run; places in braces are filled in."""

    MISSING_FILE = "{path}：找不到这个文件。请检查路径和文件名后重试。"
    MISSING_PATH = "{path}：找不到这个文件或文件夹。请检查路径后重试。"
    IS_FOLDER = "{path}：这是文件夹，不是文件。请指定一个具体的文件。"
    NOT_A_FOLDER = "{path}：这是文件，不是文件夹。请换一个文件夹，或先把这个文件移走。"
    NOT_A_WORKBOOK = "{path}：不是能读取的 Excel 工作簿。请用 Excel 或 WPS 打开，另存为 .xlsx 后重试。"
    EMPTY_FILE = "{path}：文件是空的。请重新取得这个文件。"
    WRONG_KIND = "{path}：只能存为 {kind}。请把文件名改成以 {kind} 结尾后重试。"
    NOT_XLSX = "{path}：台账不是 .xlsx 格式，只能查看，不能写入。请用 Excel 或 WPS 另存为 .xlsx 后重试。"
    NOT_A_LEDGER = "{path}：不是营商台账，其中没有带“{header}”表头的“{sheet}”表。请指定由本软件生成的台账文件。"
    SENT_NO_LEDGER = (
        "{path}：是{what}，不是台账。"
        "请换成台账文件；部门交回的请用“合并预览”（命令行：taizhang merge 台账.xlsx 这个文件）。"
    )
    DAMAGED = "{path}：{fault}请先修好再重试；用“校验”（命令行：taizhang check）可以一次列出全部问题。"
    NEWER_LEDGER = "{path}：台账由更新版本的软件生成（格式 {found}，本软件支持到 {known}）。请升级软件后重试。"
    OPEN_ELSEWHERE = "{path}：正被{program}打开（锁文件 {lock}，{owner}，{age}）。请关闭后重试；确认无人使用的，在命令行加 --force-unlock。"
    BUSY = "{path}：本软件的另一个窗口或命令正在写入这本台账。请等它结束后重试。"
    CHANGED_MEANWHILE = "{path}：处理期间文件被改动过，本次没有写入。请重新运行一次。"
    READ_ONLY = "{path}：这个文件设成了只读，不能写入。请在文件的属性里去掉“只读”后重试，台账没有改动。"
    CANNOT_WRITE = "{path}：不能写入（{reason}）。请检查文件夹权限和磁盘空间后重试，原文件没有改动。"
    CANNOT_READ = "{path}：不能读取（{reason}）。请检查文件权限后重试。"
    NO_PDF_PROGRAM = (
        "{path}：没有找到可以生成 PDF 的程序。"
        "请安装 LibreOffice 后重试，或先生成 {kind} 文件，再用 Word、Excel 或 WPS 打开，另存为 PDF。"
    )
    PDF_FAILED = (
        "{path}：没有生成，办公软件没有完成转换。"
        "请关闭它的其他窗口后重试，或先生成 {kind} 文件，再用 Word、Excel 或 WPS 打开，另存为 PDF。"
    )
    PDF_WITHOUT_PART = (
        "{path}：没有生成，LibreOffice 没有装 {part}，不能转换 {kind} 文件。"
        "请{remedy}后重试，或先生成 {kind} 文件，再用 Word、Excel 或 WPS 打开，另存为 PDF。"
    )
    EXISTS = "{path}：文件已经存在，不会覆盖。请换一个文件名，或先把它移走。"
    FOLDER_USED = "{path}：文件夹里已经有东西，不会覆盖。请另外指定，例如 taizhang demo -o 演示2。"
    ALREADY_SENT = "{path}：文件已经存在，部门可能已在上面填写，不会覆盖。请换一个文件夹，或先把它移走。"
    NO_TASKS = "{path}：没有找到任务表。请确认其中有“目标任务”“完成时限”“牵头部门”等表头的表格。"
    OURS_NO_NOTICE = (
        "{path}：是{what}，不是通知。部门交回的请用“合并预览”（命令行：taizhang merge）；"
        "确实要用其中的任务的，请把任务表复制到新的工作簿，再导入那一本。"
    )
    UNSUPPORTED_NOTICE = "{path}：不支持的文件类型。通知请用 .txt、.docx、.xlsx、.xls 或 .csv。"
    NOT_A_DOCUMENT = "{path}：不是能读取的 Word 文档。请用 Word 或 WPS 打开，另存为 .docx 后重试。"
    UNKNOWN_ENCODING = "{path}：文字编码无法识别。请用记事本打开，另存为 UTF-8 编码后重试。"
    NO_YEAR = "{path}：通知中看不出年度。请用 --year 指定，例如 --year 2020。"
    BAD_DATE = "“{value}”不是1990年到2099年之间的有效日期。请写成 2020-09-10 这样的形式。"
    BAD_PERIOD = "“{value}”不是有效的旬。请写成 2020-09-上旬 这样的形式（上旬、中旬、下旬）。"
    BAD_YEAR = "“{value}”不是有效年度。请写成四位数字，例如 2020。"
    NO_TASK_TABLE = "{path}：找不到任务表，表头可能被改过。请恢复“任务编码”“目标任务”等表头后重试。"
    NOTHING_TO_UNDO = "{path}：没有可以撤销的操作。手工修改和导入不能在这里撤销，请在台账中改回，或从“备份”文件夹取回。"
    NEVER_SAVED = "{name}：这个工作簿还没有保存到本机。请先另存为本机文件夹中的 .xlsx 文件，再按按钮。"
    COPY_UNREADABLE = (
        "{path}：读不出台账的副本，可能设有打开密码，或被加密软件保护。请去掉打开密码，或请信息化人员放行本软件后重试。"
    )
    CANNOT_WRITE_OPEN = "{path}：现在不能写入（{reason}）。请{remedy}后重试，台账没有改动。"
    SHEET_PASSWORD = (
        "{path}：工作表“{sheet}”设有保护密码，不能写入。请点“审阅”中的“撤消工作表保护”后重试，台账没有改动。"
    )
    SHEET_NOT_OURS = (
        "{path}：“{sheet}”是您自己的表，本软件要用这个表名，这次没有写入，台账没有改动。"
        "请先把您的这张表改名，例如“{sheet}（原有）”，再重试；引用它的公式，Excel 和 WPS 会跟着改。"
    )
    STRUCTURE_LOCKED = (
        "{path}：工作簿结构设有保护，不能增加或更换工作表。请在“审阅”中取消“保护工作簿”后重试，台账没有改动。"
    )
    WRITE_TAKEN_BACK = "{path}：写入时出错，台账已恢复到操作之前（{backup}）。请稍后重试；仍不行的，关闭 Excel 后用窗口（taizhang gui）或命令行处理。"
    WRITE_CUT_OFF = (
        "{path}：写入时出错，台账可能只写了一部分。请再按一次任一按钮，按提示恢复；写入前的台账在 {backup}。"
    )
    NO_PROGRAM = "没有找到正在运行的 Excel。请在 Excel 中打开台账后再按按钮；用 WPS 或没有 Excel 的，请用窗口（taizhang gui）或命令行。"
    SEVERAL_PROGRAMS = (
        "同时开着 {count} 个 Excel，认不出按的是哪一个里的按钮。"
        "请只留放着台账的那一个再按；或关闭台账，用窗口（taizhang gui）或命令行处理。"
    )
    WPS_HERE = "当前由 WPS 打开，按钮只能在 Excel 里用。请关闭台账后用窗口（taizhang gui）或命令行处理，文件两边通用。"
    NO_LEDGER = "还没有选台账。请先点“打开台账”，或把台账文件拖进窗口。"
    DROPPED_NO_LEDGER = "{fault}如果拖进来的是部门交回的文件，请先打开台账，再拖一次。"
    NO_DISPLAY = "这里没有可以显示窗口的桌面（没有连上显示器）。请在有桌面的电脑上运行，或用命令行：taizhang --help。"
    NO_TKINTER = (
        "Python 没有装 tkinter，窗口（taizhang gui）打不开。{remedy}；不装的，请用命令行，照常能办：taizhang --help。"
    )
    NO_ICON = (
        "没有找到 Excel，加载项没有装；Python 没有装 tkinter，窗口打不开，桌面图标也没有放。"
        "要用窗口的，{remedy}，再运行一次本命令；不用的，请用命令行，照常能办：taizhang --help。"
    )
    NO_BOOK = "没有打开的工作簿。请先在 Excel 中打开台账，再按按钮。"
    NO_SUCH_ACT = "按钮“{act}”在这个版本里没有对应的功能。请重新安装加载项：taizhang addin install。"
    LEFT_CUT_OFF = "{path}：上次“{what}”没有写完，本次没有进行。请再按按钮并选“是”恢复，或打开写入前的台账 {backup}。"
    BACKUP_MISSING = "{path}：上次“{what}”没有写完，写入前的台账 {backup} 也找不到了。请不要保存，关闭台账后重新打开。"
    NOT_MOVED = "{path}：没有{move}，请逐项核对：{reasons}。"
    PERIOD_CLOSED = "{path}：{period}已经结旬（{at}），不能再下发。请到下一旬再下发，或在命令行用 --period 指定；结早了的，请先撤销结旬：按“撤销”（命令行：taizhang undo），每次退回最近一次操作。"
    CLOSED_ALREADY = "{path}：{period}已经结旬（{at}），不用再结。要重新结的，请先撤销结旬：按“撤销”（命令行：taizhang undo），每次退回最近一次操作。"
    NOT_BEGUN = "{path}：{period}还没有开始（从{first}起），不能结旬。请核对统计日期（{as_of}）和要结的旬。"
    NO_PRIORITY = "{path}：没有一项正在办理的任务在“重点”列填了“是”，无法单独下发重点事项。请先标明重点事项。"
    NOTHING_NEW = "{path}：通知中的 {count} 项任务台账里都有，内容也相同，没有要增加的。请核对是否选错了文件。"
    NO_SUCH_ITEM = "{path}：没有编号为 {codes} 的行。请运行 taizhang indicators 或 taizhang problems 列出来，核对编号。"
    NOT_A_LATER_YEAR = "{path}：台账是{old}年度的，不能结转到{year}年度。请写以后的年度，例如 --year {next}。"
    NOTHING_TO_CARRY = "{path}：所有任务都已销号或取消，没有要结转的。新年度的台账请由新的通知生成。"
    NOTHING_SELECTED = "没有选中任务。请在“{sheet}”中选中任务所在的行（可以选几行），再按按钮。"
    HOW_TO_EXTEND = "没有看懂“{value}”。请先写延到哪一天，再写理由，例如：2021-03-31 设备未到货，区政府会议同意。"
    HOW_TO_ADJUST = "没有看懂“{value}”。请写“列名=新内容”和“理由=……”，用分号隔开，例如：完成时限=9月底；理由=上级调整。"
    DAY_TOO_LATE = (
        "日期 {value} 在统计日期 {as_of} 之后。请核对日期；统计日期固定在过去的，请先清空“设置”中的“统计日期”。"
    )
    NO_PREVIEW = "{path}：还没有合并预览。请先做“合并预览”（命令行：taizhang merge），看过“{sheet}”表后再执行写入。"
    NO_SUCH_NAME = "{path}：没有{what}“{value}”。{guess}请从这些{what}里选：{names}。"
    NOT_WAITING = "{path}：有 {count} 项不在等待裁决，可能已经写入或重新合并过，没有改动。请重新列出后再裁决。"
    NO_LEADS = "{path}：没有一项任务填有能识别的牵头部门，无法下发。请先补全“牵头部门”列。"
    NOTHING_RETURNED = "没有找到可以合并的文件。请指定部门交回的工作簿，或装有它们的文件夹。"
    NOTHING_SENT = "{path}：还没有下发过清单，无从对账。请先“生成部门工作簿”（命令行：taizhang split）。"
    NO_BATCH = "{path}：{period}还没有下发过清单，没有可以写的邮件。请先“生成部门工作簿”（命令行：taizhang split）。"
    NO_SUCH_DEPARTMENT = "批次 {batch} 没有发给：{names}。请核对单位名称。"
    NOT_AS_SENT = "{path}：与下发时的不一样，可能被打开保存过，不放进邮件。请重新下发，或放回您另外留着的原文件。"
    NO_MAIL_EXTRA = "没有装邮件组件。请运行 pip install taizhang[mail] 后重试。"
    NO_MAIL_SETUP = "这台电脑还没有设置邮箱。请先运行 taizhang mail setup 邮箱地址。"
    BAD_MAIL_SETUP = "{path}：邮箱设置有问题：{fault}。请改好这个文件，或重新运行 taizhang mail setup 邮箱地址。"
    MAIL_SETUP_IS_FOLDER = (
        "{path}：这里要放邮箱设置的文件，现在是一个文件夹。"
        "请先把这个文件夹移走或改名，再运行 taizhang mail setup 邮箱地址。"
    )
    BAD_ADDRESS = "“{value}”不是邮箱地址。请核对后重试。"
    BAD_SERVER = "“{value}”不是服务器。请写成 主机:端口，需要时在后面加 /tls 或 /starttls。"
    UNKNOWN_PROVIDER = (
        "不知道 {value} 的邮件服务器。请向信息化人员问清楚，用 --smtp 主机:端口 和 --imap 主机:端口 指定。"
    )
    BAD_CA = "{path}：不是能用的证书文件。请核对邮箱设置中的 ca 一项，要 PEM 格式。"
    NO_KEYRING = "系统钥匙串不能用。请把授权码放在环境变量 TAIZHANG_MAIL_PASSWORD 里再运行；不要写进任何文件。"
    NO_MAIL_PASSWORD = (
        "没有 {user} 的授权码。请运行 taizhang mail password 存入系统钥匙串，或设置环境变量 TAIZHANG_MAIL_PASSWORD。"
    )
    EMPTY_PASSWORD = "授权码是空的，没有存。请重新运行 taizhang mail password，粘贴授权码后按回车。"
    NO_MAIL_HOST = "{host}：找不到这台邮件服务器。请核对服务器名称和网络连接后重试。"
    NO_MAIL_PORT = "{host}：连不上端口 {port}。请核对端口，或请信息化人员放行后重试。"
    MAIL_SILENT = "{host}：端口 {port} 过了{seconds}秒没有回应。请核对端口和加密方式（{security}），或稍后重试。"
    MAIL_CUT = "{host}：连接断了。请稍后再运行一次，会接着没有做完的做，做过的不会重做。"
    NO_MAIL_FOLDER = "{host}：邮箱里没有设置的那个文件夹。请核对邮箱设置中的 folder 一项，收件箱是 INBOX。"
    FETCHING = "{path}：另一个窗口或命令正在收取邮件。请等它结束后重试。"
    MAIL_LOGIN = (
        "{host}：用户名 {user} 或授权码不对，没有登录。请核对；网易、QQ 等邮箱要用在网页上开通的授权码，不是登录密码。"
    )
    MAIL_SAID_NO = "{host}：服务器没有照办（{said}）。请按这句话核对邮箱设置，或稍后重试。"
    NO_TLS = "{host}：端口 {port} 不是按 {security} 加密的，没有登录。请核对端口和加密方式：465、993 一般是 tls，587、143 一般是 starttls。"
    CERT_EXPIRED = (
        "{host}：服务器的证书过期了，没有登录。请核对本机的日期；日期没有错的，请信息化人员联系邮箱服务商更换证书。"
    )
    CERT_OTHER_NAME = "{host}：服务器的证书是发给别的名称的，没有登录。请核对服务器名称。"
    CERT_UNKNOWN = "{host}：服务器的证书不是可信的机构签发的，没有登录。请核对服务器名称；单位自己签发的，请把签发机构的证书文件写在邮箱设置的 ca 一项。"
    NOTHING_TO_ROLL_UP = "没有一本能够汇总的台账（共 {count} 个文件{example}）。请核对这些文件，指定放台账的文件夹。"
    NO_CLUSTER_EXTRA = "没有装集群组件。请运行 pip install taizhang[cluster] 后重试，或去掉 --scheduler 在本机汇总。"
    BAD_SCHEDULER = "“{value}”不是调度程序的地址。请写成 tcp://主机:端口，例如 tcp://10.0.0.8:8786。"
    NO_CERTIFICATE = "{address}：Dask 的设置里没有证书，不能加密连接。请按手册写好证书后重试。"
    NO_SCHEDULER = "{address}：连不上调度程序。请核对地址（例如 tcp://10.0.0.8:8786）和网络，确认它已经启动后重试。"
    NO_WORKERS = "{address}：调度程序没有可用的计算节点，没有生成汇总。请启动计算节点后重试。"
    NOT_ON_WORKER = "{address}：有计算节点没有装本软件。请给每个计算节点装上 {own} 版后重试。"
    OTHER_ON_WORKER = "{address}：计算节点装的是本软件 {found} 版，本机是 {own} 版。请换成同一版本后重试。"
    CLUSTER_LOST = "{address}：与调度程序的连接断了，没有生成汇总。请检查网络和调度程序后重试。"
    NO_XLWINGS = "没有装好 xlwings，不能生成加载项。请运行 pip install taizhang 重新安装。"
    OTHER_XLWINGS = "xlwings {version} 与本软件不配套，没有改动加载项。请运行 pip install taizhang 重新安装。"
    NO_MACROS = "{path}：加载项的源文件不齐。请运行 pip install taizhang 重新安装。"
    NO_EXCEL_HERE = (
        "{system} 上没有 Excel，加载项装不了。请用窗口（taizhang gui）或命令行，全部命令见 taizhang --help。"
    )
    NO_HOME = "找不到 Excel 的启动文件夹（环境变量 {name} 是空的）。请用平时使用 Excel 的账户登录后重试。"
    ADDIN_LOCKED = "{path}：Excel 正在使用加载项。请先退出 Excel（所有窗口），再运行一次本命令。"
    ADDIN_NOT_OURS = "{path}：不是本软件生成的文件，没有动它。请先把它移走，再运行一次本命令。"
    NAME_NOT_XLAM = "{path}：加载项要存为 .xlam。请把文件名改成以 .xlam 结尾后重试。"
    BUG = "程序出错，台账没有改动。请把日志文件 {log} 发给信息化人员。"
    NO_PACKAGE = "没有装 {name}，这件事要用它。请{remedy}，再运行 taizhang doctor，看还缺什么。"
    BROKEN_PACKAGE = "{name} 装了，但是用不了。请运行 {command} 后重试；仍不行的，把日志文件 {log} 发给信息化人员。"
    NO_SUCH_COMMAND = "没有命令 {value}{guess}全部命令请运行 taizhang {command}--help 查看。"
    BAD_USAGE = "命令用法不对：{detail}。请运行 taizhang {command}--help 查看用法。"
    INTERRUPTED = "已按要求中断，正在写的内容没有生效。"


class LedgerError(Exception):
    """What stops a run; its text is one sentence a clerk can act on."""

    def __init__(self, stop: Stop, **facts: object) -> None:
        self.stop = stop
        self.facts = facts
        super().__init__(stop.value.format(**facts))
