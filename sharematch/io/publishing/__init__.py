"""What anybody may see of a plan: hashed names, no personal data."""
