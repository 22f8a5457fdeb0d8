# loses: test_tool_follows_the_rules_of_arithmetic
# Works from left to right, whatever the sign.

# %% question="tool"
def calculate(expression):
    """The value of an expression. Raises ValueError for what is none, and ZeroDivisionError."""
    tokens = [*re.findall(r"[0-9]+(?:\.[0-9]+)?|\S", expression), "end"]

    def total():
        value = factor()
        while tokens[0] in ("+", "-", "*", "/"):
            sign, right = tokens.pop(0), factor()
            if sign in "+-":
                value = value + right if sign == "+" else value - right
            else:
                value = value * right if sign == "*" else value / right
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

    return re.sub(r"\[Calculator\((.*?)\)\]", result, text)
