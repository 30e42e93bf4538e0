"""Grouping accuracy of `parse` on raw lines, for each log that has a table of true events beside it; and the mean.

Usage: groups.py FOLDER
"""
import os
import sys

from common import find, grouping_accuracy, logdetect, report, table

ENDING = ".log_structured.csv"
accuracies = []
for path in find(sys.argv[1], ENDING):
    if "_corrected" in path:
        continue
    truth = [row["EventId"] for row in table(path)]
    records = logdetect("parse", "--multiline", "off", "--format", "jsonl", path[:-len("_structured.csv")])
    template_of = {record["line"]: record["template_id"] for record in records}
    found = [template_of.get(line + 1, f"line {line}") for line in range(len(truth))]
    accuracies.append(grouping_accuracy(truth, found))
    report("groups", **{os.path.basename(path)[:-len(ENDING)]: accuracies[-1]})
report("groups", mean=sum(accuracies) / len(accuracies), worst=min(accuracies))
