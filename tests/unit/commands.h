/* What tests of whole commands share: where results go, what is warned of, and options as the command line gives them. */
#ifndef LGD_TEST_COMMANDS_H
#define LGD_TEST_COMMANDS_H

#include "logdetect/pipeline.h"

extern int n_warnings; /* counted by warn; a test that looks at it starts it */

/* An lgd_sink.write to an lgd_buf. */
lgd_status append(void *buf, lgd_sv bytes, lgd_err *err);
/* An lgd_world.warn: the sentence says what happened and what was done. */
void warn(void *ctx, const char *text);
void set_option(lgd_config *c, unsigned command, const char *name, const char *value);
/* What a command learns, it learns with a small network. */
void set_quick(lgd_config *c, unsigned command);

#endif
