"""Anomalous sessions: the blocks of a file system's log, split by time. The sessions that begin first train - the normal
ones alone, and all of them without a label - and the others are to be ranked and flagged at a rate of .1 %.

Usage: sessions.py FOLDER
"""
import re
import sys
import tempfile

from common import average_precision, f1, find, logdetect, report, table

KEY = r"blk_-?\d+"
TRAIN_SHARE = 0.6

log = find(sys.argv[1], "HDFS_2pct_dev.log")[0]
label_of = {row["BlockId"]: row["Label"] == "Anomaly" for row in table(find(sys.argv[1], "labels_dev.csv")[0])}
lines_of = {}  # in order of appearance
with open(log, "rb") as file:
    for number, line in enumerate(file):
        key = re.search(KEY.encode(), line)
        if key and key[0].decode() in label_of:
            lines_of.setdefault(key[0].decode(), []).append((number, line))
order = list(lines_of)
cut = int(len(order) * TRAIN_SHARE)


def write(path, sessions):
    with open(path, "wb") as file:
        for _, line in sorted(entry for session in sessions for entry in lines_of[session]):
            file.write(line)


with tempfile.TemporaryDirectory() as folder:
    test = order[cut:]
    write(f"{folder}/test.log", test)
    for name, train in (("clean", [s for s in order[:cut] if not label_of[s]]), ("mixed", order[:cut])):
        write(f"{folder}/train.log", train)
        logdetect("train", "--session", KEY, "--target-fpr", "0.001", "--input", f"{folder}/train.log",
                  "--output", f"{folder}/{name}.lgd")
        records = logdetect("scan", "--model", f"{folder}/{name}.lgd", "--input", f"{folder}/test.log",
                            "--format", "jsonl", "--emit", "all")
        found = {record["session"]: record for record in records if record["type"] == "session"}
        truth = [label_of[s] for s in test]
        report(f"sessions-{name}", average_precision=average_precision(truth, [found[s]["bits"] for s in test]),
               f1=f1(truth, [found[s]["is_anomaly"] for s in test]))
