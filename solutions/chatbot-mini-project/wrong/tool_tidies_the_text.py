# loses: test_tool_leaves_other_text_alone
# Removes white space that is not its own.

# %% question="tool"
def calculate(expression):
    """The value of an expression. Raises ValueError for what is none, and ZeroDivisionError."""
    tokens = [*re.findall(r"[0-9]+(?:\.[0-9]+)?|\S", expression), "end"]

    def total():
        value = product()
        while tokens[0] in ("+", "-"):
            value = value + product() if tokens.pop(0) == "+" else value - product()
        return value

    def product():
        value = factor()
        while tokens[0] in ("*", "/"):
            value = value * factor() if tokens.pop(0) == "*" else value / factor()
        return value

    def factor():
        token = tokens.pop(0)
        if token == "-":
            return -factor()
        if token != "(":
            return float(token)
        value = total()
        if tokens.pop(0) != ")":
            raise ValueError("a bracket is not closed")
        return value

    result = total()
    if tokens != ["end"]:
        raise ValueError(f"unexpected {tokens[0]}")
    return result


def use_calculator(text):
    """The text with each [Calculator(…)] replaced by its result."""

    def result(call):
        try:
            return f"{calculate(call[1]):.2f}"
        except (ValueError, ZeroDivisionError, RecursionError):
            return CALCULATOR_ERROR

    return re.sub(r"\[Calculator\((.*?)\)\]", result, text).strip()
