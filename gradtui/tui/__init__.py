"""The player: Textual screens and widgets that draw a session and send it actions."""
