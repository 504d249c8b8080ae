"""The language that a text is written in, as far as its script and its commonest words tell."""

import re
from collections.abc import Sequence
from typing import Final

from bots.words import Language

_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_KANA_OR_HANGUL: Final = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uac00-\ud7a3]")
_WORD: Final = re.compile(r"[a-z]+")

# common characters that are written in one of the two ways only
_TRADITIONAL: Final = frozenset(
    "個這嗎為麼說們會對還過來時後從問點機價錢預業與東車長門開關電買賣無種樣題類顯記憶體單張雙塊號幾貴選擇運優動試應該"
    "給誰請謝話語讀寫區資訊網雲務夠內組總經實際現發產費萬億兩場員讓學難隨滿線轉較輸輕連續遠達適錯間頻顆驗"
)
_SIMPLIFIED: Final = frozenset(
    "个这吗为么说们会对还过来时从问点价钱预业东车长门开关电买卖无种样题类显记忆单张双块号贵选择运优动试应该"
    "给谁请谢话语读写区资讯网务够内组总经实际现发产费亿两场员让学难随满线转较输轻连续远达适错间频颗验"
)
# words of a sentence, which nobody puts among the terms of another language
_ENGLISH: Final = frozenset(
    _WORD.findall(
        "about and any are at be best but buy can cheap cheapest could do does enough for from get give good have how i"
        " if instead is it less many more much my need not of on only or please should than thanks that the then there"
        " this to under use want we what when where which will with without would you"
    )
)
_ENGLISH_WORDS: Final = 2


def language_of_text(text: str, *, expected: Sequence[Language | None] = ()) -> Language:
    """Return the language to answer `text` in: its own where that can be told, else the first of those `expected`.

    Chinese that could be of either kind is answered in the first Chinese of `expected`, else in Simplified; what is in
    a language without words here (Japanese, Korean) in English.
    """
    likely: list[Language] = [language for language in expected if language is not None]
    if _KANA_OR_HANGUL.search(text):
        return "en"
    if _HAN.search(text):
        return _chinese_of(text, likely)
    if len(_ENGLISH.intersection(_WORD.findall(text.lower()))) >= _ENGLISH_WORDS:
        return "en"
    return likely[0] if likely else "en"


def _chinese_of(text: str, likely: Sequence[Language]) -> Language:
    traditional, simplified = (sum(map(text.count, kind)) for kind in (_TRADITIONAL, _SIMPLIFIED))
    if traditional != simplified:
        return "zh-TW" if traditional > simplified else "zh-CN"
    chinese: list[Language] = [language for language in likely if language != "en"]
    return chinese[0] if chinese else "zh-CN"
