"""Where the frozen program starts: the window, a command, or one of its own child processes."""

import multiprocessing

from gui.__main__ import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    raise SystemExit(main())
