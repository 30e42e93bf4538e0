. "$CASES/../lib.sh"
# The last window may be shorter; a window is as bad as its worst line.
alerts marked.log
evaluate --labels-in-line --train-normal --split 0.7 --window 40 marked.log | head -n 6
