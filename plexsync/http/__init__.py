"""Speaking HTTP, wherever it leads: calls bounded in time and bytes, and what their failures have in common."""
