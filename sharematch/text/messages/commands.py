"""What `--help` shows, in Chinese."""

__all__ = ["CHINESE"]

CHINESE = {
    "Fair allocation of shared slots, places and services among communities.": (
        "在社区之间公平分配共享的时段、场所与服务。"
    ),
    "Show the version.": "显示版本。",
    "Show this message and exit.": "显示本说明。",
    "Install completion for the current shell.": "为当前 shell 安装命令补全。",
    "Show completion for the current shell, to copy it or customize the "
    "installation.": "显示当前 shell 的命令补全脚本。",
    # commands
    "Solve the built-in old town: who gets what, what sharing and fairness change.": (
        "求解内置的老城区示例：谁得到什么，共享与公平带来什么变化。"
    ),
    "Make a folder with a small commented instance and policy to start from.": (
        "新建带注释的小型示例文件夹与政策，作为起点。"
    ),
    "Check an instance, and a policy: all errors, counts, and what looks odd.": (
        "检查实例与政策：全部错误、数量与可疑之处。"
    ),
    "Show the resource archive: what each community has, lacks, and on which terms.": (
        "资源登记：各社区有什么、缺什么、使用条件如何。"
    ),
    "Decide who gets what under a policy, and prove it.": (
        "按政策决定谁得到什么，并加以证明。"
    ),
    "Make a plan anew after answers; change as little as may be.": (
        "根据答复重新安排，改动尽可能少。"
    ),
    "Solve every instance of a folder; started again, go on where it stopped.": (
        "求解文件夹中的每个实例；再次启动时从中断处继续。"
    ),
    "Write a result as one HTML page: who is served, lending, gains, proof, tables.": (
        "把结果写成一个网页：谁得到服务、借用、收益、核验与表格。"
    ),
    "Recompute a result from the records alone, or from what is published of them.": (
        "仅由登记内容或已公布的内容重新核算结果，无需求解器。"
    ),
    "Write what anybody may see of a plan, and can verify: no names, no places.": (
        "写出方案中可以公开并可核验的部分：不含姓名与地点。"
    ),
    "Say why a need, a slot, a community or a rule fares as it does.": (
        "说明某项需求、时段、社区或规则为何如此。"
    ),
    "Say where one more place, hour or step-free entrance does most.": (
        "说明在哪里增加名额、时间或无障碍入口最有用。"
    ),
    "Set policies side by side: who gains, who loses, and what each clause costs.": (
        "并列比较政策：谁得益、谁受损、每项条款的代价。"
    ),
    "Keep the hash of the seed to draw with, while needs still come in.": (
        "在名单仍开放时保存抽签种子的哈希值。"
    ),
    "Close the list of needs, and tell the commitment to it, to be published.": (
        "截止需求名单，并给出应公布的承诺值。"
    ),
    "Make the draft by lots, with the seed that was committed to.": (
        "用所承诺的种子抽签，作出草案。"
    ),
    "Of seed and round: draw --commit.": "种子与轮次的哈希值：draw --commit。",
    "As committed to.": "与承诺的相同。",
    "Draw nothing: tell what to publish before.": "不抽签：给出事先应公布的内容。",
    "Refuse another seed, round or list; a hash, or the file of --commit.": (
        "拒绝其他种子、轮次或名单；哈希值或 --commit 的文件。"
    ),
    "Draw lots by a seed told beforehand; without a policy, lots decide alone.": (
        "按事先公布的种子抽签；没有政策时全凭抽签。"
    ),
    "Play many rounds of drawn demand, with a ledger and without.": (
        "模拟多轮需求，比较有无台账的差别。"
    ),
    "Rounds of one allocation in a database, with a log that shows every change.": (
        "在数据库中管理多轮分配，日志记录每次改动。"
    ),
    "Read a file or folder of one format, write it in another, say what got lost.": (
        "转换文件格式，并说明丢失的内容。"
    ),
    "Write a synthetic district; the same for the same numbers and seed.": (
        "生成模拟城区；数字与种子相同则结果相同。"
    ),
    "Print the JSON Schema of a file format.": "输出文件格式的 JSON Schema。",
    # options and arguments
    "A .json or .toml file, or a CSV folder.": "JSON 或 TOML 文件，或 CSV 文件夹。",
    "A .toml or .json file; else: fair.": "TOML 或 JSON 文件；省略则为 fair。",
    "A result's .json.": "结果的 JSON 文件。",
    "A folder of instances, or a .csv file with their paths.": (
        "实例文件夹，或列出路径的 CSV 文件。"
    ),
    "A folder to make.": "要新建的文件夹。",
    "A community.": "社区。",
    "A file or a folder.": "文件或文件夹。",
    "A need.": "需求。",
    "A new folder to publish.": "用于公布的新文件夹。",
    "A rule of the policy, from 1.": "政策规则的序号，从 1 开始。",
    "A slot.": "时段。",
    "CSV: id (slot or facility), price.": "CSV：id（时段或设施）、price。",
    "First day of slots: hsds, ical, osm.": "时段的首日：hsds、ical、osm。",
    "For public holidays: osm.": "公共假日所属地区：osm。",
    "School holidays, first and last; or none: osm.": (
        "学校假期的首日与末日，或 none：osm。"
    ),
    "When 18:00+ ends; else not offered: osm.": ("18:00+ 何时结束；否则不提供：osm。"),
    "What costs an unknown fee; else not offered: hsds, osm.": (
        "费用不明时的金额；否则不提供：hsds、osm。"
    ),
    "Refuse the whole for one bad record: hsds.": "有一条记录不合格即全部拒绝：hsds。",
    "For reach: km or minutes.": "用于可及范围：公里或分钟。",
    "How many more; else 1, 2 and 5.": "增加多少；省略则为 1、2、5。",
    "Its goals come first; else: lots alone.": "先执行其目标；省略则全凭抽签。",
    "Last day.": "末日。",
    "Length of slots; else as long as open.": "时段长度；省略则与开放时间相同。",
    "Minutes between slots.": "时段间隔（分钟）。",
    "Money for more places.": "用于增加名额的资金。",
    "Of one place; else 1.": "每个名额的价格；省略则为 1。",
    "One line of text.": "一行文字。",
    "Places where nothing is said.": "未说明时的名额。",
    "Replay the draw of a result's .json.": "重演结果文件中的抽签。",
    "Show chances, from N replays.": "由 N 次重演估计机会。",
    "Show the line of who holds this token.": "显示持有此凭证者的一行。",
    "Stop after.": "到时停止。",
    "Stop each solve after so long.": "每次求解到时停止。",
    "Such as Asia/Shanghai.": "例如 Asia/Shanghai。",
    "The draft: a result's .json, or a plan's .csv.": (
        "草案：结果的 JSON 文件，或方案的 CSV。"
    ),
    "The office's secret; made if not there.": "机构密钥；没有则新建。",
    "The price of each rule and goal, by leaving it out.": (
        "逐项去掉规则与目标，求其代价。"
    ),
    "Units that may leave their place, or a share of them such as 0.05.": (
        "允许变动的单位数，或其比例，例如 0.05。"
    ),
    "must be a number of units, or a share below 1": "必须是单位数，或小于 1 的比例",
    "What places are gathered by: slot, facility, area, kind, …": (
        "名额按何归并：slot、facility、area、kind……"
    ),
    "What to make.": "要写出的文件。",
    "Which draw this is.": "第几次抽签。",
    "Write a letter for everybody affected.": "为每位受影响者写信。",
    "Width of bands of distances, m or s; 1: exact.": (
        "距离分档的宽度（米或秒）；1 为精确距离。"
    ),
    "Write each need's own token as CSV.": "把各需求的凭证写成 CSV。",
    "A .toml or .json file; the first is compared with.": (
        "TOML 或 JSON 文件；其余与第一个比较。"
    ),
    "capacity, slot, hours, feature or reach; may be given several times.": (
        "capacity、slot、hours、feature 或 reach；可多次给出。"
    ),
    "A folder, or a .json file.": "文件夹，或 JSON 文件。",
    "An earlier result, for the measure moved.": "早先的结果，用于度量 moved。",
    "Another seed, another district.": "种子不同，城区不同。",
    "CSV: need, slot, status, quantity.": "CSV：need、slot、status、quantity。",
    "Decides ties that all goals leave open.": "决定所有目标都未能区分的平局。",
    "For each instance.": "每个实例的时限。",
    "Format of FROM; else told by its name.": "来源格式；省略则由名称判断。",
    "Format of TO; else told by its name.": "目标格式；省略则由名称判断。",
    "In the report, hide counts below this.": "报告中不显示小于此数的数目。",
    "Language of answers for people.": "回答所用的语言。",
    "Of a Dask scheduler.": "Dask 调度器地址。",
    "Of a Ray cluster, or auto.": "Ray 集群地址，或 auto。",
    "Print errors only.": "只输出错误。",
    "Print one JSON document, nothing else.": "只输出一个 JSON 文档。",
    "Processes; one for each core if left out.": "进程数；省略则每核一个。",
    "Stop after so long.": "到时停止。",
    "Stop after so much work, on any machine.": "完成一定计算量后停止（与机器无关）。",
    "Tell on stderr how it is solved.": "在标准错误输出中说明求解过程。",
    "Where results go.": "结果存放处。",
    "Where the page goes.": "网页存放处。",
    "Write a report, one HTML page.": "写出报告（一个网页）。",
    "Write seconds by phase, JSON.": "按阶段写出用时（JSON）。",
    "Write summary.parquet too.": "另写 summary.parquet。",
    "Write the plan as CSV.": "把方案写成 CSV。",
    "Write the result.": "写出结果。",
    "Change what should not matter (names, order, …), and tell what it did.": (
        "改动不应有影响之处（名称、次序等），看结果是否变化。"
    ),
    # seasons
    "Make the tables of a season, or bring them up to date.": (
        "建立保存各轮的数据表，或更新到最新版本。"
    ),
    "Begin a round with its records and its policy.": "以登记内容与政策开始一轮。",
    "Hand in more needs, slots or other records.": "补交需求、时段或其他记录。",
    "Make the draft, or make it anew with all answers and little change.": (
        "生成草案；或根据全部答复重新生成，改动尽可能少。"
    ),
    "Hand in what hosts and residents say to the draft.": (
        "提交单位与居民对草案的答复。"
    ),
    "Make the newest plan final.": "把最新方案定案。",
    "Hand in how many units were really used.": "提交实际使用的单位数。",
    "End a round: what everybody asked for, got and used goes into the ledger.": (
        "结束一轮：各方申请、获得与使用的数量记入台账。"
    ),
    "Show how each round stands, and what may be done next.": (
        "显示各轮的状态与可做的下一步。"
    ),
    "Show what was done, of one round or of all.": "显示一轮或全部轮次的操作记录。",
    "Compute all hashes, states and plans again: a changed past shows.": (
        "重新核算全部哈希值、状态与方案：过去若有改动即会显现。"
    ),
    "Write a round's instance, policy and newest plan, to verify or explain them.": (
        "写出一轮的实例、政策与最新方案，供核验或说明。"
    ),
    "An SQLite file, or postgresql://….": "SQLite 文件，或 postgresql://…。",
    "The round's name.": "轮次的名称。",
    "The round's name; else all.": "轮次的名称；省略则为全部。",
    "Let what happened in closed rounds count.": "计入已结束各轮的情况。",
    "So many earlier rounds count; else all.": "计入此前多少轮；省略则为全部。",
    "What a round counts less each time.": "每过一轮保留的份量。",
    "So many units asked for count at most.": "申请的单位最多计入多少。",
    "The history newcomers start with.": "新加入者的起始记录。",
    "What places not used count as.": "未使用的名额如何计。",
    "Tables of more records.": "补充记录的表。",
    "CSV: need, slot, used.": "CSV：need、slot、used。",
    "Of an entry, as once written down.": "曾经记下的某条的哈希值。",
    "How many.": "数量。",
    "Demand follows from it.": "需求由此产生。",
    "Closed between these times.": "其间关闭。",
    "A day without slots; may be given several times.": "没有时段的日子；可多次给出。",
    "Which format.": "哪种格式。",
}
"""By the English, as in `records`."""
