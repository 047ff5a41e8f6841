"""Documents -> everything that is wrong with them, at once, and where: first by schema, then by meaning."""
