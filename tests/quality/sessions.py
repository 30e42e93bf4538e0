"""Anomalous sessions: the blocks of a file system's log. The first share of the normal blocks trains, with unlabelled
anomalous ones among them or none; the others are to be ranked, and flagged at a rate of .1 %. Then how often normal blocks
are flagged at other rates, what each member makes of them, and what --adapt does with a phase that begins after training.

Usage: sessions.py FOLDER
"""
import random
import re
import sys
import tempfile

from common import average_precision, f1, find, logdetect, report, table

KEY = r"blk_-?\d+"
MEMBERS = ("counts", "ngram", "lstm")

log = find(sys.argv[1], "HDFS_2pct_dev.log")[0]
label_of = {row["BlockId"]: row["Label"] == "Anomaly" for row in table(find(sys.argv[1], "labels_dev.csv")[0])}
lines_of = {}  # in order of appearance
with open(log, "rb") as file:
    for number, line in enumerate(file):
        key = re.search(KEY.encode(), line)
        if key and key[0].decode() in label_of:
            lines_of.setdefault(key[0].decode(), []).append((number, line))
normal = [session for session in lines_of if not label_of[session]]
odd = [session for session in lines_of if label_of[session]]


def write(path, sessions):
    with open(path, "wb") as out:
        for _, text in sorted(entry for session in sessions for entry in lines_of[session]):
            out.write(text)


def split(share, contamination, seed=None):
    """Sessions to train on, and the others. Anomalous ones are the first of the log, or drawn by the seed."""
    train = normal[: int(len(normal) * share)]
    n_odd = round(len(train) * contamination / (1 - contamination))
    drawn = odd[:n_odd] if seed is None else random.Random(seed).sample(odd, n_odd)
    train = set(train) | set(drawn)
    return train, [session for session in lines_of if session not in train]


def learn(folder, train, key=KEY, *options):
    write(f"{folder}/train.log", train)
    logdetect("train", "--session", key, "--target-fpr", "0.001", "--input", f"{folder}/train.log",
              "--output", f"{folder}/m.lgd", *options)


def judge(folder, test, *options):
    write(f"{folder}/test.log", test)
    records = logdetect("scan", "--model", f"{folder}/m.lgd", "--input", f"{folder}/test.log",
                        "--format", "jsonl", "--emit", "all", *options)
    return {record["session"]: record for record in records if record["type"] == "session"}


def figures(test, found):
    truth = [label_of[session] for session in test]
    return {"average_precision": average_precision(truth, [found[session]["bits"] for session in test]),
            "f1": f1(truth, [found[session]["is_anomaly"] for session in test])}


def false_alarms(test, found, rate):
    """How often, over how often was asked; 1 is best, and both less and more are worse."""
    flags = [found[session]["is_anomaly"] for session in test if not label_of[session]]
    ratio = sum(flags) / len(flags) / rate
    return min(ratio, 1 / ratio) if ratio else 0.0


with tempfile.TemporaryDirectory() as folder:
    for name, contamination, seed in (("clean", 0, None), ("half", 0.005, None), ("three", 0.0293, None),
                                      ("three-random", 0.0293, 1)):
        train, test = split(0.6, contamination, seed)
        learn(folder, train)
        found = judge(folder, test)
        report(f"sessions-{name}", **figures(test, found))
        if name == "clean":
            for rate in ("0.01", "0.005", "0.001"):
                report(f"sessions-rate-{rate}",
                       as_asked=false_alarms(test, judge(folder, test, "--fpr", rate), float(rate)))
            truth = [label_of[session] for session in test]
            for member in MEMBERS:
                report(f"sessions-{member}", average_precision=average_precision(
                    truth, [-found[session]["members"][member] for session in test]))
    train, test = split(0.6, 0)
    learn(folder, train, "auto")
    report("sessions-auto", **figures(test, judge(folder, test)))
    train, test = split(0.3, 0)
    learn(folder, train)
    report("sessions-phase", **figures(test, judge(folder, test)))
    report("sessions-phase-adapt", **figures(test, judge(folder, test, "--adapt")))
