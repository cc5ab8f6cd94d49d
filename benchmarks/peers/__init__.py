"""Other systems, run by their own interpreters in environments of their own: nothing here is imported by ours."""
