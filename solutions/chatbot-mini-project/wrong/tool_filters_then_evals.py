# loses: test_tool_never_runs_python
# Looks at the characters only: ** and // are made of allowed ones.

# %% question="tool"
def calculate(expression):
    if not re.fullmatch(r"[0-9.+\-*/() ]*", expression):
        raise ValueError(expression)
    return eval(expression)


def use_calculator(text):
    """The text with each [Calculator(…)] replaced by its result."""

    def result(call):
        try:
            return f"{calculate(call[1]):.2f}"
        except Exception:
            return CALCULATOR_ERROR

    return re.sub(r"\[Calculator\((.*?)\)\]", result, text)
