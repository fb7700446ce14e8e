"""The reviewers' web page: reads releases, writes judgements and nothing else."""
