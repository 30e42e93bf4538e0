"""Writes the seeds of a fuzz target: a few small inputs of every form that it takes, made here, so that none is kept.

Usage: seeds.py fuzz_NAME LOGDETECT FOLDER
"""

import gzip
import lzma
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

LOGS = [
    b"".join(b"2026-03-04 09:%02d:%02d,%03d %s [worker-%d] db.pool: query took %d ms for user %d\n"
             % (i // 60, i % 60, i * 7 % 1000, (b"INFO", b"WARN")[i % 9 == 0], i % 3, i * i % 97, i) for i in range(20)),
    b"".join(b"Mar  4 09:14:%02d web1 sshd[%d]: Accepted publickey for root from 10.0.0.%d port %d\n"
             % (i, 900 + i % 4, i, 50000 + i) for i in range(20)),
    b"".join(b'{"ts":"2026-03-04T09:14:%02dZ","level":"error","msg":"no \\u0041 \\"x\\" %d","n":[1,{"a":2}]}\n' % (i, i)
             for i in range(12)),
    b"".join(b'ts=1772615642.%03d level=info caller=a.go:12 msg="step done" took=1.5ms id=%d\n' % (i, i)
             for i in range(12)),
    b'10.0.0.1 - - [04/Mar/2026:09:14:02 +0000] "GET /a?b=1 HTTP/1.1" 200 512 "-" "curl/7"\n' * 8,
    b"081109 203615 148 INFO dfs.DataNode: Receiving block blk_-16086 src: /10.250.19.102:54106\n" * 6,
    b"Traceback (most recent call last):\n  File \"a.py\", line 1\nValueError: x\n\tat b.c(D.java:1)\nCaused by: y\n",
    b"\xff\xfe\x00 \xc3\x28 (((([[[ <*> a=b=c \x1b[31m 1,2,3,4 [1, 2, 3] 0x1f 1.2.3.4:5 /a/b c@d.e 12:00\r\n\n \n",
    b"\x1b[2m2024-05-01T10:00:07Z\x1b[0m \x1b[32m INFO\x1b[0m my_app::db: x \x1b]8;;u\x07y\n" * 6,
    b"2024-05-01 10:00:07.123 UTC [77] LOG:  a\n2024-05-01 10:00:07.123 UTC [78] app@main ERROR:  b 1\n" * 6,
    b"@4000000066321261075bcd15 smtpd: ok\n[10:00:07 INF] a\n[Wed May 01 10:00:07.1 2024] [core:error] [pid 7] b\n" * 6,
]

RECORDS = LOGS + [
    b"2026-03-04 09:14:02 ERROR x\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\nKeyError: 'k'\n\n"
    b"During handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n",
    b"panic: x\n\ngoroutine 1 [running]:\npanic({0x1})\n\t/a.go:1\nmain.(*T[...]).f.func1(0x1)\n\t/a.go:2 +0x1d\nexit status 2\n",
    b"thread 'main' panicked at src/main.rs:2:5:\ntext\nstack backtrace:\n   0: a::B<C>::d::h0123456789abcdef\n",
    b"PHP Fatal error:  Uncaught E: x\nStack trace:\n#0 /x.php(12): A\\B->f('x')\n#1 {main}\n\nNext E: y\n  thrown in /x.php\n",
    b"x\nSystem.AException: a\n ---> B.CException: 'q'\n   at A.<B>d__1.C(D d) in C:\\a.cs:line 3\n   --- End of inner ex\n",
    b"a.rb:1:in 'f': x (RuntimeError)\n\tfrom a.rb:2:in 'block in g'\nE: x {\n  a: 1\n}\n    at f (a.js:1:2) {\n  b: [\n  ]\n}\n",
    b"{\n  \"a\": {\n    \"b\": [ 1 ]\n  }\n}\nodd {\n\n# Time: 1\n# User@Host: a\n# Query_time: 1\nSET timestamp=1;\nSELECT\n1;\n",
]

YAML = [
    b"threads: 4\nseed: 7\nsession: 'blk_\\d+'\n",
    b"format: json\nfpr: 0.001\nsensitivity: high\nexplain: on\nmultiline: false\n",
    b"# a comment\ninputs: [a.log, b.log]\ntz: Europe/Berlin\nensemble: \"iforest=1,ngram=2\"\n",
    b"days: 14\nsince: 2026-01-02\nuntil: 2026-02-02T03:04:05Z\ncontamination: 1e-2\ntarget-fpr: .5\n",
    b"members: {iforest: 0.6, ngram: 0.4}\nlstm: {layers: [64, 32], steps: 20, embedding: 8, loss: mse, dropout: 0.1}\n",
    b"members: [counts, novelty]\nlstm:\n  epochs: 5\n  windows: 1024\n  loss: cross-entropy\n",
    b"--- {quiet: true, color: never, device: cpu}\n...\n",
    b"a: &x [*x, !!int 3, {b: [c]}]\n? k\n: |\n  text\n",
]


LABELS = [
    b"BlockId,Label\nblk_1,Normal\nblk_-2,Anomaly\nblk_1,Normal\n",
    b"LineId,Label,Content\n1,-,\"a, \"\"b\"\"\"\n2,KERNDTLB,\"c\nd\"\n3,-,x\n",
    b"\xef\xbb\xbffile;line_number;is_anomaly\r\na.log;2;1\r\na.log;1;0\r\nb.log;7;1\r\na.log;2;1\r\n",
    b"x\tsession id\tclass\n\n1\tq\tbenign\n2\tr\tattack\n",
    "Id,Anomaly\n\u00e9,0\n\U0001f600,1\n".encode("utf-16"),
    b"Line,Label\n" + b"".join(b"%d,%d\n" % (i * 7 % 40 + 1, i * 7 % 40 > 35) for i in range(60)),
]

ALLOW = [
    b'\xef\xbb\xbf# why\r\ntemplate="a ""b"" <*>" component=ssh* until=2026-12-31 reason="x y" by=me\n\nregex=\\d+\n',
    b"regex=^(a+)+$ file=*/a?.log session=*\nsession=probe-* until=2026-03-04T05:06:07Z\nincident=0123456789abcdef by=me\n",
    b'nonsense\ntemplate=\nregex=(\ntemplate="x\nsession=a session=b\nincident=1\ntemplate=x until=soon',
]


def time_seeds():
    with open(os.path.join(HERE, "../unit/timestamps.tsv"), "rb") as table:
        rows = [line.split(b"\t") for line in table if not line.startswith(b"#")]
    for zone in sorted({row[2] for row in rows}):
        yield zone + b"\n" + b"\n".join(row[0] for row in rows if row[2] == zone)
    yield b"+05:30\nDec 31 23:59:59\nJan  1 00:00:01\nFeb 29 12:00:00\n23:59:59\n00:00:01\n1772615642.5\n"


def report_seeds():
    hostile = [b"=cmd()|'", b"\x1b]8;;x\x07\x1b[31m\0\x7f", b"\xc2\x9b \xff\xc0\xaf \xed\xa0\x80", "\u202e\u200b".encode(),
               b'"q" \\ </script>', b"\r,\t%n%s", b"plain", b"caf\xc3\xa9 " * 60]
    for bits, now in ((41.2, 1772615642123456789), (float("inf"), -(1 << 63)), (float("nan"), 0), (-1e308, (1 << 63) - 1)):
        yield struct.pack("<qd", now, bits) + b"\n".join(hostile)
        hostile = hostile[3:] + hostile[:3]


def input_seeds():
    for how in (0, 1, 13, 27, 63):
        for text in (LOGS[0][:700], LOGS[6], b"x" * 200 + b"\r\n\r\n\n" + LOGS[7]):
            yield bytes([how]) + text
            yield bytes([how]) + gzip.compress(text, mtime=1)
            yield bytes([how]) + lzma.compress(text)
            yield bytes([how]) + text.decode("latin-1").encode("utf-16")
    zstd = subprocess.run(["zstd", "-q", "-c"], input=LOGS[0], stdout=subprocess.PIPE, check=False)
    yield b"\1" + zstd.stdout
    yield b"\1\xfe\xff" + LOGS[6].decode().encode("utf-16-be") + b"\xd8"
    yield b"\1" + gzip.compress(LOGS[6], mtime=1) * 2


def model_sections(logdetect, loss):
    """The sections of a small model (see docs/MODEL_FORMAT.md) by name, and how many templates it knows."""
    with tempfile.TemporaryDirectory() as folder:
        log, model, recipe = (os.path.join(folder, name) for name in ("a.log", "a.lgd", "a.yaml"))
        with open(recipe, "w") as f:
            f.write("lstm: {layers: [3, 2], steps: 4, embedding: 2, epochs: 2, loss: %s}\n" % loss)
        with open(log, "wb") as f:
            for i in range(600):
                minute, second = divmod(i, 60)
                f.write(b"2026-03-04 09:%02d:%02d INFO app: job %d %s\n" % (minute, second, i // 6, (b"starts", b"ends")[i % 2]))
        subprocess.run([logdetect, "train", "-q", "--recipe", recipe, "--session", r"job (\d+)", "-o", model, log], check=True)
        info = subprocess.run([logdetect, "parse", "-q", "--format", "jsonl", "-m", model, log], stdout=subprocess.PIPE, check=True)
        n_templates = len({line.split(b'"template_id":')[1].split(b",")[0] for line in info.stdout.splitlines()})
        with open(model, "rb") as f:
            data = f.read()
    sections = {}
    for i in range(struct.unpack_from("<I", data, 16)[0]):
        name, _, _, offset, n = struct.unpack_from("<8sIIQQ", data, 24 + 32 * i)
        sections[name.rstrip(b"\0").decode()] = data[offset:offset + n]
    return sections, n_templates


def model_seeds(logdetect):
    """Each section behind the three bytes that the target wants."""
    sections, n_templates = model_sections(logdetect, "cross-entropy")
    n_profile = struct.unpack_from("<I", sections["formats"], 4)[0]
    yield bytes([0, 0, 0]) + sections["template"]
    yield bytes([1, 0, 0]) + sections["formats"][8:8 + n_profile]
    for n_slots in range(1, 5):
        yield bytes([2, n_templates, n_slots]) + sections["baseline"]
    yield bytes([3, 0, 0]) + sections["detector"]
    yield bytes([4, n_templates, 0]) + sections["sessions"]
    yield bytes([5, n_templates, 0]) + sections["order"]
    yield bytes([6, n_templates, 0]) + sections["examples"]
    yield bytes([7, 0, 0]) + sections["ensemble"]
    yield bytes([8, n_templates, 0]) + sections["lstm"]
    yield bytes([8, n_templates, 0]) + model_sections(logdetect, "mse")[0]["lstm"]
    yield bytes([9, n_templates, 0]) + sections["rhythm"]
    yield bytes([2, 0, 0]) + bytes(8 * 6 + 8 * 5 + 8 * 5 + 8 * 24 + 4 * 24 + 4)


def format_seeds():
    """Files of data/formats, each with its own samples as lines."""
    folder = pathlib.Path(__file__).resolve().parents[2] / "data" / "formats"
    for path in sorted(folder.glob("*.yaml"))[::8]:
        text = path.read_bytes()
        lines = [line.split(b"line: ", 1)[1].strip(b"'\"") for line in text.splitlines() if b"- line: " in line]
        yield text + b"---\n" + b"\n".join(lines) + b"\n"


def main():
    target, logdetect, folder = sys.argv[1:]
    seeds = {
        "fuzz_line": lambda: LOGS,
        "fuzz_record": lambda: RECORDS,
        "fuzz_model": lambda: model_seeds(logdetect),
        "fuzz_input": input_seeds,
        "fuzz_config": lambda: YAML,
        "fuzz_allow": lambda: ALLOW,
        "fuzz_format": format_seeds,
        "fuzz_time": time_seeds,
        "fuzz_report": report_seeds,
        "fuzz_labels": lambda: LABELS,
    }
    for i, seed in enumerate(seeds[target]()):
        with open(os.path.join(folder, "seed%02d" % i), "wb") as f:
            f.write(seed)


main()
