"""Seasons, draws, batches and simulations: what cannot be done, in Chinese."""

__all__ = ["CHINESE"]

CHINESE = {
    "round": "轮次",
    "ledger": "台账",
    # states and steps
    "is no round of this season": "不是本期的轮次",
    "cannot {action}: it is {state}": "不能 {action}：现为 {state}",
    "nothing; open another round": "无；另开一轮",
    "must be a name of 1 to 200 characters": "名称须为 1 到 200 个字符",
    "has a past of its own": "自带往期",
    "leave it or the ledger out": "去掉往期，或不用台账",
    "{name} is no kind of record": "{name} 不是记录的种类",
    "has changed while it was solved": "求解期间有改动",
    "solve again": "再次求解",
    "there are no answers": "没有答复",
    "{action} came after the plan": "方案之后又有 {action}",
    "solve first": "先求解",
    "there is no plan: {status}": "没有方案：{status}",
    "the plan does not hold": "方案不成立",
    "there is no usage": "没有使用情况",
    "there is no plan yet": "还没有方案",
    "holds no season": "其中没有保存轮次",
    "is of version {found}, not {newest}": "版本为 {found}，而非 {newest}",
    "sharematch season init, which brings it up to date": (
        "sharematch season init，可将其更新"
    ),
    "a path, or postgresql://…": "路径，或 postgresql://…",
    "a season in a database needs {package}": "在数据库中保存各轮需要 {package}",
    "its list is not sealed": "其名单尚未封存",
    "its list is sealed: lots decide": "其名单已封存：由抽签决定",
    "commit, seal, then draw": "先 commit、再 seal、然后 draw",
    "{text} is no hash": "{text} 不是哈希值",
    "sha256: and 64 hex digits": "sha256: 加 64 位十六进制数字",
    "was not drawn as committed to": "未按承诺抽签",
    "does not commit to seed, round and list": "未对种子、轮次与名单作出承诺",
    # the log
    "entry {position}": "第 {position} 条",
    "no entry has the hash {hash}": "没有哈希值为 {hash} 的条目",
    "does not follow the last": "与上一条不相接",
    "was changed": "已被改动",
    "{action} was not possible": "当时不能 {action}",
    "its document is gone": "其内容已不在",
    "its document was changed": "其内容已被改动",
    "its details are no JSON object": "其细节不是 JSON 对象",
    "has details that no season writes": "含有不属于本记录的细节",
    "is in a state that no season writes": "处于不属于本记录的状态",
    "is a document that no season writes": "是不属于本记录的内容",
    "season audit": "season audit（审核）",
    "cannot be computed again": "无法重新计算",
    "does not count its plan": "与其方案的数目不符",
    "was made under another policy": "是按另一政策作出的",
    # what was used, and what counts
    "needs need, slot and used, nothing else": "须有且仅有 need、slot 与 used",
    "{need} has no place in {slot}": "{need} 在 {slot} 没有名额",
    # answers to a draft
    "{method} has no goals: what it changes is not under control": (
        "{method} 没有目标：无法控制其改动"
    ),
    "name a policy with goals": "请指定有目标的政策",
    "the draft has no plan: it is {status}": "草案没有方案：{status}",
    "the draft is without its instance": "草案缺少其实例",
    "no slot is meant by these conditions": "没有时段符合这些条件",
    "after the change no plan keeps the rules": "改动之后没有方案满足规则",
    # draws
    "no plan keeps the rules: there is nothing to draw": ("没有方案满足规则：无可抽签"),
    "seed and round must be one line each": "种子与轮次须各为一行",
    'the commitment is to round "{made}", not "{told}"': (
        "所承诺的轮次为“{made}”，而非“{told}”"
    ),
    "the commitment is to another seed": "所承诺的是另一种子",
    (
        "the commitment is to another list of needs: {made}, the list here has the "
        "hash {found}"
    ): "所承诺的是另一份需求名单：{made}，此处名单的哈希值为 {found}",
    "this is the hash of the seed alone: it binds neither round nor list": (
        "这只是种子的哈希值：既不约束轮次，也不约束名单"
    ),
    "this is the hash of seed and round: it binds no list of needs": (
        "这是种子与轮次的哈希值：不约束需求名单"
    ),
    "draw --commit, which commits to all three": "draw --commit，对三者一并承诺",
    (
        "seed, round or list of needs is another than was committed to: this seed, "
        'round "{round}" and list of {count} needs have the commitment {hash}'
    ): (
        "种子、轮次或需求名单与所承诺的不同：此种子、轮次“{round}”与 {count} 项需求的"
        "名单，其承诺值为 {hash}"
    ),
    "is no commitment: seed, round, needs, commitment": (
        "不是承诺：须有 seed、round、needs 与 commitment"
    ),
    "the commitment is not the hash of its parts": "承诺值不是其各部分的哈希值",
    "the draft was drawn with another list of needs": "草案是按另一份需求名单抽签的",
    "is not the result of a draw": "不是抽签的结果",
    "must be a day such as 2026-03-02": "必须是日期，例如 2026-03-02",
    "must be two times such as 12:00-13:00": "必须是两个时刻，例如 12:00-13:00",
    # batches
    "no Dask scheduler answers at {address}": "{address} 没有 Dask 调度器应答",
    "no Ray cluster answers at {address}": "{address} 没有 Ray 集群应答",
    "part {part}": "部分 {part}",
    "its worker was lost {times} times: {cause}": (
        "其工作进程 {times} 次中断：{cause}"
    ),
    "no run has the factors {factors}": "没有运行使用系数 {factors}",
    "must be from 0 to 1": "必须在 0 到 1 之间",
    "must be from 0 to {most}": "必须在 0 到 {most} 之间",
    "low {low} is above high {high}": "下限 {low} 大于上限 {high}",
    'by {by} is not "each", …': 'by {by} 不是 "each" 等',
    "no factors": "没有系数",
    "{what} cannot vary": "{what} 不能变化",
    "{known}, rule 1": "{known}、rule 1",
    "factor {factor} must be from 0 to 1000": "系数 {factor} 必须在 0 到 1000 之间",
    "rule {number} cannot vary: the policy has {count}": (
        "规则 {number} 不能变化：政策有 {count} 条规则"
    ),
    "rule {number} cannot vary: its bound is {bound}": (
        "规则 {number} 不能变化：其界限为 {bound}"
    ),
}
"""By the English, as in `records`."""
