/* reader: a place in a timestamp that moves on as its parts are read. A part that is not there leaves it where it is. */
#ifndef LGD_FORMAT_READER_H
#define LGD_FORMAT_READER_H

#include "chars.h"
#include "logdetect/format.h"

typedef struct reader {
    lgd_sv s;
    size_t at;
} reader;

static inline char peek(const reader *r) { return byte_at(r->s, r->at); }
static inline char peek2(const reader *r) { return byte_at(r->s, r->at + 1); }

static inline bool take(reader *r, char c) {
    if (r->at >= r->s.n || r->s.p[r->at] != c) return false;
    r->at++;
    return true;
}

/* A run of min..max digits, no more. */
static inline bool number(reader *r, size_t min, size_t max, int32_t *ret) {
    size_t end = digits_end(r->s, r->at), n = end - r->at;
    if (n < min || n > max) return false;
    int32_t value = 0;
    for (size_t i = r->at; i < end; i++) value = value * 10 + (r->s.p[i] - '0');
    r->at = end;
    *ret = value;
    return true;
}

/* Exactly n digits, whatever follows. They are known to be there. */
static inline int32_t fixed(reader *r, size_t n) {
    int32_t value = 0;
    for (size_t i = 0; i < n; i++) value = value * 10 + (r->s.p[r->at + i] - '0');
    r->at += n;
    return value;
}

static inline size_t blanks(reader *r, size_t max) {
    size_t n = 0;
    while (n < max && peek(r) == ' ') {
        r->at++;
        n++;
    }
    return n;
}

/* ---- time of day (daytime.c) ---- */

enum { COLONS = 0, DOTS = 1, SHORT = 2 }; /* h:m:s; also hh.mm.ss; also hh:mm */
/* h:m[:s][fraction][AM|PM][zone] */
bool time_of_day(reader *r, lgd_timestamp *t, unsigned forms);
/* hhmmss[fraction][zone] */
bool compact_time(reader *r, lgd_timestamp *t);

/* ---- numbers since 1970 (epoch.c) ---- */

bool since_1970(reader *r, lgd_timestamp *t, size_t n); /* n: the digits at the reader */
bool tai64n(reader *r, lgd_timestamp *t);

#endif
