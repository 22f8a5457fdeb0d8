# loses: test_assistant_refuses
# Has no threshold.

# %% question="assistant"
REPLY_WORDS = 60


def shortened(text):
    """The text, cut after at most REPLY_WORDS words; after a full stop, if there is one in the second half."""
    if len(text.split()) <= REPLY_WORDS:
        return text
    kept = " ".join(text.split()[:REPLY_WORDS])
    stop = kept.rfind(". ")
    return kept[: stop + 1] if stop > len(kept) / 2 else kept


def build_assistant(pages, embed, llm):
    """A chatbot for these pages that meets the six criteria."""

    def brief(messages):  # shortened before it is remembered: long answers would fill the next prompts
        return shortened(llm(messages))

    windows = [window for page in pages for window in chunk(page, size=45, overlap=15)]
    return Chatbot(Retriever(windows, embed), brief, memory_turns=2, min_score=0.0)
