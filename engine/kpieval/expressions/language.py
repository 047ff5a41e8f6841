"""The words of the language of expressions, and what to say about those of SQL that are none of its."""

from __future__ import annotations

from sqlglot import TokenType

KEYWORDS = {
    "and": TokenType.AND, "or": TokenType.OR, "not": TokenType.NOT, "is": TokenType.IS, "null": TokenType.NULL,
    "true": TokenType.TRUE, "false": TokenType.FALSE, "in": TokenType.IN, "between": TokenType.BETWEEN,
    "like": TokenType.LIKE, "escape": TokenType.ESCAPE, "case": TokenType.CASE, "when": TokenType.WHEN,
    "then": TokenType.THEN, "else": TokenType.ELSE, "end": TokenType.END, "distinct": TokenType.DISTINCT,
    "as": TokenType.ALIAS,
}  # fmt: skip
SYMBOLS = {
    "(": TokenType.L_PAREN, ")": TokenType.R_PAREN, ",": TokenType.COMMA, "+": TokenType.PLUS, "-": TokenType.DASH,
    "*": TokenType.STAR, "/": TokenType.SLASH, "%": TokenType.MOD, "=": TokenType.EQ, "<>": TokenType.NEQ,
    "!=": TokenType.NEQ, "<": TokenType.LT, "<=": TokenType.LTE, ">": TokenType.GT, ">=": TokenType.GTE,
    "||": TokenType.DPIPE, "::": TokenType.DCOLON,
}  # fmt: skip
COMPARISONS = frozenset({"=", "<>", "!=", "<", "<=", ">", ">="})
OPERATORS = frozenset(SYMBOLS) - {"(", ")", ",", "::"} | {"or"}
TYPES = {
    "text": TokenType.TEXT, "integer": TokenType.BIGINT, "decimal": TokenType.DECIMAL, "number": TokenType.DOUBLE,
    "boolean": TokenType.BOOLEAN, "date": TokenType.DATE, "timestamp": TokenType.TIMESTAMP,
}  # fmt: skip

POINT = "."
"""Between a KPI and its field, where names have fields."""

SHORTER = "Give parts of it a name: a computed column, a measure, a KPI."
NO_SUBQUERY = "Give what it looks up a name: a computed column, a measure, a KPI."
NO_PARAMETER = "An expression has no parameters."
NO_CLOCK = "The day of the run is not known to expressions: the same data give the same result on any day."

CLOCK = frozenset({"current_date", "current_timestamp", "current_time", "localtimestamp", "now", "today"})
QUERIES = frozenset({"select", "with", "exists", "from", "union", "values", "table"})

SIGNS_INSTEAD = {
    ";": "An expression is one value; there is no second statement.",
    "==": "Write `=`.",
    "//": "`/` is always exact; write `floor(a / b)` for whole parts.",
    "**": "Write `power(x, 2)`.",
    "^": "Write `power(x, 2)`.",
    ".": "A column stands by itself, without its table; a decimal number starts with a digit: `0.5`.",
    "`": 'A name with blanks stands in double quotes: `"close date"`.',
    "&&": "Write `and`.",
    "!": "Write `not`.",
    "~": "Patterns are compared with `like`.",
    "?": NO_PARAMETER,
    "$": NO_PARAMETER,
    "@": NO_PARAMETER,
    ":": NO_PARAMETER,
    "[": "A list only stands after `in`, in round brackets: `x in (1, 2)`.",
    "{": "Nothing is filled in here: an expression is plain SQL.",
    "\u201c": "Text stands in straight single quotes: `'won'`.",
    "\u2018": "Text stands in straight single quotes: `'won'`.",
    "\u2013": "A minus is written `-`.",
    "\u2212": "A minus is written `-`.",
    "\u00f7": "Write `/`.",
    "\u00d7": "Write `*`.",
    "\u2260": "Write `<>`.",
    "\u2264": "Write `<=`.",
    "\u2265": "Write `>=`.",
}
"""By their first character, where the whole sign is not there."""

WORDS_INSTEAD = {
    POINT: "A field follows its KPI: `win_rate.value`; a decimal number starts with a digit: `0.5`.",
    "where": "A condition for an aggregate is written `count(*) filter (where stage = 'won')`.",
    "over": "An expression has no windows; `prior`, `year_ago`, `to_date` and `trailing` look at other periods.",
    "ilike": "Write `lower(x) like 'abc%'`.",
    "regexp": "Write `like`.",
    "rlike": "Write `like`.",
    "glob": "Write `like`.",
    "isnull": "Write `is null`.",
    "notnull": "Write `is not null`.",
    "xor": "Write `a <> b`.",
    "div": "Write `floor(a / b)`.",
    "mod": "Write `a % b`.",
    "at": "A timestamp is already in the project's time zone.",
    "collate": "Text is compared by code point, everywhere.",
    "within": "Write `quantile(x, 0.9)`.",
}

FUNCTIONS_INSTEAD = {
    **dict.fromkeys(("if", "iff", "iif", "decode", "choose"), "case when a then b else c end"),
    **dict.fromkeys(("ifnull", "nvl", "isnull"), "coalesce(a, b)"),
    **dict.fromkeys(("mean", "average"), "avg(x)"),
    **dict.fromkeys(("stddev_samp", "stdev", "std"), "stddev(x)"),
    **dict.fromkeys(("percentile_cont", "percentile", "quantile_cont"), "quantile(x, 0.9)"),
    **dict.fromkeys(("substr", "mid"), "substring(x, 1, 3)"),
    **dict.fromkeys(("instr", "strpos", "position"), "contains(x, 'a')"),
    **dict.fromkeys(("datediff", "date_diff", "age"), "days_between(a, b)"),
    **dict.fromkeys(("dateadd", "date_add", "add_months"), "d + interval 3 month"),
    **dict.fromkeys(("isoweek", "weekofyear"), "week(d)"),
    **dict.fromkeys(("isodow", "dayofweek", "dow"), "weekday(d)"),
    **dict.fromkeys(("extract", "date_part", "datepart"), "extract(year from d)"),
    **dict.fromkeys(("countif", "count_if"), "count(*) filter (where ...)"),
    **dict.fromkeys(("ltrim", "rtrim", "btrim"), "trim(x)"),
    "sumif": "sum(x) filter (where ...)",
    "len": "length(x)",
    "ceiling": "ceil(x)",
    "pow": "power(x, 2)",
    "log": "ln(x)",
    "mod": "a % b",
    "try_cast": "cast(x as date)",
    "convert": "cast(x as date)",
    **dict.fromkeys(("lag", "previous", "previous_period", "last_period"), "prior(x)"),
    **dict.fromkeys(("yoy", "last_year", "previous_year", "prior_year", "sameperiodlastyear"), "year_ago(x)"),
    **dict.fromkeys(("ytd", "year_to_date", "totalytd"), "to_date(x, 'year')"),
    **dict.fromkeys(("qtd", "quarter_to_date", "totalqtd"), "to_date(x, 'quarter')"),
    **dict.fromkeys(("mtd", "month_to_date", "totalmtd"), "to_date(x, 'month')"),
    **dict.fromkeys(("rolling", "moving", "moving_average", "rolling_sum"), "trailing(x, 4)"),
    **dict.fromkeys(("divide", "safe_divide", "iferror"), "a / b"),
    **dict.fromkeys(("averageif", "avgif"), "avg(x) filter (where ...)"),
    "startswith": "starts_with(x, 'a')",
}
"""What functions of other languages are called here."""
