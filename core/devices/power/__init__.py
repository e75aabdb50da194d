"""Power, heat and clocks, read from whatever a device offers; what cannot be read is said so."""
