"""What Stash runs for each event: ``python3 -I -S hook.py``, the event on standard input.

Python compiles the file it is started with anew each time, so all but the start stands in modules that it can cache.
"""

import os
import sys

# Isolated mode (-I) puts no folder of ours on the path.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from plexsync.inbox.hook_process import main

if __name__ == "__main__":
    # Without the interpreter's tear-down, which takes a tenth of the hook's time. Nothing is buffered by then.
    os._exit(main())
