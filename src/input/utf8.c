/*
 * utf8: is this line UTF-8? Eight ASCII bytes at a time, the rest by the table of well-formed sequences (Unicode 15,
 * table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF. Linear, reads each byte at most twice.
 */
#include "text.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* Bytes of the well-formed sequence that starts at p, 0 if there is none. p[0] >= 0x80 */
static size_t sequence(const unsigned char *p, size_t left) {
    size_t n = p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    if (n == 0 || n > left) return 0;
    const unsigned char low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    return n;
}

/* Index of the first byte from i on that is not ASCII, n if there is none. */
static size_t skip_ascii(const unsigned char *p, size_t i, size_t n) {
    while (n - i >= 8) {
        uint64_t word;
        memcpy(&word, p + i, sizeof word);
        if ((word & HIGH_BITS) != 0) break;
        i += 8;
    }
    while (i < n && p[i] < 0x80) i++;
    return i;
}

bool lgd_utf8_valid(lgd_sv s) {
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = skip_ascii(p, 0, s.n); i < s.n; i = skip_ascii(p, i, s.n)) {
        size_t n = sequence(p + i, s.n - i);
        if (n == 0) return false;
        i += n;
    }
    return true;
}

size_t lgd_utf8_floor(lgd_sv s, size_t n) {
    size_t i = n;
    while (i > 0 && n - i < 3 && ((unsigned char)s.p[i] & 0xC0) == 0x80) i--;
    return ((unsigned char)s.p[i] & 0xC0) == 0x80 ? n : i; /* no character has so many bytes: cut anywhere */
}
