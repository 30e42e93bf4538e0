"""The truth about the headers of the lnav sample files, and how much of it logdetect finds.

For each file a row says how the time and the level of its lines are read, written from looking at the file. Nothing
here is shared with the C code: regular expressions, strptime and json. A line states a time, a level, both or neither;
a level counts only where the line itself states it; the HTTP status of an answer does from 400 on. What nobody could know is ANY, what
may be read in two ways is a set. Years and days that are not written follow from the mtime that is set here.

Usage: headers.py FOLDER [NAME]... ; with NAMEs the wrong lines of these files are shown.
"""
import datetime
import json
import os
import re
import shutil
import sys
import tempfile

import common

LEAST = 0.99
ANY = object()

LEVELS = {"trace": "trace finest finer verbose v", "debug": "debug fine dbg d config",
          "info": "info information inf i note notice log detail hint statement context",
          "warning": "warning warn wrn w", "error": "error err severe e",
          "critical": "critical crit fatal f c emergency emerg alert panic"}
LEVEL_OF = {word: level for level, words in LEVELS.items() for word in words.split()}
SYSLOG = ["critical"] * 3 + ["error", "warning", "info", "info", "debug"]
ZONES = {"UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "PDT": -7, "CEST": 2}

ISO = r"(?P<t>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](?P<f>\d+))?(?: ?(?P<z>Z|[A-Z]{3,4}(?= )|[+-]\d\d:?\d\d))?"
ISO_FORM = "%Y-%m-%d %H:%M:%S"
SYSLOG_TIME, SYSLOG_FORM = r"(?P<t>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)(?:\.(?P<f>\d+))?", "%b %d %H:%M:%S"
CLF_TIME, CLF_FORM = r"\[(?P<t>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d) (?P<z>[+-]\d{4})\]", "%d/%b/%Y:%H:%M:%S"
STATUS_LEVEL = {"4": "warning", "5": "error"}  # of an HTTP answer
SECOND = 10**9


def level_of(word):
    word = word.lower().rstrip("0123456789")
    return LEVEL_OF.get(word)


def nanoseconds(digits):
    return int((digits or "0")[:9].ljust(9, "0"))


def zone_seconds(zone):
    if not zone or zone in ZONES:
        return ZONES.get(zone, 0) * 3600
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    return (-1 if zone[0] == "-" else 1) * (hours * 3600 + minutes * 60)


class Calendar:
    """Carries the year and the day through the lines of a file."""

    def __init__(self, mtime):
        self.mtime = mtime
        self.last = None

    def complete(self, time, form):
        if "%Y" in form or "%y" in form:
            self.last = time
        elif "%d" in form:  # the latest year that does not lie behind the mtime; then a step back is a New Year
            year = self.last.year if self.last else self.mtime.year
            time = time.replace(year=year)
            if self.last is None and time > self.mtime + datetime.timedelta(days=1):
                time = time.replace(year=year - 1)
            if self.last and time < self.last - datetime.timedelta(days=180):
                time = time.replace(year=year + 1)
            self.last = time
        else:
            day = self.last or self.mtime
            time = time.replace(year=day.year, month=day.month, day=day.day)
            if self.last and time < self.last - datetime.timedelta(hours=2):
                time += datetime.timedelta(days=1)
            self.last = time
        return time


def utc_ns(match, form, calendar):
    groups = match.groupdict()
    text, fraction = groups["t"].replace("T", " ") if form == ISO_FORM else groups["t"], groups.get("f")
    if form == "epoch":
        return int(text) * 10 ** (19 - len(text)) + nanoseconds(fraction)
    if form == "tai64n":  # a TAI label; 10 seconds are taken off as multilog's readers do
        return (int(text[:16], 16) - 2**62 - 10) * SECOND + int(text[16:], 16)
    time = calendar.complete(datetime.datetime.strptime("2000 " + text if "%Y" not in form else text,
                                                       "%Y " + form if "%Y" not in form else form), form)
    seconds = int((time - datetime.datetime(1970, 1, 1)).total_seconds())
    return (seconds - zone_seconds(groups.get("z"))) * SECOND + nanoseconds(fraction)


def text(*forms, levels=level_of):
    """Rows of regular expression and form; the first that matches at the front of the line is the line's."""
    compiled = [(re.compile(pattern), form) for pattern, form in forms]

    def read(line, calendar):
        for pattern, form in compiled:
            match = pattern.match(line)
            if match:
                word, status = match.groupdict().get("l"), match.groupdict().get("s")
                level = levels(word) if word else STATUS_LEVEL.get(status[0]) if status else None
                return utc_ns(match, form, calendar) if form else None, level
        return None, None
    return read


def member(record, path):
    """The value at a.b.c, where a part may itself hold dots."""
    if path in record:
        return record[path]
    for cut in (i for i, c in enumerate(path) if c == "."):
        inner = record.get(path[:cut])
        if isinstance(inner, list):
            inner = inner[0] if inner else None
        if isinstance(inner, dict):
            found = member(inner, path[cut + 1:])
            if found is not None:
                return found
    return None


def value_ns(value, calendar):
    if match := re.fullmatch(r"(\d{10})\.(\d+)", str(value)):
        return int(match[1]) * SECOND + nanoseconds(match[2])
    if str(value).isdigit():
        return int(value) * 10 ** (19 - len(str(value)))
    match = re.fullmatch(ISO, value)
    return utc_ns(match, ISO_FORM, calendar) if match else None


def json_lines(time, level=None, levels=level_of, prefix="", other=None):
    """JSON objects behind a prefix; a line that is no JSON is read by `other`, or may be read either way."""
    def read(line, calendar):
        try:
            record = json.loads(re.sub("^" + prefix, "", line), parse_float=str)
        except ValueError:
            return other(line, calendar) if other else (ANY, ANY) if line.startswith("{") else (None, None)
        stated = member(record, level) if level else None
        return value_ns(member(record, time), calendar), levels(stated) if stated is not None else None
    return read


def log4j2_instant(line, _):
    instant = json.loads(line)["instant"]
    return instant["epochSecond"] * SECOND + instant["nanoOfSecond"], None


def either(read, times=False, levels=False):
    """Nothing or what is stated: both are right."""
    def both(line, calendar):
        time, level = read(line, calendar)
        return {None, time} if times else time, {None, level} if levels else level
    return both


def w3c(*rows):
    """A directive may be taken for a line without a time or for one with the time that it names. The names of the
    fields say where the status stands."""
    names = []

    def status_level(line):
        values = re.findall(r'"[^"]*"|\S+', line)
        if "sc-status" not in names or len(values) != len(names):
            return None
        return STATUS_LEVEL.get(values[names.index("sc-status")][0])

    def read(line, calendar):
        if line.startswith("#"):
            if line.startswith("#Fields:"):
                names[:] = line.split()[1:]
            if match := re.match(r"#Date: " + ISO, line):
                return {None, utc_ns(match, ISO_FORM, calendar)}, None
            return ANY, None
        return text(*rows)(line, calendar)[0], status_level(line)
    return read


def redis_level(mark):
    return {".": "debug", "-": "trace", "*": "info", "#": "warning"}.get(mark) or level_of(mark)


def bunyan(number):
    return {10: "trace", 20: "debug", 30: "info", 40: "warning", 50: "error", 60: "critical"}[number]


SYSLOG_LINE = text((SYSLOG_TIME, SYSLOG_FORM))
ACCESS = text((r"\S+ (?:\S+ \S+ )?" + CLF_TIME + r'(?: "(?:[^"\\]|\\.)*" (?P<s>\d{3}) )?', CLF_FORM))
REDIS_TIME = r"\d+:[A-Z] (?P<t>\d\d \w{3} \d{4} \d\d:\d\d:\d\d)\.(?P<f>\d+) (?P<l>[-.*#]) "
REDIS_FORM = "%d %b %Y %H:%M:%S"
ESCAPE = "(?:\x1b\\[[0-9;]*[A-Za-z])*"
COMPOSE = ESCAPE + r"[\w-]+  \| "
COMPOSED = text((COMPOSE + REDIS_TIME, REDIS_FORM), (COMPOSE + ESCAPE + r"(?P<l>WARNING):", None),
                (COMPOSE + r"1:signal-handler \((?P<t>\d{10})\)", "epoch"), levels=redis_level)


def composed(line, calendar):
    """A signal handler writes its own time into its message: that may be found or not."""
    time, level = COMPOSED(line, calendar)
    return ({None, time} if "signal-handler" in line else time), level


COMPOSED_TIMES = text((COMPOSE + ISO + " " + r"\d+:[A-Z] .{24} (?P<l>[*#]) ", ISO_FORM),
                      (COMPOSE + ISO + " " + ESCAPE + "(?P<l>WARNING):", ISO_FORM), (COMPOSE + ISO, ISO_FORM),
                      levels=redis_level)
COLOURED = re.compile(ESCAPE + r"(?P<t>[A-Z][a-z]{2} \d\d )" + ESCAPE + r"(?P<u>\d\d:\d\d:\d\d)")


def coloured_syslog(line, calendar):
    match = COLOURED.match(line)
    return SYSLOG_LINE(match["t"] + match["u"], calendar) if match else (None, None)


W3C_LINE = w3c((ISO, ISO_FORM))
JSON_TS = json_lines("ts", "lvl")
EPOCH = r"(?P<t>\d{10})(?:\.(?P<f>\d+))?"
OTEL = "resourceLogs.scopeLogs.logRecords."
DAY = "2014-12-01"  # the mtime where a row does not need one of its own

# file: how its lines are read, and the mtime
ROWS = {
    "gharchive_log.jsonl": (json_lines("created_at"), DAY),
    "log.clog": (json_lines("@timestamp", "level"), DAY),
    "logfile_access_log.0": (ACCESS, DAY),
    "logfile_access_log.1": (ACCESS, DAY),
    "logfile_access_log_dupe.0": (ACCESS, DAY),
    "logfile_ansi.0": (text((ISO, ISO_FORM)), DAY),
    "logfile_ansi.1": (coloured_syslog, DAY),
    "logfile_bad_access_log.0": (ACCESS, DAY),
    "logfile_bad_syslog.0": (SYSLOG_LINE, DAY),
    "logfile_block.1": (text((r"\w{3} (?P<t>\w{3} \d\d \d\d:\d\d:\d\d) (?P<z>EST) 2021 ", SYSLOG_FORM)), "2021-05-20"),
    "logfile_block.2": (text((r"\w{3} (?P<t>\w{3} \d\d \d\d:\d\d:\d\d UTC \d{4})", "%b %d %H:%M:%S UTC %Y")), DAY),
    "logfile_blued.0": (SYSLOG_LINE, DAY),
    "logfile_bro_conn.log.0": (text((EPOCH + "\t", "epoch")), DAY),
    "logfile_bro_http.log.0": (text((EPOCH + "\t", "epoch")), DAY),
    "logfile_bunyan.0": (json_lines("time", "level", bunyan), DAY),
    "logfile_caddy_log.0": (json_lines("ts", "level", prefix=r"caddy  \| "), DAY),
    "logfile_caddy_log.1": (json_lines("ts", "level"), DAY),
    "logfile_cloudflare.1": (json_lines("EdgeStartTimestamp"), DAY),
    "logfile_cloudflare.json": (json_lines("EdgeStartTimestamp"), DAY),
    "logfile_crlf.0": (text((ISO + ":(?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_cxx.0": (text((SYSLOG_TIME + "  [0-9A-F]{13} (?P<l>[A-Z]) ", SYSLOG_FORM)), DAY),
    "logfile_docker_compose.0": (composed, DAY),
    "logfile_docker_compose_with_noise.0": (composed, DAY),
    "logfile_docker_compose_with_ts.0": (COMPOSED_TIMES, DAY),
    "logfile_dst.0": (SYSLOG_LINE, DAY),
    "logfile_ecs_log.json": (json_lines("@timestamp", "log.level"), DAY),
    "logfile_empty.0": (text(), DAY),
    "logfile_epoch.0": (text((r"(?P<t>\d{13}) ", "epoch")), DAY),
    "logfile_epoch.1": (text((ISO, ISO_FORM)), DAY),
    "logfile_filter.0": (SYSLOG_LINE, "2014-12-07"),
    "logfile_filter.1": (SYSLOG_LINE, DAY),
    "logfile_for_join.0": (SYSLOG_LINE, DAY),
    "logfile_generic.0": (text((ISO + ":(?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_generic.1": (text((ISO + r" \d+\](?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_generic.2": (text((ISO + " (?P<l>err) ", ISO_FORM)), DAY),
    "logfile_generic.3": (text((r"(?P<t>\d{8}\.\d{6}),(?P<f>\d+):(?P<l>[A-Z]+):", "%Y%m%d.%H%M%S")), DAY),
    "logfile_generic_nanos.0": (text((ISO + ":(?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_generic_with_header.0": (text((ISO + ":(?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_glog.0": (text((r"(?P<l>[A-Z])(?P<t>\d{4} \d\d:\d\d:\d\d)\.(?P<f>\d+)", "%m%d %H:%M:%S")), DAY),
    "logfile_grafana.0": (text((r"logger=\S+ t=" + ISO + " level=(?P<l>[a-z]+) ", ISO_FORM)), DAY),
    "logfile_haproxy.0": (SYSLOG_LINE, "2019-03-01"),
    "logfile_invalid_json.json": (json_lines("ts", "@fields.lvl"), DAY),
    "logfile_invalid_json2.json": (json_lines("ts", "@fields.lvl"), DAY),
    "logfile_invalid_tz.0": (either(text((r"(?P<t>[\d-]+T[\d:]+)\.(?P<f>\d+)FOO (?P<l>err) ", ISO_FORM)), True, True), DAY),
    "logfile_invalid_utf8.0": (text((ISO + ":(?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_java.0": (text((ISO + " (?P<l>[A-Z]+) ", ISO_FORM)), DAY),
    "logfile_java.1": (text((ISO + " (?P<l>[A-Z]+) ", ISO_FORM)), DAY),
    "logfile_journald.json": (json_lines("__REALTIME_TIMESTAMP", "PRIORITY", lambda p: SYSLOG[int(p)]), DAY),
    "logfile_json.json": (JSON_TS, DAY),
    "logfile_json2.json": (json_lines("ts", "lvl", lambda _: ANY), DAY),  # its numbers have a meaning of their own
    "logfile_json_invalid.json": (JSON_TS, DAY),
    "logfile_json_subsec.json": (log4j2_instant, DAY),
    "logfile_jsonid.json": (json_lines("ts", "level"), DAY),
    "logfile_laravel.0": (text((r"\[" + ISO + r"\] \w+\.(?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_laravel.1": (text((r"\[" + ISO + r"\] \w+\.(?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_leveltest.0": (text((ISO + " (?P<l>[a-z0-9]+) ", ISO_FORM)), DAY),
    "logfile_logfmt.0": (text((r'time="' + ISO + r'" level=(?P<l>\w+) ', ISO_FORM)), DAY),
    "logfile_mixed_json2.json": (json_lines("ts", "lvl", other=text((r'timestamp="' + ISO + r'" level="(?P<l>\w+)"', ISO_FORM),
                                                                   ("(?P<l>panic): ", None))), DAY),
    "logfile_mongodb.0": (json_lines("t.$date", "s"), DAY),
    "logfile_multiline.0": (text((ISO + ":(?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_mux_zookeeper.0": (text((ISO + r" source=\S+ .{23} \[myid:\] - (?P<l>[A-Z]+) ", ISO_FORM)), DAY),
    "logfile_muxed_syslog.0": (json_lines("timestamp"), DAY),
    "logfile_mysql_error.0": (text((ISO + r" \d+ \[(?P<l>\w+)\]", ISO_FORM)), DAY),
    "logfile_mysql_gen.0": (text((ISO + "\t", ISO_FORM)), DAY),
    "logfile_mysql_slow.0": (text(("# Time: " + ISO, ISO_FORM)), DAY),
    "logfile_nested_json.json": (json_lines("ts", "@fields.lvl"), DAY),
    "logfile_nextcloud.0": (json_lines("time", "level", lambda _: ANY), DAY),  # its levels are numbers of its own: 0 to 4
    "logfile_openam.0": (text((r'"' + ISO + '".*\t(?P<l>FINE|INFO)\t', ISO_FORM)), DAY),
    "logfile_otel_collector.jsonl": (json_lines(OTEL + "timeUnixNano", OTEL + "severityText"), DAY),  # the first of each line
    "logfile_partitions.0": (SYSLOG_LINE, DAY),
    "logfile_pino.0": (json_lines("time", "level"), DAY),
    "logfile_plain.0": (text(), DAY),
    "logfile_postgres.0": (text((ISO + r" \[\d+\] (?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_postgres.1": (text((ISO + r" \[\d+\] (?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_postgres.2": (text((ISO + r" \[\d+\] (?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_pretty.0": (either(SYSLOG_LINE, levels=True), DAY),
    "logfile_regexp_access_log.0": (text((r"\S+ \S+ \S+ \S+ " + CLF_TIME, CLF_FORM)), DAY),
    "logfile_rollover.0": (text((r"(?P<t>\d\d:\d\d:\d\d)\.(?P<f>\d+) \w+ (?P<l>[A-Z]+) ", "%H:%M:%S")), DAY),
    "logfile_rollover.1": (SYSLOG_LINE, DAY),
    "logfile_rollover.2": (SYSLOG_LINE, DAY),
    "logfile_rust_tracing.0": (json_lines("timestamp", "level"), DAY),
    "logfile_shop_access_log.0": (ACCESS, DAY),
    "logfile_spark.0": (text((r"(?P<t>\d\d/\d\d/\d\d \d\d:\d\d:\d\d) (?P<l>[A-Z]+) ", "%y/%m/%d %H:%M:%S")), DAY),
    "logfile_spark_dupe.0": (text((r"(?P<t>\d\d/\d\d/\d\d \d\d:\d\d:\d\d) (?P<l>[A-Z]+) ", "%y/%m/%d %H:%M:%S")), DAY),
    "logfile_strace_log.0": (text((r"(?P<t>\d\d:\d\d:\d\d)\.(?P<f>\d+) ", "%H:%M:%S")), DAY),
    "logfile_strace_log.1": (text((r"\d+ +" + EPOCH, "epoch")), DAY),
    "logfile_strace_log.2": (text((r"\d+ +(?P<t>\d\d:\d\d:\d\d)\.(?P<f>\d+) ", "%H:%M:%S")), DAY),
    "logfile_syslog.0": (SYSLOG_LINE, DAY),
    "logfile_syslog.1": (SYSLOG_LINE, DAY),
    "logfile_syslog.2": (SYSLOG_LINE, DAY),
    "logfile_syslog.3": (SYSLOG_LINE, DAY),
    "logfile_syslog_with_access_log.0": (SYSLOG_LINE, DAY),
    "logfile_syslog_with_header.0": (SYSLOG_LINE, DAY),
    "logfile_syslog_with_mixed_times.0": (SYSLOG_LINE, DAY),
    "logfile_tai64n.0": (text((r"@(?P<t>[0-9a-f]{24}) ", "tai64n")), DAY),
    "logfile_tcf.0": (text(), DAY),  # minutes and seconds alone say no time
    "logfile_tcf.1": (text(), DAY),
    "logfile_tcsh_history.0": (text((r"#\+(?P<t>\d{10})$", "epoch")), DAY),
    "logfile_ts_value.0": (text((ISO + " (?P<l>[A-Z]+) ", ISO_FORM)), DAY),
    "logfile_uwsgi.0": (text((r"\[pid.*?\} \[\w{3} (?P<t>\w{3} \d\d \d\d:\d\d:\d\d \d{4})\]", "%b %d %H:%M:%S %Y")), DAY),
    "logfile_vami.0": (text((ISO + ":(?P<l>[A-Z]+):", ISO_FORM)), DAY),
    "logfile_vdsm.0": (text((r"[\w-]+::(?P<l>[A-Z]+)::" + ISO + "::", ISO_FORM)), DAY),
    "logfile_vmw_log.0": (text((ISO + " (?P<l>[a-z]+) ", ISO_FORM)), DAY),
    "logfile_vpxd.0": (text((ISO + " (?P<l>[a-z]+) ", ISO_FORM)), DAY),
    "logfile_w3c.0": (W3C_LINE, DAY),
    "logfile_w3c.1": (w3c((r"\S+ +\S+ +\S+ +(?P<t>\S+ +\d\d:\d\d:\d\d) ", "%Y-%m-%d %H:%M:%S")), DAY),
    "logfile_w3c.2": (w3c((r"(?P<t>\d\d:\d\d:\d\d) ", "%H:%M:%S")), "2000-10-09"),
    "logfile_w3c.3": (W3C_LINE, DAY),
    "logfile_w3c.4": (w3c((r'"(?P<t>[\d-]+" "[\d:]+)" ', '%Y-%m-%d" "%H:%M:%S')), DAY),
    "logfile_w3c.5": (W3C_LINE, DAY),
    "logfile_w3c.6": (W3C_LINE, DAY),
    "logfile_w3c_big.0": (W3C_LINE, DAY),
    "logfile_with_a_really_long_name_to_test_a_bug_with_long_names.0": (text(), DAY),
    "logfile_with_zones.0": (text((ISO + r' \S+ NSX .*? level="(?P<l>\w+)"', ISO_FORM), (ISO, ISO_FORM)), DAY),
    "logfile_xml_msg.0": (text((r"\[" + ISO + r"\] (?P<l>[A-Z]+) ", ISO_FORM)), DAY),
    "logfile_yday.0": (text((r"(?P<t>\d{4}-\d{3}T\d\d:\d\d:\d\d),(?P<f>\d+):(?P<l>[A-Z]+):", "%Y-%jT%H:%M:%S")), DAY),
    "logfile_zap_console.0": (text((ISO + "\t(?P<l>[a-z]+)\t", ISO_FORM)), DAY),
}
def read_back(timestamp):
    """The nanoseconds of an RFC 3339 time in UTC."""
    if timestamp is None:
        return None
    match = re.fullmatch(r"(-?\d+-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z", timestamp)
    time = datetime.datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S")
    return int((time - datetime.datetime(1970, 1, 1)).total_seconds()) * SECOND + nanoseconds(match[2])


def is_right(expected, found):
    return expected is ANY or (found in expected if isinstance(expected, set) else found == expected)


def compare(source, work, name, show):
    """Lines right and all, then those that state something; logdetect reads a copy with the mtime of the row."""
    read, day = ROWS[name]
    path = os.path.join(work, name)
    shutil.copyfile(os.path.join(source, name), path)
    mtime = datetime.datetime.fromisoformat(day + "T23:59:59")
    os.utime(path, ((mtime - datetime.datetime(1970, 1, 1)).total_seconds(),) * 2)
    with open(path, "rb") as file:
        lines = file.read().decode("utf-8", "replace").split("\n")
    if lines[-1] == "":
        lines.pop()
    records = common.logdetect("parse", "--format", "jsonl", "--multiline", "off", path) if lines else []
    found = {record["line"]: (read_back(record["timestamp"]), record["level"]) for record in records}
    calendar = Calendar(mtime)
    counts = [0, 0, 0, 0]
    for number, line in enumerate(lines, 1):
        expected = read(line.rstrip("\r"), calendar)
        actual = found.get(number, (None, None))
        right = all(is_right(e, a) for e, a in zip(expected, actual))
        states = expected != (None, None)
        for i, value in enumerate((right, 1, right and states, states)):
            counts[i] += value
        if show and not right:
            print(f"  line {number}: expected {expected}, found {actual}: {line[:160]!r}")
    return counts


def main():
    source, shown = sys.argv[1], sys.argv[2:]
    total = [0, 0, 0, 0]
    with tempfile.TemporaryDirectory() as work:
        for name in shown or ROWS:
            counts = compare(source, work, name, bool(shown))
            total = [a + b for a, b in zip(total, counts)]
            if counts[0] < counts[1] or shown:
                print(f"{name:<40} {counts[0]}/{counts[1]} lines, {counts[2]}/{counts[3]} with a header")
    print(f"{total[0]}/{total[1]} lines ({total[0] / total[1]:.4f}), "
          f"{total[2]}/{total[3]} with a header ({total[2] / max(total[3], 1):.4f}), {len(shown or ROWS)} files")
    if not shown and min(total[0] / total[1], total[2] / total[3]) < LEAST:
        sys.exit(f"below {LEAST}")


if __name__ == "__main__":
    main()
