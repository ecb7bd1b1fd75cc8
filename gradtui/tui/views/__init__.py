"""What each pane shows, as lines of text with roles: pure functions, no Textual."""
