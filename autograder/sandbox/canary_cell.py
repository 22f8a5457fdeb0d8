"""The cells that the canary runs inside the fence: plain text here, because nothing of ours can be imported there.

In each `QUESTION` is replaced by a JSON text, and it prints a JSON object. The first leaves processes behind.
"""

CELL = r"""
import ctypes, errno, json, os, socket, time

question = json.loads(QUESTION)
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
answer = {name: status[name].strip() for name in ("CapEff", "NoNewPrivs")}
answer["uids"] = list(os.getresuid() + os.getresgid())
answer["pids"] = [name for name in os.listdir("/proc") if name.isdigit()]


def attempt(action):
    try:
        action()
    except Exception:
        return False
    return True


def connect(family, address):
    with socket.socket(family) as one:
        one.settimeout(2)
        one.connect(address)


addresses = {
    "the host's loopback": (socket.AF_INET, ("127.0.0.1", question["port"])),
    "an abstract socket of the host": (socket.AF_UNIX, "\0" + question["name"]),
}
answer["reached"] = [name for name, address in addresses.items() if attempt(lambda: connect(*address))]


def ask_for_route():  # sends nothing
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(("192.0.2.1", 9))


answer["reached"] += ["a route outwards"] if attempt(ask_for_route) else []
answer["interfaces"] = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]


def write(folder):
    with open(os.path.join(folder, question["token"]), "w") as file:
        file.write("x")


def writable(folder):
    return attempt(lambda: write(folder)) or not os.statvfs(folder).f_flag & os.ST_RDONLY


answer["written"] = [folder for folder in question["system"] if os.path.isdir(folder) and writable(folder)]
answer["readable"] = [path for path in question["hidden"] if attempt(lambda: open(path).read()[0])]
answer["readable"] += ["the package"] if attempt(lambda: __import__("autograder.results")) else []

write("/tmp")
answer["filled"] = 0
block = bytes(1 << 18)
try:
    with open("filling", "wb", buffering=0) as file:
        while answer["filled"] < question["scratch"]:
            answer["filled"] += file.write(block)
except OSError as error:
    answer["filled"] = answer["filled"] if error.errno == errno.ENOSPC else 0
os.remove("filling")
answer["allocated"] = attempt(lambda: bytearray(question["memory"]))



def call(*arguments):
    if ctypes.CDLL(None, use_errno=True).syscall(*map(ctypes.c_long, arguments)) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def new_socket(family, kind=socket.SOCK_RAW):
    socket.socket(family, kind).close()


calls = {
    "a network socket": lambda: new_socket(socket.AF_INET, socket.SOCK_STREAM),
    "a netlink socket": lambda: new_socket(socket.AF_NETLINK),
    "a socket to the virtual machine's host": lambda: new_socket(40, socket.SOCK_STREAM),
    **{name: (lambda arguments: lambda: call(*arguments))(arguments) for name, arguments in question["calls"].items()},
}
answer["allowed"] = [name for name, action in calls.items() if attempt(action)]

answer["descriptors"] = []
for name in os.listdir("/proc/self/fd"):
    try:
        answer["descriptors"].append(os.readlink("/proc/self/fd/" + name))
    except OSError:
        pass  # the listing's own
answer["shared"] = sum(line.split()[1] in ("rw-s", "rwxs") for line in open("/proc/self/maps"))

for _ in range(question["left_behind"]):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                time.sleep(1000)
        os._exit(0)
    os.wait()
print(json.dumps(answer))
"""

FILLING = r"""
import json, os

question = json.loads(QUESTION)
block = bytes(1 << 18)
files = []
refused = False
try:
    for number in range(question["together"] // len(block)):
        if number % 64 == 0:  # a file's size is limited, too
            files.append(os.memfd_create("filling"))
        os.write(files[-1], block)
except OSError:
    refused = True
print(json.dumps({"refused": refused}))
"""
