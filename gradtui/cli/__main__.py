"""`python -m gradtui.cli` is `gradtui`."""

import sys

from gradtui.cli import main

if __name__ == "__main__":
    sys.exit(main())
