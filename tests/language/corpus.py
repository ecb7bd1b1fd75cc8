"""Collections of small programs kept as text, one after another with `###` between."""

from pathlib import Path

HERE = Path(__file__).parent


def programs(path: str) -> list[str]:
    """The programs of one file."""
    text = (HERE / path).read_text(encoding="utf-8")
    return [part.strip() + "\n" for part in text.split("\n###")]
