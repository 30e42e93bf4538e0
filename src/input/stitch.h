/*
 * stitch: what a single line is, seen without its neighbours; stitch.c makes the decision of it.
 */
#ifndef LGD_INPUT_STITCH_H
#define LGD_INPUT_STITCH_H

#include "logdetect/input.h"

static inline bool line_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool line_is_lower(char c) { return c >= 'a' && c <= 'z'; }
static inline bool line_is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static inline char line_at(lgd_sv s, size_t i) { return i < s.n ? s.p[i] : '\0'; }
static inline lgd_sv line_skip(lgd_sv s, size_t n) { return (lgd_sv){s.p + n, s.n - n}; }

bool line_ends_with(lgd_sv s, lgd_sv end);
lgd_sv line_without_indent(lgd_sv line);

/* Starts with a time or a level, as records do: `2024-05-01 ..`, `[12:00:07 ..`, `May  1 ..`, `I0501 10:`, `ERROR ..`. */
bool line_is_dated(lgd_sv line);
/* A frame of a trace, behind its indentation: `at a.b.C.d(C.java:1)`, `at f (x.js:1:2)`, `File "x.py", line 3`,
 * `... 12 more`, `from x.rb:1:in 'f'`. */
bool line_is_frame(lgd_sv body);
bool line_is_java_exception(lgd_sv line); /* a.b.XException, `: text` or nothing behind it */
bool line_is_named_error(lgd_sv line);    /* XError: text; X.Y.ZException: text */
bool line_is_python_error(lgd_sv line);   /* the last line of a Python traceback: KeyError, a.b.timeout: text */
bool line_is_go_call(lgd_sv line);        /* main.(*T).run(0xc000010000), created by main.main */
bool line_is_go_name(lgd_sv line);        /* main.(*T).run, and nothing else */
bool line_is_ruby_frame(lgd_sv line);     /* x.rb:12:in 'f' */
bool line_is_json_member(lgd_sv line);    /* "key": .. */
bool line_is_slow_head(lgd_sv line);      /* the lines that a MySQL slow log's records can start with */
/* Braces and brackets that are opened in the line, less those that are closed; strings are skipped. */
int32_t line_braces(lgd_sv line);

#endif
