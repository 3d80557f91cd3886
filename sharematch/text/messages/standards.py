"""Calendars, hours and directories: what could not be carried, in Chinese."""

__all__ = ["CHINESE"]

CHINESE = {
    # series of a calendar
    "a rule that counts times of day cannot be followed": "按时刻计数的规则无法执行",
    "changes a range that is not known: {range}": "更改的范围不明：{range}",
    "changes a series to another rule": "把系列改为另一规则",
    "changes dates of a series that is not there": "更改的日期所属系列不存在",
    "names two dates that it changes": "指明了两个要更改的日期",
    "has too many dates": "日期过多",
    "has a length and no start": "有时长而没有开始时间",
    "has no end": "没有结束时间",
    "older versions": "较早的版本",
    "the same stands there again": "同一编号重复出现",
    "of a changed date": "属于更改的日期",
    "a day, of a series with times": "只写日期，而系列带有时刻",
    "in another zone, read as of its series": "写作其他时区，按系列的时区读取",
    "in another zone, so it takes out nothing": "写作其他时区，因此不排除任何日期",
    "its series is cancelled": "其系列已取消",
    "changes a date that was taken out": "更改的日期已被排除",
    "changes a date that its series does not have": "更改的日期不在其系列之中",
    "its first day lies outside its rule": "首日不在其规则之中",
    "its rule ends on a day, not at a time": "规则止于日期而非时刻",
    "ends when it begins": "开始之时即结束",
    # calendars
    "is a cancellation": "是取消通知",
    "proposes or asks": "是建议或询问",
    "in time that is not available": "处于不可用的时间",
    # their zones
    "its time zone is defined otherwise than its name says": ("时区的定义与其名称不符"),
    "its time zone {zone} is not known, and the calendar does not define it": (
        "时区 {zone} 不明，日历也没有定义它"
    ),
    "its time zone {zone} is defined in a way that cannot be followed": (
        "时区 {zone} 的定义无法执行"
    ),
    "defines no offset, or too many": "没有定义与 UTC 的差，或定义过多",
    "has a date without a time": "有不带时刻的日期",
    "has a rule of times of day": "规则规定时刻",
    "has no yearly rule": "没有按年的规则",
    # what is asked of readers
    "must be a time such as 22:00": "必须是时刻，例如 22:00",
    "must be an amount such as 2.50": "必须是金额，例如 2.50",
    "must be a first day and a last, such as 2026-03-30/2026-04-10": (
        "必须是首日与末日，例如 2026-03-30/2026-04-10"
    ),
    # opening hours
    "hours without an end": "没有写明结束的时间",
    "times, not hours": "是时刻而非时段",
    "school holidays are not known": "学校假期不明",
    "needs holidays to be read": "需要 holidays 才能读取",
    'a code such as "FI" or "DE-BE"': '代码例如 "FI" 或 "DE-BE"',
    # places
    "not known, so no slots: {charge}": "费用不明，因此没有时段：{charge}",
    "in several currencies": "使用多种货币",
    "has no center": "没有中心点",
    "end the query with: out center;": "查询以 out center; 结尾",
    "is not complete: {remark}": "不完整：{remark}",
    "is not WGS 84, the only system of GeoJSON": (
        "不是 WGS 84，GeoJSON 只用这一坐标系"
    ),
    "convert the file to longitude and latitude, EPSG:4326": (
        "请将文件转换为经纬度（EPSG:4326）"
    ),
    # directories
    "directory": "目录",
    "organization": "组织",
    "service_at_location": "某地的服务",
    "version": "版本",
    "other pages": "其他页",
    "object of another kind": "其他种类的对象",
    "3.0, without capacities": "3.0，不含名额",
    "1 is Monday": "1 为星期一",
    "says no hours": "没有写明时间",
    "has a rule that needs dtstart": "规则需要 dtstart",
    "its rule counts from {day}": "规则自 {day} 起计",
    "not that of the places, which counts": "与场所的时区不同，以场所的为准",
    "has no first day and last day": "没有首日与末日",
    "closed: {cause}": "关闭：{cause}",
    "left out: {cause}": "未读入：{cause}",
    "not known, so no slots": "不明，因此没有时段",
    "of too many digits": "位数过多",
    "is not there": "不存在",
    "separate columns by commas": "各列以逗号分隔",
    "take it out of the list, or add the file": "从列表中删去，或补上该文件",
}
