"""A data file -> the text of a first project. The one place that guesses; a run never does.

The way:

table     file               -> Table      its columns, and what the values in them look like
columns   Table              -> Proposal   a type, a format, a meaning for each, and what is not certain
project   Table, Proposals   -> files      YAML with comments, ready to be edited
"""
