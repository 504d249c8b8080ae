"""The second door: r1plan as tools of the Model Context Protocol, a client of the API like the Discord bot."""
