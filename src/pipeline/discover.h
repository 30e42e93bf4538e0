/* Private to pipeline: finding the identifiers that tie lines together (--session auto). */
#ifndef LGD_PIPELINE_DISCOVER_H
#define LGD_PIPELINE_DISCOVER_H

#include "logdetect/event.h"

typedef struct discovery discovery;
lgd_status discovery_new(discovery **ret, lgd_err *err);
void discovery_free(discovery *d);
/* Looks at one line: its text behind the timestamp, and a hash that stands for its template. */
lgd_status discovery_add(discovery *d, lgd_sv text, uint32_t template_hash, lgd_err *err);
/* The best key as a PCRE2 pattern, NUL-terminated in out; empty when nothing ties lines together. */
lgd_status discovery_pattern(const discovery *d, lgd_buf *out, lgd_err *err);

#endif
