"""Keeping an installation safe: backup, restore, moving to another database, and proof that nothing is amiss."""
