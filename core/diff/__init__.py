"""What differs between two models: their structure, their precision, and the numbers inside."""
