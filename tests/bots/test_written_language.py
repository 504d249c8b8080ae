from __future__ import annotations

import pytest

from bots.words import Language
from bots.written_language import language_of_text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("8B 32k 用什么 GPU?", "zh-CN"),
        ("我要部署一個 8B，64K 上下文，4 個人用", "zh-TW"),  # noqa: RUF001 - as Chinese is written
        ("4090で8bを32kで動かせますか", "en"),
        ("4090에서 8b 32k 되나요", "en"),
        ("what GPU for 8B at 32k?", "en"),
        ("and at 64k?", "en"),
    ],
)
@pytest.mark.parametrize("expected", ["en", "zh-CN", "zh-TW"])
def test_a_question_that_tells_its_language_is_answered_in_it(
    text: str, language: Language, expected: Language
) -> None:
    assert language_of_text(text, expected=(expected,)) == language


def test_a_question_that_does_not_tell_keeps_the_language_of_the_conversation_and_of_the_server() -> None:
    assert language_of_text("128k?") == "en"
    assert language_of_text("128k?", expected=("zh-TW", "zh-CN")) == "zh-TW"
    assert language_of_text("fp8 on L4", expected=(None, "zh-CN")) == "zh-CN"


def test_chinese_of_either_kind_is_that_of_the_conversation_else_of_the_server_else_simplified() -> None:
    assert language_of_text("那 128k 呢?") == "zh-CN"
    assert language_of_text("那 128k 呢?", expected=("zh-TW",)) == "zh-TW"
    assert language_of_text("那 128k 呢?", expected=("en", "zh-TW")) == "zh-TW"
