/* Private to pipeline: the variable parts of a message as reports show them. */
#ifndef LGD_PIPELINE_PARAMS_H
#define LGD_PIPELINE_PARAMS_H

#include "batch.h"

enum { MAX_PARAMS = 64 }; /* of one record; further ones are left out */

/* The values of an event's message: those in the places of its pattern, or the variable tokens of a message that is
 * unknown. ret: room for MAX_PARAMS; views into the message and the store. Lexes the message once more. */
lgd_status params_find(const lgd_store *store, lgd_lexer *lexer, const origin *o, lgd_param *ret, size_t *ret_n,
                       lgd_err *err);

#endif
