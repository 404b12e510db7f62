"""Measurable targets read out of task texts: what is one, what is none, and the laws of the reader."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.indicators import met, proposed
from taizhang.values import half_width

FOUND = {
    # time limits and steps: at most
    "开办企业压缩至3个环节、1个工作日内办结": [("≤", 3, "环节"), ("≤", 1, "工作日")],
    "办电时间分别压减至22个、32个工作日以内": [("≤", 22, "工作日"), ("≤", 32, "工作日")],
    "获得用热3个环节20个工作日完成": [("≤", 3, "环节"), ("≤", 20, "工作日")],
    "企业开办环节压缩至2个（设立登记、领票），用时减至4个小时内": [("≤", 2, "个"), ("≤", 4, "小时")],
    "办理环节2个、费用降至0元": [("≤", 2, "个"), ("≤", 0, "元")],
    "并在10天内公布办理结果": [("≤", 10, "天")],
    "施工许可 7 个工作日内核发": [("≤", 7, "工作日")],
    "进一步缩短道路占掘审批时限至8个工作日": [("≤", 8, "工作日")],
    "补正材料审核压缩到半天以内，整改3个月内完成": [("≤", 0.5, "天"), ("≤", 3, "月")],
    "公示时间不少于7天": [("≥", 7, "天")],
    "审批环节减少2个，时限再压缩5个工作日": [("≥", 2, "个"), ("≥", 5, "工作日")],
    "平均用时≤2个工作日，网上可办率≥95%": [("≤", 2, "工作日"), ("≥", 0.95, "%")],
    "时间压缩至2-4个工作日": [("≤", 4, "工作日")],
    # rates
    "绿化覆盖率达到百分之四十五，回收率35％以上": [("≥", 0.45, "%"), ("≥", 0.35, "%")],
    "实现80%高频事项掌上办": [("≥", 0.8, "%")],
    "办件数据100%归集": [("≥", 1, "%")],
    "逾期率控制在1.5%以内，差错率不超过0.3%": [("≤", 0.015, "%"), ("≤", 0.003, "%")],
    "工伤保险费率降至0.35%": [("≤", 0.0035, "%")],
    "融资成本再降低0.5个百分点，办税时间压减60%": [("≥", 0.5, "百分点"), ("≥", 0.6, "%")],
    "生产总值增长6.5%—7%": [("≥", 0.065, "%")],
    "随机抽查比例为5%": [("=", 0.05, "%")],
    "网办率和办结率均达到95%": [("≥", 0.95, "%"), ("≥", 0.95, "%")],
    "小规模纳税人减按1%征收率征收": [("≤", 0.01, "%")],
    # counts, lengths and amounts: with a verb, which holds for a whole list
    "新增技能人才1.2万人、博士后20余名": [("≥", 1.2, "万人"), ("≥", 20, "名")],
    "力争专精特新企业达18家、专利授权量增长25%以上": [("≥", 18, "家"), ("≥", 0.25, "%")],
    "新建改建道路12.5公里，绿道3公里": [("≥", 12.5, "公里"), ("≥", 3, "公里")],
    "新开公交线路2条，停车位1,200个": [("≥", 2, "条"), ("≥", 1200, "个")],
    "培育二十家龙头企业，修复三十五公里河道": [("≥", 20, "家"), ("≥", 35, "公里")],
    "每年至少开展两次培训，每月至少走访一次": [("≥", 2, "次"), ("≥", 1, "次")],
    "集装箱收费压减至400美元以内": [("≤", 400, "美元")],
    "发放贷款50亿元以上，建设厂房10万平方米": [("≥", 50, "亿元"), ("≥", 10, "万平方米")],
    "打造3个特色小镇，完成15个项目建设": [("≥", 3, "特色小镇"), ("≥", 15, "项目")],
    "到现场办理次数不超过1次": [("≤", 1, "次")],
    "全市排名进入前3名": [("≤", 3, "名")],
    "专利授权数突破300件。支持企业12家": [("≥", 300, "件"), ("≥", 12, "家")],
    "收储土地300亩，拆除违建5万平方米": [("≥", 300, "亩"), ("≥", 5, "万平方米")],
    "技术合同成交额280亿元以上": [("≥", 280, "亿元")],
    # the same figure for two things is two targets
    "一般登记压缩至3个工作日，抵押登记压缩至3个工作日": [("≤", 3, "工作日"), ("≤", 3, "工作日")],
    # a target beside what is none
    "公告时间由45天压缩至20天": [("≤", 20, "天")],
    "从原来的7个环节、30个工作日压缩到3个环节、10个工作日": [("≤", 3, "环节"), ("≤", 10, "工作日")],
    "试点企业由68家增加到104家，占比从5%提高到9%": [("≥", 104, "家"), ("≥", 0.09, "%")],
    "在下降20%的基础上再降3%，比上年的60%提高5个百分点": [("≥", 0.03, "%"), ("≥", 5, "百分点")],
    "160千瓦以下低压用户办电2个环节，10千伏及以下用户30个工作日内完成": [("≤", 2, "环节"), ("≤", 30, "工作日")],
    "培育年产值10亿元以上企业3家": [("≥", 3, "家")],
    "建成24小时自助服务区6个": [("≥", 6, "个")],
    "2021—2023年，新建“15分钟生活圈”5个": [("≥", 5, "个")],
    "深化“一窗通办”，“一趟不用跑”事项占比65%": [("≥", 0.65, "%")],
    "完善《关于服务企业的25条措施》，惠及企业300户": [("≥", 300, "户")],
}

NONE = """
2020年6月底前完成
每月5日前报送，9月15日前汇总，第三季度末办结
10月1日、十二月三十日各报送一次
自2020年2月起至12月，持续推进
2020.6.30前建立台账，2020-2022年分步实施
诉讼服务3.0版上线，接入5G网络
落实《优化营商环境条例》和“十四五”规划，抓好〔2020〕12号文件
深化“三个一”改革，做到“3个工作日办结”
推行一窗通办、一网通办、一次办好，实现最多跑一次
开展双随机抽查，第一时间答复，千方百计服务
推动一件事一次办，实行一家一档
完成第1-3项任务，落实第5、6条要求
（一）统筹推进；（2）压实责任
1.项目建设提速 2.条块结合
落实三项制度，通过取消审批等四种方式推进
阶段性减免三项社会保险费
打造15分钟便民生活圈，提供7×24小时服务
推行24小时自助办理
亏损结转年限由5年延长至8年
适用3%征收率的应税收入
个人仍按月工资总额的2%缴纳
对年收入500万元以下的企业减免租金
对新入规企业给予50%补贴，新增企业每户补助3000元
新引进人才发放10万元奖励
目前已建成12个站点，现有3个园区
完善机制，联合5家银行，新增线路涉及3个乡镇，服务全区15个村
新建产业园总投资50亿元，占地30亩
开展为期3个月的专项行动
完善审批、监管、服务三个方面机制
数十家企业参加，推进三五家企业合作
提高审批效率，大幅压缩时限
"""


def read(text):
    return [(one.direction, one.target, one.unit) for one in proposed(text)]


@pytest.mark.parametrize(("text", "targets"), FOUND.items())
def test_a_number_with_a_unit_that_the_work_is_to_reach_is_proposed(text, targets):
    assert read(text) == [(direction, pytest.approx(target), unit) for direction, target, unit in targets]


@pytest.mark.parametrize("text", ["", *NONE.split("\n")])
def test_dates_names_baselines_conditions_and_idioms_are_not(text):
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("2020年，全区新增各类人才1.2万人", ["新增各类人才"]),
        ("实现企业开办环节压缩至2个（设立、领票），时限减至4小时", ["企业开办环节", "企业开办时限"]),
        ("获得用热3个环节20个工作日完成", ["获得用热环节", "获得用热时限"]),
        ("将公告时间（不含公示）由45天压缩至20天", ["公告时间"]),
        ("年底前实现90%以上主要事项网上办", ["主要事项网上办"]),
        ("办事窗口100%接入证照库", ["办事窗口接入证照库"]),
        ("其中“一趟不用跑”事项占比65%", ["“一趟不用跑”事项占比"]),
        ("新增20家科技企业，打造3个公园", ["新增科技企业", "打造公园"]),
        ("企业数达15家、产值增长30%", ["企业数", "产值增长"]),
        ("网办率和办结率均达到95%", ["网办率", "办结率"]),
        ("10%", ["%"]),
    ],
)
def test_a_target_is_named_by_the_words_before_it_or_else_by_those_around(text, names):
    assert [one.name for one in proposed(text)] == names


def test_the_words_are_the_clause_as_the_text_has_it():
    text = "优化流程。办理时限（含受理）压缩至　３个工作日，\n“满意、好评”率达９６％；其他。"
    assert [one.words for one in proposed(text)] == ["办理时限（含受理）压缩至　３个工作日", "“满意、好评”率达９６％"]


SIGNS = "0123456789.,，、。％%《》“”（）一二两三十百千零半第前年月日个家项条天内以上下至到由从压缩达增长新建均和环节工作小时万亿元 \n"
TEXTS = (
    st.text() | st.text(SIGNS) | st.lists(st.sampled_from([*FOUND, *NONE.split("\n"), "，", "。", "、"])).map("".join)
)
WIDE = str.maketrans("0123456789.%", "０１２３４５６７８９．％")


@given(TEXTS)
def test_reading_never_raises_and_quotes_the_text(text):
    for one in proposed(text):
        assert one.words in text
        assert 0 < len(one.name) <= 30
        assert one.direction in "≤≥="
        assert math.isfinite(one.target)
        assert one.unit


@given(TEXTS)
def test_full_width_digits_change_nothing_but_the_words(text):
    wide, narrow = proposed(text.translate(WIDE)), proposed(text)
    assert [(one.name, one.direction, one.target, one.unit) for one in wide] == [
        (one.name, one.direction, one.target, one.unit) for one in narrow
    ]
    assert [half_width(one.words) for one in wide] == [half_width(one.words) for one in narrow]


@given(st.lists(st.sampled_from(list(FOUND)), max_size=4))
def test_sentences_are_read_one_by_one_in_their_order(texts):
    assert read("。".join(texts)) == [target for text in texts for target in read(text)]


NUMBERS = st.floats(-1e12, 1e12)


@pytest.mark.parametrize("direction", ["≤", "≥", "="])
def test_without_a_current_value_nothing_is_said(direction):
    assert met(direction, 1, None) is None


@given(NUMBERS)
def test_a_target_just_reached_is_met(target):
    assert met("≤", target, target) is met("≥", target, target) is met("=", target, target) is True


@given(NUMBERS, NUMBERS)
def test_met_at_most_and_at_least_is_met_exactly(target, current):
    below, above = met("≤", target, current), met("≥", target, current)
    assert below or above
    assert met("=", target, current) == (below and above)


@pytest.mark.parametrize(
    ("direction", "target", "current", "reached"),
    [
        ("≥", 0.3, 0.1 + 0.2, True),
        ("≤", 0.3, 0.1 + 0.2, True),
        ("=", 0.3, 0.1 + 0.2, True),
        ("≥", 0.3, 0.7 - 0.4, True),
        ("≥", 0.9, 0.899, False),
        ("≤", 20, 20.5, False),
        ("≤", 0, 0, True),
        ("=", 5, 6, False),
    ],
)
def test_float_noise_is_forgiven_and_nothing_more(direction, target, current, reached):
    assert met(direction, target, current) is reached
