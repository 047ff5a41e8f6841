"""A result becomes what pipelines and monitors read: marks in a change, test reports, gauges, a summary."""
