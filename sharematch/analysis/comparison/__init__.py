"""Plans side by side, and what each wish of a policy costs."""
