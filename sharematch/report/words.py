"""The words of the report, English and Chinese side by side."""

from dataclasses import dataclass

from sharematch.text.words import WORDS as SHARED

__all__ = ["WORDS", "Text", "text"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same in both languages."""

    en: str
    zh: str

    def __getitem__(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


WORDS: dict[str, tuple[str, str]] = {
    "title": ("Sharing plan", "共享方案"),
    "skip": ("Skip to the report", "跳到正文"),
    "to_chinese": ("中文", "中文"),
    "to_english": ("English", "English"),
    "theme": ("Light or dark", "明暗"),
    "contents": ("Contents", "目录"),
    # key figures
    "status": ("Status", "状态"),
    "optimal": ("Best plan, proved", "已证明最优"),
    "feasible": ("Valid plan, not proved best", "方案有效，未证明最优"),
    "infeasible": ("No plan keeps all rules", "没有方案满足全部规则"),
    "denied": (
        "No plan is known, not proved that there is none",
        "没有已知方案，未证明不存在方案",
    ),
    "false": (
        "Not valid: what the result says does not hold",
        "无效：结果所述不成立",
    ),
    "unsolved": ("No plan was found", "没有找到方案"),
    "served": ("Served", "已满足"),
    "of_asked": ("of {0} asked for", "需求 {0}"),
    "worst_off": ("Worst-off community", "满足率最低的社区"),
    "borrowed_card": ("Served by other communities", "由其他社区提供"),
    "of_served": ("{0} of all served", "占已满足的 {0}"),
    "more_than_alone": ("More than without sharing", "比不共享多"),
    "was_alone": ("{0} without sharing", "不共享时 {0}"),
    # policy
    "policy": ("The policy in words", "政策说明"),
    "policy_note": (
        "The goals hold in strict order: a later one is looked at only where all "
        "earlier ones leave a choice.",
        "目标严格按顺序执行：只有在前面的目标都已达到最好之后，才考虑后面的目标。",
    ),
    "rules": ("Rules that hold", "必须遵守的规则"),
    "goals": ("Goals, in this order", "目标（按先后顺序）"),
    "no_rules": ("No rules beyond the records.", "除登记内容外没有其他规则。"),
    "first_come": (
        "Needs choose in turn by date; each takes its nearest free places.",
        "按申请先后依次选择，每项需求使用最近的空余名额。",
    ),
    "some_decision": ("An earlier decision", "一项先前的决定"),
    "conflict": ("These cannot hold together", "以下条件不能同时成立"),
    "no_plan": (
        "There is no plan to show. No plan keeps all of the following; without any one "
        "of them there is one.",
        "没有可展示的方案。以下条件不能同时满足；去掉其中任何一条即可得到方案。",
    ),
    # communities
    "who": ("Who is served", "谁得到了服务"),
    "who_lead": (
        "Share of what each community asks for that it is served, worst-off first: "
        "by its own places alone, and with sharing.",
        "各社区需求得到满足的比例，最低的在前：仅靠自有场所，以及共享之后。",
    ),
    "who_lead_now": (
        "Share of what each community asks for that it is served, worst-off first.",
        "各社区需求得到满足的比例，最低的在前。",
    ),
    "before": ("Own places alone", "仅靠自有场所"),
    "after": ("With sharing", "共享之后"),
    "bar_label": (
        "{0}: {1} with sharing, {2} by its own places alone",
        "{0}：共享之后 {1}，仅靠自有场所 {2}",
    ),
    "bar_label_now": ("{0}: {1}", "{0}：{1}"),
    "units_of": ("{0} of {1}", "{0} / {1}"),
    "more_communities": (
        "{0} more communities stand in the table below.",
        "另有 {0} 个社区见下方表格。",
    ),
    "nobody_asks": ("Nobody asks for anything.", "没有需求。"),
    # map
    "map": ("Who lends to whom", "谁向谁借出"),
    "map_lead": (
        "Circles are communities: larger where more is asked for, stronger in color "
        "where more of it is served. Lines go from lender to borrower, thicker for "
        "more units. Squares are facilities.",
        "圆圈为社区：需求越多越大，满足率越高颜色越浓。线条由借出方指向借入方，"
        "越粗表示越多。方块为设施。",
    ),
    "map_circle": (
        "The records have no coordinates, so communities stand in a circle.",
        "登记中没有坐标，社区按圆形排列。",
    ),
    "map_most": (
        "The {0} largest of {1} flows are drawn.",
        "图中为 {1} 条流向中最大的 {0} 条。",
    ),
    "map_label": (
        "Map of {0} communities and {1} flows of lending",
        "{0} 个社区与 {1} 条借用流向的地图",
    ),
    "flow": ("{0} lends {2} units to {1}", "{0} 向 {1} 借出 {2} 个单位"),
    "node": ("{0}: {1} of {2} served", "{0}：{2} 中已满足 {1}"),
    "node_hidden": ("{0}", "{0}"),
    "rate_legend": ("Share served", "满足率"),
    "no_flows": ("Nothing is lent between communities.", "社区之间没有借用。"),
    # calendar
    "calendar": ("When places are used", "名额何时被使用"),
    "calendar_lead": (
        "Units served on each day, in a stronger color the larger their share of the "
        "day's places.",
        "每天服务的单位数；占当天名额的比例越大，颜色越浓。",
    ),
    "hours_lead": (
        "Units served by weekday and hour of start.",
        "按星期和开始时间统计的服务单位数。",
    ),
    "week": ("Week of", "周（起始日）"),
    "hour": ("Hour", "时间"),
    "untimed": (
        "{0} units have no time and stand in no calendar.",
        "另有 {0} 个单位没有时间，不在日历中。",
    ),
    "no_times": ("No slot in this plan has a time.", "本方案中的时段都没有时间。"),
    "weeks_left_out": ("{0} later weeks are not shown.", "其后 {0} 周未显示。"),
    "day_cell": ("{0}: {1} of {2} places", "{0}：{2} 个名额中使用 {1} 个"),
    # gains
    "gains": ("What sharing brings", "共享带来什么"),
    "gain_residents": ("Residents get more", "居民得到更多"),
    "gain_residents_note": (
        "units more than each community's own places could give; "
        "{0} communities gain, {1} get less",
        "个单位，超出各社区自有场所所能提供的；{0} 个社区增加，{1} 个社区减少",
    ),
    "gain_providers": ("Providers earn", "提供者有收入"),
    "gain_providers_note": (
        "fees paid by residents of other communities, to {0} owners",
        "来自其他社区居民的付费，共 {0} 个所有者",
    ),
    "gain_government": ("Government saves building", "政府少建场所"),
    "gain_government_note": (
        "places that need not be built: for each community and service, the most its "
        "residents borrow on one day",
        "个名额无需新建：按各社区、各类服务，取居民一天内借用的最大数相加",
    ),
    "not_known": ("not known", "未知"),
    # unmet
    "unmet": ("What is not met, and why", "未满足的需求及原因"),
    "unmet_lead": ("{0} of {1} units are not met.", "{1} 个单位中有 {0} 个未满足。"),
    "all_met": ("Everything asked for is met.", "全部需求都已满足。"),
    "why.full": ("every place in reach is full", "可及的名额均已满"),
    "why.goal": (
        "there is room, but a goal would be worse for it",
        "尚有名额，但会使某个目标变差",
    ),
    "why.rule": ("there is room, but a rule forbids it", "尚有名额，但规则不允许"),
    "why.coupled": (
        "there is room, but not for all that must go together",
        "尚有名额，但不能同时满足必须一起安排的条件",
    ),
    "why.search": (
        "the search ended before anybody could tell",
        "搜索在得出结论前已结束",
    ),
    "why.no_arc": ("no place can serve it at all", "没有任何场所能够提供"),
    # proof
    "proof": ("How it was checked", "如何核验"),
    "checked": (
        "Every number was recomputed from the records: the plan keeps all records and "
        "rules.",
        "所有数字均由登记内容重新计算：方案符合全部登记内容与规则。",
    ),
    "not_checked": ("These claims do not hold", "以下内容不成立"),
    "proved": (
        "A certificate proves each goal: no plan with the same rules is better. "
        "Anyone can check it without a solver.",
        "证书逐项证明了目标：在同样的规则下没有更好的方案。任何人无需求解器即可核验。",
    ),
    "not_proved": (
        "No certificate proves that no plan is better; the bounds are those of the "
        "search.",
        "没有证书证明不存在更好的方案；界限来自搜索过程。",
    ),
    "goal": ("Goal", "目标"),
    "value": ("Reached", "达到"),
    "bound": ("At best", "至多"),
    "gap": ("Gap", "差距"),
    "prices": ("It holds {0} prices.", "证书中有 {0} 个价格。"),
    "lowest": ("lowest {0}, highest {1}", "最低 {0}，最高 {1}"),
    "withheld": ("withheld", "不公开"),
    # tables
    "tables": ("Tables", "表格"),
    "table_communities": ("Communities", "社区"),
    "table_kinds": ("Services", "服务"),
    "table_facilities": ("Facilities", "设施"),
    "table_owners": ("Owners", "所有者"),
    "table_flows": ("Lending", "借用"),
    "table_unmet": ("Largest unmet needs", "未满足最多的需求"),
    "search": ("Search", "搜索"),
    "search_in": ("Search in {0}", "在“{0}”中搜索"),
    "rows": ("rows", "行"),
    "sort": ("Press a heading to sort.", "点击表头可排序。"),
    "cut": (
        "The first {0} of {1} rows; all are in the result's file.",
        "共 {1} 行，此处为前 {0} 行；完整内容见结果文件。",
    ),
    "asked": ("asked", "需求"),
    "unmet_head": ("unmet", "未满足"),
    "rate": ("share", "满足率"),
    "alone": ("own only", "仅自有"),
    "gain": ("gain", "增加"),
    "borrowed": ("borrowed", "借入"),
    "lent": ("lent", "借出"),
    "places": ("places", "名额"),
    "use": ("in use", "使用率"),
    "income": ("from others", "外来收入"),
    "lender": ("lender", "借出方"),
    "borrower": ("borrower", "借入方"),
    "no_owner": ("(no owner)", "（无所有者）"),
    # end
    "suppressed": (
        "Counts below {0}, and others that would give them away, are not shown: •",
        "小于 {0} 的数目，以及可能推算出它们的数目，不予显示：•",
    ),
    "hidden": ("not shown", "不显示"),
    "warnings": ("Remarks", "备注"),
    "origin": ("Origin", "来源"),
    "origin_instance": ("Records", "登记内容"),
    "origin_policy": ("Policy", "政策"),
    "origin_seed": ("Seed for ties", "平局种子"),
    "origin_version": ("Version", "版本"),
}

WEEKDAYS = (
    ("Mon", "周一"),
    ("Tue", "周二"),
    ("Wed", "周三"),
    ("Thu", "周四"),
    ("Fri", "周五"),
    ("Sat", "周六"),
    ("Sun", "周日"),
)


def text(key: str, *values: object) -> Text:
    """Return a word or sentence with values; values may be texts themselves."""
    english, chinese = WORDS.get(key) or SHARED.get(key) or (key, key)
    if not values:
        return Text(english, chinese)
    both = [v if isinstance(v, Text) else Text(str(v), str(v)) for v in values]
    return Text(
        english.format(*(v.en for v in both)), chinese.format(*(v.zh for v in both))
    )


def same(value: object) -> Text:
    """Return what is the same in both languages."""
    return Text(str(value), str(value))


def capital(words: Text) -> Text:
    """Return words that begin with a capital."""
    return Text(words.en[:1].upper() + words.en[1:], words.zh)
