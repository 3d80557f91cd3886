"""The words of the command line in English and Chinese."""

from sharematch.words import Lang, say

__all__ = ["Lang", "word"]


WORDS = {
    "status": ("Status", "状态"),
    "optimal": ("optimal: every goal is proved", "最优：每个目标均已证明"),
    "feasible": ("feasible: valid, not proved best", "可行：有效，未证明最优"),
    "infeasible": (
        "infeasible: no plan keeps all rules",
        "不可行：没有方案满足全部规则",
    ),
    "unsolved": ("unsolved: no plan was found", "未解出：没有找到方案"),
    "served_of": ("Served {0} of {1} units", "服务 {0} 个单位，需求 {1} 个单位"),
    "policy": ("Policy", "政策"),
    "goals": ("Goals", "目标"),
    "by_community": ("By community", "按社区"),
    "unmet": ("Unmet", "未满足"),
    "conflict": ("These cannot hold together", "以下条件不能同时成立"),
    "more_rows": ("… and {0} more", "……另有 {0} 行"),
    "batch_done": (
        "{0} instances: {1} solved, {2} as before, {3} without a result",
        "{0} 个实例：新解 {1} 个，沿用 {2} 个，无结果 {3} 个",
    ),
    "goes_on": (
        "Stopped; the same command goes on from here.",
        "已停止；再次运行同一命令即可继续。",
    ),
    "note_lost": ("Not carried", "未转换"),
    "note_assumed": ("Assumed", "假定"),
    "written": ("Written: {0}", "已写入：{0}"),
    "stopping": (
        "Stopping with the best plan so far; press Ctrl-C again to quit at once.",
        "正在停止并保留目前最好的方案；再按一次 Ctrl-C 立即退出。",
    ),
    "interrupted": ("Interrupted.", "已中断。"),
    "error": ("Error", "错误"),
    "warning": ("Warning", "警告"),
    "valid": ("Valid", "有效"),
    "valid_plan": ("Valid: the plan keeps every rule.", "有效：方案满足每条规则。"),
    "no_plan": ("The result has no plan to check.", "结果中没有可检查的方案。"),
    "not_valid": ("Not valid", "无效"),
    "units_asked": ("units asked for", "需求单位"),
    "places": ("places", "名额"),
    "next": ("Next: {0}", "下一步：{0}"),
    "id": ("id", "编号"),
    "goal": ("goal", "目标"),
    "value": ("value", "值"),
    "gap": ("gap", "差距"),
    "demand": ("demand", "需求"),
    "served": ("served", "已服务"),
    "fill_rate": ("fill rate", "满足率"),
    "travel": ("travel", "路程"),
    "wait": ("wait", "等待"),
    "fees": ("fees", "费用"),
    "lent": ("lent", "借出"),
    "borrowed": ("borrowed", "借入"),
    "reason": ("reason", "原因"),
    "units": ("units", "单位"),
    "no_arc": ("no slot can serve it", "没有可用的时段"),
    "full": ("every slot in reach is full", "可及的时段均已满"),
    "rule": ("a cap or decision forbids it", "上限或决定不允许"),
    "coupled": ("a coupled condition forbids it", "关联条件不允许"),
    "left_to_goal": ("a goal would be worse", "会使某个目标变差"),
    "areas": ("areas", "区域"),
    "communities": ("communities", "社区"),
    "providers": ("providers", "提供者"),
    "facilities": ("facilities", "设施"),
    "slots": ("slots", "时段"),
    "needs": ("needs", "需求"),
    "pairs": ("pairs", "配对"),
    "links": ("links", "路段"),
    "past": ("past rounds", "往期"),
    "decisions": ("decisions", "决定"),
    "arcs": ("possible pairs", "可行配对"),
}


def word(key: str, lang: Lang, *values: object) -> str:
    """Return a word or sentence; a key without an entry stands for itself."""
    text = say(key, lang, words=WORDS)
    return text.format(*values) if values else text
