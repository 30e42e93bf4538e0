"""How many lines of fault-free runs of a cloud platform are flagged, over how many were asked for: the first 60 % of the
lines, in order of time, train; the others are scanned. 1 is best; both less and more are worse.

Usage: rates.py FOLDER
"""
import os
import sys
import tempfile

from common import find, logdetect, report, table

SHARE = 0.6

labels = find(sys.argv[1], "labels.tsv")[0]
runs = sorted((run for run in table(labels, "\t") if run["label"] == "normal"), key=lambda run: run["first_ts"])
lines = []
for run in runs:
    with open(os.path.join(os.path.dirname(labels), run["session"], "openstack.log"), "rb") as file:
        lines += file.readlines()
cut = int(len(lines) * SHARE)
with tempfile.TemporaryDirectory() as folder:
    for name, part in (("train", lines[:cut]), ("test", lines[cut:])):
        with open(f"{folder}/{name}.log", "wb") as file:
            file.writelines(part)
    logdetect("train", "--input", f"{folder}/train.log", "--output", f"{folder}/m.lgd")
    for rate in ("0.01", "0.005", "0.001"):
        summary = logdetect("scan", "--model", f"{folder}/m.lgd", "--fpr", rate, "--format", "jsonl",
                            f"{folder}/test.log")[-1]
        ratio = summary["anomalies"] / summary["records"] / float(rate)
        report(f"lines-rate-{rate}", as_asked=min(ratio, 1 / ratio) if ratio else 0.0)
