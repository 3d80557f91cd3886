"""What is said about instances and plans: why, what if, where to invest."""
