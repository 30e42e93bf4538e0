"""What the measurements share: running logdetect, its records, and the figures by their definitions."""
import collections
import csv
import json
import os
import subprocess
import sys


def logdetect(*arguments):
    """Runs $LOGDETECT; its records where it prints JSON Lines. Stops everything where it fails."""
    command = [os.environ["LOGDETECT"], *arguments, "--quiet", "--tz", "UTC"]
    done = subprocess.run(command, capture_output=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    if "jsonl" not in arguments:
        return []
    return [json.loads(line) for line in done.stdout.decode("utf-8").split("\n") if line]


def find(folder, ending):
    """All files below folder whose path ends so, sorted; none is an error."""
    paths = [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names]
    found = sorted(path for path in paths if path.endswith(ending))
    return found or sys.exit(f"{folder}: holds no {ending}")


def table(path, delimiter=","):
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def grouping_accuracy(truth, found):
    """Share of lines whose group holds exactly the lines of their true group (Zhu et al. 2019)."""
    members = collections.defaultdict(set), collections.defaultdict(set)
    for line, labels in enumerate(zip(truth, found)):
        for groups, label in zip(members, labels):
            groups[label].add(line)
    right = sum(members[0][t] == members[1][f] for t, f in zip(truth, found))
    return right / len(truth)


def average_precision(truth, scores):
    """Mean over the positives of the precision at their rank; equal scores share the rank of the last of them."""
    by_score = collections.defaultdict(lambda: [0, 0])
    for positive, score in zip(truth, scores):
        by_score[score][0] += positive
        by_score[score][1] += 1
    hits = seen = total = 0
    for score in sorted(by_score, reverse=True):
        positives, size = by_score[score]
        hits += positives
        seen += size
        total += positives * hits / seen
    return total / hits if hits else 0.0


def f1(truth, flags):
    both = sum(t and f for t, f in zip(truth, flags))
    return 2 * both / (sum(truth) + sum(flags)) if both else 0.0


def report(name, **figures):
    for figure, value in figures.items():
        print(f"{name},{figure},{value:.4f}", flush=True)
