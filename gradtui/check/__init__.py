"""Validation without a screen: `check(paths)` runs lessons on both engines and says what is wrong.

from gradtui.check.runner import check
report = check([Path("lessons")])
print(as_text(report)); sys.exit(report.exit_code)
"""
