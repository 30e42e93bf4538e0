"""Incidents in runs of a cloud platform into which a fault was injected. The first ten runs without a fault train; each of
the others is scanned alone. A run's fault is found when an incident starts after its trigger (less 5 s, since clocks
and buffers differ). Of false incidents the report tells 1 - a tenth of their number in 100,000 lines.

Usage: incidents.py FOLDER
"""
import concurrent.futures
import datetime
import os
import sys
import tempfile

from common import average_precision, find, logdetect, report, table

N_TRAIN = 10
SLACK = datetime.timedelta(seconds=5)

labels = find(sys.argv[1], "labels.tsv")[0]
runs = table(labels, "\t")


def log_of(run):
    return os.path.join(os.path.dirname(labels), run["session"], "openstack.log")


def is_after(incident, trigger):
    start = incident["start"] and datetime.datetime.fromisoformat(incident["start"].replace("Z", "+00:00"))
    return bool(start) and start.replace(tzinfo=None) >= trigger - SLACK


def scan(run):
    """(is faulty, highest surprise of an incident that may be the fault, is the highest of all one of those, how many are
    false, in how many lines)"""
    records = logdetect("scan", "--threads", "1", "--model", model, "--format", "jsonl", log_of(run))
    incidents = [record for record in records if record["type"] == "incident"]
    if run["label"] == "normal":
        return False, max((i["bits"] for i in incidents), default=0), False, len(incidents), int(run["n_lines"])
    trigger = datetime.datetime.fromisoformat(run["trigger_log_local"])
    after = [i["bits"] for i in incidents if is_after(i, trigger)]
    fault = max(after, default=0)
    return (True, fault, fault > 0 and fault == max(i["bits"] for i in incidents), len(incidents) - len(after),
            int(run["n_lines_before_trigger"] or 0))


with tempfile.TemporaryDirectory() as folder:
    model = f"{folder}/model.lgd"
    train = [run for run in runs if run["label"] == "normal"][:N_TRAIN]
    logdetect("train", *(argument for run in train for argument in ("--input", log_of(run))), "--output", model)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(scan, [run for run in runs if run not in train]))
truth, surprise, is_top, n_false, n_lines = zip(*results)
n_faults = sum(truth)
report("incidents", recall=sum(s > 0 for t, s in zip(truth, surprise) if t) / n_faults,
       average_precision=average_precision(truth, surprise), top_is_the_fault=sum(is_top) / n_faults,
       lines_without_a_false_one_in_100k=max(0, 1 - sum(n_false) / sum(n_lines) * 1e5 / 10))
