"""`python -m console` opens the console."""

import sys

from console.app import main

sys.exit(main())
