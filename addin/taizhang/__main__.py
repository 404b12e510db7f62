"""`python -m taizhang` is the command line."""

import sys

from taizhang.cli import main

sys.exit(main())
