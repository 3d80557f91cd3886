"""What the command line says of a wrong command, in Chinese.

The English is that of Typer; releases differ, and what is not here stays English.
"""

__all__ = ["CHINESE"]

CHINESE = {
    "Error": "错误",
    "Maybe": "建议:",
    "Try '{command}' for help.": "帮助见 '{command}'。",
    "Missing command.": "缺少命令。",
    "Missing argument {name}.": "缺少参数 {name}。",
    "Missing option {name}.": "缺少选项 {name}。",
    "Missing argument {name}. {more}": "缺少参数 {name}。{more}",
    "Missing option {name}. {more}": "缺少选项 {name}。{more}",
    "Choose from:{choices}": "可选：{choices}",
    "No such command {name}.": "没有命令 {name}。",
    "No such command {name}. Did you mean {near}?": (
        "没有命令 {name}。是否想用 {near}？"
    ),
    "No such option: {name}": "没有选项 {name}",
    "No such option: {name} Did you mean {near}?": (
        "没有选项 {name}，是否想用 {near}？"
    ),
    "No such option: {name} (Possible options: {near})": (
        "没有选项 {name}（可用的选项：{near}）"
    ),
    "Got unexpected extra argument(s) ({names})": "多余的参数（{names}）",
    "Got unexpected extra argument ({names})": "多余的参数（{names}）",
    "Got unexpected extra arguments ({names})": "多余的参数（{names}）",
    "Option {name} requires an argument.": "选项 {name} 需要一个值。",
    "Option {name} does not take a value.": "选项 {name} 不带值。",
    "Invalid value: {cause}": "值无效：{cause}",
    "Invalid value for {name}: {cause}": "{name} 的值无效：{cause}",
    "{value} is not one of {known}.": "{value} 不是 {known} 之一。",
    "Value error, {value} is not one of {known}.": "{value} 不是 {known} 之一。",
    "Input should be a valid integer, unable to parse string as an integer": (
        "必须是整数"
    ),
    "Input should be a valid number, unable to parse string as a number": "必须是数",
    "Input should be greater than or equal to {low}": "必须不小于 {low}",
    "Input should be greater than {low}": "必须大于 {low}",
    "Input should be less than or equal to {high}": "必须不大于 {high}",
    "{value} is not a valid integer.": "{value} 不是整数。",
    "{value} is not a valid float.": "{value} 不是数。",
    "{value} is not a valid int.": "{value} 不是整数。",
    "{value} is not in the range {range}.": "{value} 不在范围 {range} 之内。",
    # our own
    "is needed": "须给出",
    "give --price or --prices": "请给出 --price 或 --prices",
    "name one of --workers, --dask, --ray": "只可指定 --workers、--dask、--ray 之一",
    "name one of --need, --slot, --community, --rule": (
        "请指定 --need、--slot、--community、--rule 之一"
    ),
    "needed for {format}": "{format} 需要此项",
    "osm is only read": "osm 只能读取",
    # in help
    "required": "必需",
    "default: {value}": "默认：{value}",
    "default: (of the locale)": "默认：随系统语言",
}
"""By the English, as in `records`."""
