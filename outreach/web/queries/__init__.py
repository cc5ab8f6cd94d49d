"""What the pages read: plain selects, shaped for a screen. Nothing here writes or decides."""
