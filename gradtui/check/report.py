"""A report in one of the formats `gradtui check --format` knows: `FORMATS["junit"](report)`."""

from collections.abc import Callable, Mapping

from gradtui.check.findings import Report
from gradtui.check.machines import as_github, as_json, as_junit
from gradtui.check.text import as_text

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json,
    "junit": as_junit,
    "github": as_github,
}
