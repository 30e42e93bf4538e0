/* record: what a record's message is made of, private to the room. */
#ifndef LGD_FORMAT_RECORD_H
#define LGD_FORMAT_RECORD_H

#include "logdetect/format.h"

/* The message for a stack trace: message is that of the first line, rest the lines behind it. *ret_found: it is one,
 * and *ret was made, in the arena. Errors: memory. */
LGD_MUST_CHECK lgd_status trace_digest(lgd_sv message, lgd_sv rest, lgd_arena *arena, lgd_sv *ret, bool *ret_found,
                                       lgd_err *err);

#endif
