"""Measurable targets (量化指标) read out of task texts, for the office to confirm.

A figure is a number with a unit. Tables say which units there are, which words before and after
make a figure a target, and which figures are none (names, dates, baselines, conditions); one
reader goes over them. What nobody seems to aim at is left out rather than guessed.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from taizhang.values import half_width


@dataclass(frozen=True)
class Proposal:
    """A measurable target read out of a task's text.

    `name` is what is measured, 30 characters at most; `direction` is ≤, ≥ or =; a percentage is a
    fraction in `target` (96% is 0.96); `words` is the clause the figure stands in, as the text has it.
    """

    name: str
    direction: str
    target: float
    unit: str
    words: str


_MET = {"≤": operator.le, "≥": operator.ge, "=": operator.eq}
NOISE_SHARE, NOISE = 1e-9, 1e-12  # of a target, and beside it: what floating point may be off


def met(direction: str, target: float, current: float | None) -> bool | None:
    """Return whether a target is met (达标), float noise forgiven; None while there is no current value."""
    if current is None:
        return None
    return bool(_MET[direction](current, target)) or abs(current - target) <= abs(target) * NOISE_SHARE + NOISE


class _Kind(Enum):
    """What a unit counts, which settles what a figure needs to be a target."""

    RATE = "率"  # nothing more
    TIME = "时限"  # a bound, or to end the phrase: 15分钟生活圈 and 24小时自助 are names
    STEP = "环节"  # the same
    GOODS = "实物"  # a verb: 新增…10家
    ITEMS = "事项"  # a verb, and a sure one where it is in numerals: 三项制度, 一件事


# Numbers. 第, a letter or a sign before one makes it part of something else: 第3条, G20, 7×24小时; 数十家 is none.
_ONES = "一二三四五六七八九"
_ANY = f"[{_ONES}两]"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,15}(?!\d))(?:\.\d{1,9})?"
_NUMERAL = rf"(?<!数)(?=[{_ONES}两十])(?:{_ANY}千零?)?(?:{_ANY}百零?)?(?:{_ANY}?十)?{_ANY}?|半"
_ALONE = rf"(?<![\dA-Za-z.+×*/第{_ONES}两十百千万亿零])"
_NUMBER = rf"{_ALONE}(?:{_DIGITS}|{_NUMERAL})"

_HAN = "\u4e00-\u9fff"
_NOUN = rf"(?:(?![和及与并以的等内])[{_HAN}]){{1,6}}(?=[^{_HAN}]|[和及与以]|$)"  # 个公园, where nothing else follows
_NOUNS = "项目|事项|试点|站点|网点|窗口|岗位|床位|学位|车位|泊位|品牌"
_UNITS: Mapping[_Kind, str] = {
    _Kind.RATE: "%|‰|个?百分点",
    _Kind.TIME: "个?工作日|个?自然日|日历天|个?小时|个月|分钟|秒|天(?!然)|日(?![常均夜])|周(?![年边期转])",
    _Kind.STEP: "个?环节",
    _Kind.GOODS: "[十百千万亿]{0,3}(?:人次|人(?![大工民])|名(?![录称单])|家|户|所|座|间|处(?![理置罚])|栋|幢|套|台|辆"
    "|部(?![门分位署委])|张|棵|株|平方公里|平方米|立方米|公里|千米|米|公顷|亩|吨|千瓦时|千瓦|千伏安|兆瓦|微克/立方米"
    rf"|[美欧日港]?元)|[万亿](?=以[上下内]|左右|[^{_HAN}]|$)",
    _Kind.ITEMS: "[十百千万亿]{0,3}(?:项|条|件|次(?!性)|场|轮|期(?![限间])|份(?!额)|例|宗|笔|倍|课时|分(?![钟之类别级层阶批步区])"
    rf"|个(?![体人性税案别]|部门|单位|方面|领域|方式|阶段|步骤)(?:{_NOUNS}|{_NOUN})?)",
}
_UNIT = "|".join(f"(?P<{kind.name}>{units})" for kind, units in _UNITS.items())
_SHARED = rf"个(?=[、和]{_DIGITS}个[工小环百])|(?=[、和]{_DIGITS}[^\d%.,])"  # 分别压减至22个、32个工作日
_FIGURE = re.compile(
    rf"{_ALONE}(?:(?P<low>{_DIGITS})%?[-—–~～至到])?(?P<hundredth>百分之)?"
    rf"(?:(?P<digits>{_DIGITS})|(?P<numeral>{_NUMERAL}))(?(hundredth)| ?[多余]? ?(?:{_SHARED}|{_UNIT}))"
)

# Words that make a figure a target. The nearest before it counts, of two that end together the longer: 不超过, 超过.
_CUT = "(?:压缩|压减|压降|精简|简化|缩短|缩减|缩小|减少|下降|下调|降低|降|减|削减|合并|整合|[压缩](?=[至到]))"
_RAISE = "(?:增长|增加|提高|提升|上升|上调|扩大|延长|增|[升提](?=[至到]))"
_TO = "[至到为成在]"
_ABOUT = "(?:近|约|约为|全部|平均|以上|了|再)?"
_BOUND, _CHANGE, _ADD, _ACT = range(4)  # the surest first
_CUES = tuple(
    (strength, direction, re.compile(words))
    for strength, direction, words in (
        (_BOUND, "≤", rf"{_CUT}{_TO}|{_CUT}[^，。；]*[至到]{_ABOUT}$|控制{_TO}|不[得能可]?(?:超过?|高于|多于|大于)"),
        (_BOUND, "≤", rf"低于|少于|小于|[最至]多(?:[{_HAN}]{{2,4}}$)?|最长|减按|限{_ABOUT}$|前{_ABOUT}$|[≤<＜]"),
        (_BOUND, "≥", rf"不[得能可]?(?:低于|少于|小于|短于)|[至最]少(?:[{_HAN}]{{2,4}}$)?|[≥>＞]"),
        (_BOUND, "≥", rf"{_RAISE}{_TO}|(?:保持|稳定|维持)在|达到|达{_ABOUT}$|超过|突破|高于"),
        (_BOUND, "=", rf"(?:等于|比例为|(?<!减)按照?){_ABOUT}$"),
        (_CHANGE, "≥", f"{_CUT}|{_RAISE}"),
        (_ADD, "≥", "新[增建设开]|净增|增设|改建|扩建|续建|建设|建成|改造|修复|治理|整治|开通|开工|竣工|[加安]装"),
        (_ADD, "≥", "引进|引育|培育|培养|孵化|培训|配备|招[引聘收]|帮扶|投放|发放|筹[集措]|募集|争取|力争"),
        (_ADD, "≥", "收储|拆除|淘汰|消除"),
        (_ACT, "≥", rf"实施|实现|完成|开展|举办|组织|推进|推动|推出|推广|打造|创建|确保|落实|发展|为{_ABOUT}$"),
        (_ACT, "≥", "编制|制定|完善|出台|公布|梳理|下放|取消|认定|设[立置]|布设|建立|盘活|提供|服务|覆盖|惠及"),
        (_ACT, "≥", "解决|支持"),
    )
)
_LIMIT = re.compile(r"(?:左右)?[（(]?含?[）)]?[及或]?(?:(?P<least>以上)|以下|[以之]?内(?![容部外资]))")
_CLOSED = re.compile(
    rf"$|[^\w%〓]|[和及与]|左右|{_NUMBER}|完成|办[结理好成毕]|审[结批]|出[证具]|发证|送达|答复|反馈|回复|结案"
)

# Figures that are none, blanked out (〓) before anything is read.
_CLAUSE_END = re.compile(r"[，。；：！？\n\r;:!?]|,(?!\d{3})")
_SENTENCE_END = re.compile(r"[。；！？\n\r;!?]")
_ON, _WORDS = r"[^，。；！？\n\r]", r"[^，。；！？\n\r\d]"
_NONE = tuple(
    re.compile(words)
    for words in (
        # names and titles, articles, days
        r"《[^》]{0,80}》|〈[^〉]{0,80}〉|“[^”]{0,40}”|‘[^’]{0,40}’|「[^」]{0,40}」|\"[^\"\n]{0,40}\"",
        rf"第\s?\d+(?:[-—~、至到]\d+)*|{_NUMBER}月{_NUMBER}[日号]",
        # baselines
        rf"[由从]{_WORDS}{{0,12}}{_NUMBER}{_ON}{{0,40}}?(?=，?(?:再|统一|分别|全部|逐步|大幅|进一步)*"
        rf"(?:{_CUT}|{_RAISE}|调整|优化){_ON}?{_TO}|[至到]{_NUMBER})",
        rf"在{_ON}{{0,20}}?基础上|[比较]{_WORDS}{{0,8}}的{_NUMBER}|(?:法定|原来?|原有|现有|现行|目前|规定)的?{_NUMBER}(?![\d.%])",
        rf"已经?(?:建成|完成|实现|达到?|超过|有|累计){_WORDS}{{0,8}}{_NUMBER}",
        # what a policy grants or takes, and from whom
        rf"适用{_NUMBER}%|(?<!减)按{_WORDS}{{0,12}}{_NUMBER}%(?={_ON}{{0,8}}(?:缴|征|计|收取|扣除|返还))",
        rf"(?:(?:给予|处以|罚款|最高){_WORDS}{{0,10}}|(?:奖励|补[助贴]|资助|每){_WORDS}{{0,3}}){_NUMBER}(?=[百千万亿]*元|%)",
        rf"{_NUMBER}(?=[百千万亿]*元{_WORDS}{{0,8}}(?:奖励|补[助贴]|资助|罚款))",
        # asides
        rf"(?:全[区市县省]共?|涉及|包括|包含|辖|会同|联合|[由从]|(?:总投资|占地|注册资本|总?建筑面积)额?约?){_NUMBER}(?![\d.%])",
    )
)

# Names: what leads in and what leads over to the number, and words too bare to stand alone.
_OPENING = re.compile(
    r"(?:[、\s（）()·—-]|和(?!谐)|及(?!时)|与(?!会)|并且?(?![联行轨])|且|其中|将|把|力争|确保|努力|实现|做到|全面|推动|进一步"
    r"|[今全本]年|年内|年底前?|到(?=\d)|在$|[\d—~-]+年度?(?:底前?)?|\d+月(?:\d+日|底)?前?|[全我本][区市县省](?:范围内)?"
    r"|以[上下内]|内(?:完成|办结)|内(?![资部外])|左右|的)+"
)
_ENDING = re.compile(
    rf"(?:[由从]\D{{0,12}}\d.*|[再各都]|(?<![人年])均|分别|全部|平均|逐步|(?:{_CUT}|{_RAISE}){_TO}|控制{_TO}|(?:保持|稳定|维持)在"
    r"|[至到为按]|不[得能可]?(?:超过?|[高多大低少小短]于)|[最至][多少]|达到?|超过|突破|减按|[近约]|[和与及≤≥<>＜＞、，：:（()）“\s])+$"
)
_EXTRA = re.compile(r"[（(][^（）()]*[）)]")
_ALIKE = re.compile("(.+?)(?<![平人年户日月亩])均(?![衡匀等])")
_MEASURES: Mapping[_Kind | None, tuple[str, str]] = {
    _Kind.TIME: ("时限", "时限|时间|用时|耗时|时长|期(?!货)"),
    _Kind.STEP: ("环节", "环节|步骤|流程"),
}
_MEASURED = re.compile(f"(?:{'|'.join(words for _, words in _MEASURES.values())})$")
_BARE = re.compile("(?:办理|审批|平均)?(?:时限|时间|用时|耗时|环节|成本|占比|比例|数量|总数|面积|材料)")
_LONGEST = 30
_LOOKBACK = 200  # characters; a text may be 32,000 without a full stop
_COUNTED = (_Kind.GOODS, _Kind.ITEMS)
_PLAIN = ("工作日", "自然日", "小时", "环节")  # meant even in numerals: 三个工作日, but not 一日办结
_SIZES = re.compile("元|千瓦|千伏安|平方米")  # what cases are sorted by: 500万元以下项目


@dataclass(frozen=True)
class _Figure:
    """A number with its unit, and what stands around it with all that is no target blanked out."""

    found: re.Match[str]
    kind: _Kind | None  # None: the unit is the next one's
    unit: str
    before: tuple[str, str, str]  # from the last figure on, from the clause's beginning, from the sentence's
    after: str  # to the end of the clause

    @property
    def numeral(self) -> str:
        """Return the number where it is written in Chinese numerals."""
        return self.found["numeral"] or ""

    def target(self, direction: str) -> float:
        """Return the number, of a range the end that has to be reached."""
        low = self.found["low"] if direction == "≥" else None
        return _value(low or self.found["digits"] or self.numeral, self.unit)


@dataclass(frozen=True)
class _Cue:
    """The word before a figure that makes it a target."""

    strength: int
    direction: str
    adjacent: bool


def proposed(text: str) -> tuple[Proposal, ...]:
    """Return the measurable targets a text names, in its order."""
    masked = half_width(text)
    for words in _NONE:
        masked = words.sub(lambda found: "〓" * len(found[0]), masked)
    sentences = _spans(_SENTENCE_END, masked, 0, len(masked))
    return tuple(proposal for span in sentences for proposal in _in_sentence(text, masked, *span))


def _spans(ends: re.Pattern[str], masked: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    for found in ends.finditer(masked, begin, end):
        yield begin, found.start()
        begin = found.end()
    yield begin, end


def _in_sentence(text: str, masked: str, begin: int, end: int) -> Iterator[Proposal]:
    """Yield the proposals of one sentence; a name may lean on the one before."""
    known = ""
    for clause in _spans(_CLAUSE_END, masked, begin, end):
        named = clause[0]  # up to where the words belong to an earlier proposal
        for figure in _figures(masked, begin, *clause):
            direction = _direction(figure)
            if not direction:
                continue
            start, stop = figure.found.span()
            own = half_width(text[max(named, start - _LOOKBACK) : start])
            rest = 0 if named > clause[0] else len(re.split(r"[、（(\d]", figure.after, maxsplit=1)[0])
            for name in _names(figure, own, half_width(text[stop : stop + rest]), known):
                yield Proposal(name, direction, figure.target(direction), figure.unit, text[slice(*clause)].strip())
                known = name
            named = stop


def _figures(masked: str, sentence: int, begin: int, end: int) -> Sequence[_Figure]:
    """Return the figures of a clause; one without a unit of its own has the next one's."""
    found = list(_FIGURE.finditer(masked, begin, end))
    starts = [begin, *(one.end() for one in found)]
    read: list[_Figure] = []
    for one, start in reversed(list(zip(found, starts, strict=False))):
        figure = _figure(one, (start, begin, sentence), masked[one.end() : end])
        if figure.kind is None and read:
            figure = replace(figure, kind=read[-1].kind, unit=read[-1].unit, after=read[-1].after)
        read += [figure] if figure.kind else []
    return read[::-1]


def _figure(found: re.Match[str], begins: tuple[int, int, int], after: str) -> _Figure:
    kind = next((kind for kind in _UNITS if found[kind.name]), _Kind.RATE if found["hundredth"] else None)
    unit = "%" if found["hundredth"] else found[kind.name] if kind else ""
    own, clause, sentence = (found.string[max(begin, found.start() - _LOOKBACK) : found.start()] for begin in begins)
    if unit == "个" and own.endswith("环节"):
        kind = _Kind.STEP
    return _Figure(found, kind, unit.removeprefix("个") or unit, (own, clause, sentence), after)


_PLACES = {"十": 10, "百": 100, "千": 1000}


def _value(number: str, unit: str) -> float:
    """Return what a number in digits or Chinese numerals stands for, a percentage as a fraction."""
    if number[0].isdecimal():
        return float(number.replace(",", "") + ("e-2" if unit == "%" else ""))
    total, one = 0.0, 0.0
    for sign in number.replace("两", "二"):
        if sign in _PLACES:
            total, one = total + (one or 1) * _PLACES[sign], 0
        else:
            one = 0.5 if sign == "半" else _ONES.find(sign) + 1
    return (total + one) / (100 if unit == "%" else 1)


def _cue(before: str, weakest: int) -> _Cue | None:
    """Return the nearest word that makes what follows a target."""
    hits = (
        (found.end(), len(found[0]), -strength, direction)
        for strength, direction, words in _CUES
        if strength <= weakest
        for found in words.finditer(before)
    )
    end, _, strength, direction = max(hits, default=(0, 0, 0, ""))
    return _Cue(-strength, direction, bool(re.fullmatch(_ABOUT, before[end:]))) if direction else None


def _direction(figure: _Figure) -> str:
    """Return the direction of a figure the work is to reach, or nothing for any other."""
    limit = _LIMIT.match(figure.after)
    limited = ("≥" if limit["least"] else "≤") if limit else ""
    closed = bool(_CLOSED.match(figure.after, limit.end() if limit else 0))
    own, clause, sentence = figure.before
    if figure.kind in _COUNTED:
        cue = _cue(own, _ACT) or _cue(clause, _ACT) or (_cue(sentence, _ADD) if closed else None)
        wanted = _is_count(figure, cue, bool(limit), closed)
    else:
        cue = _cue(own if re.search(f"[{_HAN}]{{2}}", own) else clause, _CHANGE)
        cue = cue if cue and (cue.adjacent or cue.strength == _BOUND) else None
        plain = closed and (not figure.numeral or figure.unit in _PLAIN)
        wanted = figure.kind is _Kind.RATE or bool(cue) or limited == "≤" or plain
    usual = "≤" if figure.kind in _MEASURES else "≥"
    return (limited or (cue.direction if cue else usual)) if wanted else ""


def _is_count(figure: _Figure, cue: _Cue | None, limited: bool, closed: bool) -> bool:
    """Return whether a count or an amount is one to reach, not an idiom and not what cases are sorted by."""
    if cue is None:
        return limited and closed and not figure.numeral
    sure, bound = cue.strength <= _ADD, cue.strength == _BOUND
    if figure.numeral == "一":  # 至少一次 and 新建一座, but not 最多跑一次 and 一家一档
        return cue.direction == "≥" and (bound or (figure.kind is _Kind.GOODS and sure and cue.adjacent))
    if figure.numeral and figure.kind is _Kind.ITEMS:
        return bound or (sure and (cue.adjacent or closed))
    if limited and not closed:
        sized = _SIZES.search(figure.unit)
        return cue.adjacent and not (sized and (not sure or _FIGURE.search(figure.after)))
    return True


def _names(figure: _Figure, own: str, rest: str, known: str) -> list[str]:
    """Return what a figure measures, told by the words before it, by the rest of its clause or by the last name.

    It is one name, or one for each of the things in A、B均达到.
    """
    alike = _ALIKE.search(own)
    things = re.split("[、和与及]", alike[1]) if alike else []
    things = things if len(things) > 1 and min(map(len, things)) > 1 else [own]
    return [_name(figure, thing, _tidy(rest), known) for thing in things]


def _name(figure: _Figure, own: str, rest: str, known: str) -> str:
    words, subject = _tidy(own), _MEASURED.sub("", known)
    measure, measures = _MEASURES.get(figure.kind, ("", ""))
    if not words:
        words = rest or subject
    elif _BARE.fullmatch(words):
        words = subject + words
    elif figure.kind in _COUNTED or not (measure or _cue(own, _CHANGE)):
        noun = figure.unit if figure.found[0].endswith("个" + figure.unit) else ""
        words += noun + rest  # 打造3个公园, 新增10家企业, 窗口100%接入
    words = words[-_LONGEST:] if re.search(measures, words) else words[len(measure) - _LONGEST :] + measure
    return words or figure.unit


def _tidy(words: str) -> str:
    """Return words without asides, what leads in and what leads over to the number."""
    words = _EXTRA.sub("", words)
    opening = _OPENING.match(words)
    return _ENDING.sub("", words[opening.end() :] if opening else words)
