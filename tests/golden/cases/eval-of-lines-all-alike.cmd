. "$CASES/../lib.sh"
# No scorer can tell them apart: AUC is a half, AP the share of what is anomalous. They have no timestamps.
awk 'BEGIN { for (i = 0; i < 1200; i++) print (i % 100 == 99 ? "ALERT" : "-") " all is well" }' >alike.log
evaluate --labels-in-line alike.log
