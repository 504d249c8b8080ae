"""A sentence cut into tokens: numbers, words, Chinese characters and marks, each with its place in the original."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct

TokenKind = Literal["number", "version", "word", "han", "mark"]
Gap = Literal["", "-", " ", "|"]

_TRADITIONAL = str.maketrans(
    "顯並併發預時價雲個塊張兩雙單機體長請問嗎麼樣買電腦內夠應該對較還選擇級競實國歐亞萬節點數據質損無錢費過條開給"
    "讓動後總線薦輸為這臺顆憶間續處階務響優區隻陸東領運專業戶維邊裡頭員從賃號會話將與許啟爾達調帶設備測試讀寫載類"
    "記網顧壓縮嘗環產層組織結構統計訓練學習師屬術權極標準確認識題導幫車輛輕轉軟輯適遠遲邏釋鐘錯鍵門閒關隊際離難靜"
    "順須頻願風飛餘齊龍幾庫廠廣復擔擬擴敗書樓檔檢歡歲歷殘沒滿濟灣燒牆獨獲現畫異當盡監盤眾碼稱種積穩筆範簡約純紙細"
    "終絕經緊編緩縣績繼罷羅義聞聯聽職臨舊華葉衛補製複見規視覺親觀訂討訪評詞詢詳語誤說課論講謝譯議變負財貨販貴資賣"
    "賬購農進違針銀銷錄鏈閱陣陳雜雖靈項額驗驅麗黃佔裝換爲啓隨傳億僅側兒別剛創勢協卻參嚴圍園圖團執報場壞奧寧審島帳"
    "幣幹鏡頓訊聲諾穫夥倉況腳聰虛燈熱係託迴鈔謂誰諮跡躍軌辦連週郵鄧醫鎖險隱韓頂飯養駐騰驚鬆鮮鳥麥戰戲擠攜晉暫曉榮"
    "樹橋氣決減渾溝潔濾灑爛狀獎疊瘋礙禮禱窩篩繪肅脫膽臉艦藍藝蘇蘋蝦們偉倆劃唄強態拋搶煩紀慮證訴誒輝採鎊馬於祇裏纔"
    "倫餵癮嗆韌齡慣棄饋勞廢攤簽纜頁",
    "显并并发预时价云个块张两双单机体长请问吗么样买电脑内够应该对较还选择级竞实国欧亚万节点数据质损无钱费过条开给"
    "让动后总线荐输为这台颗忆间续处阶务响优区只陆东领运专业户维边里头员从赁号会话将与许启尔达调带设备测试读写载类"
    "记网顾压缩尝环产层组织结构统计训练学习师属术权极标准确认识题导帮车辆轻转软辑适远迟逻释钟错键门闲关队际离难静"
    "顺须频愿风飞余齐龙几库厂广复担拟扩败书楼档检欢岁历残没满济湾烧墙独获现画异当尽监盘众码称种积稳笔范简约纯纸细"
    "终绝经紧编缓县绩继罢罗义闻联听职临旧华叶卫补制复见规视觉亲观订讨访评词询详语误说课论讲谢译议变负财货贩贵资卖"
    "账购农进违针银销录链阅阵陈杂虽灵项额验驱丽黄占装换为启随传亿仅侧儿别刚创势协却参严围园图团执报场坏奥宁审岛帐"
    "币干镜顿讯声诺获伙仓况脚聪虚灯热系托回钞谓谁咨迹跃轨办连周邮邓医锁险隐韩顶饭养驻腾惊松鲜鸟麦战戏挤携晋暂晓荣"
    "树桥气决减浑沟洁滤洒烂状奖叠疯碍礼祷窝筛绘肃脱胆脸舰蓝艺苏苹虾们伟俩划呗强态抛抢烦纪虑证诉诶辉采镑马于只里才"
    "伦喂瘾呛韧龄惯弃馈劳废摊签缆页",
)
_MARKS = str.maketrans("–—‐‑‒−’‘“”`、；。？！…", "------''\"\"'\u201a;;?!.")  # noqa: RUF001  (marks that people type)

LISTING: Final = "\u201a"
"""A comma that parts and groups no digits: "并发 4，100 美元", "L4、8"."""  # noqa: RUF001  (as people type)

_LISTED = re.compile(r"(?<=[0-9])，|，(?=[0-9])")  # noqa: RUF001  (the comma that people type)
_NO_NAME = r"(?:(?<![a-z])|(?<=usd)|(?<=eur)|(?<=rmb)|(?<=gbp)|(?<=inr)|(?<=cad)|(?<=aud))"
"""No letter before a number: in "int8,4 users" the comma groups no digits, in "usd1,500" it does."""

_TOKEN = re.compile(
    r"(?P<word>[a-z]+)"
    r"|(?P<han>[\u3400-\u9fff])"
    r"|(?P<version>\d+(?:\.\d+){2,}|" + _NO_NAME + r"[1-9]\d{0,2},\d{1,2}(?![\da-z])|[1-9]\d{0,2}\.\d{3}(?![\d.]))"
    r"|(?P<number>[1-9]\d{0,2} 000(?!\d)"
    r"|" + _NO_NAME + r"\d{1,3}(?:[,_]\d{3})+(?!\d|\s?[km](?![a-z])|,\d)(?:\.\d+)?|(?<![a-z\d_.])0,\d{1,2}(?!\d)"
    r"|\d+(?:\.\d+)?|(?<!\d)\.\d+)"
    r"|(?P<foreign>[^\W\d_a-z\u3400-\u9fff]+)"
    # A control character is as good as a space.
    r"|(?P<mark>[,;!?\u201a]+|[^\s\x00-\x1f\x7f])",
)
_KINDS: Final[dict[str, TokenKind]] = {"version": "version", "foreign": "word", "mark": "mark"}
_JOINING: Final = frozenset("-_.:=")
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30ff\uff66-\uff9f]")
_MOST_TIMES = 64
_MOST_CHARACTERS_KEPT = 4096
_LARGEST_NUMBER = 1e12


class Token(Struct, frozen=True, gc=False):
    """A piece of the sentence: `start` and `end` place it in the original; `gap` is what stands before it.

    The gap is "" (nothing), "-" (a single hyphen, underscore, dot or colon inside a name), " " (space) or "|" at the
    start. `value` is a number's value.
    """

    kind: TokenKind
    text: str
    start: int
    end: int
    gap: Gap
    value: float = 0.0


def language_of(text: str) -> Literal["en", "zh"]:
    """Return "zh" where `text` holds a Chinese character, and nothing that makes it Japanese."""
    return "zh" if has_han(text) and _KANA.search(text) is None else "en"


def has_han(text: str) -> bool:
    """Return whether `text` holds a Chinese character."""
    return _HAN.search(text) is not None


class _PlainCharacters(dict[int, str]):
    """Each character in lower case, half width and simplified, worked out when it is first seen."""

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()
        """Characters that become several, or none: whoever has them must count."""

    def __missing__(self, code: int) -> str:
        if len(self) >= _MOST_CHARACTERS_KEPT:
            self.clear()
        character = chr(code)
        plain = unicodedata.normalize("NFKC", character).casefold().translate(_TRADITIONAL).translate(_MARKS)
        if len(plain) != 1:
            self.uneven.add(character)
        self[code] = plain
        return plain


_PLAIN = _PlainCharacters()


@lru_cache(maxsize=2)
def normalize(text: str) -> tuple[str, Sequence[int]]:
    """Return `text` in lower case, half width and simplified characters, and each character's place in the original.

    Several rules ask for the same text one after the other: the last two are kept.
    """
    if text.isascii() and "'" not in text:
        return text.lower(), range(len(text) + 1)
    text = _LISTED.sub(LISTING, text)
    plain = text.translate(_PLAIN)
    if "'" not in plain and _PLAIN.uneven.isdisjoint(text):
        return plain, range(len(text) + 1)
    pieces = [character.translate(_PLAIN) for character in text]
    if "'" in pieces:
        # "don't" and "what's" are one word; the mark carries no meaning.
        pieces = ["" if _is_inside_word(pieces, index) else piece for index, piece in enumerate(pieces)]
    places = [place for place, piece in enumerate(pieces) for _ in piece]
    return "".join(pieces), [*places, len(text)]


def _is_inside_word(pieces: list[str], index: int) -> bool:
    if pieces[index] != "'" or not 0 < index < len(pieces) - 1:
        return False
    return pieces[index - 1].isalnum() and pieces[index + 1].isalpha()


def cut(text: str) -> list[Token]:
    """Return the tokens of `text`; a mark inside a name ("q4_k_m", "ctx=8k") becomes the next token's gap."""
    plain, places = normalize(text)
    pieces = list(_TOKEN.finditer(plain))
    tokens: list[Token] = []
    add = tokens.append
    gap: Gap = "|"
    last_end = 0
    for index, match in enumerate(pieces):
        start, end = match.span()
        piece = match[0]
        group = match.lastgroup
        if start > last_end and index:
            gap = " "
        last_end = end
        first, stop = places[start], places[end - 1] + 1
        if group == "han":
            add(Token("han", piece, first, stop, gap))
        elif group == "word":
            if piece[0] == "x" and _is_times(pieces, index):
                add(Token("word", "x", first, first + 1, gap))
                add(Token("word", piece[1:], first + 1, stop, ""))
            else:
                add(Token("word", piece, first, stop, gap))
        elif group == "number":
            value = _number(piece)
            # Beyond the largest it is no quantity of this field; kept as a name, so that it is listed.
            is_quantity = value <= _LARGEST_NUMBER
            add(Token("number" if is_quantity else "version", piece, first, stop, gap, value if is_quantity else 0.0))
        elif group == "mark" and piece in _JOINING and _joins(pieces, index):
            gap = "-"
            continue
        else:
            add(Token(_KINDS[group or ""], piece, first, stop, gap))
        gap = ""
    return tokens


def _number(text: str) -> float:
    if text.isdecimal():
        return float(text)
    if text.startswith("0,"):
        return float(text.replace(",", "."))
    return float(text.replace(",", "").replace("_", "").replace(" ", ""))


def _joins(pieces: Sequence[re.Match[str]], index: int) -> bool:
    """Return whether the mark at `index` stands inside a name: "q4_k_m", "llama.cpp", "deepseek-r1:8b"."""
    if not 0 < index < len(pieces) - 1:
        return False
    before, after = pieces[index - 1], pieces[index + 1]
    start, end = pieces[index].span()
    return before.end() == start and after.start() == end and "mark" not in {before.lastgroup, after.lastgroup}


def _is_times(pieces: Sequence[re.Match[str]], index: int) -> bool:
    """Return whether the word at `index` begins with a times sign: "4xL4", "2xA100"."""
    start, end = pieces[index].span()
    if end - start == 1 or not 0 < index < len(pieces) - 1:
        return False
    before, after = pieces[index - 1], pieces[index + 1]
    is_between = before.lastgroup == "number" == after.lastgroup and before.end() == start and after.start() == end
    return is_between and _number(before[0]) <= _MOST_TIMES
