"""Records, instances and tables: what is wrong in them, in Chinese."""

__all__ = ["CHINESE"]

CHINESE = {
    # what records and their parts are called
    "instance": "实例",
    "area": "区域",
    "community": "社区",
    "provider": "提供者",
    "facility": "设施",
    "slot": "时段",
    "need": "需求",
    "pair": "配对",
    "link": "路段",
    "past": "往期",
    "decision": "决定",
    "window": "时间窗",
    "answer": "答复",
    "assignment": "分配",
    "usage": "使用情况",
    "column": "列",
    "table": "表",
    "areas": "区域",
    "communities": "社区",
    "providers": "提供者",
    "facilities": "设施",
    "slots": "时段",
    "needs": "需求",
    "(a huge number)": "（极大的数）",
    # values
    "is missing": "缺失",
    "is empty": "为空",
    "is not known": "不是已知的名称",
    "is not a known field": "不是已知的字段",
    "is out of range": "超出范围",
    "is too long": "过长",
    "must be text": "必须是文字",
    "must have no line breaks and no control characters": "不得含换行符或控制字符",
    "must be true or false": "必须是 true 或 false",
    "must not be empty": "不得为空",
    "must be a path such as health/clinic": "必须是路径，例如 health/clinic",
    "must be a record with named fields": "必须是带字段名的记录",
    "must be a number": "必须是数",
    "must be a number, not true or false": "必须是数，不能是 true 或 false",
    "must be a finite number": "必须是有限的数",
    "must be a whole number": "必须是整数",
    "must be a whole number, 0 or more": "必须是不小于 0 的整数",
    "must be above 0": "必须大于 0",
    "must be above 0 seconds": "必须大于 0 秒",
    "must be above 0 deterministic seconds": "必须大于 0（确定性秒）",
    "must be above 0 and at most 1": "必须大于 0 且不大于 1",
    "must be 1 or more": "必须不小于 1",
    "must be at least {low}": "必须不小于 {low}",
    "must be from {low} to {high}": "必须在 {low} 到 {high} 之间",
    "must be a sequence of instances, not one": "必须是一列实例，而非单个实例",
    "group {keys}: must be one group or a pair of them": (
        "group {keys}：必须是一个分组键或一对分组键"
    ),
    "must be one group or a pair of them": "必须是一个分组键或一对分组键",
    "argument": "参数",
    "distances grow beyond {limit}, up to which they are exact": (
        "距离超过 {limit}，超出精确计算的范围"
    ),
    "use larger units": "改用更大的单位",
    "a list with it": "放进列表",
    "must be {expected}": "必须是 {expected}",
    "must be one of {known}": "必须是 {known} 之一",
    "must not be negative": "不得为负数",
    "must not be below 0": "不得小于 0",
    "must not be beyond {limit}": "不得超过 {limit}",
    "must have at most nine decimal places": "小数位数不得超过九位",
    "must have at most two decimal places": "小数位数不得超过两位",
    "has too many digits": "位数过多",
    "must be a time such as 2026-01-31T18:30": ("必须是时间，例如 2026-01-31T18:30"),
    "must have a time of day, such as 2026-01-31T18:30": (
        "必须带有时刻，例如 2026-01-31T18:30"
    ),
    "must be in whole minutes": "必须精确到整分钟",
    "must have an offset in whole minutes": "时差必须为整分钟",
    "must be a date such as 2026-01-31": "必须是日期，例如 2026-01-31",
    "must be a list": "必须是列表",
    'must be a list, such as ["{value}"]': '必须是列表，例如 ["{value}"]',
    "must be two numbers, such as [121.55, 29.87]": (
        "必须是两个数，例如 [121.55, 29.87]"
    ),
    # fields that do not fit together
    "start and end must both have a zone, or neither": ("起止时间须都带时区，或都不带"),
    "must not be before start {start}": "不得早于开始时间 {start}",
    "swap start and end": "对调起止时间",
    "areas have {count} levels, more than {most}": (
        "区域有 {count} 个层级，超过 {most} 个"
    ),
    "times quantity {quantity} must not be beyond {limit}": (
        "与 quantity {quantity} 的乘积不得超过 {limit}"
    ),
    "must not be above capacity {capacity}": "不得大于名额 {capacity}",
    "must not be above quantity {quantity}": "不得大于需求量 {quantity}",
    "must not be above demand {demand}": "不得大于需求量 {demand}",
    "needs sessions above 1": "仅用于 sessions 大于 1 的需求",
    "leave every out": "去掉 every",
    "stands there twice": "重复出现",
    "list it once": "只列一次",
    "give either a community or a person": "社区与个人须且只须给出其一",
    # instances
    "an instance must be a mapping of its fields": "实例必须由字段名与内容组成",
    "must be a list of records": "必须是记录的列表",
    "is of level {parent}, but other areas of level {level} lie in a {above}": (
        "层级为 {parent}，而其他 {level} 层级的区域属于 {above}"
    ),
    "an area of level {level}?": "{level} 层级的区域？",
    "one level must be the lowest; found {found}": ("最低层级必须唯一；现有 {found}"),
    "give areas of the lower level a parent of the higher one": (
        "为下级区域指定上级区域"
    ),
    "levels do not stack: {lost} stands apart": "层级不能逐级相接：{lost} 孤立在外",
    "stands there {count} times": "出现了 {count} 次",
    "remove or rename all but one": "只保留一个，其余删除或改名",
    "lies in itself": "以自身为上级",
    "is of level {level}; communities lie in the lowest": (
        "层级为 {level}；社区须属于最低层级"
    ),
    "is not among the {records}": "不在{records}之中",
    "is no tier of this instance": "不是本实例的共享层级",
    "one of {known}, or a number from 0 to {most}": (
        "{known} 之一，或 0 到 {most} 的数"
    ),
    "one of {known}": "{known} 之一",
    "is among the {records} and among the {others}": (
        "既在{records}之中，又在{others}之中"
    ),
    "rename one of them": "将其中之一改名",
    "has {some} time zone, {other} has {none}; all times must be alike": (
        "时区情况为 {some}，而 {other} 为 {none}；所有时间须一致"
    ),
    "add an offset such as +08:00 everywhere, or nowhere": (
        "全部加上时差（例如 +08:00），或全部不加"
    ),
    "is not longitude, latitude in degrees": "不是以度表示的经度、纬度",
    'swap the two, or set travel metric "plane"': (
        '对调两数，或把 travel 的 metric 设为 "plane"'
    ),
    "is needed to turn distances into minutes": "把距离换算成分钟时必须给出",
    'speed=4 (km/h), or unit "km", or links': (
        'speed=4（公里/小时），或 unit "km"，或给出 links'
    ),
    'is together with "{need}", which has {count}': "与“{need}”同行，后者为 {count}",
    "names no {field} of this instance": "在本实例的 {field} 中不存在",
    "is not in the instance": "不在实例之中",
    "is no community of this instance": "不是本实例的社区",
    # tables
    "has {count} cells, the first row has {width}": (
        "有 {count} 格，而首行有 {width} 格"
    ),
    "put cells with commas in quotation marks": "含逗号的单元格请加引号",
    "needs both {one} and {other}": "须同时给出 {one} 与 {other}",
    "add a column {field}": "增加一列 {field}",
    "has columns x, y and lon, lat": "同时有 x、y 与 lon、lat 两组列",
    "keep two": "只保留一组",
    "cannot stand in a table": "无法写入表格",
    "write a .json file": "改写成 .json 文件",
    "must be a dataframe or a mapping of columns": "必须是数据框，或由列名与列组成",
    "has columns of different length: {lengths}": "各列长度不同：{lengths}",
    "must be a list or an array": "必须是列表或数组",
    # openings
    "must be a day from {first} on, within ten years": (
        "必须是 {first} 起十年之内的日期"
    ),
    "must lie between 1970 and 2999": "必须在 1970 年到 2999 年之间",
    "is no time zone known here": "不是已知的时区",
    'a name such as "Asia/Shanghai"': '名称例如 "Asia/Shanghai"',
    "would make more than {most} slots": "将产生超过 {most} 个时段",
    "longer slots or fewer days": "延长时段或减少天数",
    # plans and answers
    "slot {slot} and need {need} must be ids": "时段 {slot} 与需求 {need} 必须是编号",
    "quantity {quantity} must be a whole number": "quantity {quantity} 必须是整数",
    "quantity {quantity} must be above 0 and at most {limit}": (
        "quantity {quantity} 必须大于 0 且不超过 {limit}"
    ),
    "quantity {quantity} must be a whole number, 0 or more": (
        "quantity {quantity} 必须是不小于 0 的整数"
    ),
    "must have slot, need and quantity, has {found}": (
        "须有 slot、need 与 quantity，现有 {found}"
    ),
    "must be slot, need and quantity": "须为 slot、need 与 quantity",
    "{field} is not a known field": "{field} 不是已知的字段",
    "status {status} is not one of {known}": "status {status} 不是 {known} 之一",
    "{status} names {named}": "{status} 须指明{named}",
    "a need alone": "需求，且不指明时段",
    "a slot alone": "时段，且不指明需求",
    "a need and a slot": "需求与时段",
    # made districts
    "is not a size": "不是可用的规模",
}
"""By the English: words, and sentences with {names} for what differs."""
