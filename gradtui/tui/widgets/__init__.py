"""The panes of the player, one a file; each draws lines made by `gradtui.tui.views`."""
