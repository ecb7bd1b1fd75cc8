"""The screens of the player: the lesson, questions, help, problems, the library."""
