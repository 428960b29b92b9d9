"""What Prometheus reads: sums of all processes, and how everything stood at the last turn."""
