"""The Discord bot: everything that knows discord.py."""
