"""What `make bench` runs: ratios of ours to a reference, measured side by side in one run."""
