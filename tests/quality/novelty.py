"""New events: the first half of each log that has a table of true events trains, the other half is scanned. An event
whose true template is not in the first half is to be of an unknown template, and no other event is.

Usage: novelty.py FOLDER
"""
import os
import sys
import tempfile

from common import find, logdetect, report, table

ENDING = ".log_structured.csv"


def halves(path):
    with open(path, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    return lines[:len(lines) // 2], lines[len(lines) // 2:]


def unknown_lines(train, test, folder):
    """Numbers of the lines of test, from 0, whose template the training half does not have."""

    def ids(name, lines):
        with open(f"{folder}/{name}", "wb") as file:
            file.writelines(lines)
        if name == "train.log":
            logdetect("train", "--session", "none", "--multiline", "off", "--text", "--input", f"{folder}/{name}",
                      "--output", f"{folder}/model.lgd")
        records = logdetect("parse", "--model", f"{folder}/model.lgd", "--multiline", "off", "--text",
                            "--format", "jsonl", f"{folder}/{name}")
        return {record["line"] - 1: record["template_id"] for record in records}

    known = set(ids("train.log", train).values())
    return {line for line, template in ids("test.log", test).items() if template not in known}


n_new = n_found = n_old = n_false = 0
for path in find(sys.argv[1], ENDING):
    if "_corrected" in path:
        continue
    truth = [row["EventId"] for row in table(path)]
    train, test = halves(path[:-len("_structured.csv")])
    seen = set(truth[:len(train)])
    with tempfile.TemporaryDirectory() as folder:
        unknown = unknown_lines(train, test, folder)
    for line, event in enumerate(truth[len(train):]):
        is_unknown = line in unknown
        n_new += event not in seen
        n_found += event not in seen and is_unknown
        n_old += event in seen
        n_false += event in seen and is_unknown
report("novelty", found=n_found / n_new, not_false=1 - n_false / n_old)
