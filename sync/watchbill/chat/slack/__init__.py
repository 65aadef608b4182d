"""Slack: the chat commands by slash command, buttons, dialogs and mentions, over HTTP or Socket Mode alike."""
