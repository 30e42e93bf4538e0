/*
 * layout: a learned header as a short program of steps, and running it over a line.
 */
#ifndef LGD_FORMAT_LAYOUT_H
#define LGD_FORMAT_LAYOUT_H

#include "recognise.h"

enum { MAX_STEPS = 16, KEY_WORDS = 7, NO_STEP = 255 };

typedef struct step {
    uint8_t kind; /* field_kind */
    uint8_t skip; /* words before it, 0..MAX_SKIP */
} step;

/* Lines are grouped by where their first time stands, before anything else is known of them. */
typedef enum key_kind { KEY_NONE, KEY_TIME, KEY_EPOCH, KEY_KINDS } key_kind;
typedef struct line_key {
    uint8_t kind; /* key_kind */
    uint8_t word; /* index of the word it starts at, < KEY_WORDS; 0 without a time */
} line_key;

typedef struct layout {
    line_key key;
    uint8_t is_main; /* the most frequent one of its key */
    uint8_t n_steps;
    uint8_t component_step; /* the step that gives the component; NO_STEP: a TAG does, or nothing */
    uint8_t component_word; /* 0: the step's field; 1..MAX_SKIP: the word skipped before it */
    step steps[MAX_STEPS];
} layout;

/* The first time of a line, found with its key and reused by the step that stands there. */
typedef struct time_hit {
    size_t at, end; /* end 0: none */
    field field;
} time_hit;

/* The part of the line that may hold a header, and where it starts: behind a syslog priority `<34>`. */
typedef struct line_head {
    lgd_sv text;
    size_t start;
    lgd_level level; /* of the priority */
} line_head;

/* Of a syslog priority, facility * 8 + severity (RFC 5424, 6.2.1). */
lgd_level priority_level(uint32_t priority);
line_head line_head_of(lgd_sv line);
line_key line_key_of(const line_head *head, time_hit *ret_hit);
bool line_key_equal(line_key a, line_key b);

/* Cuts line along the layout into *ret (all of it is written). True: every step that must be there was (TIME, EPOCH,
 * LEVEL, LETTER, TAG). A step that fails is left out, the words before it are not. The message is never empty unless the
 * line is. hit may be NULL. */
bool layout_run(const layout *l, lgd_sv line, const line_head *head, const time_hit *hit, lgd_cut *ret);
/* A cut that takes the whole line as message. */
void cut_whole(lgd_sv line, lgd_cut *ret);
/* The steps that make a header of a layout. */
bool is_strong(field_kind kind);

#endif
