/*
 * colour: a line with terminal control sequences -> the line that the terminal would show.
 *
 * Colours around a level or inside a timestamp hide both, and each colour would make a template of its own. What is taken
 * out is ECMA-48's ESC [ parameters final (colours, erasing) and ESC ] text BEL (titles, links); an escape that starts
 * neither, or does not end, stays as it is. The raw line is not touched.
 */
#include "colour.h"

#include <string.h>

enum { ESC = 0x1b, BEL = 0x07, SEQUENCE_MAX = 2048 };

static bool is_between(char c, unsigned char low, unsigned char high) {
    return (unsigned char)c >= low && (unsigned char)c <= high;
}

/* Behind the control sequence at `at`, `at` if there is none. Looks ahead SEQUENCE_MAX bytes at most: what opens often
 * and never closes stays linear. */
static size_t sequence_end(lgd_sv s, size_t at) {
    size_t limit = s.n - at < SEQUENCE_MAX ? s.n : at + SEQUENCE_MAX, p = at + 2;
    if (p >= limit) return at;
    if (s.p[at + 1] == '[') {
        while (p < limit && is_between(s.p[p], 0x20, 0x3f)) p++;
        return p < limit && is_between(s.p[p], 0x40, 0x7e) ? p + 1 : at;
    }
    if (s.p[at + 1] != ']') return at;
    for (; p < limit && s.p[p] != ESC; p++) {
        if (s.p[p] == BEL) return p + 1;
    }
    return p + 1 < limit && s.p[p + 1] == '\\' ? p + 2 : at;
}

bool colour_strip(lgd_sv line, lgd_arena *arena, lgd_sv *ret_plain) {
    *ret_plain = line;
    const char *first = line.n > 0 ? memchr(line.p, ESC, line.n) : NULL;
    if (!first) return true;
    char *plain = lgd_arena_alloc(arena, line.n);
    if (!plain) return false;
    size_t n = (size_t)(first - line.p);
    memcpy(plain, line.p, n);
    for (size_t at = n; at < line.n;) {
        size_t end = line.p[at] == ESC ? sequence_end(line, at) : at;
        if (end == at) plain[n++] = line.p[end++];
        at = end;
    }
    lgd_sv rest = {plain, n};
    if (lgd_sv_trim(rest).n > 0) *ret_plain = rest; /* a line of nothing else is still an event: it stays */
    return true;
}
