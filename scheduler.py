"""Process of the scheduler."""
