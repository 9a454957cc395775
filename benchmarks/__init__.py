"""What a speed trick is worth on a machine: `python -m benchmarks.NAME` prints both ways."""
