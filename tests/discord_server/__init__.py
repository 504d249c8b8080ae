"""A stand-in for Discord's API v10 and gateway, for end-to-end tests over loopback.

It speaks to the bot only over HTTP and WebSocket, validates what the bot sends against Discord's written limits (and
against Discord's published OpenAPI document where one is at hand), and records what Discord would have refused. That it
accepts a bot does not show that Discord does: tokens, invitations, real rate limits and rendering are not part of it.
"""
