# What several golden cases need; sourced by them.

QUICK=$CASES/../../quick.yaml # a recipe with a small network

# small_log FILE: enough lines to learn from, of one kind.
small_log() { gzip -dc "$SAMPLE/day1/auth.log.gz" | head -n 900 >"$1"; }

# small_model MODEL: learned from small_log, which stays as small.log.
small_model() {
    small_log small.log
    "$LOGDETECT" train --quiet --tz UTC --recipe "$QUICK" --input small.log --output "$1" >/dev/null
}

# small_scan OPTION...: scans small.log, which the model knows.
small_scan() { "$LOGDETECT" scan --quiet --tz UTC --model m.lgd --input small.log "$@"; }

# put BYTES FILE OFFSET: overwrites bytes (a printf format) in a file.
put() { printf "$1" | dd of="$2" bs=1 seek="$3" conv=notrunc 2>/dev/null; }

# orders FILE FIRST N [WITHOUT]: N orders of five steps, four at a time; the order WITHOUT is never charged.
orders() {
    awk -v first="$2" -v n="$3" -v without="${4:--1}" 'BEGIN {
        split("accepted, items: %d|reserved on shelf %d|charged, cents: %d|packed in box %d|handed over after %d s", step, "|")
        for (i = first; i < first + n; i += 4)
            for (k = 0; k < 20; k++) {
                id = i + k % 4; s = i / 4 * 20 + k
                if (id == without && int(k / 4) == 2) continue
                printf "2026-03-02 %02d:%02d:%02d INFO shop[7]: order=o%d " step[int(k / 4) + 1] "\n", s / 3600, s / 60 % 60, s % 60, id, (id * 37 + k * 11) % 900
            }
    }' >"$1"
}

# order_model MODEL [OPTION...]: learned from 400 orders, with their numbers as sessions.
order_model() {
    model=$1
    shift
    orders orders.log 0 400
    "$LOGDETECT" train --quiet --tz UTC --recipe "$QUICK" --session 'order=(\w+)' --input orders.log --output "$model" "$@" >/dev/null
}

# bad_orders FILE: 80 orders, of which o437 is packed before it is charged and o455 ends after its second step.
bad_orders() {
    orders all.log 400 80
    awk '/order=o437 charged/ { held = $0; next }
        /order=o455 (charged|packed|handed)/ { next }
        { print }
        /order=o437 packed/ { print held }' all.log >"$1"
}

# told: the sessions of a scan as JSON lines, with their reason; probabilities are letters.
told() {
    jq -c 'select(.type == "session") | [.session, (.members | keys_unsorted), (.factors[] | .kind, .text, .typical, .actual | gsub("p [0-9>][-0-9.e]*"; "p N"))]'
}

# several_lines EXCEPTION FUNCTION [N]: one record of each of some kinds. N: what varies in them.
several_lines() {
    n=${3:-7}
    sed "s/%N/$n/g; s/%E/$1/; s/%F/$2/" <<'END'
2026-03-05 10:20:12 INFO  [main] shop: order %N packed
2026-03-05 10:20:13 ERROR [main] shop: order %N failed
%E: no stock of 'item %N'
	at %F(Stock.java:4%N)
	at com.acme.Order$$Lambda$%N/0x0000000800c.run(Order.java:17)
Caused by: java.net.ConnectException: 10.0.0.%N:5432 refused
	at org.pg.Driver.connect(Driver.java:9)
	... 12 more
2026-03-05 10:20:14 ERROR [main] shop: job %N failed
Traceback (most recent call last):
  File "/srv/shop/job.py", line %N, in run
    table[key]
KeyError: 'item %N'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/main.py", line %N, in serve
    run()
shop.errors.JobError: job %N
2026-03-05 10:20:15 INFO  [main] shop: settings are {
  "retries": %N
}
2026-03-05 10:20:16 ERROR [main] shop: worker %N died
goroutine %N [running]:
runtime/debug.Stack()
	/usr/go/src/runtime/debug/stack.go:24 +0x65
main.(*worker).run(0xc00001%N)
	/srv/worker.go:12 +0x1d
2026-03-05 10:20:17 INFO  [main] shop: took %N ms

END
}

# order_labels FILE: who is odd in orders.log and bad.log.
order_labels() {
    awk 'BEGIN { print "Session,Label"; for (i = 0; i < 480; i++) print "o" i "," (i == 437 || i == 455 ? "Anomaly" : "Normal") }' >"$1"
}

# labelled_orders: all.log, of which orders 437 and 455 are odd, and labels.csv, which says so.
labelled_orders() {
    orders orders.log 0 400
    bad_orders bad.log
    cat orders.log bad.log >all.log
    order_labels labels.csv
}

# alerts FILE [LABEL]: 1500 lines of a machine, each behind its label; the last third has three faults. LABEL no: without.
alerts() {
    awk -v label="${2:-yes}" 'BEGIN {
        for (i = 0; i < 1500; i++) {
            tag = "-"; text = i % 3 ? "heartbeat " i * 7 % 100 : "job " i " done in " i * 13 % 50 " s"
            if (i > 1000 && i % 150 < 3) { tag = "DISKFAIL"; text = "sector " i * 31 % 977 " of disk cannot be read" }
            printf "%s2026-03-02T%02d:%02d:%02dZ node%d kernel: %s\n", (label == "yes" ? tag " " : ""), i / 360, i / 6 % 60, i % 6 * 10, i % 150, text
        }
    }' >"$1"
}

# evaluate OPTION...: without the network, which costs most and has its own tests.
evaluate() { "$LOGDETECT" eval --quiet --tz UTC --recipe fast "$@"; }
