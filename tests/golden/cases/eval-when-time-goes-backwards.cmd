. "$CASES/../lib.sh"
# The order is that of the lines.
alerts marked.log
awk '{ label[NR] = $1; time[NR] = $2; $1 = $2 = ""; text[NR] = $0 }
    END { for (i = 1; i <= NR; i++) print label[i], time[NR + 1 - i] text[i] }' marked.log >backwards.log
evaluate --labels-in-line backwards.log | head -n 6
