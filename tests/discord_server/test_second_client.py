"""A bot written with another library, so that the stand-in is not merely what discord.py happens to accept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import hikari
import pytest

from tests.discord_server.interactions import EPHEMERAL
from tests.discord_server.person import Person, labels
from tests.discord_server.rules.problem import Json
from tests.discord_server.server import DiscordServer, wait_for

GPUS = ("l4", "l40s", "h100-sxm")


class SecondBot:
    """Answers /gpu at once, /later after it deferred, suggestions for both, and a mention by a reply.

    /menu has a button that opens a form, and a select; what is chosen or filled in changes the message, and what was
    filled in is also told in a message of its own.
    """

    def __init__(self, server: DiscordServer) -> None:
        self.client = hikari.GatewayBot(
            server.world.token,
            rest_url=server.api_url,
            banner=None,
            logs=None,
            suppress_optimization_warning=True,
        )
        self.client.subscribe(hikari.StartedEvent, self._register)
        self.client.subscribe(hikari.CommandInteractionCreateEvent, self._answer)
        self.client.subscribe(hikari.AutocompleteInteractionCreateEvent, self._suggest)
        self.client.subscribe(hikari.ComponentInteractionCreateEvent, self._follow)
        self.client.subscribe(hikari.ModalInteractionCreateEvent, self._take_form)
        self.client.subscribe(hikari.MessageCreateEvent, self._reply)

    async def _register(self, _: hikari.StartedEvent) -> None:
        rest = self.client.rest
        application = await rest.fetch_application()
        option = hikari.CommandOption(
            type=hikari.OptionType.STRING, name="gpu", description="A GPU", is_required=True, autocomplete=True
        )
        commands = [
            rest.slash_command_builder(name, f"The command {name}").add_option(option) for name in ("gpu", "later")
        ]
        menu = rest.slash_command_builder("menu", "Something to press")
        await rest.set_application_commands(application, [*commands, menu])

    async def _answer(self, event: hikari.CommandInteractionCreateEvent) -> None:
        interaction = event.interaction
        if interaction.command_name == "menu":
            await interaction.create_initial_response(
                hikari.ResponseType.MESSAGE_CREATE, "choose", components=self._menu()
            )
            return
        gpu = str((interaction.options or [])[0].value)
        embed = hikari.Embed(title=gpu, description="a table").add_field("Price", "$0.44/h")
        if interaction.command_name == "gpu":
            await interaction.create_initial_response(
                hikari.ResponseType.MESSAGE_CREATE, f"for {gpu}", embed=embed, flags=hikari.MessageFlag.EPHEMERAL
            )
            return
        await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
        await interaction.edit_initial_response(f"later for {gpu}", embed=embed)

    def _menu(self) -> list[hikari.api.MessageActionRowBuilder]:
        buttons, select = (self.client.rest.build_message_action_row() for _ in range(2))
        buttons.add_interactive_button(hikari.ButtonStyle.PRIMARY, "open", label="Open")
        menu = select.add_text_menu("gpu")
        for gpu in GPUS:
            menu.add_option(gpu, gpu)
        return [buttons, select]

    async def _follow(self, event: hikari.ComponentInteractionCreateEvent) -> None:
        interaction = event.interaction
        if interaction.custom_id == "open":
            row = self.client.rest.build_modal_action_row().add_text_input("words", "Words")
            await interaction.create_modal_response("A form", "form", component=row)
            return
        await interaction.create_initial_response(
            hikari.ResponseType.MESSAGE_UPDATE, f"chosen: {interaction.values[0]}", components=self._menu()
        )

    async def _take_form(self, event: hikari.ModalInteractionCreateEvent) -> None:
        interaction = event.interaction
        said = interaction.components[0].components[0].value
        await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_UPDATE)
        await interaction.edit_initial_response(f"filled in: {said}")
        await interaction.execute(f"for you: {said}", flags=hikari.MessageFlag.EPHEMERAL)

    async def _suggest(self, event: hikari.AutocompleteInteractionCreateEvent) -> None:
        typed = str(event.interaction.options[0].value)
        found = [hikari.impl.AutocompleteChoiceBuilder(gpu, gpu) for gpu in GPUS if typed in gpu]
        await event.interaction.create_response(found)

    async def _reply(self, event: hikari.MessageCreateEvent) -> None:
        me = self.client.get_me()
        if me is not None and event.is_human and me.id in (event.message.user_mentions_ids or []):
            await event.message.respond("you called", reply=True)


@pytest.fixture
async def server() -> AsyncGenerator[DiscordServer]:
    async with DiscordServer() as server:
        server.world.add_guild()
        bot = SecondBot(server)
        await bot.client.start()
        await wait_for("its commands", lambda: server.world.commands.get(None))
        yield server
        await bot.client.close()
        assert server.rest.refused == []
        assert server.rest.own_faults == []


@pytest.fixture
def channel(server: DiscordServer) -> Json:
    return server.world.add_channel(next(iter(server.world.guilds.values())))


@pytest.fixture
def alice(server: DiscordServer) -> Person:
    return Person(server, server.world.add_user("alice"))


async def test_another_library_answers_a_command_at_once(alice: Person, channel: Json) -> None:
    interaction = await alice.use(channel, "gpu", gpu="l4")

    assert interaction.callback is not None
    assert interaction.callback["data"]["content"] == "for l4"
    assert interaction.callback["data"]["embeds"][0]["fields"][0]["value"] == "$0.44/h"


async def test_another_library_answers_a_command_later(server: DiscordServer, alice: Person, channel: Json) -> None:
    await alice.use(channel, "later", gpu="h100-sxm")

    message = await wait_for(
        "the edited answer",
        lambda: next((m for m in server.world.messages.values() if m["content"] == "later for h100-sxm"), None),
    )
    assert message["author"]["id"] == server.world.application_id


async def test_another_library_suggests_while_somebody_types(alice: Person, channel: Json) -> None:
    choices = await alice.type_into(channel, "gpu", "gpu", "l4")

    assert [choice["value"] for choice in choices] == ["l4", "l40s"]


async def test_another_library_hears_a_mention_and_replies(server: DiscordServer, alice: Person, channel: Json) -> None:
    asked = await alice.say(channel, f"<@{server.world.application_id}> hello")

    answer = await wait_for(
        "the reply", lambda: next((m for m in server.world.messages.values() if m["content"] == "you called"), None)
    )
    assert answer["message_reference"]["message_id"] == asked["id"]


async def test_another_library_resumes_and_hears_what_it_missed(
    server: DiscordServer, alice: Person, channel: Json
) -> None:
    await server.gateway.drop()
    interaction = await alice.use(channel, "gpu", waits=False, gpu="l4")

    await asyncio.wait_for(interaction.answered.wait(), 10)
    assert server.gateway.resume_count == 1


async def test_another_library_is_pressed_and_a_choice_changes_its_message(
    server: DiscordServer, alice: Person, channel: Json
) -> None:
    message = await show_menu(server, alice, channel)
    chosen = await alice.choose(message, "l40s")

    assert chosen.original_id == message["id"]
    assert message["content"] == "chosen: l40s"
    assert labels(message) == ["Open"]


async def test_another_library_opens_a_form_changes_its_message_and_follows_up(
    server: DiscordServer, alice: Person, channel: Json
) -> None:
    message = await show_menu(server, alice, channel)
    sent = await alice.fill_form(await alice.press(message, "Open"), "without AMD")
    followup_ids = await wait_for("what follows", lambda: sent.followup_ids)
    told = server.world.messages[followup_ids[0]]

    assert message["content"] == "filled in: without AMD"
    assert told["content"] == "for you: without AMD"
    assert told["flags"] & EPHEMERAL
    assert told["id"] != message["id"]


async def show_menu(server: DiscordServer, alice: Person, channel: Json) -> Json:
    shown = await alice.use(channel, "menu")
    return server.world.messages[shown.original_id or ""]
