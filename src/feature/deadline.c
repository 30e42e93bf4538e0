/*
 * feature/deadline: a binary heap, the earliest first. The caller owns it and sees that there is room. O(log n).
 */
#include "listen.h"

void deadline_push(deadline *heap, size_t *n, int64_t at_ns, uint32_t item) {
    size_t i = (*n)++;
    for (; i > 0 && heap[(i - 1) / 2].at_ns > at_ns; i = (i - 1) / 2) heap[i] = heap[(i - 1) / 2];
    heap[i] = (deadline){at_ns, item};
}

deadline deadline_pop(deadline *heap, size_t *n) {
    deadline top = heap[0], last = heap[--*n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < *n; i = child) {
        if (child + 1 < *n && heap[child + 1].at_ns < heap[child].at_ns) child++;
        if (heap[child].at_ns >= last.at_ns) break;
        heap[i] = heap[child];
    }
    if (*n) heap[i] = last;
    return top;
}
