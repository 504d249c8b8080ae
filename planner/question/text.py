"""A sentence cut into tokens: numbers, words, Chinese characters and marks, each with its place in the original."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from msgspec import Struct

TokenKind = Literal["number", "version", "word", "han", "mark"]
Gap = Literal["", "-", " ", "|"]

_TRADITIONAL = str.maketrans(
    "顯並併發預時價雲個塊張兩雙單機體長請問嗎麼樣買電腦內夠應該對較還選擇級競實國歐亞萬節點數據質損無錢費過條"
    "開給讓動後總線薦輸為這臺顆憶間續處階務響優費區隻陸東領運專業戶維處邊裡頭員從賃號會話將與許啟爾達調帶設備測試讀寫載類",
    "显并并发预时价云个块张两双单机体长请问吗么样买电脑内够应该对较还选择级竞实国欧亚万节点数据质损无钱费过条"
    "开给让动后总线荐输为这台颗忆间续处阶务响优费区只陆东领运专业户维处边里头员从赁号会话将与许启尔达调带设备测试读写载类",
)
_MARKS = str.maketrans("–—‐‑‒−’‘“”`、；。？！…", "------''\"\"',;.?!.")  # noqa: RUF001  (marks that people type)

_TOKEN = re.compile(
    r"(?P<version>\d+(?:\.\d+){2,})"
    r"|(?P<number>\d{1,3}(?:[,_]\d{3})+(?!\d|\s?[km](?![a-z])|,\d)(?:\.\d+)?|0,\d{1,2}(?!\d)|\d+(?:\.\d+)?|(?<!\d)\.\d+)"
    r"|(?P<word>[a-z]+)"
    r"|(?P<han>[\u3400-\u9fff])"
    r"|(?P<foreign>[^\W\d_a-z\u3400-\u9fff]+)"
    r"|(?P<mark>\S)",
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_MOST_TIMES = 64


class Token(Struct, frozen=True, kw_only=True, gc=False):
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


def has_han(text: str) -> bool:
    """Return whether `text` holds a Chinese character."""
    return _HAN.search(text) is not None


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).casefold()
    return plain.translate(_TRADITIONAL).translate(_MARKS)


def _normalize(text: str) -> tuple[str, list[int]]:
    """Return `text` in lower case, half width and simplified characters, and each character's place in the original."""
    pieces = [_plain_character(character) for character in text]
    places = [place for place, piece in enumerate(pieces) for _ in piece]
    return "".join(pieces), [*places, len(text)]


def cut(text: str) -> list[Token]:
    """Return the tokens of `text`; hyphens, underscores, dots and colons inside a name become the next token's gap."""
    plain, places = _normalize(text)
    # "don't" and "what's" are one word; the mark carries no meaning.
    pieces = [(str(match.lastgroup), match[0], match.start(), match.end()) for match in _TOKEN.finditer(plain)]
    tokens: list[Token] = []
    gap: Gap = "|"
    last_end = 0
    for index, (group, piece, start, end) in enumerate(pieces):
        if index and start > last_end:
            gap = " "
        last_end = end
        if group == "mark" and _joins(pieces, index):
            gap = "" if piece == "'" else "-"
            continue
        kind: TokenKind = "word" if group == "foreign" else group  # pyright: ignore[reportAssignmentType]  (the regex)
        for part, offset in _split_times(pieces, index):
            value = _number(part) if kind == "number" else 0.0
            here = start + offset
            tokens.append(
                Token(
                    kind=kind,
                    text=part,
                    start=places[here],
                    end=places[here + len(part) - 1] + 1,
                    gap=gap,
                    value=value,
                )
            )
            gap = ""
    return tokens


def _number(text: str) -> float:
    if text.startswith("0,"):
        return float(text.replace(",", "."))
    return float(text.replace(",", "").replace("_", ""))


def _joins(pieces: list[tuple[str, str, int, int]], index: int) -> bool:
    """Return whether the mark at `index` stands inside a name: "q4_k_m", "llama.cpp", "deepseek-r1:8b", "context=8k"."""
    _, piece, start, end = pieces[index]
    if piece not in "-_.:='" or not 0 < index < len(pieces) - 1:
        return False
    before, after = pieces[index - 1], pieces[index + 1]
    if before[3] != start or after[2] != end:
        return False
    return before[0] != "mark" and after[0] != "mark"


def _split_times(pieces: list[tuple[str, str, int, int]], index: int) -> list[tuple[str, int]]:
    """Return the word at `index` in two where it begins with a times sign: "4xL4", "2xA100"."""
    group, piece, start, end = pieces[index]
    if (
        group == "word"
        and piece[0] == "x"
        and len(piece) > 1
        and 0 < index < len(pieces) - 1
        and pieces[index - 1][0] == "number"
        and pieces[index - 1][3] == start
        and pieces[index + 1][0] == "number"
        and pieces[index + 1][2] == end
        and _number(pieces[index - 1][1]) <= _MOST_TIMES
    ):
        return [("x", 0), (piece[1:], 1)]
    return [(piece, 0)]
