"""Who may ask, and how often: API keys, scopes and rates, ahead of every answer."""
