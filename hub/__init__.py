"""The machinery of the hub. It carries services and knows none of them by name."""
