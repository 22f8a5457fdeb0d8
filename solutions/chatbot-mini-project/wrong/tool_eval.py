# loses: test_tool_never_runs_python
# Runs whatever Python stands there.

# %% question="tool"
def calculate(expression):
    return eval(expression)


def use_calculator(text):
    """The text with each [Calculator(…)] replaced by its result."""

    def result(call):
        try:
            return f"{calculate(call[1]):.2f}"
        except Exception:
            return CALCULATOR_ERROR

    return re.sub(r"\[Calculator\((.*?)\)\]", result, text)
