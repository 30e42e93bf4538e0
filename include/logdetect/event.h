/*
 * event: the record and the parsed event that the stages hand on, and the small enumerations they share.
 */
#ifndef LOGDETECT_EVENT_H
#define LOGDETECT_EVENT_H

#include "logdetect/base.h"

#define LGD_NO_TIME INT64_MIN /* start_ns of an event without a timestamp */

/* Why lines were read and not scored; the summary counts each. */
typedef enum lgd_skip {
    LGD_SKIP_EMPTY,  /* nothing but white space */
    LGD_SKIP_BEFORE, /* older than --since / --days */
    LGD_SKIP_AFTER,  /* younger than --until */
    LGD_SKIP_COUNT
} lgd_skip;
const char *lgd_skip_name(lgd_skip skip);

/* Severity as the line itself states it. */
typedef enum lgd_level {
    LGD_LEVEL_NONE,
    LGD_LEVEL_TRACE,
    LGD_LEVEL_DEBUG,
    LGD_LEVEL_INFO,
    LGD_LEVEL_WARN,
    LGD_LEVEL_ERROR,
    LGD_LEVEL_FATAL,
    LGD_LEVEL_COUNT
} lgd_level;
const char *lgd_level_name(lgd_level level); /* "", "trace", "debug", "info", "warning", "error", "critical" */

enum {
    LGD_RECORD_CUT = 1,   /* longer than the line limit: the rest was read, counted and left out */
    LGD_RECORD_NO_END = 2 /* last record of its input, without a line end */
};

/* One record: a line, or several lines that belong together. Views into the block's buffer. */
typedef struct lgd_record {
    lgd_sv text;      /* all lines without the last line end; '\n' between lines */
    uint32_t head_n;  /* bytes of the first line */
    uint32_t n_lines; /* physical lines, >= 1 */
    uint64_t line;    /* number of the first line in its file, 1-based */
    uint64_t offset;  /* byte offset of the first line in the decoded stream */
    uint32_t flags;   /* LGD_RECORD_* */
} lgd_record;

/* What stands in front of the message. Views into the record, or into the arena for JSON. */
typedef struct lgd_header {
    int64_t start_ns; /* UTC since 1970, LGD_NO_TIME if there is none */
    lgd_level level;
    lgd_sv component; /* logger, program or service; empty if there is none */
    lgd_sv pid;       /* process or thread; empty if there is none */
    lgd_sv host;
    lgd_sv message; /* the rest of the first line; never empty unless the line is */
} lgd_header;

typedef uint32_t lgd_template_id; /* index into the template store; new ones of a scan follow behind it */
#define LGD_NO_TEMPLATE UINT32_MAX

#endif
