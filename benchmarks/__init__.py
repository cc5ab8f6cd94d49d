"""What is claimed about speed, repeatable: each figure beside its ceiling in the same run."""
