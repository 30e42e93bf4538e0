/*
 * recognise: the vocabulary of header fields. A recogniser looks at one place of a line and says whether its field
 * stands there, how far it goes and what it holds. Layouts (layout.h) are programs of them.
 */
#ifndef LGD_FORMAT_RECOGNISE_H
#define LGD_FORMAT_RECOGNISE_H

#include "logdetect/format.h"

typedef enum field_kind {
    FIELD_PIPE,         /* |text|: between two bars, the first already passed */
    FIELD_TIME,         /* a timestamp, also in brackets or quotes */
    FIELD_EPOCH,        /* seconds and finer since 1970 */
    FIELD_LEVEL,        /* INFO, [error], warning: */
    FIELD_LETTER,       /* a level of one letter: I, E/ */
    FIELD_NUMBER,       /* 123, [123], #123: process and thread ids */
    FIELD_TAG,          /* name: or name[pid]: */
    FIELD_SOURCE,       /* file.c:123 */
    FIELD_BRACKET,      /* [..] (..) {..} <..> */
    FIELD_SEPARATOR,    /* - | : :: > => -> * alone */
    FIELD_TO_SEPARATOR, /* one to four words and a separator behind them */
    FIELD_PAD,          /* a word that blanks fill up to a column */
    FIELD_LATE_LEVEL,   /* LOG: behind none, one or two words */
    FIELD_ANY_LEVEL,    /* a level, or a word of capitals in its place: programs have levels of their own */
    FIELD_KINDS
} field_kind;

typedef struct field {
    lgd_sv text;           /* what it holds, without brackets and closing punctuation */
    lgd_sv pid;            /* of a TAG; empty if there is none */
    lgd_sv name;           /* of a LEVEL: core in [core:error]; empty if there is none */
    lgd_level level;       /* of LEVEL and LETTER, and of a glog TIME */
    lgd_timestamp written; /* of TIME and EPOCH */
} field;

/* Headers are short: nothing behind this many bytes is looked at, which bounds the work for each line. */
enum { HEAD_MAX = 1024, MAX_SKIP = 4 };

/* The place behind the field of that kind at `at`, 0 if there is none. after_word: words were skipped right before.
 * Only what the kind fills in *ret is written. Pure; O(HEAD_MAX). */
size_t field_recognise(field_kind kind, lgd_sv head, size_t at, bool after_word, field *ret);

/* Behind the white space between two fields: blanks with at most one `|` among them. */
size_t gap_end(lgd_sv head, size_t at);
/* Behind a word: a run without blanks and `|`. */
size_t word_end(lgd_sv head, size_t at);

#endif
