"""What a translation can be checked for without a reference."""
