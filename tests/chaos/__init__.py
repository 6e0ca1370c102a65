"""Real servers under write load, and everything that can be taken away from them."""
