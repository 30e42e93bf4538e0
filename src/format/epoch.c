/*
 * epoch: a number that counts from 1970 -> a timestamp. Seconds, milli-, micro- and nanoseconds, with a fraction or not,
 * and the TAI64N labels of multilog and its like. Pure, O(length).
 */
#include "reader.h"

#define SECOND_NS INT64_C(1000000000)
#define FIRST_S   800000000           /* 1995: what is smaller is more likely something else */
#define LAST_S    2200000000          /* 2039 */
#define TAI_BASE  (UINT64_C(1) << 62) /* TAI64 counts from here */

/* Leap seconds are in no table here: the 10 of 1972 are taken off and no more, which is what the readers of such labels do
 * (they are written by clocks that run on POSIX time). */
enum { TAI_S = 10, LABEL_DIGITS = 24 };

/* n digits and a fraction. What follows must end a word or a value of JSON or CSV. */
bool since_1970(reader *r, lgd_timestamp *t, size_t n) {
    size_t seconds_n = n;
    while (seconds_n > 10) seconds_n -= 3;
    if (n > 19 || seconds_n < 9) return false;
    size_t begin = r->at + seconds_n, end = r->at + n;
    int64_t seconds = 0, ns = 0, unit = SECOND_NS / 10;
    for (size_t i = r->at; i < begin; i++) seconds = seconds * 10 + (r->s.p[i] - '0');
    if (seconds < FIRST_S || seconds > LAST_S) return false;
    for (size_t i = begin; i < end; i++, unit /= 10) ns += unit * (r->s.p[i] - '0');
    r->at = end;
    if (peek(r) == '.' && is_digit(peek2(r))) {
        r->at = digits_end(r->s, r->at + 1);
        for (size_t i = end + 1; i < r->at && unit > 0; i++, unit /= 10) ns += unit * (r->s.p[i] - '0');
    }
    char next = peek(r);
    if (r->at < r->s.n && !is_blank(next) && !is_one_of(next, "|,]:;)\"")) return false;
    t->is_epoch = true;
    t->epoch_ns = seconds * SECOND_NS + ns;
    return true;
}

static int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    c = to_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* @ and 24 hexadecimal digits: TAI64 seconds and nanoseconds. */
bool tai64n(reader *r, lgd_timestamp *t) {
    if (r->s.n - r->at < 1 + LABEL_DIGITS) return false;
    uint64_t part[2] = {0, 0};
    for (size_t i = 0; i < LABEL_DIGITS; i++) {
        int digit = hex_digit(r->s.p[r->at + 1 + i]);
        if (digit < 0) return false;
        part[i >= 16] = part[i >= 16] * 16 + (uint64_t)digit;
    }
    if (part[0] < TAI_BASE + FIRST_S || part[0] > TAI_BASE + LAST_S || part[1] >= (uint64_t)SECOND_NS) return false;
    r->at += 1 + LABEL_DIGITS;
    t->is_epoch = true;
    t->epoch_ns = ((int64_t)(part[0] - TAI_BASE) - TAI_S) * SECOND_NS + (int64_t)part[1];
    return true;
}
