"""Open Referral's Human Services Data Specification."""
