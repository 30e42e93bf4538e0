/*
 * Private to template: the recognisers of variable text. Each takes the message and a position and returns how many
 * bytes it matches there, 0 for none. The order in which they are tried is in mask.c.
 */
#ifndef LGD_TEMPLATE_MASK_H
#define LGD_TEMPLATE_MASK_H

#include "chars.h"
#include "logdetect/template.h"

/* What is known of a message so far, so that no stretch of it is looked at again from each of its words: nothing of a
 * kind starts before these positions. Start with {0}. */
typedef struct known {
    size_t no_url, no_email, no_host, no_dotted;
    size_t label_begin, label_end; /* a run of word characters and dashes */
} known;

/* A position in a message. `prev` is the character before it, or SYM_VAR behind a masked variable. */
typedef struct spot {
    lgd_sv m;
    size_t i;
    char prev;
    known *known;
} spot;

/* The character at i, NUL (white space) past the end. */
static inline char char_at(lgd_sv m, size_t i) { return i < m.n ? m.p[i] : '\0'; }
static inline size_t skip_digits(lgd_sv m, size_t i) {
    while (is_digit(char_at(m, i))) i++;
    return i;
}
static inline size_t skip_word(lgd_sv m, size_t i) {
    while (is_word(char_at(m, i))) i++;
    return i;
}
/* End of a run of 1..most digits at i, or 0. */
static inline size_t few_digits(lgd_sv m, size_t i, size_t most) {
    size_t end = skip_digits(m, i);
    return end > i && end - i <= most ? end : 0;
}

/* The longest variable that starts here, by the order of docs/TEMPLATES.md; sets *ret_type. */
size_t mask_match(spot s, uint8_t *ret_type);

/* mask_time.c */
size_t mask_date_words(spot s);   /* Mon, Jan 2 2006 15:04:05 MST */
size_t mask_date_numeric(spot s); /* yyyy-mm-dd..., dd/Mon/yyyy:... */
size_t mask_clock(spot s);
size_t mask_below(spot s); /* "<1 sec" */

/* mask_number.c */
size_t mask_size(spot s);
bool mask_is_size_unit(lgd_sv word); /* KB, bytes ... */
size_t mask_hex0x(spot s);
size_t mask_long_hex(spot s);
size_t mask_number(spot s, uint8_t *ret_type);
/* "e-02" at i, behind the digits of a number that begins at `start`: end, or i. 1e5, without a point or a sign, may be
 * an id and is none. */
size_t skip_exponent(lgd_sv m, size_t start, size_t i);
/* "1h30m" at i, two or more of days, hours, minutes and seconds, in this order: end, or i. */
size_t skip_time_parts(lgd_sv m, size_t i);

/* mask_name.c */
size_t mask_label_end(spot s); /* end of the word characters and dashes from here on */
size_t mask_literal(spot s);
size_t mask_uuid(spot s);
size_t mask_url(spot s);
size_t mask_email(spot s);
size_t mask_colon_hex(spot s);
size_t mask_ip6(spot s);
size_t mask_ip4(spot s);
size_t mask_windows_path(spot s);
size_t mask_path(spot s);
size_t mask_host_port(spot s);
size_t mask_dotted_digit(spot s);

#endif
