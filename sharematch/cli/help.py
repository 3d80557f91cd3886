"""What `--help` shows: commands by what they are for, examples, both languages."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import typer.core

from sharematch.cli.words import Lang

__all__ = ["EXAMPLES", "SECTIONS", "Helped", "Sections", "locale_lang", "spoken"]

SECTIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("Begin", "开始"): ("demo", "new", "validate", "register"),
    ("Decide", "决定"): ("solve", "resolve", "draw", "season", "batch"),
    ("Understand", "了解"): ("explain", "advise", "compare", "simulate"),
    ("Show and check", "展示与核验"): ("report", "verify", "publish"),
    ("Files", "文件"): ("convert", "generate", "schema"),
}
"""Commands in the order of work; what is not named stands last."""

OTHERS = ("More", "其他")

EXAMPLES: dict[str, tuple[str, ...]] = {
    "advise": (
        "sharematch advise starter --policy starter/policy.toml",
        "sharematch advise starter --add capacity --budget 10",
    ),
    "draw": ('sharematch draw starter --seed "first frost 2026"',),
    "publish": ("sharematch publish starter plan.json --out public",),
    "simulate": ("sharematch simulate starter --rounds 4",),
    "demo": ("sharematch demo --report old_town.html",),
    "new": ("sharematch new starter",),
    "validate": ("sharematch validate starter --policy starter/policy.toml",),
    "register": ("sharematch register starter", "sharematch register starter --json"),
    "solve": (
        "sharematch solve starter --policy starter/policy.toml --out plan.json",
        "sharematch solve starter --time-limit 60 --report plan.html",
        "sharematch solve starter --assignments plan.csv --lang zh",
    ),
    "report": (
        "sharematch report starter plan.json --out plan.html",
        "sharematch report starter plan.json --out plan.html --suppress-below 5",
    ),
    "verify": (
        "sharematch verify starter plan.json",
        "sharematch verify starter plan.json --policy starter/policy.toml",
    ),
    "generate": (
        "sharematch generate --communities 5 --needs 200 --slots 60 --out town.json",
    ),
    "convert": ("sharematch convert starter starter.json",),
    "schema": ("sharematch schema policy",),
    "batch": ("sharematch batch districts --policy fair.toml --out run",),
    "explain": ("sharematch explain starter plan.json --need l-elderly",),
    "compare": (
        "sharematch compare starter --policy fair.toml --policy starter/policy.toml",
    ),
    "resolve": (
        "sharematch resolve starter plan.json --decisions answers.csv --out next.json",
    ),
}

HEADINGS: dict[str, tuple[str, str]] = {
    "Options": ("Options", "选项"),
    "Arguments": ("Arguments", "参数"),
    "Examples": ("Examples", "示例"),
}

CHINESE: dict[str, str] = {
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
    "Refuse a seed with another hash.": "哈希不同的种子不予接受。",
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
    "Units that may leave their place.": "允许变动的单位数。",
    "What places are gathered by: slot, facility, area, kind, …": (
        "名额按何归并：slot、facility、area、kind……"
    ),
    "What to make.": "要写出的文件。",
    "Which draw this is.": "第几次抽签。",
    "Write a letter for everybody affected.": "为每位受影响者写信。",
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
    "Where results go.": "结果存放处。",
    "Where the page goes.": "网页存放处。",
    "Write a report, one HTML page.": "写出报告（一个网页）。",
    "Write seconds by phase, JSON.": "按阶段写出用时（JSON）。",
    "Write summary.parquet too.": "另写 summary.parquet。",
    "Write the plan as CSV.": "把方案写成 CSV。",
    "Write the result.": "写出结果。",
}
"""Help in Chinese, by the English; what is missing is shown in English."""


def locale_lang(environment: Mapping[str, str] = os.environ) -> Lang:
    """Return the language of the locale, English where it is another.

    Examples
    --------
    >>> str(locale_lang({"LANG": "zh_CN.UTF-8"})), str(locale_lang({"LC_ALL": "C"}))
    ('zh', 'en')
    """
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    first = next(filter(None, names), "")
    return Lang.ZH if first.lower().startswith("zh") else Lang.EN


def spoken(ctx: Any) -> Lang:
    """Return the language asked for in a command, else that of the locale."""
    return Lang(ctx.params.get("lang") or locale_lang())


class Helped(typer.core.TyperCommand):
    """A command whose help ends with examples, in the language that is spoken."""

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write what the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_said(self.help or "", ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options."""
        _write_parameters(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write examples."""
        of_a_group = ctx.parent is not None and ctx.parent.parent is not None
        lines = () if of_a_group else EXAMPLES.get(self.name or "", ())
        if lines:
            with formatter.section(_heading("Examples", ctx)):
                for line in lines:
                    formatter.write(f"{' ' * formatter.current_indent}{line}\n")


class Sections(typer.core.TyperGroup):
    """Commands by what they are for, in the order of work."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of commands in the order of help."""
        known = [name for names in SECTIONS.values() for name in names]
        return [
            *(name for name in known if name in self.commands),
            *(name for name in super().list_commands(ctx) if name not in known),
        ]

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write what this is."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_said(self.help or "", ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write options, then commands."""
        _write_parameters(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write commands by section, each with one line."""
        width = max(len(name) for name in self.commands)
        for heading, names in self._sections(ctx):
            rows = [
                (name.ljust(width), _said(self.commands[name].help or "", ctx))
                for name in names
            ]
            with formatter.section(heading[spoken(ctx) is Lang.ZH]):
                formatter.write_dl(rows)

    def _sections(self, ctx: Any) -> Iterator[tuple[tuple[str, str], list[str]]]:
        left = self.list_commands(ctx)
        for heading, known in (*SECTIONS.items(), (OTHERS, tuple(left))):
            names = [name for name in left if name in known]
            left = [name for name in left if name not in names]
            if names:
                yield heading, names


def _said(text: str, ctx: Any) -> str:
    return CHINESE.get(text, text) if spoken(ctx) is Lang.ZH else text


def _heading(key: str, ctx: Any) -> str:
    return HEADINGS[key][spoken(ctx) is Lang.ZH]


def _write_parameters(command: Any, ctx: Any, formatter: Any) -> None:
    parts: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
    for parameter in command.get_params(ctx):
        row = parameter.get_help_record(ctx)
        if row is not None:
            kind = "Options" if parameter.param_type_name == "option" else "Arguments"
            own = parameter.help or ""
            text = row[1].replace(own, _said(own, ctx)) if own else row[1]
            parts[kind].append((row[0], text))
    for key, rows in parts.items():
        if rows:
            with formatter.section(_heading(key, ctx)):
                formatter.write_dl(rows)
