/*
 * template/mask: which recogniser is tried where. The first character and the end of the word decide which of them can
 * match at all, so most words cost one look at their end; those that remain are tried in a fixed order.
 */
#include "mask.h"
#include "symbols.h"

typedef struct try_row {
    size_t (*match)(spot s);
    uint8_t type;
} try_row;

/* The order matters: what is more specific comes first. */
static const try_row digit_rows[] = {
    {mask_uuid, LGD_VALUE_ID},    {mask_email, LGD_VALUE_EMAIL},    {mask_date_numeric, LGD_VALUE_TIME},
    {mask_clock, LGD_VALUE_TIME}, {mask_colon_hex, LGD_VALUE_ID},   {mask_ip6, LGD_VALUE_IP},
    {mask_ip4, LGD_VALUE_IP},     {mask_host_port, LGD_VALUE_HOST}, {mask_dotted_digit, LGD_VALUE_HOST},
    {mask_size, LGD_VALUE_SIZE},  {mask_hex0x, LGD_VALUE_ID},       {mask_long_hex, LGD_VALUE_ID},
};

static size_t try_rows(const try_row *rows, size_t n, spot s, uint8_t *ret_type) {
    for (size_t k = 0; k < n; k++) {
        size_t length = rows[k].match(s);
        if (length) {
            *ret_type = rows[k].type;
            return length;
        }
    }
    return 0;
}

static size_t at_digit(spot s, uint8_t *ret_type) {
    char next = char_at(s.m, skip_digits(s.m, s.i));
    if (is_word(next) || (next && strchr(".-+@:/", next))) {
        size_t length = try_rows(digit_rows, sizeof digit_rows / sizeof *digit_rows, s, ret_type);
        if (length) return length;
    }
    return mask_number(s, ret_type);
}

/* A run of words and dashes behind which no sign of a URL, an address or a host stands: one look saves four. */
static bool ends_in_dashes(spot s) {
    char next = char_at(s.m, mask_label_end(s));
    return next != '.' && next != ':' && next != '@' && next != '+';
}

/* A word that starts with a letter: its end, the next character and whether it has digits say what it can be. */
static size_t at_letter(spot s, uint8_t *ret_type) {
    static const try_row literal[] = {{mask_literal, LGD_VALUE_LITERAL}};
    static const try_row dashed[] = {{mask_uuid, LGD_VALUE_ID},        {mask_colon_hex, LGD_VALUE_ID},
                                     {mask_url, LGD_VALUE_URL},        {mask_email, LGD_VALUE_EMAIL},
                                     {mask_host_port, LGD_VALUE_HOST}, {mask_dotted_digit, LGD_VALUE_HOST}};
    static const try_row dotted[] = {{mask_url, LGD_VALUE_URL},
                                     {mask_email, LGD_VALUE_EMAIL},
                                     {mask_host_port, LGD_VALUE_HOST},
                                     {mask_dotted_digit, LGD_VALUE_HOST}};
    static const try_row coloned[] = {{mask_url, LGD_VALUE_URL},
                                      {mask_colon_hex, LGD_VALUE_ID},
                                      {mask_ip6, LGD_VALUE_IP},
                                      {mask_windows_path, LGD_VALUE_PATH},
                                      {mask_host_port, LGD_VALUE_HOST}};
    static const try_row joined[] = {{mask_url, LGD_VALUE_URL}, {mask_email, LGD_VALUE_EMAIL}};
    size_t length = 0, end = skip_word(s.m, s.i);
    switch (char_at(s.m, end)) {
    case '-': length = try_rows(dashed, ends_in_dashes(s) ? 2 : 6, s, ret_type); break;
    case '.': length = try_rows(dotted, 4, s, ret_type); break;
    case ':': length = try_rows(coloned, 5, s, ret_type); break;
    case '@':
    case '+': length = try_rows(joined, 2, s, ret_type); break;
    default: break;
    }
    if (!length) length = try_rows(literal, 1, s, ret_type);
    if (!length && (length = mask_date_words(s))) *ret_type = LGD_VALUE_TIME;
    if (!length && end - s.i >= 6 && (length = mask_long_hex(s))) *ret_type = LGD_VALUE_ID;
    return length;
}

size_t mask_match(spot s, uint8_t *ret_type) {
    char c = s.m.p[s.i];
    if (is_digit(c)) return is_word(s.prev) ? 0 : at_digit(s, ret_type);
    if (is_alpha(c)) return is_word(s.prev) ? 0 : at_letter(s, ret_type);
    size_t length = 0;
    switch (c) {
    case '/':
        if ((length = mask_ip4(s))) return *ret_type = LGD_VALUE_IP, length;
        if ((length = mask_path(s))) return *ret_type = LGD_VALUE_PATH, length;
        return 0;
    case '<':
        if ((length = mask_below(s))) *ret_type = LGD_VALUE_DURATION;
        return length;
    case ':':
        if ((length = mask_ip6(s))) *ret_type = LGD_VALUE_IP;
        return length;
    case '+':
    case '-': return mask_number(s, ret_type);
    default: return 0;
    }
}
