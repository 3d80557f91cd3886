"""Plans and results: what does not hold or looks odd, what may be asked, in Chinese."""

__all__ = ["CHINESE"]

CHINESE = {
    # checks of a plan
    'need "{need}"': "需求“{need}”",
    'slot "{slot}"': "时段“{slot}”",
    'facility "{facility}"': "设施“{facility}”",
    'need "{need}" in slot "{slot}"': "需求“{need}”在时段“{slot}”",
    "may not be matched ({code})": "不可配对（{code}）",
    "{units} units served, asked for {limit}": "服务 {units} 单位，申请 {limit} 单位",
    "{units} units in use, capacity {limit}": "使用 {units} 单位，名额 {limit}",
    "{units} units used by others, beside the reserve {limit}": (
        "其他社区使用 {units} 单位，保留之外为 {limit}"
    ),
    "{units} units in use, max_units {limit}": "使用 {units} 单位，上限 {limit}",
    "is {status}, but may not be matched ({code})": (
        "状态为 {status}，但不可配对（{code}）"
    ),
    "{units} units, {status} are {least}": "{units} 单位，而 {status} 为 {least}",
    "{units} units in use, min_units {least}": "使用 {units} 单位，至少须 {least}",
    'either "{name}"': "二选一“{name}”",
    "in use are {slots}, at most one may be": "{slots} 同时使用，只可使用其一",
    "{units} of {quantity} units in {count} slots; all in one slot, or none": (
        "{quantity} 单位中的 {units} 单位分在 {count} 个时段；须全在一个时段，或全无"
    ),
    "{units} units served, min_quantity {least}": (
        "服务 {units} 单位，至少须 {least} 单位"
    ),
    "{units} units in {count} slots; {quantity} in each of {sessions}, or none": (
        "{count} 个时段共 {units} 单位；须在 {sessions} 次中各 {quantity}，或全无"
    ),
    "sessions are at different facilities": "各次不在同一设施",
    "sessions overlap": "各次时间重叠",
    "sessions do not start every {minutes} minutes": "各次不是每隔 {minutes} 分钟开始",
    'together "{name}"': "同行“{name}”",
    "{needs} do not use the same slots": "{needs} 未使用相同的时段",
    'person "{name}"': "个人“{name}”",
    "{one} and {other} clash in {slot} and {second}": (
        "{one} 与 {other} 冲突，分别在 {slot} 与 {second}"
    ),
    "does not keep": "不满足",
    "must stay, but does not keep": "须保留，但不满足",
    "the difference is {gap}": "差距为 {gap}",
    "{measure}{group} is {value}, the bound {bound}": (
        "{measure}{group} 为 {value}，界限为 {bound}"
    ),
    # checks of a result
    "hash {claimed} is claimed, {found} found": (
        "声明的哈希值为 {claimed}，实为 {found}"
    ),
    "{claimed} is claimed, {found} found": "声明为 {claimed}，实为 {found}",
    "by {group} {id}": "按 {group}，{id}",
    "groups of {group}": "{group} 的组数",
    "unmet {need}": "未满足的需求 {need}",
    "needs unmet": "未满足的需求数",
    "goals": "目标数",
    "structure": "结构",
    "seed": "种子",
    "max_moved: no rule limits what moves": "max_moved：没有规则限制变动",
    "{name}: is nothing a result says": "{name}：不属于结果的内容",
    "the policy in words is not that of the policy": "政策的文字说明与政策不符",
    'the warning "{text}" does not follow from the records': (
        "警告“{text}”并非由登记内容得出"
    ),
    'the warning "{text}" is missing': "缺少警告“{text}”",
    "is said to be the best, below its bound": "称为最优，却未达到其界限",
    (
        "is said to be the best without its proof: a plan of a network always has a "
        "certificate by prices"
    ): "称为最优而没有证明：网络问题的方案总有价格证书",
    "{need} fits into {slot} besides, which is better than is claimed": (
        "{need} 还可放入 {slot}，好于所声称的"
    ),
    "{method} promises no best plan": "{method} 不保证最优方案",
    "is not published, and so not proved": "未公布，因此未加证明",
    "that no plan is better is not claimed": "并未声称没有更好的方案",
    "that no plan is better is the solver's claim, without a certificate": (
        "没有更优方案是求解器的说法，没有证书"
    ),
    "is {status}, but tells of a plan": "为 {status}，却含有方案",
    "is {status}, but tells of a conflict": "为 {status}，却列出冲突",
    "names nothing that cannot hold together: the empty plan may hold": (
        "未列出不能同时成立的内容：空方案可能成立"
    ),
    "the result does not hold": "结果不成立",
    "is not in policy and records": "不在政策与登记内容之中",
    "names the same rule or decision twice": "同一规则或决定列出两次",
    "what is named can hold together: there is a plan": (
        "所列各项可以同时成立：存在方案"
    ),
    "that these cannot hold together is not shown here": (
        "此处未能表明这些不能同时成立"
    ),
    "that needs chose in their order is not replayed here": (
        "此处未重演各需求按次序选择"
    ),
    "without it the others cannot hold": "没有它，其余各项也不能成立",
    "that the others can hold without it is not shown": (
        "未能表明没有它时其余各项可以成立"
    ),
    "{text} is in policy and records": "政策与登记内容中为：{text}",
    "{claimed} is claimed to be enough, {found} is": "称 {claimed} 即可，实为 {found}",
    # lots
    "does not say seed, round, list and commitment of its draw": (
        "未说明抽签的种子、轮次、名单与承诺值"
    ),
    "the commitment is not to this seed, round and list of needs": (
        "所承诺的不是此种子、轮次与需求名单"
    ),
    "the draw is not among the needs of this instance": "抽签不是在此实例的需求之间",
    "the draw tells of needs that came or went, without answers": (
        "抽签称有需求加入或退出，却没有答复"
    ),
    "the seed of ties is not that of the draw": "打破平局的种子不是抽签的种子",
    "{need} could have more in its turn: lots decided otherwise": (
        "{need} 轮到时本可得到更多：抽签结果并非如此"
    ),
    "that lots decided so is the solver's claim, not replayed here": (
        "抽签结果如此是求解器的说法，此处未重演"
    ),
    "this result carries no certificate: nothing proves its plan best": (
        "此结果没有证书：无从证明方案最优"
    ),
    "its value is not that of the plan": "其值与方案不符",
    "the conflict names a rule that is not in the policy": "冲突中的规则不在政策中",
    "its bound is no value of the goal": "其界不是该目标的取值",
    "the plan is better than its bound": "方案优于其界",
    "its gap is {found}, not {claimed}": "其差距为 {found}，不是 {claimed}",
    "the certificate {what}": "证书{what}",
    "the certificate has {claimed} goals, the policy {count}": (
        "证书有 {claimed} 个目标，政策有 {count} 个"
    ),
    "the certificate has no list of goals, or no sides": "证书没有目标列表，或没有两侧",
    "the certificate does not say what is sure of this plan": (
        "证书没有说明此方案确定的内容"
    ),
    "has prices of what is not there, or that are no numbers": (
        "的价格指向不存在的内容，或不是数"
    ),
    "does not say on which side each bound stands": "没有说明各界限在哪一侧",
    "has one name for several bounds": "以同一名称指多个界限",
    "{name} crosses other bounds of its side": "中 {name} 与同侧的其他界限交错",
    "is of groups that other bounds bind together, and not in stages": (
        "的各组受其他界限共同约束，却没有分级"
    ),
    "has no stage for the ratio {ratio}": "没有比率 {ratio} 的一级",
    "has a group stand where it does not in the plan": "中有一组的位置与方案不符",
    "has stages at which no group stays": "中有一些级没有任何组停留",
    "has a level between which and the plan a group would gain": (
        "中有一个水平，组在它与方案之间还能得益"
    ),
    "has blocks that do not follow from its prices": "的分块与其价格不符",
    "has a price on {what} where there is room": "对仍有余地的 {what} 定了价",
    "has a reward on {what} where units may leave": "对仍可减少的 {what} 给了回报",
    "leaves an exchange that would be better": "留有更好的交换",
    "leaves a need that would be better served": "留有更应得到服务的需求",
    "leaves a need that would be better not served": "留有更不应得到服务的需求",
    "prices prove nothing here": "价格在此不能证明任何内容",
    "that no plan is better is the solver's claim, not proved here": (
        "没有更优方案是求解器的说法，此处未加证明"
    ),
    "is another policy than the result's ({given}, not {held})": (
        "与结果所用的政策不同（{given}，而非 {held}）"
    ),
    "solve anew with it": "用它重新求解",
    "the plan found does not pass verification": "所得方案未通过核验",
    # what looks odd, and remarks
    "{records} that no slot can serve, mostly because of {code}": (
        "{records}没有可用的时段，主要原因：{code}"
    ),
    "{records} that no need can use": "{records}没有可用的需求",
    "{records} where residents pay more than the host's staff": (
        "{records}的居民收费高于单位职工"
    ),
    "{number} need": "{number} 项需求",
    "{number} needs": "{number} 项需求",
    "{number} slot": "{number} 个时段",
    "{number} slots": "{number} 个时段",
    "{count} of {all} possible pairs have no known distance; each counts as {most}": (
        "{all} 个可行配对中有 {count} 个距离不明，各按 {most} 计"
    ),
    "goal {number} ({goal}) comes before any goal that asks for service: "
    "an empty plan is best for it": (
        "目标 {number}（{goal}）先于一切要求服务的目标：空方案对它最好"
    ),
    "solved by search, which may take long": "须以搜索求解，可能耗时较长",
    "not proved within the time limit: another run may differ": (
        "未能在时限内证明：再次运行可能不同"
    ),
    # reasons, as they stand in brackets
    "kind": "服务种类",
    "time": "时间",
    "closed": "单位自用",
    "share": "共享范围",
    "radius": "上门范围",
    "travel": "路程",
    "feature": "设施条件",
    "fee": "收费",
    "group": "人群",
    "choice": "所选场所",
    "rule": "规则",
    # what may be asked
    "{count} questions at once": "同时提出了 {count} 个问题",
    "one of need=, slot=, community=, rule=": ("need=、slot=、community=、rule= 之一"),
    "an explanation needs the instance": "说明需要实例",
    "the policy has no rules": "政策没有规则",
    "the policy has rules 1 to {count}": "政策的规则为 1 到 {count}",
    "not a result": "不是结果文件",
    "{measure} needs the instance": "{measure} 需要实例",
    "by {group} needs the instance": "按 {group} 分组需要实例",
    "a goal's value needs a plan and its instance": "目标的值需要方案及其实例",
    "{measure} by {group} needs a plan and its instance": (
        "按 {group} 分组的 {measure} 需要方案及其实例"
    ),
    "columns cannot take answers": "数据列不能加入答复",
    "pass the instance": "请给出实例",
    "{method} has an order of its own: no turns": "{method} 自有次序，不用轮候",
    "{need} must be a need, named once": "{need} 必须是需求，且只列一次",
    # advice
    "under this policy each place has to be solved anew": (
        "在此政策下每个名额都须重新求解"
    ),
    "look at the options one by one": "逐项查看",
    "must list some of {known}": "须列出 {known} 中的若干项",
    "there is no plan to improve: the result has none": (
        "没有可改进的方案：结果中没有方案"
    ),
    "advice needs the instance of the result": "建议需要结果的实例",
    '"{id}" is no slot or facility': "“{id}”不是时段或设施",
    "places are gathered by one or two of {known}": (
        "名额按 {known} 中的一项或两项归并"
    ),
    "needs the columns id and price": "须有列 id 与 price",
    # comparing
    "first come has no goals, so its clauses have no price": (
        "先到先得没有目标，因此各条款没有代价"
    ),
    "{name} allows no plan: {cause}": "{name} 之下没有可行方案：{cause}",
    "no plan was found within the limit": "时限内没有找到方案",
    "no measure is named": "没有指明度量",
    "a frontier is between communities, or areas": "权衡曲线须在社区或区域之间",
    "{measure} is not spent": "{measure} 不是可耗用的度量",
    "{measure} is not known by community": "{measure} 不能按社区分组",
    "nothing to compare: no result is given": "没有可比较的内容：未给出结果",
    "these results are of different instances": "这些结果属于不同的实例",
    "solve them anew": "重新求解",
    "{names} names for {results} results": "{results} 个结果给出了 {names} 个名称",
    # pictures and reports
    "the two plans are of different instances": "两个方案属于不同的实例",
    "nothing to draw: no result is given": "没有可画的内容：未给出结果",
    "nothing to draw: no {group} asks for anything": (
        "没有可画的内容：没有{group}提出需求"
    ),
    "has no {weight}": "没有 {weight}",
    "must be en or zh": "必须是 en 或 zh",
    "{package} is not installed": "未安装 {package}",
    # what should not matter
    "rename": "改名",
    "shuffle": "颠倒次序",
    "split": "拆分需求",
    "merge": "合并需求",
    "irrelevant": "加入无关需求",
    "choices": "增列所选时段",
    "choices of {need}": "{need} 增列所选时段",
    "{before} before, {after} after": "之前{before}，之后{after}",
    "optimal": "最优",
    "feasible": "可行",
    "infeasible": "不可行",
    "unsolved": "未解出",
    "a rule asks something for every group, also where nothing fits": (
        "有规则对每一组都有要求，即使没有合适的名额"
    ),
    "more pairs are possible": "可行的配对增多",
    "more pairs are possible, and the goals gain by them": (
        "可行的配对增多，目标因此更好"
    ),
    "goals are worth something else": "目标的值不同",
    "the order decided": "由次序决定",
    "no need lists choices": "没有需求列出所选时段",
    "the policy looks at needs one by one": "政策逐项看待需求",
    "no need can be split": "没有可拆分的需求",
    "no two needs are equal": "没有相同的需求",
    # solvers
    "maximum flow failed: {status}": "最大流求解失败：{status}",
    "least-cost flow failed: {status}; costs may be too large": (
        "最小费用流求解失败：{status}；费用可能过大"
    ),
    "use larger units for money or fewer decimal places": (
        "金额改用更大的单位或更少的小数"
    ),
    "a flow said to be of least cost has a negative cycle": "所谓最小费用流含有负圈",
    "a plan that kept all rows no longer does": "原本满足全部约束的方案不再满足",
    "CP-SAT refuses the model: {cause}": "CP-SAT 拒绝该模型：{cause}",
    "what a community is served alone: {cause}": "社区独自所得：{cause}",
}
"""By the English, as in `records`."""
