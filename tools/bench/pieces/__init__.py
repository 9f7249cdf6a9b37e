"""What several benchmarks of the command need: running it, reading its files, ranking by hand."""
