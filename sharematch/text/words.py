"""Words for codes that answers share, in English and Chinese.

Facts are codes and numbers; what people read is made from them with these words. Those
of the command line and of the report alone stand with them; sentences that policies
are told in stand in `sharematch.model.wording`.
"""

from collections.abc import Mapping

from sharematch.text import Lang

__all__ = ["WORDS", "Lang", "say"]


WORDS: dict[str, tuple[str, str]] = {
    # records and their parts
    "communities": ("communities", "社区"),
    "community": ("community", "社区"),
    "providers": ("providers", "提供者"),
    "facilities": ("facilities", "设施"),
    "facility": ("facility", "设施"),
    "slots": ("slots", "时段"),
    "slot": ("slot", "时段"),
    "needs": ("needs", "需求"),
    "need": ("need", "需求"),
    "kind": ("service", "服务"),
    "kinds": ("services", "服务"),
    "owner": ("owner", "所有者"),
    "owners": ("owners", "所有者"),
    "sector": ("sector", "性质"),
    "places": ("places", "名额"),
    "hours": ("hours", "小时"),
    "features": ("features", "设施条件"),
    "units": ("units", "单位"),
    "reason": ("reason", "原因"),
    # the register
    "register.opening": (
        "Register: {communities} communities, {facilities} facilities of "
        "{providers} owners, {slots} slots; {places} places, {units_asked} units asked",
        "资源登记：{communities} 个社区，{providers} 个所有者的 {facilities} 处设施，"
        "{slots} 个时段；名额 {places} 个，需求 {units_asked} 个单位",
    ),
    "register.matrix": ("Own places / units asked", "自有名额 / 需求单位"),
    "register.owners": ("Owners", "所有者"),
    "register.sectors": ("Kinds of owners", "所有者性质"),
    "register.terms": ("Terms", "使用条件"),
    "register.idle": ("Places that no need can use", "无人能用的名额"),
    "register.reasons": ("Units that no slot can serve", "无处可用的需求"),
    "register.more": ("… and {0} more", "……另有 {0} 行"),
    "register.none": ("none", "无"),
    "asked": ("asked", "需求"),
    "own": ("own", "自有"),
    "missing": ("missing", "缺少"),
    "lend": ("others lend", "他处可借"),
    "no_slot": ("no slot", "无处可用"),
    "stands": ("stands", "状况"),
    "enough": ("enough", "足够"),
    "short": ("short", "不足"),
    "elsewhere": ("only elsewhere", "仅他处有"),
    "nowhere": ("nowhere", "到处没有"),
    "idle": ("unusable", "无法使用"),
    "least_fee": ("least fee", "最低收费"),
    "most_fee": ("most fee", "最高收费"),
    "shared": ("shared with", "共享范围"),
    "about": ("about", "方面"),
    "term": ("term", "条件"),
    "price": ("price", "收费"),
    "sharing": ("sharing", "共享"),
    "protection": ("protection", "保护"),
    "free": ("free", "免费"),
    "staff_price": ("as the host's staff pay", "与单位职工同价"),
    "below_staff": ("less than the host's staff pay", "低于单位职工价"),
    "above_staff": ("more than the host's staff pay", "高于单位职工价"),
    "staff_unknown": ("paid, staff price not known", "收费，职工价不明"),
    "reserve": ("places kept for own residents", "为本社区居民保留名额"),
    "own_use": ("closed at times for own use", "部分时间单位自用"),
    "wear": ("limited wear", "限制使用量"),
    "groups_only": ("for some groups only", "仅限部分人群"),
    "at_home": ("comes to the home", "上门服务"),
    # tiers of sharing; other levels are called as the instance calls them
    "tier.own": ("own community", "本社区"),
    "tier.subdistrict": ("subdistrict", "街道"),
    "tier.district": ("district", "全区"),
    "tier.all": ("all communities", "所有社区"),
    # sectors
    "public": ("public", "公共"),
    "host": ("host", "驻区单位"),
    "volunteer": ("volunteer", "志愿"),
    "market": ("market", "市场"),
    # why a need has no slot
    "need.kind": ("no place offers this service", "没有场所提供这项服务"),
    "need.time": ("no place has a time that suits", "没有合适的时间"),
    "need.closed": ("the host uses the room then", "届时单位自用"),
    "need.share": ("places are not shared that far", "场所不向该社区开放"),
    "need.radius": ("out of reach of home visits", "超出上门服务范围"),
    "need.travel": ("too far away", "路程太远"),
    "need.feature": (
        "a feature is missing, such as step-free access",
        "缺少无障碍等条件",
    ),
    "need.fee": ("too expensive", "收费过高"),
    "need.group": ("places are for other groups", "场所仅限其他人群"),
    "need.choice": ("not among the places wished for", "不在所选场所之内"),
    "need.decision": ("declined or ruled out", "已被谢绝或排除"),
    "need.rule": ("a rule of the policy forbids it", "政策规则不允许"),
    # why a slot has no need
    "slot.kind": ("nobody asks for this service", "无人需要这项服务"),
    "slot.time": ("nobody can come at this time", "无人能在此时前来"),
    "slot.closed": ("the host uses the room then", "届时单位自用"),
    "slot.share": ("not shared with those who ask", "未向有需求的社区开放"),
    "slot.radius": ("those who ask live too far away", "有需求者住得太远"),
    "slot.travel": ("too far for those who ask", "对有需求者太远"),
    "slot.feature": ("lacks a feature that is needed", "缺少所需条件"),
    "slot.fee": ("too expensive for those who ask", "对有需求者收费过高"),
    "slot.group": ("for groups that do not ask", "限定的人群没有需求"),
    "slot.choice": ("nobody has chosen it", "无人选择"),
    "slot.decision": ("declined or ruled out", "已被谢绝或排除"),
    "slot.rule": ("a rule of the policy forbids it", "政策规则不允许"),
    "slot.few": ("fewer may use it than it has places", "可用者少于名额"),
}
"""English and Chinese, by key; a point sets apart what is told in other words."""


def say(
    key: str,
    lang: Lang | str = Lang.EN,
    words: Mapping[str, tuple[str, str]] = WORDS,
) -> str:
    """Return a word or sentence; without an entry the key's last part.

    `words` come before those that all share.

    Examples
    --------
    >>> say("need.travel"), say("need.travel", "zh"), say("tier.borough")
    ('too far away', '路程太远', 'borough')
    """
    last = key.rpartition(".")[2]
    english, chinese = words.get(key) or WORDS.get(key) or (last, last)
    return chinese if lang == Lang.ZH else english
