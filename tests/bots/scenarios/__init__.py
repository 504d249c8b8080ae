"""The bot: its messages, its door to the API, and the whole of it against a stand-in for Discord."""
