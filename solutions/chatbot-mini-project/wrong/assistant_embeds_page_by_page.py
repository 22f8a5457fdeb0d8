# loses: test_assistant_is_quick
# Makes a retriever for each page.

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

    finders = [Retriever(chunk(page, size=45, overlap=15), embed) for page in pages]

    class Joined:
        def __init__(self):
            self.documents = [window for finder in finders for window in finder.documents]

        def search(self, query, k):
            hits, start = [], 0
            for finder in finders:
                hits += [(start + index, score) for index, score in finder.search(query, k)]
                start += len(finder.documents)
            return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]

    return Chatbot(Joined(), brief, memory_turns=2, min_score=0.2)
