"""The inventory: GPUs, providers, offers and their prices, in a database whose every change raises its revision."""
