/*
 * template/mask_number: numbers with their units, sizes, hexadecimal words. Everything here is bounded: the neighbours
 * are no word characters, so `node12` and `blk_-7` are words of their own kind (see token_classify).
 */
#include "mask.h"

enum { MAX_PARTS = 16 }; /* of one number, so that a long list that fails at its end costs linear time */

typedef struct unit {
    const char *name;
    uint8_t type;
} unit;

/* Longest first where one is the start of another. */
static const unit units[] = {
    {"bytes", LGD_VALUE_SIZE},
    {"byte", LGD_VALUE_SIZE},
    {"Bytes", LGD_VALUE_SIZE},
    {"Byte", LGD_VALUE_SIZE},
    {"bits", LGD_VALUE_SIZE},
    {"bit", LGD_VALUE_SIZE},
    {"hours", LGD_VALUE_DURATION},
    {"hour", LGD_VALUE_DURATION},
    {"days", LGD_VALUE_DURATION},
    {"day", LGD_VALUE_DURATION},
    {"hrs", LGD_VALUE_DURATION},
    {"hr", LGD_VALUE_DURATION},
    {"h", LGD_VALUE_DURATION},
    {"mins", LGD_VALUE_DURATION},
    {"min", LGD_VALUE_DURATION},
    {"secs", LGD_VALUE_DURATION},
    {"sec", LGD_VALUE_DURATION},
    {"ns", LGD_VALUE_DURATION},
    {"us", LGD_VALUE_DURATION},
    {"ms", LGD_VALUE_DURATION},
    {"s", LGD_VALUE_DURATION},
    {"d", LGD_VALUE_DURATION},
    {"kHz", LGD_VALUE_NUMBER},
    {"MHz", LGD_VALUE_NUMBER},
    {"GHz", LGD_VALUE_NUMBER},
    {"Hz", LGD_VALUE_NUMBER},
    {"k", LGD_VALUE_NUMBER},
    {"B", LGD_VALUE_SIZE},
    {"b", LGD_VALUE_SIZE},
    {"%", LGD_VALUE_NUMBER},
    {"m", LGD_VALUE_DURATION},
    {"\xc2\xb5s", LGD_VALUE_DURATION},
    {"\xce\xbcs", LGD_VALUE_DURATION}, /* the sign micro and the letter mu */
};

/* [KMGTP] [i] [B|b] at i: end, or i when there is none. */
static size_t skip_binary_unit(lgd_sv m, size_t i) {
    if (!memchr("KMGTP", char_at(m, i), 5) || char_at(m, i) == 0) return i;
    i++;
    if (char_at(m, i) == 'i') i++;
    if (char_at(m, i) == 'B' || char_at(m, i) == 'b') i++;
    return i;
}

static bool has_word(lgd_sv m, size_t i, const char *word) {
    size_t n = strlen(word);
    return m.n - i >= n && memcmp(m.p + i, word, n) == 0;
}

static size_t skip_number_body(lgd_sv m, size_t i) {
    i = skip_digits(m, i);
    for (int part = 0;; part++) {
        char c = char_at(m, i);
        if ((c != '.' && c != ',') || part == MAX_PARTS) return i;
        size_t next = i + 1;
        if (char_at(m, next) == '+' || char_at(m, next) == '-') next++;
        if (!is_digit(char_at(m, next))) return i;
        i = skip_digits(m, next);
    }
}

/* "/s" at i, which makes a rate of what stands before it: end, or i. */
static size_t skip_rate(lgd_sv m, size_t i) {
    static const char *const names[] = {"s", "sec", "second", "min", "minute", "h", "hour"};
    if (char_at(m, i) != '/') return i;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        size_t end = i + 1 + strlen(names[k]);
        char next = char_at(m, end);
        if (!has_word(m, i + 1, names[k]) || is_word(next)) continue;
        bool goes_on = next == '/' || next == '-' || (next == '.' && is_word(char_at(m, end + 1)));
        return goes_on ? i : end;
    }
    return i;
}

size_t skip_exponent(lgd_sv m, size_t start, size_t i) {
    char e = char_at(m, i), sign = char_at(m, i + 1);
    bool has_sign = sign == '+' || sign == '-';
    if ((e != 'e' && e != 'E') || !(has_sign || memchr(m.p + start, '.', i - start))) return i;
    size_t end = few_digits(m, i + 1 + has_sign, 3);
    return end ? end : i;
}

size_t skip_time_parts(lgd_sv m, size_t i) {
    static const char names[] = "dhms";
    const char *from = names;
    size_t n = 0, start = i;
    for (; is_digit(char_at(m, i)); n++) {
        i = skip_digits(m, i);
        if (char_at(m, i) == '.' && is_digit(char_at(m, i + 1))) i = skip_digits(m, i + 1);
        const char *at = char_at(m, i) ? strchr(from, char_at(m, i)) : NULL;
        if (!at) return start;
        from = at + 1;
        i++;
    }
    return n >= 2 && !is_word(char_at(m, i)) ? i : start;
}

/* End of the unit glued on at i; i when there is none that ends at a word's end. */
static size_t skip_unit(lgd_sv m, size_t i, uint8_t *ret_type) {
    size_t end = skip_binary_unit(m, i);
    if (end > i && !is_word(char_at(m, end))) return *ret_type = LGD_VALUE_SIZE, end;
    for (size_t k = 0; k < sizeof units / sizeof *units; k++) {
        if (units[k].name[0] != char_at(m, i) || !has_word(m, i, units[k].name)) continue;
        end = i + strlen(units[k].name);
        if (is_word(char_at(m, end)) && units[k].name[0] != '%') continue;
        *ret_type = units[k].type;
        return end;
    }
    return i;
}

static bool left_open_for_number(spot s) {
    if (is_word(s.prev)) return false;
    if (s.prev != '-' && s.prev != '+') return true;
    return !(s.i >= 2 && is_word(s.m.p[s.i - 2]));
}

size_t mask_number(spot s, uint8_t *ret_type) {
    if (!left_open_for_number(s)) return 0;
    size_t i = s.i;
    if (char_at(s.m, i) == '+' || char_at(s.m, i) == '-') i++;
    if (!is_digit(char_at(s.m, i))) return 0;
    size_t body = skip_exponent(s.m, i, skip_number_body(s.m, i)), end = body;
    *ret_type = LGD_VALUE_NUMBER;
    if (char_at(s.m, end) == '%' || is_word(char_at(s.m, end))) {
        end = skip_unit(s.m, body, ret_type);
        if (end == body) {
            *ret_type = LGD_VALUE_DURATION;
            end = skip_time_parts(s.m, i);
            return end > i ? end - s.i : 0;
        }
    }
    size_t rate = skip_rate(s.m, end);
    if (rate > end) *ret_type = LGD_VALUE_NUMBER;
    return rate - s.i;
}

/* The unit of a size glued on at i: end, or 0. */
static size_t size_unit(lgd_sv m, size_t i) {
    static const char *const names[] = {"bytes", "Bytes", "byte", "Byte", "B"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        size_t end = i + strlen(names[k]);
        if (has_word(m, i, names[k]) && !is_word(char_at(m, end))) return end;
    }
    size_t end = skip_binary_unit(m, i);
    return end > i && m.p[end - 1] == 'B' && !is_word(char_at(m, end)) ? end : 0;
}

/* With the unit glued on, and no rate; behind a blank it is a word of the text, see fold.c. */
size_t mask_size(spot s) {
    if (!left_open_for_number(s)) return 0;
    size_t end = skip_digits(s.m, s.i);
    if (end == s.i) return 0;
    if (char_at(s.m, end) == '.' && is_digit(char_at(s.m, end + 1))) end = skip_digits(s.m, end + 1);
    if (!is_alpha(char_at(s.m, end))) return 0;
    size_t with_unit = size_unit(s.m, end);
    return with_unit && skip_rate(s.m, with_unit) == with_unit ? with_unit - s.i : 0;
}

bool mask_is_size_unit(lgd_sv word) { return word.n && size_unit(word, 0) == word.n; }

size_t mask_hex0x(spot s) {
    if (is_word(s.prev) || char_at(s.m, s.i) != '0') return 0;
    if (char_at(s.m, s.i + 1) != 'x' && char_at(s.m, s.i + 1) != 'X') return 0;
    size_t end = s.i + 2;
    while (is_hex(char_at(s.m, end))) end++;
    return end > s.i + 2 && !is_word(char_at(s.m, end)) ? end - s.i : 0;
}

size_t mask_long_hex(spot s) {
    if (is_word(s.prev)) return 0;
    size_t end = s.i;
    bool digit = false, letter = false;
    for (; is_hex(char_at(s.m, end)); end++) {
        if (is_digit(s.m.p[end]))
            digit = true;
        else
            letter = true;
    }
    /* no word of a language is made of eight such letters; one id in some thousands is */
    bool is_id = letter && (digit ? end - s.i >= 6 : end - s.i >= 8);
    return is_id && !is_word(char_at(s.m, end)) ? end - s.i : 0;
}
