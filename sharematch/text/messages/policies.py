"""Policies: what is wrong in them, and what couples, in Chinese."""

__all__ = ["CHINESE"]

CHINESE = {
    "policy": "政策",
    "rule {number}": "规则 {number}",
    "goal {number}": "目标 {number}",
    "rule {number} ({text})": "规则 {number}（{text}）",
    "goal {number} ({text})": "目标 {number}（{text}）",
    "is not a measure": "不是可用的度量",
    "{name} is not a measure": "{name} 不是可用的度量",
    "is not a group": "不是可用的分组",
    "{names} is not a group": "{names} 不是可用的分组",
    "one of {known}, assignment": "{known}、assignment 之一",
    "must be a group or a pair of groups": "必须是一个分组或一对分组",
    "a pair must be two different groups": "一对分组必须不同",
    'must be a mapping, such as {"kind": "health"}': (
        '必须由名称与值组成，例如 {"kind": "health"}'
    ),
    "is not a filter": "不是可用的筛选条件",
    "{key} must be a value or a list of values": "{key} 必须是一个值或一列值",
    "must be a share between 0 and 1": "必须是 0 到 1 之间的比例",
    "0.02 for two percent": "百分之二写作 0.02",
    'must be "population", "entitlement" or numbers by group': (
        '必须是 "population"、"entitlement" 或各组的数'
    ),
    "must be numbers by group": "必须是各组的数",
    "cannot group {measure}, which is the {side} side's": (
        "不能用于度量 {measure} 的分组，它属于 {side} 一方"
    ),
    "{measure} has no value for a single assignment": ("{measure} 对单个分配没有值"),
    'stands only in AtLeast("fill_rate", "alone", by="community")': (
        '仅用于 AtLeast("fill_rate", "alone", by="community")'
    ),
    "must name groups": "须指明分组",
    "a total has no groups": "总量没有分组",
    "divide only served": "只能用于 served",
    "is known by community and area only": "只可按社区与区域分组",
    "first come is a method and has no goals of its own": (
        "先到先得是一种方法，没有目标"
    ),
    'leave out the goals, or method="first_come"': (
        '去掉目标，或去掉 method="first_come"'
    ),
    "moved needs a baseline": "moved 需要一份早先的结果",
    "moved needs a baseline, an earlier result": "moved 需要一份早先的结果",
    "moved needs a baseline, the earlier plan": "moved 需要早先的方案",
    "{what} is not in the instance": "{what} 不在实例之中",
    # numbers that grow too large
    "{name} may grow beyond 64-bit integers": "{name} 可能超出 64 位整数",
    '{key} "{value}" matches nothing in the instance': (
        "{key}“{value}”与实例中的任何记录都不符"
    ),
    "its filter matches nothing in the instance": "其筛选条件与实例中的任何记录都不符",
    "there is no {by} to judge in the instance": "实例中没有可比较的 {by}",
    "groups lie too far apart for 64-bit integers": "各组相差过大，超出 64 位整数",
    "use larger units for quantities or money, or weights of fewer digits": (
        "数量或金额改用更大的单位，或权重减少位数"
    ),
    "{measure} may grow beyond 64-bit integers ({each} per unit × {units} units)": (
        "{measure} 可能超出 64 位整数（每单位 {each} × {units} 单位）"
    ),
    "use larger units for quantities or money": "数量或金额改用更大的单位",
    'the bound "alone" takes fewer than 2³¹ units in all': (
        '界限 "alone" 要求单位总数小于 2³¹'
    ),
    # what couples needs or slots
    "{field} couples needs or slots": "{field} 使需求或时段相互关联",
    "Within couples groups": "Within 使各组相互关联",
    "a bound on {measure} couples slots": "{measure} 的界限使时段相互关联",
    "a bound on {measure} with unequal values per unit couples": (
        "{measure} 每单位的值不等，其界限造成关联"
    ),
    "slack couples goals": "slack 使目标相互关联",
    "{measure} by group couples": "分组的 {measure} 造成关联",
    "nothing opens": "没有需要决定是否开放的",
    "openings by group": "按组计算的开放",
    "openings count for some needs only": "开放只对部分需求计入",
    "what is left of fees pays for openings": "收费的结余用于开放",
    "a floor under what openings and units cost": "对开放与单位成本之和的下限",
    "opening_cost couples the units of a slot": "opening_cost 使同一时段的单位相互关联",
    "{measure} couples the units of a slot": "{measure} 使同一时段的单位相互关联",
    "subsidy with pair costs couples": "subsidy 与配对成本一起造成关联",
    "its groups cross those of other bounds, which couples them": (
        "其分组与其他界限的分组交错，使之相互关联"
    ),
    "to move as much as possible couples": "尽量多变动会造成关联",
    "groups that overlap couple": "相互重叠的分组造成关联",
}
"""By the English, as in `records`."""
