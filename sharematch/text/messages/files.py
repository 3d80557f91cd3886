"""Files, standards and databases: why they cannot be read or written, in Chinese."""

__all__ = ["CHINESE"]

CHINESE = {
    "{file}, row {row}": "{file} 第 {row} 行",
    "{table} row {row}": "{table} 第 {row} 行",
    # what the system says
    "No such file or directory": "没有这个文件或文件夹",
    "Permission denied": "没有权限",
    "Is a directory": "是文件夹",
    "Not a directory": "不是文件夹",
    "File exists": "已经存在",
    "File name too long": "文件名过长",
    "No space left on device": "磁盘已满",
    "Read-only file system": "文件系统只读",
    "Too many levels of symbolic links": "符号链接层数过多",
    "Input/output error": "读写出错",
    "embedded null byte": "名称中含有空字符",
    # files
    "is a folder; a file is needed": "是文件夹；需要文件",
    "is a file; a folder is needed": "是文件；需要文件夹",
    "is there already": "已经存在",
    "is there already, with something in it": "已经存在，且不为空",
    "is not empty": "不为空",
    "name a new folder": "请指定新的文件夹",
    "a new folder": "新的文件夹",
    "holds other files, such as {file}": "含有其他文件，例如 {file}",
    "holds other files, such as {file}, which would be lost": (
        "含有其他文件，例如 {file}，写入会使其丢失"
    ),
    "is not UTF-8 text (byte {byte})": "不是 UTF-8 文本（第 {byte} 字节）",
    "save it again with encoding UTF-8": "以 UTF-8 编码重新保存",
    "must be one object with named fields": "必须是一个带字段名的对象",
    "is nested too deeply": "嵌套过深",
    "line {line}, column {column}": "第 {line} 行第 {column} 列",
    "add format = {name}, version = {version}": (
        "添加 format = {name}、version = {version}"
    ),
    "add version = {version}": "添加 version = {version}",
    "is not a version that can be read, which is {version}": (
        "不是可读的版本；可读的版本为 {version}"
    ),
    "is of no known type ({type})": "不是已知的类型（{type}）",
    "no suffix": "无后缀",
    "name it {one} or {other}": "命名为 {one} 或 {other}",
    "holds a key of more than {most} parts": "字段名的段数超过 {most}",
    "is a link that leads out of its folder": "是指向文件夹之外的链接",
    "put the file itself there": "把文件本身放在那里",
    "name it {name}": "命名为 {name}",
    "does not go with the format {format}": "与格式 {format} 不符",
    "leave out --to": "去掉 --to",
    "is named twice; one would replace the other": "出现了两次；后写的会覆盖先写的",
    "name two files": "请指定两个文件",
    "is read by this command, and would be replaced": "是本命令要读取的文件，会被覆盖",
    "name another file": "请指定另一个文件",
    "standard output": "标准输出",
    "holds half a character, {code}": "含有不完整的字符 {code}",
    "holds a number of too many digits": "含有位数过多的数",
    "{text} is not a number that can be used": "{text} 不是可用的数",
    'the key "{key}" stands there twice': "字段名“{key}”重复出现",
    "cannot be added to a round": "不能加入轮次",
    "is of another instance; this one has {hash}": (
        "属于另一个实例；本实例的哈希值为 {hash}"
    ),
    "the instance was changed after it was solved": "实例在求解之后有改动",
    "no such schema": "没有这种格式说明",
    # what JSON and TOML say
    "Expecting value": "此处应有值",
    "Expecting property name enclosed in double quotes": (
        "此处应有用双引号括起的字段名"
    ),
    "Expecting ',' delimiter": "此处应有逗号",
    "Expecting ':' delimiter": "此处应有冒号",
    "Extra data": "结尾之后还有内容",
    "Unterminated string starting at": "字符串没有结束",
    "Illegal trailing comma before end of object": "对象末尾多了逗号",
    "Illegal trailing comma before end of array": "数组末尾多了逗号",
    "Invalid value (at line {line}, column {column})": (
        "值无效（第 {line} 行第 {column} 列）"
    ),
    "Invalid statement (at line {line}, column {column})": (
        "语句无效（第 {line} 行第 {column} 列）"
    ),
    "Invalid value (at end of document)": "值无效（文件末尾）",
    "Expected newline or end of document after a statement "
    "(at line {line}, column {column})": (
        "语句之后应换行（第 {line} 行第 {column} 列）"
    ),
    # folders of tables
    "holds no instance": "没有实例",
    "it lies in another folder; needs.csv is one file of an instance": (
        "它在另一个文件夹中；实例的文件之一是 needs.csv"
    ),
    "{table} stand in another file too": "{table} 在另一个文件中也有",
    "is not the name of a table": "不是表的名称",
    "add a first row with the names of the columns": "首行请写列名",
    "has {count} rows, more than {most}": "有 {count} 行，超过 {most} 行",
    "needs pyarrow to be read": "需要 pyarrow 才能读取",
    "pip install 'sharematch[parquet]', or a CSV file": (
        "pip install 'sharematch[parquet]'，或使用 CSV 文件"
    ),
    "Parquet needs pyarrow": "Parquet 需要 pyarrow",
    "parquet needs pyarrow": "Parquet 需要 pyarrow",
    # GeoJSON and shapes
    "is no GeoJSON: a FeatureCollection with a list of features": (
        "不是 GeoJSON：须为带 features 列表的 FeatureCollection"
    ),
    "must have properties and a geometry": "须有 properties 与 geometry",
    "must have {what}": "须有{what}",
    "an id or a name": "编号或名称",
    "must be two numbers, longitude and latitude": "必须是两个数：经度与纬度",
    "must be longitude, -180 to 180, and latitude, -90 to 90": (
        "必须是经度（-180 到 180）与纬度（-90 到 90）"
    ),
    "must be a list of polygons": "必须是多边形的列表",
    "must be a list of rings": "必须是环的列表",
    "rings must be closed and have four positions or more": (
        "环必须闭合，且至少有四个点"
    ),
    "must be a point or a polygon": "必须是点或多边形",
    # Open Referral HSDS
    "has neither a day nor a rule": "既没有日期也没有规则",
    "{field} must be a date such as 2026-01-31": (
        "{field} 必须是日期，例如 2026-01-31"
    ),
    "{field} must be a time such as 09:00": "{field} 必须是时刻，例如 09:00",
    "timezone must be hours from UTC": "timezone 必须是与 UTC 相差的小时数",
    "is no HSDS: objects are needed": "不是 HSDS：须由对象组成",
    "must be an object with named fields, not nested too deeply": (
        "必须是带字段名的对象，且嵌套不过深"
    ),
    "holds no HSDS": "没有 HSDS 数据",
    "organizations.csv is one file of a data package": (
        "数据包的文件之一是 organizations.csv"
    ),
    "must list its resources": "须列出其 resources",
    "must have a name and the path of one file": "须有名称和一个文件的路径",
    "must be the path of a file in the folder": "必须是文件夹内的文件路径",
    # calendars
    "calendars need icalendar": "日历需要 icalendar",
    "holds no .ics files": "没有 .ics 文件",
    "is no calendar: {cause}": "不是日历：{cause}",
    "holds no VCALENDAR": "没有 VCALENDAR",
    "{field} cannot be read": "{field} 无法读取",
    "a time cannot be read": "时间无法读取",
    "has a zone; name the zone of the places too": "带有时区；请同时指明场所的时区",
    "lies too far away": "时间过远",
    "has no start, or a rule of exceptions": "没有开始时间，或带有例外规则",
    "has a date that is not like its start": "日期与开始时间的形式不同",
    "has an end that is not like its start": "结束时间与开始时间的形式不同",
    "has an end before its start": "结束时间早于开始时间",
    "lasts longer than ten years": "超过十年",
    "has two rules": "有两条规则",
    "a rule with {part} cannot be followed": "带有 {part} 的规则无法执行",
    "a rule of frequency {frequency} cannot be followed": (
        "频率为 {frequency} 的规则无法执行"
    ),
    "a {frequency} rule cannot count weekdays": "{frequency} 规则不能数星期",
    "{text} is no weekday": "{text} 不是星期",
    "has a start too far back, more than twenty years": "开始时间过早，超过二十年",
    "{text} must be a number from 1 to {most}": "{text} 必须是 1 到 {most} 的数",
    "{text} must be a number from 1 to {most}, or below 0": (
        "{text} 必须是 1 到 {most} 的数，或负数"
    ),
    # OpenStreetMap
    "needs opening-hours-py to be read": "需要 opening-hours-py 才能读取",
    "is no country known here": "不是已知的国家或地区",
    # what another format does not carry, or leaves open
    "calendar": "日历",
    "schedule": "日程",
    "service": "服务",
    "the nearest": "最近的社区",
    "neither a community nor a place: {what}": "既不是社区也不是场所：{what}",
    "of a polygon the center is kept": "多边形只保留中心",
    "in km, not in degrees": "以公里而非度表示",
    "in km, not degrees": "以公里而非度表示",
    "another holds, or none": "以另一个为准，或没有",
    "rests shorter than a slot": "余下时间短于一个时段",
    "free text": "自由文字",
    "is not active": "已停用",
    "none known, so no slots": "没有已知的日程，因此没有时段",
    "the name of the service": "服务的名称",
    "one counts": "只计其一",
    "a part": "部分",
    "no amount is said": "没有写明金额",
    "the highest of its options": "各选项中最高者",
    "has no place": "没有位置",
    "a long one": "过长",
    "takes no time": "没有时长",
    "longer than a day": "超过一天",
    "offers no service": "不提供服务",
    "nothing marked free, so no slots": "没有标为空闲的时间，因此没有时段",
    "of no kind asked for": "不是所求的种类",
    "not open to the public": "不对公众开放",
    "no text": "没有文字",
    "hours that may be open": "可能开放的时间",
    "holidays of no known country": "国家或地区不明的假日",
    "the sun rises at 7, sets at 19": "按 7 时日出、19 时日落计",
    "in words: {words}": "以文字写成：{words}",
    "cannot be read: {cause}": "无法读取：{cause}",
    "cannot be read": "无法读取",
    "its spaces or control characters may change": "其空格或控制字符可能改变",
    # databases
    "database": "数据库",
    "holds no table of an instance": "没有实例的表",
    "{table} is one of them": "例如 {table}",
    "databases need SQLAlchemy": "数据库需要 SQLAlchemy",
    "cannot be used": "无法使用",
    # published plans
    "secrets do not belong into the published folder": (
        "密钥与凭证不得放入公布的文件夹"
    ),
    "no need here has this token ({token}…)": "没有需求持有此凭证（{token}…）",
    "the key is too short: at least 16 bytes": "密钥过短：至少 16 字节",
    "the result has no plan to publish": "结果中没有可公布的方案",
    "not published": "不是公布的文件",
    "not a published instance": "不是公布的实例",
    "a published instance lists a pair twice": "公布的实例中有重复的配对",
    # folders of instances
    "holds no instances": "没有实例",
    "is one instance; a folder of instances is needed": (
        "是单个实例；需要装有多个实例的文件夹"
    ),
    "is neither a folder nor a manifest, a .csv file": (
        "既不是文件夹，也不是清单（.csv 文件）"
    ),
    "must have the columns path and perhaps name, has {found}": (
        "须有列 path，可另有 name，现有 {found}"
    ),
    "must have a path": "须有路径",
    "has too many cells": "单元格过多",
    "cannot be the name of a file": "不能作为文件名",
    "holds characters that cannot be printed": "含有无法显示的字符",
    "is longer than {most} bytes": "超过 {most} 字节",
    "and {path} would have one result, {name}": (
        "与 {path} 的结果会是同一个文件 {name}"
    ),
    "another run is at work in this folder": "另一次运行正在使用此文件夹",
    "wait for it, or name another folder": "等它结束，或另选文件夹",
}
"""By the English, as in `records`."""
