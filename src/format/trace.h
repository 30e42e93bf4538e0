/* trace: what the lines of a stack trace say, one by one. */
#ifndef LGD_FORMAT_TRACE_H
#define LGD_FORMAT_TRACE_H

#include "logdetect/format.h"

#define TRACE_PYTHON_HEAD "Traceback (most recent call last):"

typedef enum trace_kind {
    TRACE_OTHER,      /* program text, counts of what was left out, frames of the runtime that every trace has */
    TRACE_EXCEPTION,  /* name is its type, text what it says */
    TRACE_FRAME,      /* name is the function, file its path where the name alone says too little */
    TRACE_PLACE,      /* file and line of a frame, without a name */
    TRACE_SECTION,    /* the frames that follow are those of another exception */
    TRACE_TRACEBACK,  /* the same, and the innermost frame comes last */
    TRACE_SUPPRESSED, /* what is indented more than this does not count */
    TRACE_THREAD,     /* frames of a thread follow */
    TRACE_PANIC       /* Go's panic: the frames before are those that caught it */
} trace_kind;

typedef struct trace_line {
    trace_kind kind;
    size_t indent;
    bool counted; /* `12: name`: its place stands on the next line */
    lgd_sv name, text, file;
} trace_line;

/* line: one behind the first of its record; in_python: a TRACE_TRACEBACK stands before it. Looks at 1 KiB at most. */
trace_line trace_line_of(lgd_sv line, bool in_python);
/* The type of the exception that the first line of a record names; empty if there is none. Looks at 1 KiB at most. */
lgd_sv trace_exception_in(lgd_sv message);

/* Text of limited length; what does not fit is left out. */
typedef struct trace_text {
    char *p;
    size_t n, capacity;
} trace_text;
void trace_put(trace_text *out, lgd_sv s);
/* A name that stays the same from run to run and that the lexer takes for text: labels with dots; no digits, addresses,
 * paths of modules, brackets. file may be empty. */
void trace_put_name(trace_text *out, lgd_sv file, lgd_sv name);
/* What an exception says, in at most max_bytes: quoted values become '...', since they are any words. */
void trace_put_said(trace_text *out, lgd_sv text, size_t max_bytes);

#endif
