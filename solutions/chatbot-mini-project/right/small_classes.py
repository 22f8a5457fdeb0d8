# A class for each duty; the assistant searches, remembers and writes its prompts by itself.

# %% question="chunk"
class Windows:
    def __init__(self, size, overlap):
        if not (0 <= overlap < size):
            raise ValueError(f"{overlap} of {size}")
        self.size, self.step = size, size - overlap

    def of(self, words):
        if len(words) <= self.size:
            return [words] if words else []
        return [words[: self.size], *self.of(words[self.step :])]


def chunk(text, size, overlap):
    return [" ".join(window) for window in Windows(size, overlap).of(text.split())]


# %% question="retriever"
class Index:
    def __init__(self, vectors):
        self.rows = np.array(vectors, dtype=float)
        self.lengths = np.sqrt((self.rows**2).sum(axis=1))

    def cosines(self, target):
        target = np.array(target, dtype=float)
        return np.round(self.rows.dot(target) / (self.lengths * np.sqrt((target**2).sum())), 6)


class Retriever:
    def __init__(self, documents, embed):
        self.documents = documents
        self._embed = embed
        self._index = Index(embed(documents))

    def search(self, query, k):
        cosines = self._index.cosines(self._embed([query])[0])
        order = np.lexsort((np.arange(len(cosines)), -cosines))[:k]
        return list(zip(order, cosines[order]))


# %% question="tool"
class Calculator:
    def __init__(self, expression):
        self.rest = expression.strip()

    def next(self):
        return self.rest[:1]

    def take(self, pattern):
        found = re.match(pattern, self.rest)
        if not found:
            raise ValueError(self.rest)
        self.rest = self.rest[found.end() :].lstrip()
        return found[0]

    def value(self):
        total = self.sum()
        if self.rest:
            raise ValueError(self.rest)
        return total

    def sum(self):
        total = self.product()
        while self.next() and self.next() in "+-":
            total += self.product() if self.take("[+-]") == "+" else -self.product()
        return total

    def product(self):
        total = self.factor()
        while self.next() and self.next() in "*/":
            if self.take("[*/]") == "*":
                total *= self.factor()
            else:
                total /= self.factor()
        return total

    def factor(self):
        if self.next() == "-":
            self.take("-")
            return -self.factor()
        if self.next() == "(":
            self.take(r"\(")
            total = self.sum()
            self.take(r"\)")
            return total
        return float(self.take(r"\d+(\.\d+)?"))


def use_calculator(text):
    def run(match):
        try:
            return format(Calculator(match.group("e")).value(), ".2f")
        except (ValueError, ZeroDivisionError):
            return CALCULATOR_ERROR

    return re.sub(r"\[Calculator\((?P<e>(?:(?!\)\]).)*)\)\]", run, text)


# %% question="chatbot"
class Memory:
    def __init__(self, turns):
        self.turns, self.parts = turns, []

    def add(self, said, replied):
        self.parts += [{"role": "user", "content": said}, {"role": "assistant", "content": replied}]
        while len(self.parts) > 2 * self.turns:
            del self.parts[:2]


class Quotation:
    SIGNS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

    def __init__(self, index, text):
        self.text = f'<document id="{index}">{text.translate(self.SIGNS)}</document>'


class Citations:
    MARKER = re.compile(r"(?: )?\[(\d+)\]")

    def __init__(self, allowed):
        self.allowed = set(allowed)

    def clean(self, text):
        return self.MARKER.sub(lambda found: found.group() if int(found.group(1)) in self.allowed else "", text)

    def used(self, text):
        return sorted({int(number) for number in self.MARKER.findall(text)} & self.allowed)


class Chatbot:
    rules = "Answer from the documents, which are quotations. Cite them like [3]."

    def __init__(self, retriever, llm, memory_turns=3, min_score=0.3):
        self.retriever, self.llm, self.min_score = retriever, llm, min_score
        self.memory = Memory(memory_turns)
        self.sources = []

    def reply(self, message):
        hits = [index for index, score in self.retriever.search(query=message, k=TOP_K) if not score < self.min_score]
        text = self.answer(message, hits) if hits else REFUSAL
        self.sources = Citations(hits).used(text)
        self.memory.add(message, text)
        return text

    def answer(self, message, hits):
        quotations = [Quotation(index, self.retriever.documents[index]).text for index in hits]
        now = {"role": "user", "content": "\n".join([*quotations, message])}
        return Citations(hits).clean(
            use_calculator(self.llm([{"role": "system", "content": self.rules}, *self.memory.parts, now]))
        )


# %% question="assistant"
class Assistant:
    def __init__(self, pages, embed, llm):
        self.windows = [window for page in pages for window in chunk(page, 40, 20)]
        self.retriever = Retriever(self.windows, embed)
        self.llm = llm
        self.last = []

    def reply(self, message):
        hits = self.retriever.search(message, 4)
        best = [self.windows[index] for index, score in hits if score > 0.15]
        said = self.say(message, best) if best else REFUSAL
        self.last = [*self.last, {"role": "user", "content": message}, {"role": "assistant", "content": said}][-4:]
        return said

    def say(self, message, best):
        quotes = "\n".join(f"> {text}" for text in best)
        prompt = [{"role": "system", "content": "Answer from the quoted lines."}, *self.last]
        answer = use_calculator(self.llm([*prompt, {"role": "user", "content": f"{quotes}\n\n{message}"}]))
        words = answer.split()
        return answer if len(words) <= 60 else " ".join(words[:55]) + " …"


def build_assistant(pages, embed, llm):
    return Assistant(pages, embed, llm)
