"""The sentences of explanations: English, then Chinese; `{}` is filled by name.

Written as an office writes to residents: short, plain, no codes.
"""

__all__ = ["SENTENCES"]

SENTENCES: dict[str, tuple[str, str]] = {
    # punctuation
    "comma": (", ", "、"),
    "semicolon": ("; ", "；"),
    "and": (" and ", " 和 "),
    "more": (" and {n} more", " 及另外 {n} 个"),
    "space": (" ", ""),
    "item": ("- {text}", "- {text}"),
    # counts
    "places": ("{n} places", "{n} 个名额"),
    "places_1": ("1 place", "1 个名额"),
    "slots": ("{n} time slots", "{n} 个时段"),
    "slots_1": ("1 time slot", "1 个时段"),
    "requests": ("{n} requests", "{n} 项申请"),
    "requests_1": ("1 request", "1 项申请"),
    "communities": ("{n} communities", "{n} 个社区"),
    "communities_1": ("1 community", "1 个社区"),
    "minutes": ("{n} minutes", "{n} 分钟"),
    "minutes_1": ("1 minute", "1 分钟"),
    "hours": ("{n} hours", "{n} 小时"),
    "hours_1": ("1 hour", "1 小时"),
    "days": ("{n} days", "{n} 天"),
    "days_1": ("1 day", "1 天"),
    "tiers": ("{n} levels", "{n} 级"),
    "tiers_1": ("1 level", "1 级"),
    # a need: what it got
    "got_all": (
        "{community} asked for {asked} for {kind} ({need}) and got all of them.",
        "{community} 申请“{kind}”{asked}（{need}），已全部安排。",
    ),
    "got_some": (
        "{community} asked for {asked} for {kind} ({need}) and got {served}.",
        "{community} 申请“{kind}”{asked}（{need}），安排了 {served} 个。",
    ),
    "got_none": (
        "{community} asked for {asked} for {kind} ({need}) and got none.",
        "{community} 申请“{kind}”{asked}（{need}），未能安排。",
    ),
    "got": ("{places}: {where}.", "{places}：{where}。"),
    "got_at": ("{slot} at {facility}", "{facility} 的 {slot}"),
    "lent_by": ("shared by {community}", "由 {community} 共享"),
    "on_day": ("on {day}", "{day}"),
    "away": ("{length} away", "路程 {length}"),
    "for_fee": ("{money} each", "每个名额 {money}"),
    "free": ("free of charge", "免费"),
    "got_more": ("The rest is in {n} more time slots.", "其余在另外 {n} 个时段。"),
    # a need: what it could use
    "no_place": (
        "No time slot is open to this request.",
        "没有任何时段可供这项申请使用。",
    ),
    "all_full": (
        "It could use {slots} ({names}). All are full{why}.",
        "可以使用 {slots}（{names}），均已满{why}。",
    ),
    "all_full_1": (
        "It could use one time slot only, {names}. It is full{why}.",
        "只有一个时段（{names}）可以使用，已满{why}。",
    ),
    "reserved": (
        ": the places left are kept for the host's own residents",
        "：余下名额留给所在社区的居民",
    ),
    "worn": (
        ": the building cannot bear more use",
        "：场地的使用量已到上限",
    ),
    "has_room": (
        "It could use {slots}; {n} of them still have room.",
        "可以使用 {slots}，其中 {n} 个仍有空位。",
    ),
    "by_rule": (
        "A limit in the policy, or a decision taken before, does not allow more.",
        "但政策的限额或此前的决定不允许再安排。",
    ),
    "by_coupling": (
        "But the room left does not fit what has to be arranged together.",
        "但余下的空位不足以满足须一并安排的条件。",
    ),
    "held_by": (
        "Those who have the places: {users}.",
        "现有名额的使用者：{users}。",
    ),
    # a need: what decided
    "stands_fill": (
        "{group} now has {value} of what it asked for.",
        "{group} 目前获得所申请的 {value}。",
    ),
    "stands": (
        "{group} now stands at {value} for its size.",
        "按规模折算，{group} 目前为 {value}。",
    ),
    "no_better": (
        "With one place fewer, none of the others would stand better than {group}.",
        "其他使用者若再少一个名额，都不会比 {group} 更好。",
    ),
    "own_people": (
        "All of these places are with people of {community} itself.",
        "这些名额都由 {community} 自己的居民使用。",
    ),
    "by_draw": (
        "Another arrangement would have been just as good; the order of draw decided.",
        "另有同样好的安排，由抽签顺序决定。",
    ),
    "by_limits": (
        "Those places cannot be exchanged: limits or earlier decisions hold them.",
        "这些名额受限额或此前决定的限制，无法调换。",
    ),
    "by_goal": (
        "Any exchange would be worse in what the policy asks for: {goal}.",
        "任何调换都会不利于政策的要求：{goal}。",
    ),
    "by_later_goal": (
        "Among those who stand alike the policy then decides by this: {goal}.",
        "状况相当者之间，政策再按这一要求决定：{goal}。",
    ),
    "hall": (
        "{needs} from {communities}, for {asked} in all, reach only {slots} with "
        "{places}, and all of these are in use.",
        "{communities}的 {needs}（共 {asked}）只能使用 {slots}、{places}，且均已用满。",
    ),
    "hall_kept": (
        "{needs} from {communities}, for {asked} in all, reach only {slots} with "
        "{places}; {used} are in use and the rest is kept for others or closed.",
        "{communities}的 {needs}（共 {asked}）只能使用 {slots}、{places}；"
        "已用 {used} 个，其余为他人保留或不开放。",
    ),
    # a need: why others are out
    "others_out": (
        "Other time slots for this are out: {parts}.",
        "提供同类服务的其他时段不适用：{parts}。",
    ),
    "all_out": ("Why: {parts}.", "原因：{parts}。"),
    "out_time": ("{n} at another time", "{n} 个时间不合"),
    "out_closed": ("{n} while the host uses the room", "{n} 个由单位自用"),
    "out_length": ("{n} where no such booking fits", "{n} 个放不下这么长的预订"),
    "out_share": ("{n} not shared so widely", "{n} 个共享范围不包括该社区"),
    "out_radius": ("{n} that do not come so far", "{n} 个不上门到该处"),
    "out_travel": ("{n} too far away", "{n} 个路程太远"),
    "out_feature": ("{n} without what is required", "{n} 个缺少所需条件"),
    "out_fee": ("{n} too expensive", "{n} 个费用太高"),
    "out_group": ("{n} for other groups", "{n} 个面向其他人群"),
    "out_people": ("{n} for more or fewer people", "{n} 个人数不合"),
    "out_choice": ("{n} not among the choices", "{n} 个不在所选范围内"),
    "out_decision": ("{n} declined or ruled out", "{n} 个已谢绝或已排除"),
    "out_rule": ("{n} excluded by the policy", "{n} 个被政策规则排除"),
    "out_kind": ("{n} for other purposes", "{n} 个提供的是别的服务"),
    "nearest": (" (nearest: {slot}{off})", "（最接近的：{slot}{off}）"),
    "named": (" ({slot}{off})", "（{slot}{off}）"),
    "miss_by": (", by {how}", "，差 {how}"),
    "miss_feature": (", without {what}", "，缺 {what}"),
    "miss_group": (", only for {what}", "，仅限 {what}"),
    "miss_rule": ("; rule: {rule}", "；规则：{rule}"),
    # what would have helped
    "no_change": (
        "No single small change was found that would surely have helped.",
        "没有找到哪一项小的改动必定能改变结果。",
    ),
    "would_help": (
        "Each of these alone would have helped:",
        "以下任何一项改动都能有所帮助：",
    ),
    "would_help_1": ("This would have helped:", "以下改动能有所帮助："),
    "do_travel": (
        "for {need}, a way {how} longer (to {slot})",
        "{need} 可接受的路程增加 {how}（到 {slot}）",
    ),
    "do_radius": (
        "the service of {slot} coming {how} further",
        "{slot} 的上门范围扩大 {how}",
    ),
    "do_time": (
        "for {need}, coming {how} earlier or later ({slot})",
        "{need} 可提早或推迟 {how}（{slot}）",
    ),
    "do_time_day": (
        "for {need}, coming at the time of {slot} as well",
        "{need} 也可在 {slot} 的时间前来",
    ),
    "do_closed": (
        "{id} open to others at the time of {slot}",
        "{id} 在 {slot} 的时间对外开放",
    ),
    "do_share": ("{slot} shared more widely, by {how}", "{slot} 的共享范围扩大 {how}"),
    "do_feature": (
        "for {need}, not requiring {what} ({slot})",
        "{need} 不要求 {what}（{slot}）",
    ),
    "do_feature_features": (
        "{id} fitted with {what} (for {slot})",
        "{id} 配备 {what}（用于 {slot}）",
    ),
    "do_fee": (
        "for {need}, a fee up to {how} higher ({slot})",
        "{need} 可接受的费用提高 {how}（{slot}）",
    ),
    "do_group": ("{slot} open to this group too", "{slot} 也向该人群开放"),
    "do_choice": ("for {need}, choosing {slot} as well", "{need} 也选择 {slot}"),
    "do_decision": (
        "for {need}, taking back the refusal of {slot}",
        "{need} 撤回对 {slot} 的谢绝或排除",
    ),
    "do_rule": ("the rule loosened to: {rule}", "规则放宽为：{rule}"),
    "do_capacity": ("one more place in {slot}", "{slot} 增加 1 个名额"),
    "do_reserve": (
        "one place fewer kept for own residents in {slot}",
        "{slot} 少为本社区保留 1 个名额",
    ),
    "do_max_units": ("one more use of {id}", "{id} 多使用 1 次"),
    "paid_by": (" – with fewer places then for {users}", "——相应减少名额的是 {users}"),
    "paid_by_none": (
        " – no community would have fewer places",
        "——没有社区因此减少名额",
    ),
    # a slot
    "slot": (
        "{slot} at {facility} in {community} has {places}; {used} are used.",
        "{community} {facility} 的 {slot} 有 {places}，已用 {used} 个。",
    ),
    "slot_reserve": (
        "{n} of them are kept for residents of {community}.",
        "其中 {n} 个为 {community} 的居民保留。",
    ),
    "used_by": ("Used by {users}.", "使用者：{users}。"),
    "unused": (
        "Nobody uses it, though {n} requests could.",
        "无人使用，虽有 {n} 项申请可以使用。",
    ),
    "useless": (
        "No request can use it.",
        "没有申请可以使用它。",
    ),
    "turned_away": (
        "Places that were still missing among those who could come here: {users}.",
        "可以来此而仍缺名额的：{users}。",
    ),
    "not_taken": (
        "There is room, yet these could come and still miss places: {users}.",
        "尚有空位，但可以来此的以下社区仍缺名额：{users}。",
    ),
    "nobody_turned_away": (
        "Nobody who could come here was turned away.",
        "可以来此的人没有被拒绝的。",
    ),
    # a community
    "community": (
        "{community} asked for {asked} and got {served} ({rate}).",
        "{community} 申请 {asked}，获得 {served} 个（{rate}）。",
    ),
    "unmet": ("Still missing: {parts}.", "尚缺：{parts}。"),
    "unmet_no_arc": (
        "{n} for which no time slot is open",
        "{n}没有可用的时段",
    ),
    "unmet_full": (
        "{n} because every time slot in reach is full",
        "{n}因可及的时段均已满",
    ),
    "unmet_rule": (
        "{n} because a limit or an earlier decision stands against it",
        "{n}因限额或此前的决定",
    ),
    "unmet_coupled": (
        "{n} because the room left does not fit what has to be arranged together",
        "{n}因余下空位不足以一并安排",
    ),
    "unmet_search": (
        "{n} of which the search ended before anybody could tell why",
        "{n}搜索在得出原因前已结束",
    ),
    "unmet_goal": (
        "{n} because something that the policy puts first would suffer",
        "{n}因会违背政策的优先要求",
    ),
    "bound_here": ("It is at the limit of a rule: {rule}.", "已到规则的限度：{rule}。"),
    "borrowed": (
        "It uses {places} that others share: {users}.",
        "使用其他社区共享的 {places}：{users}。",
    ),
    "lent": (
        "It shares {places} with others: {users}.",
        "共享给其他社区 {places}：{users}。",
    ),
    # a rule
    "rule": ("Rule {n}: {rule}.", "规则 {n}：{rule}。"),
    "binds": ("It is met with nothing to spare.", "刚好满足，没有余地。"),
    "binds_for": (
        "It is met with nothing to spare for {names}.",
        "对 {names} 刚好满足，没有余地。",
    ),
    "binds_not": ("It holds nobody back.", "未对任何一方形成限制。"),
    "left": ("To spare: {slack}.", "尚余：{slack}。"),
    "left_group": (
        "The least to spare elsewhere: {group}, {slack}.",
        "其余中余地最小的是 {group}：{slack}。",
    ),
    "excludes_nothing": (
        "It excludes nothing that would otherwise be possible.",
        "没有排除任何原本可行的安排。",
    ),
    "excludes": (
        "It narrows the choice of {needs}.",
        "它缩小了 {needs}的选择范围。",
    ),
    "stranded": (
        "It leaves {needs} ({places}) with no time slot at all.",
        "其中 {needs}（{places}）因此没有任何可用的时段。",
    ),
    "excludes_some": (
        "Some of them are still missing places.",
        "其中一部分仍缺名额。",
    ),
    "excludes_none_unmet": (
        "All of them were served in full all the same.",
        "但它们都已全部得到安排。",
    ),
    # no plan
    "no_plan": (
        "There is no arrangement: these cannot all be kept.",
        "没有可行的安排：以下各项不能同时做到。",
    ),
    "no_plan_named": (
        "There is no arrangement: these cannot all be kept, and what you ask about is "
        "among them.",
        "没有可行的安排：以下各项不能同时做到，所问的也在其中。",
    ),
    "unsolved": (
        "No arrangement was found in the time given, so there is nothing to explain.",
        "在给定时间内没有找到安排，因此无从说明。",
    ),
}
