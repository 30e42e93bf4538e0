/* chars: classes of hostile bytes, independent of the locale. Bytes >= 0x80 are parts of words. */
#ifndef LGD_FORMAT_CHARS_H
#define LGD_FORMAT_CHARS_H

#include "logdetect/base.h"

enum {
    CHAR_BLANK = 1,
    CHAR_DIGIT = 2,
    CHAR_LETTER = 4,
    CHAR_WORD = 8,
    CHAR_STOP = 16, /* ends a header word */
    CHAR_TAG = 32   /* means something inside a tag */
};
extern const uint8_t char_classes[256];

static inline bool has_class(char c, unsigned classes) { return (char_classes[(unsigned char)c] & classes) != 0; }
static inline bool is_blank(char c) { return has_class(c, CHAR_BLANK); }
static inline bool is_digit(char c) { return has_class(c, CHAR_DIGIT); }
static inline bool is_letter(char c) { return has_class(c, CHAR_LETTER); }
static inline bool is_word(char c) { return has_class(c, CHAR_WORD); }
static inline char to_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c; }

/* NUL is in no set. */
static inline bool is_one_of(char c, const char *set) {
    for (; *set != '\0'; set++) {
        if (*set == c) return true;
    }
    return false;
}

/* The byte at `at`, NUL behind the end: a look ahead never needs a bounds check. */
static inline char byte_at(lgd_sv s, size_t at) { return at < s.n ? s.p[at] : '\0'; }
static inline lgd_sv slice(lgd_sv s, size_t begin, size_t end) { return (lgd_sv){s.p + begin, end - begin}; }

/* Behind the digits that start at `at`. */
static inline size_t digits_end(lgd_sv s, size_t at) {
    while (at < s.n && is_digit(s.p[at])) at++;
    return at;
}

#endif
