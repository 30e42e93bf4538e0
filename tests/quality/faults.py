"""Faults that lgd-inject puts into normal logs: which are found, what is said of them, and what is found beside them.

A model learns the training logs; the log with faults is scanned. A fault is found when an incident overlaps its time (or,
without times, its lines) within the slack, or, for wrong order and missing events, when a session of its lines is
anomalous. Incidents that overlap no fault are false: of these the report tells
1 - a tenth of their number in 100,000 lines, so that, as with all figures, more is better.

Usage: faults.py INJECT COUNT SEEDS NAME TRAIN_GLOB TEST_LOG [TRAIN_GLOB TEST_LOG]...   (LOGDETECT in the environment)
Prints measurement,figure,value; with FAULTS_VERBOSE each fault on standard error.
"""
import collections
import datetime
import math
import os
import subprocess
import sys
import tempfile

from common import logdetect, report, table

SLACK_BEFORE, SLACK_AFTER = 60.0, 300.0
SLACK_LINES = 50
CAUSES = {
    "new_template": {"NEW_TEMPLATE"},
    "burst": {"BURST"},
    "silence": {"SILENCE"},
    "order": {"SEQUENCE"},
    "rare_value": {"NEW_VALUE", "RARE_VALUE"},
    "numeric_drift": {"NUMERIC_RANGE"},
    "odd_hour": {"UNUSUAL_TIME"},
    "missing_event": {"SEQUENCE", "COUNT", "SILENCE"},
    "level_shift": {"BURST", "SILENCE"},
}
BY_SESSION = {"order", "missing_event"}


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else None


def adjusted_mutual_information(truth, found):
    """AMI with the arithmetic mean (Vinh, Epps & Bailey 2010)."""
    n = len(truth)
    if n == 0:
        return 1.0
    rows, columns = collections.Counter(truth), collections.Counter(found)
    cells = collections.Counter(zip(truth, found))
    entropy = lambda counts: -sum(c / n * math.log(c / n) for c in counts.values())
    information = sum(c / n * math.log(n * c / (rows[t] * columns[f])) for (t, f), c in cells.items())
    expected = 0.0
    pairs = collections.Counter((a, b) for a in rows.values() for b in columns.values())
    g = math.lgamma
    for (a, b), times in pairs.items():
        for c in range(max(1, a + b - n), min(a, b) + 1):
            log_p = (g(a + 1) + g(b + 1) + g(n - a + 1) + g(n - b + 1) - g(n + 1) - g(c + 1) - g(a - c + 1)
                     - g(b - c + 1) - g(n - a - b + c + 1))
            expected += times * c / n * math.log(n * c / (a * b)) * math.exp(log_p)
    mean = (entropy(rows) + entropy(columns)) / 2
    return 1.0 if abs(mean - expected) < 1e-12 else (information - expected) / (mean - expected)


def overlaps(record, fault):
    """Whether an incident and a fault meet in time, or in lines where there is none."""
    if fault["start"] and record.get("start"):
        return (seconds(record["start"]) <= seconds(fault["end"]) + SLACK_AFTER
                and seconds(record["end"]) >= seconds(fault["start"]) - SLACK_BEFORE)
    line, last = record["first_line"]["line"], max(fault["numbers"], default=int(fault["first_line"]))
    return int(fault["first_line"]) - SLACK_LINES <= line <= last + SLACK_LINES


def holds_lines(session, fault):
    """Whether a session stands around lines of the fault, or around the place of those that are missing."""
    lines = fault["numbers"] or [int(fault["first_line"])]
    return any(session["first_line"] <= line <= session["last_line"] for line in lines)


class Score:
    """Sums over all logs."""

    def __init__(self):
        self.faults = collections.Counter()
        self.found = collections.Counter()
        self.first = collections.Counter()
        self.first_three = collections.Counter()
        self.same_first_line = self.with_lines = 0
        self.false = self.lines = self.incidents = 0
        self.shares = self.sound_shares = 0
        self.removed = self.cited = 0
        self.truth, self.grouped, self.logs = [], [], 0

    def add_fault(self, fault, record):
        kind = fault["kind"]
        self.faults[kind] += 1
        if os.environ.get("FAULTS_VERBOSE"):
            said = [f["kind"] for f in record["factors"]] if record else "missed"
            print(fault["id"], kind, fault["start"], fault["first_line"], fault["template"][:60], said, file=sys.stderr)
        if not record:
            return
        kinds = [factor["kind"] for factor in record["factors"]]
        self.found[kind] += 1
        self.first[kind] += bool(CAUSES[kind] & set(kinds[:1]))
        self.first_three[kind] += bool(CAUSES[kind] & set(kinds[:3]))
        if fault["numbers"] and record["type"] == "incident":
            self.with_lines += 1
            self.same_first_line += record["first_line"]["line"] == int(fault["first_line"])

    def add_shares(self, records):
        for record in records:
            if not record.get("factors"):
                continue
            self.shares += 1
            self.sound_shares += abs(sum(f["share"] for f in record["factors"]) - record["score"]) <= 0.01

    def add_groups(self, faults, anomalies):
        """Lines of faults and of incidents: which fault, which incident."""
        of_fault = {line: fault["id"] for fault in faults for line in fault["numbers"]}
        of_incident = {a["line"]: a["incident"] for a in anomalies if a["incident"]}
        self.logs += 1
        for line in of_fault.keys() & of_incident.keys():
            self.truth.append((self.logs, of_fault[line]))
            self.grouped.append((self.logs, of_incident[line]))

    def tell(self, name):
        n, n_found = sum(self.faults.values()), sum(self.found.values())
        figures = {"faults": n, "recall": n_found / n,
                   "lines_without_a_false_one_in_100k": max(0, 1 - 1e4 * self.false / self.lines),
                   "cause_first": sum(self.first.values()) / max(n_found, 1),
                   "cause_first_three": sum(self.first_three.values()) / max(n_found, 1),
                   "ami": adjusted_mutual_information(self.truth, self.grouped),
                   "first_line": self.same_first_line / max(self.with_lines, 1),
                   "shares_add_up": self.sound_shares / max(self.shares, 1),
                   "evidence_removed": self.removed / max(self.cited, 1)}
        report(name, **figures)
        for kind in CAUSES:
            if self.faults[kind]:
                report(f"{name} {kind}", recall=self.found[kind] / self.faults[kind],
                       cause_first=self.first[kind] / max(self.found[kind], 1), faults=self.faults[kind])


def of_type(records, kind):
    return [record for record in records if record["type"] == kind]


def scan(model, log):
    return logdetect("scan", "--model", model, "--format", "jsonl", log)


def remove_evidence(score, model, log, records):
    """Without the lines that an incident groups, that incident is gone. Those of a silence or a burst alone group none."""
    cited = {a["line"] for a in of_type(records, "anomaly") if a["incident"]}
    before = {a["incident"] for a in of_type(records, "anomaly") if a["incident"]}
    if not before:
        return
    with open(log, "rb") as file:
        kept = [text for number, text in enumerate(file.read().split(b"\n"), 1) if number not in cited]
    with open(log + ".cut", "wb") as file:
        file.write(b"\n".join(kept))
    after = {i["id"] for i in of_type(scan(model, log + ".cut"), "incident")}
    score.cited += len(before)
    score.removed += len(before - after)


def measure(score, model, log, truth):
    records = scan(model, log)
    incidents, sessions = of_type(records, "incident"), of_type(records, "session")
    faults = table(truth)
    for fault in faults:
        fault["numbers"] = [int(line) for line in fault["lines"].split()]
        met = [i for i in incidents if overlaps(i, fault)]
        if not met and fault["kind"] in BY_SESSION:
            met = [s for s in sessions if s["is_anomaly"] and holds_lines(s, fault)]
        score.add_fault(fault, max(met, key=lambda record: record["bits"], default=None))
    score.false += sum(not any(overlaps(i, fault) for fault in faults) for i in incidents)
    if os.environ.get("FAULTS_VERBOSE"):
        for i in incidents:
            if not any(overlaps(i, fault) for fault in faults):
                print("false:", i["start"], i["bits"], i["title"], file=sys.stderr)
    score.incidents += len(incidents)
    score.lines += of_type(records, "summary")[0]["lines_read"]
    score.add_shares(incidents + of_type(records, "anomaly"))
    score.add_groups(faults, of_type(records, "anomaly"))
    remove_evidence(score, model, log, records)


def main():
    inject, count, seeds, name = sys.argv[1:5]
    logs = list(zip(sys.argv[5::2], sys.argv[6::2]))
    score = Score()
    options = os.environ.get("FAULTS_TRAIN", "").split()
    with tempfile.TemporaryDirectory() as folder:
        for train, test in logs:
            model, log, truth = f"{folder}/model.lgd", f"{folder}/log", f"{folder}/truth.csv"
            logdetect("train", "--input", train, "--output", model, *options)
            for seed in range(int(seeds)):
                command = [inject, "--train", train, "--input", test, "--output", log, "--truth", truth, "--count", count,
                           "--seed", str(seed)]
                done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode:
                    sys.exit(f"{' '.join(command)}: {done.stderr}")
                measure(score, model, log, truth)
    score.tell(name)


main()
