"""Text of files that spreadsheets write: UTF-8, UTF-16 with its mark, and GBK.

Bytes do not say which encoding they are of. Those that are no UTF-8 are taken for GBK
where they spell common Chinese characters, and refused otherwise: a name that is read
wrong would look like any other.
"""

import codecs
import os
import re
import unicodedata
from pathlib import Path

from sharematch.errors import InputError, Problem
from sharematch.io.native.atomic import path_error, write_bytes

__all__ = ["WORKBOOKS", "check_no_workbook", "read_table_text", "write_table_text"]

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".et", ".numbers")
"""Suffixes of the files of spreadsheets themselves."""

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# The five hundred characters that are met most in Chinese texts, and those of places
# and services. Other encodings spell them by chance only.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动"
    "同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自"
    "二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日"
    "那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变"
    "条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总"
    "次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指"
    "几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器"
    "压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安"
    "场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集"
    "温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连"
    "断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精"
    "值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属"
    "圆包火住调满县局照参红细引听该铁价严"
    "街村镇桥庙巷园湖河岸居站馆室厅堂医护健康培训咨询残妇童幼校班楼店邻龙凤阳春城"
    "莲梅兰竹桂柳荷松枫苑封郡琴宁波溪岭坊亭塘潭滩洲浦港堰坝丘岗峰岩台营寨堡渡津坡谷泉"
    "井洞岛湾鄞甬曙滨秀福祥瑞泰锦翠"
)

_WORD = re.compile(r"[^\W\d_]+")


def read_table_text(path: Path) -> str:
    """Return the text of a table, without a byte order mark.

    Raises
    ------
    InputError
        When it cannot be read, is a workbook, or its encoding is in doubt.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise path_error(path, error) from error
    check_no_workbook(path, content)
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(path, content, encoding)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        gbk = _gbk(content)
        if gbk is None or not _is_chinese(gbk, content):
            message, hint = "file.is_not_utf_8_text_byte", _HINT
            raise InputError(
                [Problem(message, str(path), hint=hint, byte=error.start)]
            ) from None
        return gbk
    if "\0" in text:  # UTF-16 without its mark, or no text at all
        null_byte = text.index("\0")
        raise InputError(
            [
                Problem(
                    "file.is_not_utf_8_text_byte", str(path), hint=_HINT, byte=null_byte
                )
            ]
        )
    if _may_be_gbk(text, content):
        raise InputError([Problem("file.may_be_utf_8_or_gbk", str(path), hint=_HINT)])
    return text


def write_table_text(path: str | os.PathLike[str], text: str) -> None:
    """Write the text of a table so that `read_table_text` gives it back.

    A byte order mark stands before the text where its bytes alone would be refused.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    content = text.encode()
    needs_mark = "\0" in text or _may_be_gbk(text, content)
    write_bytes(path, codecs.BOM_UTF8 + content if needs_mark else content)


_HINT = "file.save_it_again_with_encoding_utf"


def check_no_workbook(path: Path, content: bytes = b"") -> None:
    """Refuse the file of a spreadsheet itself, by its name or how it begins.

    Raises
    ------
    InputError
        Saying how to save it.
    """
    is_zip = content.startswith((_ZIP, _OLD_OFFICE))
    if is_zip or path.suffix.lower() in WORKBOOKS:
        message, hint = "file.is_a_workbook", "file.save_it_as_csv"
        raise InputError([Problem(message, str(path), hint=hint)])


def _decoded(path: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        message = "file.is_not_utf_8_text_byte"
        raise InputError(
            [Problem(message, str(path), hint=_HINT, byte=error.start)]
        ) from None


def _gbk(content: bytes) -> str | None:
    try:
        return content.decode("gbk")
    except UnicodeDecodeError:
        return None


def _is_chinese(text: str, content: bytes) -> bool:
    """Return whether text read as GBK can be nothing else."""
    if not _is_hanzi_alone(text):
        return False
    hanzi = [sign for sign in text if "\u4e00" <= sign <= "\u9fff"]
    common = sum(sign in _COMMON for sign in hanzi)
    if 2 * common > len(hanzi):
        return True
    return 4 * common >= len(hanzi) > 0 and not _is_of_a_rival(content)


def _is_hanzi_alone(text: str) -> bool:
    """Return whether what is not ASCII is Chinese characters, signs or wide forms."""
    others = (sign for sign in text if not sign.isascii())
    return all(
        "\u4e00" <= sign <= "\u9fff"
        or "\u3000" <= sign <= "\u3017"
        or "\uff01" <= sign <= "\uff5e"
        or sign in "·—…‘’“”￥×÷℃"
        for sign in others
    )


def _is_of_a_rival(content: bytes) -> bool:
    """Return whether the bytes could be words in another encoding that is in use."""
    return any(_reads_as(content, *rival) for rival in _RIVALS)


_RIVALS = (
    ("cp1252", "LATIN"),
    ("cp1250", "LATIN"),
    ("cp1254", "LATIN"),
    ("cp1251", "CYRILLIC"),
    ("koi8-r", "CYRILLIC"),
    ("cp1253", "GREEK"),
    ("cp1255", "HEBREW"),
    ("cp1256", "ARABIC"),
    ("cp874", "THAI"),
    ("euc-kr", "HANGUL"),
    ("big5", "CJK"),
    ("shift-jis", "CJK"),
    ("euc-jp", "CJK"),
)


def _reads_as(content: bytes, encoding: str, script: str) -> bool:
    """Return whether bytes are words of one script, with capitals where they may be."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return False
    for word in _WORD.findall(text):
        wide = [sign for sign in word if not sign.isascii()]
        if not all(_script(sign) == script for sign in wide):
            return False
        has_case = word.lower() != word.upper()
        if has_case and word not in (word.lower(), word.upper(), word.capitalize()):
            return False
        # Of Latin words some letters are in ASCII, but for those of one letter.
        if script == "LATIN" and len(wide) > max(1, len(word) - len(wide)):
            return False
    signs = (sign for sign in _WORD.sub("", text) if not sign.isascii())
    return all(
        unicodedata.category(sign) in ("Mn", "Mc", "Pd", "Pi", "Pf") for sign in signs
    )


def _script(sign: str) -> str:
    name = unicodedata.name(sign, "")
    first = name.partition(" ")[0]
    return "CJK" if first in ("HIRAGANA", "KATAKANA") else first


# Letters of two bytes that are met in texts of today, by script.
_USUAL = (
    re.compile("[\u00c0-\u017f]"),
    re.compile("[\u0386-\u03ce]"),
    re.compile("[\u0400-\u045f]"),
    re.compile("[\u05d0-\u05ea]"),
    re.compile("[\u0621-\u0652]"),
)
_SIGNS = re.compile("[\u0000-\u007f\u00a0-\u00bf]+")
_SIGNS_ALONE = re.compile('(?:^|[,;\t\n"])[\u00a1-\u00bf]+(?:$|[,;\t\r\n"])')
"""A cell of signs such as a middle dot: in GBK, a name."""


def _may_be_gbk(text: str, content: bytes) -> bool:
    """Return whether text that is UTF-8 by its bytes makes no sense, but as GBK does.

    Two bytes of a Chinese character can be one letter of UTF-8, of any alphabet.
    """
    if text.isascii() or any(sign >= "\u0800" for sign in text):
        return False
    letters = _SIGNS.sub("", text)
    gbk = _gbk(content)
    if gbk is None or not _is_hanzi_alone(gbk):
        return False
    scripts = [script for script in _USUAL if script.search(letters)]
    strays = letters
    for script in scripts:
        strays = script.sub("", strays)
    is_mixed = len(scripts) > 1 and _is_of_first_level(gbk)
    return bool(strays) or is_mixed or _SIGNS_ALONE.search(text) is not None


def _is_of_first_level(text: str) -> bool:
    """Return whether all Chinese characters are among the 3,755 that are met most."""
    try:
        encoded = "".join(s for s in text if s >= "\u4e00").encode("gb2312")
    except UnicodeEncodeError:
        return False
    return all(lead <= 0xD7 for lead in encoded[::2])
