"""PnL minute by minute: made of fills and bars on the way, or kept by day."""
