from __future__ import annotations

import pytest

from bots.settings import InvalidSetting, Secret, read_settings

TOKEN = "MTIz.stand-in.secret"  # noqa: S105 - nobody's


def test_a_token_is_all_that_must_be_given() -> None:
    settings = read_settings({"R1PLAN_DISCORD_TOKEN": TOKEN})

    assert settings.api_url == "http://127.0.0.1:8000"
    assert settings.log_level == "INFO"
    assert settings.discord_token.reveal() == TOKEN


def test_the_token_is_in_no_printed_form_of_the_settings() -> None:
    settings = read_settings({"R1PLAN_DISCORD_TOKEN": TOKEN})

    assert TOKEN not in repr(settings)
    assert TOKEN not in str(Secret(TOKEN))


def test_a_slash_at_the_end_of_the_address_does_not_count() -> None:
    environment = {"R1PLAN_DISCORD_TOKEN": TOKEN, "R1PLAN_API_URL": "https://plan.example/"}

    assert read_settings(environment).api_url == "https://plan.example"


def test_a_key_for_the_api_is_kept_secret() -> None:
    settings = read_settings({"R1PLAN_DISCORD_TOKEN": TOKEN, "R1PLAN_API_KEY": "r1p_abc"})

    assert settings.api_key is not None
    assert settings.api_key.reveal() == "r1p_abc"
    assert "r1p_abc" not in repr(settings)
    assert read_settings({"R1PLAN_DISCORD_TOKEN": TOKEN}).api_key is None


@pytest.mark.parametrize(
    ("api_url", "public_url"),
    [
        ("http://127.0.0.1:8000", None),
        ("http://localhost:8000", None),
        ("http://api:8000", None),
        ("http://10.1.2.3:8000", None),
        ("http://[::1]:8000", None),
        ("https://plan.example", "https://plan.example"),
        ("http://8.8.8.8", "http://8.8.8.8"),
    ],
)
def test_links_lead_to_the_api_only_where_others_can_reach_it(api_url: str, public_url: str | None) -> None:
    environment = {"R1PLAN_DISCORD_TOKEN": TOKEN, "R1PLAN_API_URL": api_url}

    assert read_settings(environment).public_url == public_url
    named = {**environment, "R1PLAN_PUBLIC_URL": "https://public.example/r1plan/"}
    assert read_settings(named).public_url == "https://public.example/r1plan"


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "R1PLAN_DISCORD_TOKEN"),
        ({"R1PLAN_DISCORD_TOKEN": "  "}, "R1PLAN_DISCORD_TOKEN"),
        ({"R1PLAN_DISCORD_TOKEN": "two words"}, "R1PLAN_DISCORD_TOKEN"),
        ({"R1PLAN_DISCORD_TOKEN": TOKEN, "R1PLAN_API_URL": "127.0.0.1:8000"}, "R1PLAN_API_URL"),
        ({"R1PLAN_DISCORD_TOKEN": TOKEN, "R1PLAN_API_URL": "ftp://plan.example"}, "R1PLAN_API_URL"),
        ({"R1PLAN_DISCORD_TOKEN": TOKEN, "R1PLAN_API_URL": "http://"}, "R1PLAN_API_URL"),
        ({"R1PLAN_DISCORD_TOKEN": TOKEN, "R1PLAN_API_URL": "http://plan.example:port"}, "R1PLAN_API_URL"),
        ({"R1PLAN_DISCORD_TOKEN": TOKEN, "R1PLAN_API_URL": "http://plan.example/?a=b"}, "R1PLAN_API_URL"),
        ({"R1PLAN_DISCORD_TOKEN": TOKEN, "R1PLAN_LOG_LEVEL": "loud"}, "R1PLAN_LOG_LEVEL"),
        ({"R1PLAN_DISCORD_TOKEN": TOKEN, "R1PLAN_API_KEY": "two words"}, "R1PLAN_API_KEY"),
        ({"R1PLAN_DISCORD_TOKEN": TOKEN, "R1PLAN_PUBLIC_URL": "plan.example"}, "R1PLAN_PUBLIC_URL"),
        ({"R1PLAN_DISCORD_TOKEN": TOKEN, "R1PLAN_REDIS_URL": "127.0.0.1:6379"}, "R1PLAN_REDIS_URL"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_that_names_the_variable(environment: dict[str, str], named: str) -> None:
    with pytest.raises(InvalidSetting, match=named) as refusal:
        read_settings(environment)

    assert "\n" not in str(refusal.value)
    assert "two words" not in str(refusal.value)
